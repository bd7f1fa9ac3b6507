import type { LogEntry, LogOptions } from "../../engine.ts";
import { InvalidArgument } from "../../errors.ts";
import type { Host } from "./host.ts";
import { Lines } from "./lines.ts";
import type { Machine } from "./machine.ts";
import { operateStream } from "./operation.ts";

/**
 * The lines of what a container wrote, over all its runs, as far as it is kept (see
 * `OUTPUT_LIMIT`). Following ends with the container's next end; of one that has
 * ended there is nothing to follow.
 *
 * @throws NoSuchContainer; InvalidArgument; PortolanError `LIMIT_EXCEEDED` where
 *   output went before it was read
 */
export function containerLogs(
  host: Host,
  machine: Machine,
  id: string,
  options: LogOptions = {},
): AsyncGenerator<LogEntry, void, undefined> {
  return operateStream(host, options, async function* read(signal) {
    const { follow = false, tail = Infinity, since } = options;
    if (tail !== Infinity && !(Number.isInteger(tail) && tail >= 0))
      throw new InvalidArgument(`tail: ${tail} is no number of lines`);
    const from = since?.getTime() ?? -Infinity;
    if (Number.isNaN(from)) throw new InvalidArgument("since: it is no time");
    const isWanted = ({ time }: LogEntry): boolean => Number(time) >= from;

    // In an object: a promise would be waited for while the state is locked.
    const { old, more } = await host.locked(async () => {
      const { state } = await machine.record(id);
      const { output } = host.live(id);
      await output.load();
      return {
        old: output.all(),
        more:
          follow && state !== "exited"
            ? output.follow(output.next, signal)
            : undefined,
      };
    }, signal);

    const lines = new Lines(id);
    const found = old.flatMap((chunk) => lines.push(chunk));
    if (more === undefined) found.push(...lines.end());
    const wanted = found.filter(isWanted);
    yield* tail === Infinity
      ? wanted
      : wanted.slice(Math.max(wanted.length - tail, 0));
    if (more === undefined) return;
    for await (const chunk of more) yield* lines.push(chunk).filter(isWanted);
    yield* lines.end().filter(isWanted);
  });
}
