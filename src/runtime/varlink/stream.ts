import { PortolanError } from "../errors.ts";
import type { Dispatcher } from "./dispatch.ts";
import { ActiveCall, type MethodRules } from "./exchange.ts";
import { DONE, Inbox } from "./inbox.ts";
import type { Reply } from "./messages.ts";
import { duration, startTimer } from "./options.ts";
import type { Stream, StreamOptions } from "./types.ts";

/** A call with the `more` flag, under way. */
class StreamingCall extends ActiveCall implements StreamSource {
  readonly #inbox = new Inbox(() => this.#resume());
  readonly #idleTimeout: number | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #began = false;
  #replied = false;
  #ended = false;
  #paused = false;

  constructor(
    dispatcher: Dispatcher,
    rules: MethodRules,
    input: object,
    options: StreamOptions,
  ) {
    super(dispatcher, rules, "more", input, options);
    this.#idleTimeout = duration("idleTimeout", options.idleTimeout);
  }

  override get replied(): boolean {
    return this.#replied;
  }

  next(): Promise<IteratorResult<object, void>> {
    const result = this.#inbox.next();
    if (this.#ended) return result;
    if (!this.#began) {
      this.#began = true;
      this.begin();
    } else if (this.#replied && this.#inbox.waiting > 0) {
      this.#startIdleTimer();
    }
    return result;
  }

  /** The consumer wants no more. */
  leave(): void {
    this.#inbox.drop();
    if (this.#ended) return;
    this.#paused = false;
    this.#end(undefined);
    if (!this.#began) return;
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
    // Its characters are about what it takes to keep it.
    this.#give(result, reply.text.length);
    if (!reply.continues) this.#end(undefined);
  }

  override onFailed(failure: PortolanError): void {
    if (this.#ended) return;
    const error = this.reasonFor(failure);
    // What arrived before the connection broke is still worth reading; where the
    // program itself has ended the stream, it is not.
    if (error.code === "ABORTED" || error.code === "CLOSED") this.#inbox.drop();
    this.#end(error);
  }

  #give(value: object, size: number): void {
    const awaited = this.#inbox.waiting > 0;
    this.#inbox.give(value, size);
    if (awaited) {
      this.#stopIdleTimer();
      if (this.#inbox.waiting > 0) this.#startIdleTimer();
    } else if (this.#inbox.full && !this.#paused) {
      this.#paused = true;
      this.connection?.pause();
    }
  }

  #resume(): void {
    // Others may have paused the connection since.
    if (!this.#paused) return;
    this.#paused = false;
    this.connection?.resume();
  }

  #end(error: PortolanError | undefined): void {
    this.#ended = true;
    this.#stopIdleTimer();
    this.finish(error);
    this.#inbox.end(error);
    this.#resume();
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

/** What gives a stream its items. */
export interface StreamSource {
  next(): Promise<IteratorResult<object, void>>;
  /** The consumer wants no more. */
  leave(): void;
}

/** What a program holds of a stream: nothing but the iterator. */
export class ReplyStream implements Stream<object> {
  readonly #call: StreamSource | undefined;
  /** Why there is no call at all, told once. */
  #error: unknown;

  constructor(call: StreamSource | undefined, error: unknown) {
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
