import type { Duplex } from "node:stream";
import { type ErrorCode, PortolanError } from "../errors.ts";
import {
  endReasonOf,
  isReferable,
  isRefusal,
  lost,
  type Referable,
} from "../transport/loss.ts";
import type { ConnectionOwner } from "./dispatch.ts";
import { FrameReader, MessageWriter } from "./framing.ts";
import { type CallMode, decodeReply, type Reply } from "./messages.ts";
import { answersOneway } from "./oneway.ts";
import type { ClientSettings } from "./options.ts";
import { Queue } from "./queue.ts";
import { RawStream } from "./raw.ts";
import type { ReplyMode } from "./schema.ts";

/** A call on its way: who gets its replies. */
export interface Exchange {
  /** Full method name. */
  readonly method: string;
  readonly mode: CallMode;
  /** A stream that has had replies, and waits for more. */
  readonly replied: boolean;
  /** The message, without its NUL. */
  readonly json: string;
  /** The system has taken the whole message. Oneway calls only: the end of it. */
  onWritten(): void;
  /**
   * A reply; without `continues` the last. `raw`, for an upgrade that is not
   * refused: what the connection is used through from here on.
   */
  onReply(reply: Reply, raw?: RawStream): void;
  /** There will be no (further) reply. */
  onFailed(error: PortolanError): void;
  /**
   * The connection was closed before the peer got the message: certainly, for the
   * system refused to take it. Whether the exchange goes on elsewhere.
   */
  onRefused(): boolean;
}

/** One connection of a client: calls in order, replies in the same order. */
export class Connection {
  readonly address: string;
  readonly #stream: Duplex;
  readonly #handle: Referable | undefined;
  readonly #owner: ConnectionOwner<Connection>;
  readonly #replies: ReplyMode;
  readonly #reader: FrameReader;
  readonly #writer: MessageWriter;
  readonly #pending = new Queue<Exchange>();
  readonly #onewaysInWrite = new Set<Exchange>();
  /** Methods of oneway calls written since the last call that has a reply. */
  #oneways: string[] | undefined;
  /** The same of those between that call and the one before it. */
  #onewaysBefore: WeakMap<Exchange, readonly string[]> | undefined;
  #lastMethod: string | undefined;
  #refused: Exchange | undefined;
  /** It was idle or has answered: the peer may have closed it a moment ago. */
  #used = false;
  #busy = false;
  #doubtful = false;
  #paused = false;
  #processing = false;
  /** The stream gives no more bytes; what it gave may not be looked at yet. */
  #ended = false;
  #endCause: unknown;
  #closed = false;
  #closeError: PortolanError | undefined;
  /** Only oneway calls still have to be written. */
  #leaving: PortolanError | undefined;
  /** It is upgraded: its bytes are somebody's, and none of ours. */
  #raw: RawStream | undefined;

  constructor(
    stream: Duplex,
    address: string,
    settings: Pick<ClientSettings, "maxMessageSize" | "replies">,
    owner: ConnectionOwner<Connection>,
  ) {
    this.address = address;
    this.#stream = stream;
    this.#handle = isReferable(stream) ? stream : undefined;
    this.#owner = owner;
    this.#replies = settings.replies;
    this.#reader = new FrameReader(settings.maxMessageSize);
    this.#writer = new MessageWriter(stream);
    stream.on("data", (chunk: Buffer) => {
      if (this.#raw !== undefined) {
        this.#raw.receive(chunk);
        return;
      }
      this.#reader.push(chunk);
      this.#process();
    });
    stream.on("end", () => this.#onEnd(undefined));
    stream.on("error", (error) => this.#onEnd(error));
    stream.on("close", () => {
      if (this.#raw !== undefined) this.#fallSilent();
      else this.#onEnd(undefined);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Whether an error reply may have been the answer to a oneway call instead of
   * to the call it was taken for: then another call must not use the connection.
   */
  get doubtful(): boolean {
    return this.#doubtful;
  }

  /** Whether a stream's turn for replies has come, or it is upgraded, or will be. */
  get streaming(): boolean {
    const mode = this.#pending.peek()?.mode;
    return this.#raw !== undefined || mode === "more" || mode === "upgrade";
  }

  /** Calls not answered and oneway calls not written. */
  get load(): number {
    return this.#pending.length + this.#onewaysInWrite.size;
  }

  /** Writes a call; its replies come after those of all calls before it. */
  send(exchange: Exchange): void {
    if (this.#closed) {
      exchange.onFailed(lost(this.address, exchange, this.#closeError));
      return;
    }
    if (this.#leaving !== undefined) {
      exchange.onFailed(this.#leaving);
      return;
    }
    this.#busy = true;
    if (exchange.mode === "oneway") {
      this.#sendOneway(exchange);
      return;
    }
    this.#lastMethod = exchange.method;
    this.#pending.push(exchange);
    if (this.#oneways !== undefined) {
      this.#onewaysBefore ??= new WeakMap();
      this.#onewaysBefore.set(exchange, this.#oneways);
      this.#oneways = undefined;
    }
    if (this.#used && this.#pending.length === 1) {
      this.#writer.writeThrough(exchange.json, (error) => {
        if (isRefusal(error)) this.#refused = exchange;
      });
    } else {
      void this.#writer.write(exchange.json);
    }
    this.#used = true;
  }

  #sendOneway(exchange: Exchange): void {
    this.#used = true;
    this.#onewaysInWrite.add(exchange);
    this.#oneways ??= [];
    this.#oneways.push(exchange.method);
    void this.#writer.write(exchange.json, (error) => {
      // On failure the stream's own events say more.
      if (error || !this.#onewaysInWrite.delete(exchange)) return;
      exchange.onWritten();
      this.#checkDrained();
    });
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

  /** Whether the process stays alive for this connection. */
  keepAlive(alive: boolean): void {
    this.#used = true;
    if (alive) this.#handle?.ref();
    else this.#handle?.unref();
  }

  /**
   * Closes the connection. `culprit` fails with the error itself, every other
   * call on the connection with `CONNECTION_LOST` and the error as its cause.
   */
  fail(error: PortolanError, culprit?: Exchange): void {
    // What was given up does not go on elsewhere.
    if (culprit === this.#refused) this.#refused = undefined;
    this.#close(error, (exchange) =>
      exchange === culprit ? error : lost(this.address, exchange, error),
    );
  }

  /** Closes the connection; all calls on it fail with this error. */
  close(error: PortolanError): void {
    this.#close(undefined, () => error, error);
  }

  /**
   * Speaks Varlink again after an upgrade.
   *
   * @throws PortolanError `INVALID_INPUT` if the raw stream does not allow that.
   */
  takeBack(raw: RawStream): void {
    // Closed meanwhile, and with it what it was upgraded to.
    if (raw !== this.#raw) return;
    const rest = raw.takeUnread();
    raw.letGo();
    this.#raw = undefined;
    this.#reader.push(rest);
    this.#stream.resume();
    this.#process();
  }

  /** As {@link close}, but first the oneway calls given to it are written. */
  leave(error: PortolanError): void {
    if (this.#closed || this.#leaving !== undefined) return;
    if (this.#onewaysInWrite.size === 0) {
      this.close(error);
      return;
    }
    this.#leaving = error;
    // Replies find nobody any more; they are read so that the peer can read.
    this.#reader.clear();
    this.#paused = false;
    this.#stream.removeAllListeners("data");
    this.#stream.resume();
    for (const exchange of this.#pending.drain()) exchange.onFailed(error);
  }

  #close(
    error: PortolanError | undefined,
    errorOf: (exchange: Exchange) => PortolanError,
    reason = error,
  ): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeError = error;
    const stream = this.#stream;
    const raw = this.#raw;
    this.#raw = undefined;
    stream.removeAllListeners("data");
    stream.destroy();
    raw?.lose(reason ?? this.#closedUnder());
    this.#owner.onClosed(this, error);
    const exchanges = [...this.#pending.drain(), ...this.#onewaysInWrite];
    this.#onewaysInWrite.clear();
    for (const exchange of exchanges) {
      if (exchange === this.#refused && exchange.onRefused()) continue;
      exchange.onFailed(errorOf(exchange));
    }
  }

  #process(): void {
    // Replies make calls and resume streams: those find the loop running.
    if (this.#processing) return;
    this.#processing = true;
    try {
      this.#readReplies();
    } catch (error) {
      const culprit = this.#pending.peek();
      if (!PortolanError.is(error)) throw error;
      // Framing and decoding know neither the call nor the service.
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
    } finally {
      this.#processing = false;
    }
    if (this.#closed || this.#paused || this.#raw !== undefined) return;
    if (this.#ended) this.#fallSilent();
    else this.#checkDrained();
  }

  #readReplies(): void {
    while (!this.#closed && !this.#paused) {
      const exchange = this.#pending.peek();
      if (exchange === undefined) {
        if (this.#reader.pending) this.#refuseStray();
        return;
      }
      const text = this.#reader.next();
      if (text === undefined) return;
      const reply = decodeReply(text, exchange.mode === "more", this.#replies);
      const oneways =
        reply.error === undefined
          ? undefined
          : this.#onewaysBefore?.get(exchange);
      if (oneways !== undefined) {
        if (answersOneway(reply, exchange.method, oneways)) {
          this.#owner.onProtocolError(
            new PortolanError(
              "PROTOCOL",
              `the service at ${this.address} answered a oneway call (${reply.error}); the answer is dropped`,
            ),
          );
          continue;
        }
        this.#doubtful = true;
      }
      if (!reply.continues) this.#pending.shift();
      if (exchange.mode === "upgrade" && reply.error === undefined) {
        exchange.onReply(reply, this.#upgrade());
        return;
      }
      exchange.onReply(reply);
    }
  }

  /** The bytes behind the reply, and all that come, are the caller's. */
  #upgrade(): RawStream {
    const raw = new RawStream(this.#stream, this.#reader.takeRest(), {
      lost: (cause) => this.#lostRaw(cause),
      dropped: (error) => {
        if (error === undefined) this.close(this.#closedUnder());
        else this.fail(error);
      },
    });
    this.#raw = raw;
    return raw;
  }

  #lostRaw(cause: unknown): PortolanError {
    return new PortolanError(
      "CONNECTION_LOST",
      `the connection to ${this.address} was closed while it was upgraded`,
      cause === undefined ? undefined : { cause },
    );
  }

  #closedUnder(): PortolanError {
    return new PortolanError(
      "CLOSED",
      `the upgraded connection to ${this.address} was closed`,
    );
  }

  /** Bytes that nobody asked for, which must not become the next call's reply. */
  #refuseStray(): void {
    const after =
      this.#lastMethod === undefined
        ? ""
        : ` after its reply to ${this.#lastMethod}`;
    const error = new PortolanError(
      "PROTOCOL",
      `the service at ${this.address} sent something that nobody asked for${after}; the connection is closed`,
    );
    this.fail(error);
    this.#owner.onProtocolError(error);
  }

  #checkDrained(): void {
    if (!this.#busy || this.#closed || this.load > 0) return;
    this.#busy = false;
    if (this.#leaving !== undefined) {
      this.close(this.#leaving);
      return;
    }
    this.#owner.onDrained(this);
  }

  #onEnd(cause: unknown): void {
    if (this.#closed || (this.#ended && cause === undefined)) return;
    this.#ended = true;
    this.#endCause ??= cause;
    if (this.#raw !== undefined) {
      // The end of one side is not that of the other: the close tells.
      if (cause === undefined) this.#raw.receiveEnd();
      else this.#fallSilent();
      return;
    }
    // What arrived before is read before, however slow its reader.
    if (!this.#paused && !this.#processing) this.#process();
  }

  /** The peer is gone and everything it sent is read. */
  #fallSilent(): void {
    const cause = this.#endCause ?? endReasonOf(this.#stream);
    if (this.#raw !== undefined) {
      const failed = this.#raw.complete ? undefined : this.#lostRaw(cause);
      this.#close(failed, (exchange) => lost(this.address, exchange, failed));
      return;
    }
    const inside = this.#reader.pending;
    if (this.load === 0 && this.#endCause === undefined && !inside) {
      this.#close(undefined, (exchange) =>
        lost(this.address, exchange, undefined),
      );
      return;
    }
    const what = inside ? "closed in the middle of a message" : "closed";
    this.#close(
      new PortolanError(
        "CONNECTION_LOST",
        `the connection to ${this.address} was ${what}`,
        {
          cause,
        },
      ),
      (exchange) => lost(this.address, exchange, cause, inside),
    );
  }
}
