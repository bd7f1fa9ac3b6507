import { EError } from "portolan/porto";
import type { LogEntry, LogOptions } from "../../engine.ts";
import { EngineError, InvalidArgument, NotSupported } from "../../errors.ts";
import { valueBytes } from "./client.ts";
import { type About, answered, asked, translate } from "./errors.ts";
import { type Host, isGone } from "./host.ts";
import { LineReader } from "./lines.ts";
import { Operation } from "./operation.ts";

type StreamName = LogEntry["stream"];

/** Bytes that are asked for at a time. Porto gives less where it stores less. */
const PIECE = 1024 * 1024;

/**
 * Bytes after which a reader that does not follow is done even though there is
 * more: the container then writes faster than we read. Porto stores 8 MiB by
 * default.
 */
const ENOUGH = 64 * 1024 * 1024;

/**
 * What a container printed, as far as Porto stores it: the lines of standard output
 * and then those of standard error, for Porto keeps no times and so does not know
 * how they followed each other. `tail` counts in that order.
 *
 * Following looks for more every `logInterval` milliseconds, and at once when the
 * container has ended. Where more was printed in between than Porto stores, it
 * fails with an EngineError that says how much is lost.
 *
 * @throws NotSupported for `since`; NoSuchContainer
 */
export async function* containerLogs(
  host: Host,
  id: string,
  options: LogOptions = {},
): AsyncGenerator<LogEntry, void, undefined> {
  const { follow = false, tail = Infinity, since } = options;
  if (since !== undefined)
    throw new NotSupported("porto", "containerLogs: since");
  if (!(tail >= 0))
    throw new InvalidArgument(`tail: a number of lines is needed, not ${tail}`);
  const operation = new Operation(options);
  const about: About = { call: "containerLogs", container: id };
  await host.container(id, [], about, operation);
  const outputs = (["stdout", "stderr"] as const).map(
    (stream) => new Output(host, id, stream, about, operation),
  );
  let running = follow && (await runs(host, id, 0, about, operation));
  const before = function* (lines: Iterable<LogEntry>): Iterable<LogEntry> {
    yield* lines;
  };
  const first = new Last<LogEntry>(tail);
  for (const output of outputs) {
    for await (const line of output.read(follow ? Infinity : ENOUGH))
      yield* before(first.push(line));
    if (!running) yield* before(first.pushAll(output.rest()));
  }
  yield* first.end();
  while (running) {
    // What is printed until it ends is all there once it has ended.
    running = await runs(host, id, host.logInterval, about, operation);
    for (const output of outputs) {
      yield* output.read(Infinity);
      if (!running) yield* output.rest();
    }
  }
}
