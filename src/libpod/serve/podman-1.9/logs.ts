import type { LogLine, PodmanHandlers } from "portolan/podman/1.9";
import type { AllHandlers } from "../podman/handlers.ts";
import type { LogEntry, LogOptions } from "../../engine.ts";
import { parseTime } from "../../engines/podman/times.ts";
import { rfc3339Nano } from "../podman/format.ts";
import { readEntries } from "../podman/logs.ts";
import { idOfContainer, type Served19 } from "./answers.ts";
import { newest } from "./context.ts";

interface Reply {
  readonly log: LogLine;
}

/** By this clients know that there are no more lines. */
const END: Reply = {
  log: { device: "", parseLogType: "", time: "", msg: "", cid: "" },
};

/** The method that has the logs of several containers, line by line. */
export function logHandlers(
  served: Served19,
): Pick<AllHandlers<PodmanHandlers>, "getContainersLogs"> {
  return {
    getContainersLogs({ names, follow, latest, since, tail }, call) {
      const lines = async function* (
        signal: AbortSignal,
      ): AsyncGenerator<Reply, Reply, undefined> {
        const options = readOptions(served, { since, tail });
        const ids = latest
          ? [await newestId(served)]
          : await Promise.all(names.map((name) => idOfContainer(served, name)));
        try {
          if (follow) {
            const logs = ids.map((id) =>
              served.engine.containerLogs(id, { ...options, follow, signal }),
            );
            for await (const entry of merge(logs)) yield reply(entry, false);
          } else {
            for (const { entry, partial } of await readAll(
              served,
              ids,
              options,
            ))
              yield reply(entry, partial);
          }
        } catch (error) {
          throw served.translate(error);
        }
        return END;
      };
      return call.more ? lines(call.signal) : firstOf(lines, call.signal);
    },
  };
}

/** Without `more` there is one reply: the first line, or the end. */
async function firstOf(
  lines: (signal: AbortSignal) => AsyncGenerator<Reply, Reply, undefined>,
  signal: AbortSignal,
): Promise<Reply> {
  const leave = new AbortController();
  const all = lines(AbortSignal.any([signal, leave.signal]));
  const { value } = await all.next();
  leave.abort();
  await all.return(END);
  return value;
}

function readOptions(
  { answers }: Served19,
  { since, tail }: { readonly since: string; readonly tail: number },
): LogOptions {
  const time = parseTime(since);
  // Go's zero time says nothing, and is a time nevertheless.
  if (time === undefined && !since.startsWith("0001-"))
    throw answers.occurred(
      `parsing time ${JSON.stringify(since)}: it is none by RFC 3339`,
    );
  return { since: time, tail: tail < 0 ? undefined : tail };
}

async function newestId(served: Served19): Promise<string> {
  const containers = await served.attempt(served.engine.listContainers());
  const found = newest(containers);
  if (found !== undefined) return found.id;
  throw served.answers.occurred("there is no container: no such container");
}

function reply(
  { containerId: cid, stream, text, time }: LogEntry,
  partial: boolean,
): Reply {
  return {
    log: {
      device: stream,
      parseLogType: partial ? "P" : "F",
      time: rfc3339Nano(time?.getTime()),
      msg: text,
      cid,
    },
  };
}

function timeOf({ time }: LogEntry): number {
  return time?.getTime() ?? 0;
}

/** What is there, of several containers in the order of time. */
async function readAll(
  served: Served19,
  ids: readonly string[],
  options: LogOptions,
): Promise<Awaited<ReturnType<typeof readEntries>>> {
  const logs = await Promise.all(
    ids.map((id) => readEntries(served, id, options)),
  );
  // Sorting is stable, so that lines of one moment stay as they are.
  return logs.flat().toSorted((a, b) => timeOf(a.entry) - timeOf(b.entry));
}

/** What several give, as it comes. */
async function* merge<T>(
  sources: readonly AsyncGenerator<T, void, undefined>[],
): AsyncGenerator<T, void, undefined> {
  const next = async (
    source: AsyncGenerator<T, void, undefined>,
  ): Promise<{
    readonly source: typeof source;
    readonly step: IteratorResult<T, void>;
  }> => ({ source, step: await source.next() });
  const pending = new Map(sources.map((source) => [source, next(source)]));
  for (const step of pending.values()) step.catch(() => undefined);
  while (pending.size > 0) {
    const { source, step } = await Promise.race(pending.values());
    if (step.done === true) {
      pending.delete(source);
      continue;
    }
    const following = next(source);
    following.catch(() => undefined);
    pending.set(source, following);
    yield step.value;
  }
}
