import {
  EError,
  type TContainerSpec,
  TPortoRequest,
  TPortoResponse,
} from "portolan/porto";
import { beforeAll, expect, it } from "vitest";
import type { Engine, EngineEvent } from "../../../src/libpod/engine.ts";
import { LibpodError } from "../../../src/libpod/errors.ts";
import { openPorto } from "../../../src/libpod/engines/porto/index.ts";
import { fromPorto } from "../../../src/libpod/engines/porto/spec/from-porto.ts";
import { toPorto } from "../../../src/libpod/engines/porto/spec/to-porto.ts";
import { stateOf } from "../../../src/libpod/engines/porto/states.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { describeCorpus } from "../../support/corpus.ts";
import {
  readPortoRecordings,
  type RecordedExchange,
} from "../../support/porto.ts";
import {
  framed,
  type PeerConnection,
  startPeer,
} from "../../runtime/envelope/client/support.ts";

type Request = ReturnType<typeof TPortoRequest.decode>;
type Command = Exclude<keyof Request, "$unknown">;

/** The command of a request. */
function commandOf(request: Request): Command {
  const [name] = Object.entries(request).find(
    ([, value]) => typeof value === "object" && !(value instanceof Uint8Array),
  ) ?? [""];
  return name as Command;
}

/** What a daemon says that has one container, where nothing is recorded. */
function invented(command: Command, request: Request): object {
  const done = { error: EError.Success, errorMsg: "" };
  switch (command) {
    case "Version":
      return { ...done, Version: { tag: "5", revision: "r" } };
    case "ListContainersBy": {
      const { filters = [] } = request.ListContainersBy ?? {};
      const containers = filters.map(({ name }) => ({
        spec: { name },
        status: { state: "running" },
      }));
      return { ...done, ListContainersBy: { containers } };
    }
    default:
      return done;
  }
}

/** An engine whose daemon answers one command with bytes that were recorded, whenever it comes. */
async function withRecorded<T>(
  command: Command,
  frames: readonly Buffer[],
  use: (engine: Required<Engine>) => Promise<T>,
): Promise<T> {
  const endpoint = memoryEndpoint();
  const peer = await startPeer(endpoint);
  const serve = async (connection: PeerConnection): Promise<void> => {
    for (;;) {
      const request = TPortoRequest.decode(await connection.body());
      const asked = commandOf(request);
      if (asked === command) connection.write(Buffer.concat(frames));
      else
        connection.write(
          framed(Buffer.from(TPortoResponse.encode(invented(asked, request)))),
        );
    }
  };
  const accept = async (): Promise<void> => {
    for (;;) {
      // A client that goes away is the end of its connection.
      void serve(await peer.accept()).catch(() => undefined);
    }
  };
  void accept();
  const engine = await openPorto(endpoint);
  try {
    return await use(engine as Required<Engine>);
  } finally {
    await engine.close();
    await peer.close();
  }
}

interface Recorded {
  readonly where: string;
  readonly request: Request;
  readonly command: Command;
  /** What came in answer to it, pushes with it. */
  readonly frames: readonly Buffer[];
  /** The response, and what was pushed before and after. */
  readonly response: ReturnType<typeof TPortoResponse.decode>;
  readonly pushes: readonly ReturnType<typeof TPortoResponse.decode>[];
}

function read({ where, frames }: RecordedExchange): Recorded | undefined {
  const [first] = frames;
  const responses = frames.filter(({ dir }) => dir === "response");
  const [reply] = responses;
  if (first?.dir !== "request" || reply === undefined) return undefined;
  const request = TPortoRequest.decode(first.body);
  // What answers other calls in between is not ours.
  const others = new Set(responses.slice(1));
  const pushes = frames.filter(({ dir }) => dir === "push");
  return {
    where,
    request,
    command: commandOf(request),
    frames: frames
      .filter((frame) => frame.dir !== "request" && !others.has(frame))
      .map(({ frame }) => frame),
    response: TPortoResponse.decode(reply.body),
    pushes: pushes.map(({ body }) => TPortoResponse.decode(body)),
  };
}

/** How the engine is brought to a command, with the container that it is about. */
const calls: Partial<
  Record<Command, (engine: Required<Engine>, name: string) => Promise<unknown>>
> = {
  CreateFromSpec: (engine, name) =>
    engine.createContainer({ name, spec: { process: { args: ["x"] } } }),
  Destroy: (engine, name) => engine.removeContainer(name, { force: true }),
  Kill: (engine, name) => engine.killContainer(name, 9),
  Pause: (engine, name) => engine.pauseContainer(name),
  Resume: (engine, name) => engine.unpauseContainer(name),
  Stop: (engine, name) => engine.restartContainer(name),
  GetSystem: (engine) => engine.info(),
  listDockerImages: (engine) => engine.listImages(),
  dockerImageStatus: (engine, name) => engine.getImage(name),
  pullDockerImage: (engine, name) => engine.pullImage(name).next(),
  removeDockerImage: (engine, name) => engine.removeImage(name),
};

describeCorpus("what a real daemon answered", () => {
  let recordings: readonly Recorded[] = [];

  beforeAll(() => {
    recordings = readPortoRecordings().flatMap(
      (exchange) => read(exchange) ?? [],
    );
  });

  const of = (command: Command): readonly Recorded[] =>
    recordings.filter((recording) => recording.command === command);

  it("to commands of the engine is an outcome of its calls", async () => {
    let count = 0;
    for (const { where, command, frames, request, response } of recordings) {
      const call = calls[command];
      if (call === undefined) continue;
      count += 1;
      const input = request[command] as {
        readonly name?: string;
        readonly container?: { readonly name?: string };
      };
      const name = input.name ?? input.container?.name ?? "a";
      const outcome = await withRecorded(command, frames, async (engine) =>
        call(engine, name).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      if (response.error === EError.Success)
        expect(outcome, where).toBeUndefined();
      else {
        expect(outcome, where).toBeInstanceOf(LibpodError);
        expect((outcome as Error).cause, where).toMatchObject({
          error: response.error,
          text: response.errorMsg,
        });
      }
    }
    expect(count).toBeGreaterThan(0);
  });

  it("of containers is read as lists and one by one", async () => {
    for (const { where, frames, response } of of("ListContainersBy")) {
      const recorded = (response.ListContainersBy?.containers ?? []).filter(
        ({ spec, error }) => error === undefined && spec?.name !== "/",
      );
      await withRecorded("ListContainersBy", frames, async (engine) => {
        const listed = await engine.listContainers();
        expect(
          listed.map(({ id, engineState }) => [id, engineState]),
          where,
        ).toEqual(
          recorded.map(({ spec, status }) => [spec?.name, status?.state ?? ""]),
        );
        for (const { id, state, engineState } of listed) {
          expect(state, where).toBe(stateOf(engineState));
          const details = await engine.inspectContainer(id);
          expect(details, where).toMatchObject({ id, state });
          expect(details.exitCode !== undefined, where).toBe(
            details.state === "exited",
          );
          expect((await engine.containerSpec(id)).process?.args, where).toEqual(
            details.command,
          );
        }
      });
    }
  });

  it("of states tells what may be removed", async () => {
    for (const { where, frames, response } of of("Get")) {
      for (const { name = "", keyval } of response.Get?.list ?? []) {
        const state = keyval.find(({ variable }) => variable === "state");
        if (state === undefined) continue;
        const idle = [undefined, "stopped", "dead"].includes(state.value);
        const removed = await withRecorded("Get", frames, (engine) =>
          engine.removeContainer(name).then(
            () => true,
            () => false,
          ),
        );
        expect(removed, `${where} ${name}`).toBe(idle);
      }
    }
  });

  it("to waits ends them as it should", async () => {
    for (const { where, frames, response } of of("Wait")) {
      const { state, label, value } = response.Wait ?? {};
      const outcome = await withRecorded("Wait", frames, (engine) =>
        engine
          .waitContainer("a", { timeout: 2000 })
          .catch((error: unknown) => error),
      );
      if (state === "dead" && label === "exit_code")
        expect(outcome, where).toBe(
          Number(value) < 0 ? 128 - Number(value) : Number(value),
        );
      // Every answer is that one, which none of them waits for.
      else expect(outcome, where).toBeInstanceOf(Error);
    }
  });

  it("to subscriptions is told as events, each change once", async () => {
    let count = 0;
    for (const { where, frames, pushes } of of("AsyncWait")) {
      const changes = changesOf(pushes);
      if (changes.length === 0) continue;
      count += 1;
      const seen: string[] = [];
      await withRecorded("AsyncWait", frames, async (engine) => {
        const events = engine.events();
        while (seen.length < changes.length) {
          const { value } = await events.next();
          const { name, status } = value as EngineEvent;
          seen.push(`${name} ${status}`);
        }
        await events.return();
      });
      expect(seen, where).toEqual(changes);
    }
    expect(count).toBeGreaterThan(0);
  });

  it("to specifications was asked in words that ours have too", () => {
    for (const { where, request } of of("CreateFromSpec")) {
      const asked = request.CreateFromSpec?.container;
      if (asked === undefined) continue;
      const spec = fromPorto(asked);
      const made = toPorto(asked.name ?? "", { spec }).container;
      for (const property of [
        "memory_limit",
        "cpu_limit",
        "env",
        "ulimit",
        "bind",
        "thread_limit",
      ] as const satisfies readonly (keyof TContainerSpec)[]) {
        if (asked[property] === undefined) continue;
        expect(made?.[property], `${where} ${property}`).toMatchObject(
          plain(asked[property]),
        );
      }
    }
  });
});

/** A message's fields that are there. */
function plain(value: unknown): object {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== "object" || value === null) return value as object;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, plain(field)]),
  );
}

/** The events that pushes are, by a reading of its own: nothing is known before. */
function changesOf(
  pushes: readonly ReturnType<typeof TPortoResponse.decode>[],
): string[] {
  const words: Readonly<Record<string, string>> = {
    running: "start",
    meta: "start",
    dead: "died",
    respawning: "died",
    paused: "pause",
    destroyed: "remove",
  };
  const states = new Map<string, string>();
  const changes: string[] = [];
  for (const { AsyncWait: push } of pushes) {
    const { name = "", state = "" } = push ?? {};
    if (name === "" || states.get(name) === state) continue;
    const before = states.get(name);
    states.set(name, state);
    if (state === "stopped" && before === undefined)
      changes.push(`${name} create`);
    else if (
      state === "stopped" ||
      (state === "running" && before === "paused")
    )
      return changes;
    else if (words[state] !== undefined)
      changes.push(`${name} ${words[state]}`);
  }
  return changes;
}
