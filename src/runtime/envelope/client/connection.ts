import type { Duplex } from "node:stream";
import { type ErrorCode, PortolanError } from "../../errors.ts";
import {
  endReasonOf,
  isReferable,
  isRefusal,
  lost,
  type Referable,
} from "../../transport/loss.ts";
import type {
  ConnectionOwner,
  PooledConnection,
} from "../../varlink/dispatch.ts";
import { Queue } from "../../varlink/queue.ts";
import { FrameReader } from "../framing.ts";
import type { Commands, Received } from "./command.ts";

/** A call on its way: who gets its reply. */
export interface Exchange {
  /** The command's name. */
  readonly method: string;
  /** The request with its length. */
  readonly frame: Uint8Array;
  onReply(response: object): void;
  /** There will be no reply. */
  onFailed(error: PortolanError): void;
  /**
   * The connection was closed before the peer got the request: certainly, for the
   * system refused to take it. Whether the exchange goes on elsewhere.
   */
  onRefused(): boolean;
}

/** What a connection is for. */
export interface ConnectionUse {
  /**
   * It is worth more than the order of its replies: it is not closed for a call
   * that is given up, or for replies that nobody asked for. These are dropped.
   */
  readonly lasting: boolean;
  /** Gets what is pushed; without it pushes are dropped and reported. */
  onPush?(push: Received, size: number): void;
  /** A call was given up on one that lasts; its reply is still to come. */
  onAbandoned?(): void;
}

/** A connection for calls that may as well be made on another one. */
export const ORDINARY: ConnectionUse = { lasting: false };

/**
 * One connection of a client: requests in order, replies in the same order, and
 * pushes between them, told apart by what they hold.
 */
export class Connection implements PooledConnection {
  readonly address: string;
  readonly doubtful = false;
  readonly streaming = false;
  readonly #stream: Duplex;
  readonly #handle: Referable | undefined;
  readonly #commands: Commands;
  readonly #owner: ConnectionOwner<Connection>;
  readonly #use: ConnectionUse;
  readonly #reader: FrameReader;
  readonly #pending = new Queue<Exchange>();
  #lastMethod: string | undefined;
  #refused: Exchange | undefined;
  /** It was idle or has answered: the peer may have closed it a moment ago. */
  #used = false;
  #busy = false;
  #paused = false;
  #processing = false;
  /** What was begun before the first call of all that are pending: nobody's reply. */
  #strayBegun = false;
  /** The stream gives no more bytes; what it gave may not be looked at yet. */
  #ended = false;
  #endCause: unknown;
  #closed = false;
  #closeError: PortolanError | undefined;

  constructor(
    stream: Duplex,
    address: string,
    maxMessageSize: number,
    commands: Commands,
    owner: ConnectionOwner<Connection>,
    use: ConnectionUse = ORDINARY,
  ) {
    this.address = address;
    this.#stream = stream;
    this.#handle = isReferable(stream) ? stream : undefined;
    this.#commands = commands;
    this.#owner = owner;
    this.#use = use;
    this.#reader = new FrameReader(maxMessageSize);
    stream.on("data", (chunk: Buffer) => {
      this.#reader.push(chunk);
      this.#process();
    });
    stream.on("end", () => this.#onEnd(undefined));
    stream.on("error", (error) => this.#onEnd(error));
    stream.on("close", () => this.#onEnd(undefined));
  }

  get closed(): boolean {
    return this.#closed;
  }

  get load(): number {
    return this.#pending.length;
  }

  /** Writes a request; its reply comes after those of all before it. */
  send(exchange: Exchange): void {
    if (this.#closed) {
      exchange.onFailed(lost(this.address, exchange, this.#closeError));
      return;
    }
    this.#busy = true;
    this.#lastMethod = exchange.method;
    if (this.#pending.length === 0) this.#strayBegun = this.#reader.pending;
    this.#pending.push(exchange);
    if (this.#used && this.#pending.length === 1) {
      this.#stream.write(exchange.frame, (error) => {
        if (isRefusal(error)) this.#refused = exchange;
      });
    } else {
      this.#stream.write(exchange.frame);
    }
    this.#used = true;
  }

  /** Stops to read, so that the peer has to wait. */
  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#process();
    if (!this.#paused && !this.#closed) this.#stream.resume();
  }

  keepAlive(alive: boolean): void {
    this.#used = true;
    if (alive) this.#handle?.ref();
    else this.#handle?.unref();
  }

  /**
   * The program waits for this reply no more, for the reason given. The protocol
   * cannot cancel: the connection is closed, and other calls on it fail with
   * `CONNECTION_LOST`; one that lasts drops the reply when it comes.
   */
  abandon(exchange: Exchange, error: PortolanError): void {
    if (!this.#use.lasting) {
      this.fail(error, exchange);
      return;
    }
    exchange.onFailed(error);
    this.#use.onAbandoned?.();
  }

  /**
   * Closes the connection. `culprit` fails with the error itself, every other
   * call on the connection with `CONNECTION_LOST` and the error as its cause.
   */
  fail(error: PortolanError, culprit?: Exchange): void {
    this.#close(error, (exchange) =>
      exchange === culprit ? error : lost(this.address, exchange, error),
    );
  }

  close(error: PortolanError): void {
    this.#close(undefined, () => error);
  }

  leave(error: PortolanError): void {
    this.close(error);
  }

  #close(
    error: PortolanError | undefined,
    errorOf: (exchange: Exchange) => PortolanError,
  ): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeError = error;
    this.#stream.removeAllListeners("data");
    this.#stream.destroy();
    this.#owner.onClosed(this, error);
    for (const exchange of this.#pending.drain()) {
      if (exchange === this.#refused && exchange.onRefused()) continue;
      exchange.onFailed(errorOf(exchange));
    }
  }

  #process(): void {
    // Replies make calls and resume streams: those find the loop running.
    if (this.#processing) return;
    this.#processing = true;
    try {
      this.#readFrames();
    } catch (error) {
      if (!PortolanError.is(error)) throw error;
      this.#onUnreadable(error);
    } finally {
      this.#processing = false;
    }
    if (this.#closed || this.#paused) return;
    if (this.#ended) this.#fallSilent();
    else this.#checkDrained();
  }

  #readFrames(): void {
    while (!this.#closed && !this.#paused) {
      if (this.#pending.length === 0 && !this.#use.lasting) {
        if (this.#reader.pending) this.#refuseStray();
        return;
      }
      const body = this.#reader.next();
      if (body === undefined) return;
      this.#take(this.#commands.read(body), body.length);
    }
  }

  #take(received: Received, size: number): void {
    const stray = this.#strayBegun;
    this.#strayBegun = false;
    if (received.push !== undefined) {
      if (this.#use.onPush !== undefined) this.#use.onPush(received, size);
      else
        this.#report(
          `pushed ${received.push.name}, which nobody has subscribed to here; it is dropped`,
        );
      return;
    }
    const exchange = stray ? undefined : this.#pending.shift();
    if (exchange === undefined)
      this.#report(
        `sent a reply that nobody asked for${this.#after()}; it is dropped`,
      );
    else exchange.onReply(received.response);
  }

  /** Framing and decoding know neither the call nor the service. */
  #onUnreadable(error: PortolanError): void {
    const culprit = this.#pending.peek();
    const where =
      culprit === undefined ? "" : `, in answer to ${culprit.method}`;
    this.fail(
      new PortolanError(
        error.code as ErrorCode,
        `${error.message} (${this.address}${where})`,
        error.cause === undefined ? undefined : { cause: error.cause },
      ),
      culprit,
    );
  }

  /** Bytes that nobody asked for, which must not become the next call's reply. */
  #refuseStray(): void {
    const error = this.#mistake(
      `sent something that nobody asked for${this.#after()}; the connection is closed`,
    );
    this.fail(error);
    this.#owner.onProtocolError(error);
  }

  #report(what: string): void {
    this.#owner.onProtocolError(this.#mistake(what));
  }

  #mistake(what: string): PortolanError {
    return new PortolanError(
      "PROTOCOL",
      `the service at ${this.address} ${what}`,
    );
  }

  #after(): string {
    return this.#lastMethod === undefined
      ? ""
      : ` after its reply to ${this.#lastMethod}`;
  }

  #checkDrained(): void {
    if (!this.#busy || this.#closed || this.load > 0) return;
    this.#busy = false;
    this.#owner.onDrained(this);
  }

  #onEnd(cause: unknown): void {
    if (this.#closed || (this.#ended && cause === undefined)) return;
    this.#ended = true;
    this.#endCause ??= cause;
    // What arrived before is read before, however slow its reader.
    if (!this.#paused && !this.#processing) this.#process();
  }

  /** The peer is gone and everything it sent is read. */
  #fallSilent(): void {
    const cause = this.#endCause ?? endReasonOf(this.#stream);
    const inside = this.#reader.pending;
    const harmless =
      this.load === 0 &&
      this.#endCause === undefined &&
      !inside &&
      !this.#use.lasting;
    const what = inside ? "closed in the middle of a message" : "closed";
    this.#close(
      harmless
        ? undefined
        : new PortolanError(
            "CONNECTION_LOST",
            `the connection to ${this.address} was ${what}`,
            cause === undefined ? undefined : { cause },
          ),
      (exchange) => lost(this.address, exchange, cause, inside),
    );
  }
}
