import type { EngineEvent, OperationOptions } from "../../engine.ts";
import { type About, translate } from "./errors.ts";
import { EVERY, type Host, isPod } from "./host.ts";
import { nameProblem } from "./names.ts";
import { Operation } from "./operation.ts";

/** What is known of a container. */
interface Known {
  /** Porto's word for its state. */
  readonly word: string;
  /** The last one that was no step on the way to another. */
  readonly settled: string;
  readonly type: "container" | "pod";
}

/**
 * What becomes of containers and pods, from now on: `create`, `start`, `pause`,
 * `unpause`, `died`, `stop` (reset by Porto's own command, without having ended by
 * itself), `cleanup` (reset after it had ended) and `remove`. Porto tells states, so
 * what leaves none (a signal that is survived) is not among them.
 */
export async function* portoEvents(
  host: Host,
  options: OperationOptions = {},
): AsyncGenerator<EngineEvent, void, undefined> {
  const about: About = { call: "events" };
  const operation = new Operation(options);
  // Porto begins with how things stand, which is no news: what is as it was when we
  // asked is dropped. So is what is told again after a connection was lost.
  const known = new Map<string, Known>();
  for (const container of await host.list(
    [EVERY],
    ["state", "labels"],
    about,
    operation,
  )) {
    const word = container.status?.state ?? "";
    known.set(container.spec?.name ?? "", {
      word,
      settled: word,
      type: isPod(container) ? "pod" : "container",
    });
  }
  const { signal } = operation;
  try {
    for await (const { name = "", state = "", when } of host.client.asyncWait(
      { name: [EVERY] },
      operation.limits,
    )) {
      if (nameProblem(name) !== undefined) continue;
      const before = known.get(name);
      if (before?.word === state) continue;
      const type = before?.type ?? (await typeOf(host, name, about, signal));
      const status = statusOf(before?.settled, state);
      const settled = status === undefined ? (before?.settled ?? "") : state;
      if (state === "destroyed") known.delete(name);
      else known.set(name, { word: state, settled, type });
      if (status === undefined) continue;
      const time = new Date(Number(when ?? 0n) * 1000);
      yield { type, status, id: name, name, time };
    }
  } catch (error) {
    throw translate(error, about);
  }
}

/** What a change of state is called; undefined for steps on the way. */
function statusOf(before: string | undefined, now: string): string | undefined {
  switch (now) {
    case "running":
    case "meta":
      return before === "paused" ? "unpause" : "start";
    case "paused":
      return "pause";
    case "dead":
    case "respawning":
      return "died";
    case "destroyed":
      return "remove";
    case "stopped":
      if (before === undefined) return "create";
      return before === "dead" || before === "respawning" ? "cleanup" : "stop";
    default:
      return undefined;
  }
}

/** Whether something new is a pod. */
async function typeOf(
  host: Host,
  name: string,
  about: About,
  signal: AbortSignal | undefined,
): Promise<Known["type"]> {
  const found = await host.list(
    [name],
    ["labels"],
    about,
    new Operation({ signal }),
  );
  return found.some((container) => isPod(container)) ? "pod" : "container";
}
