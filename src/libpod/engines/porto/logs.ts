import { EError } from "portolan/porto";
import type { LogEntry, LogOptions } from "../../engine.ts";
import { EngineError, InvalidArgument, NotSupported } from "../../errors.ts";
import { valueBytes } from "./client.ts";
import { type About, answered, translate } from "./errors.ts";
import { type Host, isGone } from "./host.ts";
import { LineReader } from "./lines.ts";
import { Operation } from "./operation.ts";
import { Waiting } from "./wait.ts";

/** Bytes that are asked for at a time; Porto may give less though it has more. */
const PIECE = 1024 * 1024;

/**
 * Bytes at the least that are read in a row of a container that runs: it may write
 * faster than they can be read.
 */
const ENOUGH = 64 * 1024 * 1024;

const NOTHING = new Uint8Array();

/**
 * What a container printed, as far as Porto stores it: the lines of standard output
 * and then those of standard error, for Porto keeps no times and so does not know
 * how they followed each other. `tail` counts in that order.
 *
 * Following looks for more every `logInterval` milliseconds, and at once when the
 * container has ended. Where more was printed in between than Porto stores, it
 * fails with an EngineError that says how much is lost.
 *
 * @throws NotSupported for `since`; InvalidArgument; NoSuchContainer
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
    throw new InvalidArgument(
      `tail: a number of lines is needed, not ${String(tail)}`,
    );
  const operation = new Operation(options);
  const about: About = { call: "containerLogs", container: id };
  const { spec } = await host.container(id, ["stdout_limit"], about, operation);
  const enough = Math.max(ENOUGH, 2 * Number(spec?.stdout_limit ?? 0n));
  const waiting = new Waiting(host);
  const runs = (most: number): Promise<boolean> =>
    waiting.runs(id, about, operation, most);
  const outputs = (["stdout", "stderr"] as const).map(
    (stream) => new Output(host, id, stream, about, operation),
  );

  let running = await runs(0);
  const kept: LogEntry[] = [];
  for (const output of outputs) {
    for await (const line of output.read(running ? enough : Infinity)) {
      if (tail === Infinity) yield line;
      else keepLast(kept, line, tail);
    }
    if (follow && running) continue;
    for (const line of output.rest()) keepLast(kept, line, tail);
    if (tail === Infinity) yield* kept.splice(0);
  }
  yield* kept.slice(Math.max(0, kept.length - tail));

  if (!follow) return;
  while (running) {
    // What it prints until it ends is all there once it has ended.
    running = await runs(host.logInterval);
    for (const output of outputs) {
      yield* output.read(running ? enough : Infinity);
      if (!running) yield* output.rest();
    }
  }
}

/** Keeps the last `count` entries, and at times some more. */
function keepLast(entries: LogEntry[], entry: LogEntry, count: number): void {
  entries.push(entry);
  if (entries.length > 2 * count + 1000)
    entries.splice(0, entries.length - count);
}

/** One of a container's streams of output, read from what is stored on. */
class Output {
  readonly #host: Host;
  readonly #id: string;
  readonly #stream: LogEntry["stream"];
  readonly #about: About;
  readonly #operation: Operation;
  readonly #lines = new LineReader();
  /** Bytes from the beginning of the stream; undefined before it is known what is stored. */
  #offset: number | undefined;
  #begun = false;

  constructor(
    host: Host,
    id: string,
    stream: LogEntry["stream"],
    about: About,
    operation: Operation,
  ) {
    this.#host = host;
    this.#id = id;
    this.#stream = stream;
    this.#about = about;
    this.#operation = operation;
  }

  /** The whole lines that are there now, of about `most` bytes. */
  async *read(most: number): AsyncGenerator<LogEntry, void, undefined> {
    for (let left = most; left > 0;) {
      const piece = await this.#piece();
      if (piece.length === 0) return;
      left -= piece.length;
      for (const text of this.#lines.push(piece)) yield this.#entry(text);
    }
  }

  /** The last line, where no newline ends it. */
  *rest(): Generator<LogEntry, void, undefined> {
    for (const text of this.#lines.rest()) yield this.#entry(text);
  }

  #entry(text: string): LogEntry {
    return { containerId: this.#id, stream: this.#stream, text };
  }

  /** What comes next; nothing where nothing more is stored. */
  async #piece(): Promise<Uint8Array> {
    this.#offset ??= await this.#beginning();
    while (this.#offset !== undefined) {
      const offset: number = this.#offset;
      try {
        const value = await this.#get(`${this.#stream}[${offset}:${PIECE}]`);
        // Never more than was asked for, so that nothing is skipped.
        const piece = value.subarray(0, PIECE);
        this.#offset = offset + piece.length;
        this.#begun ||= piece.length > 0;
        return piece;
      } catch (error) {
        if (isAbsent(error)) return NOTHING;
        if (!answered(error, EError.InvalidData))
          throw translate(error, this.#about);
        // What was to come next is no longer stored, or nothing at all is.
        const beginning = await this.#beginning();
        if (beginning === undefined || beginning <= offset) return NOTHING;
        if (this.#begun)
          throw new EngineError(
            `${this.#stream} of ${this.#id}: ${beginning - offset} bytes were printed and dropped by Porto before they could be read: it stores as many as its property stdout_limit says`,
            { cause: error },
          );
        this.#offset = beginning;
      }
    }
    return NOTHING;
  }

  /** Where what is stored begins; undefined where nothing is. */
  async #beginning(): Promise<number | undefined> {
    try {
      const value = await this.#get(`${this.#stream}_offset`);
      return Number(Buffer.from(value).toString("latin1"));
    } catch (error) {
      if (isAbsent(error) || answered(error, EError.InvalidData))
        return undefined;
      throw translate(error, this.#about);
    }
  }

  async #get(property: string): Promise<Uint8Array> {
    const { client } = this.#host;
    return valueBytes(
      await client.getProperty(
        { name: this.#id, property },
        this.#operation.limits,
      ),
    );
  }
}

/** There is no output of what was not started, was reset, or is gone. */
function isAbsent(error: unknown): boolean {
  return isGone(error) || answered(error, EError.InvalidState);
}
