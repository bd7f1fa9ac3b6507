import { setImmediate as nextTurn } from "node:timers/promises";
import { PortolanError } from "../../errors.ts";
import { type AnyHandler, isAbort } from "../../serving/handlers.ts";
import type { RawStream } from "../raw.ts";
import {
  ExpectedMore,
  ExpectedUpgrade,
  MethodNotImplemented,
} from "../standard.ts";
import type { Call, StreamReply, UpgradeReply } from "../types.ts";
import {
  type AnyIterator,
  isGenerator,
  isIterable,
  isThenable,
  Items,
} from "../../serving/items.ts";
import type { CallMessage } from "./message.ts";
import {
  EMPTY_REPLY,
  encodeError,
  encodeReply,
  encodeThrown,
  iterableReply,
} from "./reply.ts";
import type { Operation, Services } from "./services.ts";

/** What an exchange needs of the connection it is on. */
export interface ExchangeHost {
  readonly services: Pick<Services, "errorReply">;
  /** Writes a message; returns a promise for room when there is none left. */
  write(json: string): undefined | Promise<void>;
  /** Tells the server's `onError`. */
  report(error: unknown, method: string): void;
  /** Confirms an upgrade: behind this message raw bytes are spoken. */
  upgrade(json: string): RawStream;
  /**
   * Raw bytes are over: Varlink again, or, where this side was ended, nothing.
   *
   * @throws PortolanError `INVALID_INPUT` if the stream allows neither.
   */
  speakAgain(raw: RawStream): void;
  /** Cuts the connection. */
  drop(): void;
}

type Speak = Parameters<Call["upgraded"]>[1];

/** What {@link Call.upgraded} makes. */
class UpgradeAnswer {
  readonly output: unknown;
  readonly speak: Speak;

  constructor(output: unknown, speak: Speak) {
    this.output = output;
    this.speak = speak;
  }
}

type Room = undefined | Promise<void>;

function afterRoom(room: Room, then: () => void): void {
  if (room === undefined) then();
  else void room.then(then);
}

/**
 * Characters after which a stream lets other connections have a turn: a reader
 * as fast as the generator must not starve everybody else.
 */
const TURN = 256 * 1024;

/** One call that a handler answers, and what the handler sees of it. */
export class Exchange implements Call {
  readonly method: string;
  readonly more: boolean;
  readonly oneway: boolean;
  readonly upgrade: boolean;
  readonly #operation: Operation;
  readonly #host: ExchangeHost;
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;
  /** Where replies come from, as long as it has to be closed. */
  #iterator: AnyIterator | undefined;
  /** Inside of `next()`: a generator that runs cannot be closed. */
  #stepping = false;
  /** Characters written in this turn of the event loop, or a few. */
  #written = 0;
  /** The error that was answered with, and what it was made from. */
  error: string | undefined;
  thrown: unknown;

  constructor(operation: Operation, message: CallMessage, host: ExchangeHost) {
    this.method = operation.method;
    this.more = message.more;
    this.oneway = message.oneway;
    this.upgrade = message.upgrade;
    this.#operation = operation;
    this.#host = host;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Made when it is asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  stream<T>(items: Iterable<T> | AsyncIterable<T>): StreamReply<T> {
    // To handlers it is a mere token.
    const reply: object = new Items(items);
    return reply as StreamReply<T>;
  }

  upgraded<T>(output: T, speak: Speak): UpgradeReply<T> {
    const reply: object = new UpgradeAnswer(output, speak);
    return reply as UpgradeReply<T>;
  }

  /**
   * Calls the handler and sends what it answers. Returns whether that is done; if
   * it takes time or the writer is full, `onAnswered` is called later. Nothing is thrown.
   */
  run(
    handler: AnyHandler,
    parameters: object,
    onAnswered: () => void,
  ): boolean {
    let room: Room;
    try {
      const result = handler.call(this.#operation.handlers, parameters, this);
      if (isThenable(result)) {
        this.#settle(result, onAnswered);
        return false;
      }
      room = this.#answer(result);
    } catch (error) {
      room = this.#fail(error);
    }
    void room?.then(onAnswered);
    return room === undefined;
  }

  /** The connection is gone: tells the handler, and closes its generator. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    if (!this.#stepping) this.#stop();
  }

  /** An async function would cost each call a promise and a turn of the queue more. */
  #settle(promise: PromiseLike<unknown>, onAnswered: () => void): void {
    // What is no promise itself may call back twice, or at once.
    void Promise.resolve(promise).then(
      (result) => afterRoom(this.#answer(result), onAnswered),
      (error: unknown) => afterRoom(this.#fail(error), onAnswered),
    );
  }

  #answer(result: unknown): Room {
    try {
      if (typeof result === "object" && result !== null) {
        if (Array.isArray(result)) return this.#stream(result.values(), true);
        if (result instanceof Items)
          return this.#stream(result.iterate(), true);
        if (isGenerator(result)) return this.#stream(result, false);
        if (result instanceof UpgradeAnswer) return this.#upgrade(result);
        if (isIterable(result)) throw iterableReply(this.method);
      }
      if (this.upgrade) return this.#refuseUpgrade();
      return this.#send(result === undefined ? {} : result, false);
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Any reply but an error would confirm the upgrade, of which the handler knows nothing. */
  #refuseUpgrade(): Room {
    if (this.#aborted) return undefined;
    const { method } = this;
    this.#host.report(
      new PortolanError(
        "INVALID_REPLY",
        `${method} was called with the upgrade flag, and its handler answered as if it were not; return call.upgraded(…), or throw MethodNotImplemented where call.upgrade is set`,
      ),
      method,
    );
    this.error = MethodNotImplemented.error;
    return this.#host.write(encodeError(this.error, { method }));
  }

  /** Throws if the reply does not fit. */
  #upgrade({ output, speak }: UpgradeAnswer): Room {
    if (!this.upgrade) return this.#fail(new ExpectedUpgrade());
    if (this.#aborted) return undefined;
    const json = encodeReply(this.#operation, output, false, false);
    return this.#speak(this.#host.upgrade(json), speak);
  }

  async #speak(raw: RawStream, speak: Speak): Promise<void> {
    try {
      await speak(raw);
      this.#host.speakAgain(raw);
    } catch (error) {
      this.thrown = error;
      // A client that goes may well make it fail. That it has closed the
      // connection itself is no excuse, unless that is all it fails for.
      const excused =
        this.#aborted && (!raw.dropped || isAbort(error, this.#reason));
      if (!excused) this.#host.report(error, this.method);
      this.#host.drop();
    }
  }

  #stream(iterator: AnyIterator, lookAhead: boolean): Room {
    this.#iterator = iterator;
    if (this.#aborted) {
      this.#stop();
      return undefined;
    }
    if (!this.more) {
      // A generator that was not started ends without its body ever running.
      this.#stop();
      return this.#fail(new ExpectedMore());
    }
    return this.#pump(iterator, lookAhead);
  }

  async #pump(iterator: AnyIterator, lookAhead: boolean): Promise<void> {
    let room: Room;
    try {
      await this.#replies(iterator, lookAhead);
    } catch (error) {
      this.#stop();
      room = this.#fail(error);
    }
    if (room !== undefined) await room;
  }

  /**
   * Sends what the iterator gives. Without look-ahead, as generators are read,
   * each item goes out at once and the return value is the last reply; with it,
   * an item waits until the next one, or the end, shows whether it is the last.
   */
  async #replies(iterator: AnyIterator, lookAhead: boolean): Promise<void> {
    let held: { readonly item: unknown } | undefined;
    for (;;) {
      let step: IteratorResult<unknown, unknown>;
      try {
        const next = this.#next(iterator);
        step = isThenable(next) ? await next : next;
      } catch (error) {
        this.#iterator = undefined;
        if (held !== undefined) await this.#sendBefore(error, held.item);
        throw error;
      }
      if (this.#aborted) {
        this.#stop();
        return;
      }
      if (step.done === true) {
        this.#iterator = undefined;
        await this.#last(lookAhead ? held?.item : step.value);
        return;
      }
      let item = step.value;
      if (lookAhead) {
        const previous = held;
        held = { item };
        if (previous === undefined) continue;
        item = previous.item;
      }
      const room = this.#send(item, true);
      if (room !== undefined) await room;
      if (this.#written >= TURN) {
        this.#written = 0;
        await nextTurn();
      }
      if (this.#aborted) return;
    }
  }

  #next(iterator: AnyIterator): ReturnType<AnyIterator["next"]> {
    this.#stepping = true;
    try {
      return iterator.next();
    } finally {
      this.#stepping = false;
    }
  }

  /** Sends an item that was held back when its source failed; the failure comes next. */
  async #sendBefore(failure: unknown, item: unknown): Promise<void> {
    try {
      await this.#send(item, true);
    } catch (error) {
      this.#host.report(failure, this.method);
      throw error;
    }
  }

  #last(reply: unknown): Room {
    if (reply !== undefined) return this.#send(reply, false);
    return this.oneway || this.#aborted
      ? undefined
      : this.#host.write(EMPTY_REPLY);
  }

  /** Sends a reply, unless nobody is there to get it. Throws if it does not fit. */
  #send(reply: unknown, continues: boolean): Room {
    if (this.oneway || this.#aborted) return undefined;
    const json = encodeReply(this.#operation, reply, continues, this.more);
    this.#written += json.length;
    return this.#host.write(json);
  }

  #fail(thrown: unknown): Room {
    if (this.#aborted && this.#isGivenUp(thrown)) return undefined;
    const reply = encodeThrown(thrown, (error) =>
      this.#host.services.errorReply(error),
    );
    this.error = reply.error;
    this.thrown = thrown;
    if (reply.report !== undefined)
      this.#host.report(reply.report, this.method);
    return this.oneway || this.#aborted
      ? undefined
      : this.#host.write(reply.json);
  }

  /**
   * A handler whose client is gone may well fail for it. The client of a oneway
   * call need not stay, so that its handler has no such reason.
   */
  #isGivenUp(thrown: unknown): boolean {
    return !this.oneway || isAbort(thrown, this.#reason);
  }

  /** Closes the source of replies, so that its `finally` blocks run. */
  #stop(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    if (iterator?.return === undefined) return;
    const report = (error: unknown): void => {
      if (!this.#aborted || !isAbort(error, this.#reason))
        this.#host.report(error, this.method);
    };
    try {
      const closed: unknown = iterator.return();
      if (isThenable(closed)) closed.then(undefined, report);
    } catch (error) {
      report(error);
    }
  }
}
