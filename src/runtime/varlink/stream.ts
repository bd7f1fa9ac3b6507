import { PortolanError } from "../errors.ts";
import type { Dispatcher } from "./dispatch.ts";
import { ActiveCall, type MethodRules } from "./exchange.ts";
import type { Reply } from "./messages.ts";
import { duration, startTimer } from "./options.ts";
import { Queue } from "./queue.ts";
import type { Stream, StreamOptions } from "./types.ts";

/**
 * Replies held for a slow consumer before the connection stops to read, by number
 * and by characters (1 MiB), and when it goes on.
 */
const MAX_HELD = 256;
const RESUME_AT = 64;
const MAX_HELD_SIZE = 1024 * 1024;
const RESUME_AT_SIZE = MAX_HELD_SIZE / 4;

interface Held {
  readonly value: object;
  readonly size: number;
}

interface Reader {
  resolve(result: IteratorResult<object, void>): void;
  reject(error: unknown): void;
}

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** A call with the `more` flag, under way. */
class StreamingCall extends ActiveCall {
  readonly #held = new Queue<Held>();
  #heldSize = 0;
  readonly #readers = new Queue<Reader>();
  readonly #idleTimeout: number | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #began = false;
  #replied = false;
  #ended = false;
  #paused = false;
  /** What the stream ends with, told once, after what was held. */
  #error: PortolanError | undefined;

  constructor(
    dispatcher: Dispatcher,
    rules: MethodRules,
    input: object,
    options: StreamOptions,
  ) {
    super(dispatcher, rules, "more", input, options);
    this.#idleTimeout = duration("idleTimeout", options.idleTimeout);
  }

  next(): Promise<IteratorResult<object, void>> {
    const held = this.#held.shift();
    if (held !== undefined) {
      this.#heldSize -= held.size;
      if (
        this.#paused &&
        this.#held.length <= RESUME_AT &&
        this.#heldSize <= RESUME_AT_SIZE
      )
        this.#resume();
      return Promise.resolve({ done: false, value: held.value });
    }
    if (this.#ended) {
      const error = this.#error;
      this.#error = undefined;
      return error === undefined
        ? Promise.resolve(DONE)
        : Promise.reject(error);
    }
    const result = new Promise<IteratorResult<object, void>>(
      (resolve, reject) => {
        this.#readers.push({ resolve, reject });
      },
    );
    if (!this.#began) {
      this.#began = true;
      this.begin();
    } else if (this.#replied) {
      this.#startIdleTimer();
    }
    return result;
  }

  /** The consumer wants no more. */
  leave(): void {
    this.#drop();
    this.#error = undefined;
    if (this.#ended) return;
    if (!this.#began) {
      this.#ended = true;
      return;
    }
    this.#paused = false;
    this.#end(undefined);
    this.giveUp(
      new PortolanError("CLOSED", `the stream of ${this.method} was closed`),
    );
  }

  override onWritten(): void {}

  override onReply(reply: Reply): void {
    if (this.#ended) return;
    this.clearTimeout();
    this.#replied = true;
    if (
      !reply.continues &&
      reply.error === undefined &&
      isEmpty(reply.parameters)
    ) {
      // A last reply that says nothing is the end, not an item. It is looked at
      // as it came: a reply that is read has every array and map.
      this.#end(undefined);
      return;
    }
    const result = this.read(reply);
    if (reply.error !== undefined || result instanceof Error) {
      const error = result as PortolanError;
      this.#end(error);
      // After a reply that does not fit more may come, for nobody.
      if (reply.continues) this.connection?.fail(error, this);
      return;
    }
    this.#give(result, reply.size);
    if (!reply.continues) this.#end(undefined);
  }

  override onFailed(error: PortolanError): void {
    if (this.#ended) return;
    // What arrived before the connection broke is still worth reading; where the
    // program itself has ended the stream, it is not.
    if (error.code === "ABORTED" || error.code === "CLOSED") this.#drop();
    this.#end(error);
  }

  #give(value: object, size: number): void {
    const reader = this.#readers.shift();
    if (reader === undefined) {
      this.#held.push({ value, size });
      this.#heldSize += size;
      const full =
        this.#held.length >= MAX_HELD || this.#heldSize >= MAX_HELD_SIZE;
      if (full && !this.#paused) {
        this.#paused = true;
        this.connection?.pause();
      }
      return;
    }
    if (this.#idleTimeout !== undefined) {
      this.#stopIdleTimer();
      if (this.#readers.length > 0) this.#startIdleTimer();
    }
    reader.resolve({ done: false, value });
  }

  #drop(): void {
    this.#held.drain();
    this.#heldSize = 0;
  }

  #resume(): void {
    this.#paused = false;
    this.connection?.resume();
  }

  #end(error: PortolanError | undefined): void {
    this.#ended = true;
    this.#stopIdleTimer();
    this.finish(error);
    const readers = this.#readers.drain();
    const first = error === undefined ? undefined : readers.shift();
    if (first === undefined) this.#error = error;
    else first.reject(error);
    for (const reader of readers) reader.resolve(DONE);
    if (this.#paused) this.#resume();
  }

  #startIdleTimer(): void {
    if (this.#idleTimeout === undefined || this.#idleTimer !== undefined)
      return;
    const limit = this.#idleTimeout;
    this.#idleTimer = startTimer(limit, () => {
      this.giveUp(
        new PortolanError(
          "TIMEOUT",
          `the stream of ${this.method} had no reply for ${limit} ms (idleTimeout)`,
        ),
      );
    });
  }

  #stopIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
  }
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** What a program holds of a stream: nothing but the iterator. */
class ReplyStream implements Stream<object> {
  readonly #call: StreamingCall | undefined;
  /** Why there is no call at all, told once. */
  #error: unknown;

  constructor(call: StreamingCall | undefined, error: unknown) {
    this.#call = call;
    this.#error = error;
  }

  next(): Promise<IteratorResult<object, void>> {
    if (this.#call !== undefined) return this.#call.next();
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve(DONE) : Promise.reject(error);
  }

  return(): Promise<IteratorResult<object, void>> {
    this.#error = undefined;
    this.#call?.leave();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** Calls a method with the `more` flag, at the first `next()` of the stream. */
export function callMore(
  dispatcher: Dispatcher,
  rules: MethodRules,
  input: object,
  options: StreamOptions,
): Stream<object> {
  try {
    return new ReplyStream(
      new StreamingCall(dispatcher, rules, input, options),
      undefined,
    );
  } catch (error) {
    // A bad input is told like every other failure: by the iteration.
    return new ReplyStream(undefined, error);
  }
}
