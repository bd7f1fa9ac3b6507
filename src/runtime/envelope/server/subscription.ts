import { setImmediate as nextTurn } from "node:timers/promises";
import { PortolanError } from "../../errors.ts";
import { type AnyHandler, isAbort } from "../../serving/handlers.ts";
import { type AnyIterator, isThenable, Items } from "../../serving/items.ts";
import { withValueAt } from "../paths.ts";
import { type CallHost, HandlerCall, LazySignal, type Room } from "./call.ts";
import type { Command } from "./commands.ts";

/** What a subscription needs of the connection it is on. */
export interface SubscriptionHost extends CallHost {
  /** It stands, and the one before it is over. */
  subscribed(subscription: Subscription): void;
  /** It has nothing more to say. */
  unsubscribed(subscription: Subscription): void;
  /** It failed after it was acknowledged. */
  failed(subscription: Subscription): void;
}

type Step = IteratorResult<unknown, unknown>;

/**
 * Bytes after which a subscription lets other connections have a turn: a client
 * as fast as the source must not starve everybody else.
 */
const TURN = 256 * 1024;

const WAITING: unique symbol = Symbol("the source waits");

/**
 * A command that subscribes. Its source is read as fast as the client reads: an
 * item is asked for when there is room for it.
 */
export class Subscription {
  readonly command: Command;
  readonly #input: object;
  readonly #host: SubscriptionHost;
  readonly #time: unknown;
  readonly #signal = new LazySignal();
  /** Where items come from, as long as it has to be closed. */
  #source: AnyIterator | undefined;
  /** Inside of `next()`: a generator that runs cannot be closed. */
  #stepping = false;
  /** The client has been told of it, by an item or the reply. */
  #standing = false;
  #acknowledged = false;
  /** Bytes written in this turn of the event loop, or a few. */
  #written = 0;

  constructor(
    command: Command,
    input: object,
    host: SubscriptionHost,
    time: unknown,
  ) {
    this.command = command;
    this.#input = input;
    this.#host = host;
    this.#time = time;
  }

  /** Whether a command to stop with this input means it. */
  matches(stop: Command, input: object): boolean {
    const mine = this.#identity(this.command, this.#input);
    const theirs = this.#identity(stop, input);
    return Buffer.compare(mine, theirs) === 0;
  }

  /**
   * Calls the handler, pushes what it has at once, and acknowledges. The promise
   * is fulfilled then, while the subscription goes on; it never rejects.
   */
  run(handler: AnyHandler, request: object): Room {
    const { connection } = this.#host;
    const call = new HandlerCall(
      this.command,
      request,
      connection,
      this.#signal,
    );
    let result: unknown;
    try {
      result = handler.call(this.command.handlers, this.#input, call);
    } catch (error) {
      return this.#fail(error);
    }
    return this.#open(result);
  }

  /** Ends it: the source is closed, and what it still gives is dropped. */
  stop(reason: PortolanError): void {
    this.#signal.abort(reason);
    if (!this.#stepping) this.#close();
  }

  async #open(result: unknown): Promise<void> {
    let room: Room;
    try {
      const items = isThenable(result) ? await result : result;
      this.#source = sourceOf(items, this.command);
      // The connection may be gone by now.
      if (this.#signal.aborted) this.#close();
      else room = this.#begin(this.#source);
      if (room !== undefined) await room;
    } catch (error) {
      room = this.#fail(error);
      if (room !== undefined) await room;
    }
  }

  /** Pushes until the source waits for something or ends, and acknowledges then. */
  async #begin(source: AnyIterator): Promise<void> {
    for (;;) {
      const next = this.#next(source);
      const step = isThenable(next) ? await soon(next) : next;
      if (this.#signal.aborted) {
        await this.#conclude();
        return;
      }
      if (step === WAITING) {
        const room = this.#acknowledge();
        if (isThenable(next)) void this.#goOn(source, next, room);
        await room;
        return;
      }
      if (step.done === true) {
        this.#source = undefined;
        await this.#acknowledge();
        this.#host.unsubscribed(this);
        return;
      }
      await this.#push(step.value);
      if (this.#signal.aborted) {
        await this.#conclude();
        return;
      }
    }
  }

  async #goOn(
    source: AnyIterator,
    first: PromiseLike<Step>,
    room: Room,
  ): Promise<void> {
    try {
      let next: Step | PromiseLike<Step> = first;
      await room;
      for (;;) {
        const step: Step = isThenable(next) ? await next : next;
        if (this.#signal.aborted) {
          this.#close();
          return;
        }
        if (step.done === true) break;
        await this.#push(step.value);
        if (this.#signal.aborted) return;
        next = this.#next(source);
      }
      this.#source = undefined;
      this.#host.unsubscribed(this);
    } catch (error) {
      this.#lose(error);
    }
  }

  #next(source: AnyIterator): Step | PromiseLike<Step> {
    this.#stepping = true;
    try {
      return source.next();
    } catch (error) {
      this.#source = undefined;
      throw error;
    } finally {
      this.#stepping = false;
    }
  }

  #push(item: unknown): Room {
    const body = this.#host.replies.push(this.command, item);
    this.#stand();
    this.#written += body.length;
    const room = this.#host.write(body);
    if (this.#written < TURN) return room;
    this.#written = 0;
    return room === undefined ? nextTurn() : room.then(() => nextTurn());
  }

  #acknowledge(): Room {
    this.#stand();
    return this.#reply();
  }

  /**
   * It was ended before it was acknowledged. The connection may be there still, for
   * requests that have arrived: it owes a reply, or theirs would pass for it.
   */
  #conclude(): Room {
    this.#close();
    return this.#acknowledged ? undefined : this.#reply();
  }

  #reply(): Room {
    const reply = this.#host.replies.success(
      this.command,
      undefined,
      this.#time,
    );
    this.#acknowledged = true;
    return this.#host.reply(reply, this.command);
  }

  #stand(): void {
    if (this.#standing) return;
    this.#standing = true;
    this.#host.subscribed(this);
  }

  /** Something failed before it was acknowledged: the error is the reply. */
  #fail(thrown: unknown): Room {
    const { aborted, reason } = this.#signal;
    if (aborted && isAbort(thrown, reason)) return this.#conclude();
    this.#close();
    if (this.#acknowledged) {
      this.#lose(thrown);
      return undefined;
    }
    if (this.#standing) this.#host.unsubscribed(this);
    const reply = this.#host.replies.thrown(this.command, thrown, this.#time);
    // When it was ended from outside, it may well have failed for that.
    const { body, code } = reply;
    return this.#host.reply(
      aborted ? { body, code } : reply,
      this.command,
      thrown,
    );
  }

  /**
   * It failed when the client believed it to stand. No message could say so, and
   * a client that waits for ever is worse off than one that has to connect again.
   * A handler whose client has ended it or is gone may well fail for that.
   */
  #lose(thrown: unknown): void {
    this.#close();
    if (this.#signal.aborted) return;
    this.#host.report(thrown, this.command);
    this.#host.failed(this);
  }

  /** Closes the source, so that its `finally` blocks run. */
  #close(): void {
    const source = this.#source;
    this.#source = undefined;
    if (source?.return === undefined) return;
    const report = (error: unknown): void => {
      const { aborted, reason } = this.#signal;
      if (!aborted || !isAbort(error, reason))
        this.#host.report(error, this.command);
    };
    try {
      const closed: unknown = source.return();
      if (isThenable(closed)) closed.then(undefined, report);
    } catch (error) {
      report(error);
    }
  }

  /**
   * What has to be the same in both inputs, as bytes, for absent and empty lists
   * are one. How long a subscription may take is no part of it.
   */
  #identity(command: Command, input: object): Uint8Array {
    const { ownTime } = this.command.descriptor;
    const meant =
      ownTime === undefined
        ? input
        : withValueAt(input, ownTime.field, undefined);
    return command.descriptor.input.encode(meant, PARTIAL);
  }
}

const PARTIAL = { partial: true } as const;

function sourceOf(items: unknown, command: Command): AnyIterator {
  if (
    typeof items === "object" &&
    items !== null &&
    (Symbol.asyncIterator in items || Symbol.iterator in items)
  )
    return new Items(items as AsyncIterable<unknown>).iterate();
  throw new PortolanError(
    "INVALID_REPLY",
    `the handler of ${command.name} has to return an iterable: it subscribes`,
  );
}

/** A step that comes without waiting for anything outside of this program. */
async function soon(next: PromiseLike<Step>): Promise<Step | typeof WAITING> {
  let turn: NodeJS.Immediate | undefined;
  const waited = new Promise<typeof WAITING>((resolve) => {
    turn = setImmediate(resolve, WAITING);
  });
  try {
    return await Promise.race([next, waited]);
  } finally {
    clearImmediate(turn);
  }
}
