import type { Duplex } from "node:stream";
import { PortolanError } from "../errors.ts";
import { endPatiently } from "../transport/parting.ts";
import { unsent } from "../transport/unsent.ts";
import type { ConnectionLimits } from "./options.ts";
import type { ReadAhead } from "./queue.ts";

/** What speaks a protocol on a connection. */
export interface Speaker<M> {
  /**
   * Answers a message. Returns whether that is done; if it takes time or there is
   * no room to write, `onAnswered` is called once it is, later and never at once, and
   * the next message is taken up then. Throws if the message breaks the protocol:
   * then no further one is taken.
   */
  answer(message: M, onAnswered: () => void): boolean;
  /** What `answer` said would take time is done. Not called after `closed`. */
  answered(): void;
  /** The conversation is over: hands over what was written, and writes no more. */
  finish(): void;
  /** Whether something other than a message needs the connection, idle or not. */
  readonly engaged: boolean;
  /** Whether the client waits for what is being answered. */
  readonly awaited: boolean;
  /** The client broke the protocol; what came before was answered. */
  broken(error: PortolanError): void;
  /** A message could not be answered by a mistake of this side; what came before was. */
  crashed(error: unknown): void;
  /**
   * The connection is gone. Told once. Returns whether what had arrived and was not
   * answered is still taken out of the queue, which is cleared otherwise.
   */
  closed(reason: PortolanError): boolean;
}

const CLIENT_MISTAKES: ReadonlySet<string> = new Set([
  "PROTOCOL",
  "MALFORMED_MESSAGE",
  "LIMIT_EXCEEDED",
  "TIMEOUT",
]);

/** Whether an error that came of a message says what is wrong with the message. */
export function isClientMistake(error: unknown): error is PortolanError {
  return PortolanError.is(error) && CLIENT_MISTAKES.has(error.code);
}

/** Who has the bytes of a connection for a while: see {@link Conversation.lend}. */
export interface Borrower {
  /** Whether nothing that came would be lost to it with the connection. */
  readonly exhausted: boolean;
  receive(chunk: Buffer): void;
  /** The client will send nothing more. */
  receiveEnd(): void;
}

/** How often a connection that is not read from is asked whether its client is there. */
const PROBE_INTERVAL = 1000;

/** Milliseconds without progress after which the last bytes to a client are given up. */
const STALL = 30_000;

/**
 * Bytes, or characters, that may wait for a client as long as it likes: a stream
 * whose generator waits for a slow reader holds fewer.
 */
const HELD = 1024 * 1024;

/**
 * The server's side of a connection on which one message is answered after the
 * other: when to read, how far ahead, and how the connection ends. While one is
 * answered the next ones are read ahead, up to a limit, so that a client that
 * goes away is noticed.
 */
export class Conversation<M extends { readonly length: number }> {
  readonly #stream: Duplex;
  readonly #speaker: Speaker<M>;
  readonly #queue: ReadAhead<M>;
  readonly #limits: ConnectionLimits;
  /** A message is being answered, or the writer is full. */
  #busy = false;
  /** Inside of the loop that answers: events must not start another. */
  #looping = false;
  #paused = false;
  /** The client will send nothing more. */
  #ended = false;
  /** Why no further message is taken; earlier ones are answered first. */
  #broken: { readonly error: unknown } | undefined;
  #draining = false;
  /** Whose bytes come, while it is not messages that come. */
  #borrower: Borrower | undefined;
  /** The last byte has been handed over; the client's close is waited for. */
  #finished = false;
  #closed = false;
  #reason: PortolanError | undefined;
  #frameTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #parted: (() => void) | undefined;
  /** When what waits for the client was seen to become less, or more, and how much it was. */
  #movedAt = 0;
  #unsent = 0;

  constructor(
    stream: Duplex,
    speaker: Speaker<M>,
    queue: ReadAhead<M>,
    limits: ConnectionLimits,
  ) {
    this.#stream = stream;
    this.#speaker = speaker;
    this.#queue = queue;
    this.#limits = limits;
  }

  /** Begins to read. */
  start(): void {
    const stream = this.#stream;
    stream.on("error", (error) => this.#onError(error));
    stream.on("close", () => this.#onClose());
    stream.on("end", () => this.#onEnd());
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    // One that was handed over may have been paused until then.
    stream.resume();
    if (stream.readableEnded) this.#onEnd();
    else this.#rest();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Answers what has arrived whole, then ends the connection. */
  drain(): void {
    this.#draining = true;
    this.#stopFrameTimer();
    if (!this.#busy && !this.#looping) this.#advance();
  }

  /** Ends the connection at once. */
  destroy(reason: PortolanError): void {
    this.#reason ??= reason;
    this.#stream.destroy();
    // Not every stream tells that it is closed, and none at once.
    this.#onClose();
  }

  /**
   * Cuts off a client that takes nothing of much that waits for it. Asked now and
   * then, which costs less than a timer for every reply.
   *
   * @param now Milliseconds, of any clock that only goes forward.
   */
  sweep(now: number): void {
    const { writeTimeout } = this.#limits;
    // At the end of a conversation less patience is due, and raw bytes are not ours.
    const ours =
      !this.#finished && !this.#closed && this.#borrower === undefined;
    // Who has broken the protocol is owed the replies, and no patience.
    const held = this.#broken === undefined ? HELD : 0;
    if (!ours || this.#stream.writableLength <= held) {
      this.#unsent = 0;
      return;
    }
    const left = unsent(this.#stream);
    if (left !== this.#unsent) {
      this.#unsent = left;
      this.#movedAt = now;
    } else if (now - this.#movedAt >= writeTimeout) {
      const error = new PortolanError(
        "TIMEOUT",
        `the client has read nothing of its replies for ${writeTimeout} ms (writeTimeout)`,
      );
      this.#speaker.broken(error);
      this.destroy(error);
    }
  }

  /**
   * Leaves to somebody else all bytes that come behind the message that is being
   * answered, and the pace at which they come, until {@link takeBack}.
   */
  lend(borrower: Borrower): void {
    this.#borrower = borrower;
    if (this.#ended) borrower.receiveEnd();
    this.#resume();
  }

  /**
   * Undoes {@link lend}, before the message is answered.
   *
   * @param rest What came and is messages again; `undefined` if no message is to
   * be answered any more.
   */
  takeBack(rest: Buffer | undefined): void {
    this.#borrower = undefined;
    if (rest === undefined) this.#draining = true;
    else this.#queue.push(rest);
    this.#stream.resume();
  }

  /** Whether what comes now is nobody's: a message that has begun is not waited for. */
  get #takesNoMore(): boolean {
    return this.#draining && !this.#queue.barred;
  }

  #onData(chunk: Buffer): void {
    if (this.#borrower !== undefined) {
      this.#borrower.receive(chunk);
      return;
    }
    // What comes after the end of the conversation is read and dropped: a socket
    // that is closed with bytes unread resets, and the client may lose replies.
    if (this.#finished || this.#broken !== undefined || this.#takesNoMore)
      return;
    this.#queue.push(chunk);
    if (this.#busy || this.#looping) this.#readAhead();
    else this.#advance();
  }

  #onEnd(): void {
    this.#ended = true;
    this.#stopFrameTimer();
    if (this.#finished) return;
    this.#borrower?.receiveEnd();
    if (this.#busy || this.#looping) this.#startProbing();
    else this.#advance();
  }

  #onError(error: Error): void {
    this.#reason ??= new PortolanError(
      "CONNECTION_LOST",
      "the connection to the client broke",
      { cause: error },
    );
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopFrameTimer();
    this.#stopProbing();
    clearTimeout(this.#idleTimer);
    this.#parted?.();
    const reason =
      this.#reason ??
      new PortolanError(
        "CONNECTION_LOST",
        "the client closed the connection before the last reply",
      );
    if (!this.#speaker.closed(reason)) this.#queue.clear();
  }

  /** Answers messages until one takes time or there is none left. */
  #advance(): void {
    clearTimeout(this.#idleTimer);
    this.#looping = true;
    while (!this.#closed && !this.#finished && this.#answerNext());
    this.#looping = false;
    if (this.#closed || this.#finished) return;
    if (!this.#busy) this.#rest();
    else if (!this.#queue.settled || this.#paused || this.#ended)
      this.#readAhead();
  }

  readonly #onAnswered = (): void => {
    this.#busy = false;
    // As long as reading is paused the next message is answered with probes as well.
    if (!this.#paused) this.#stopProbing();
    if (this.#closed) return;
    this.#speaker.answered();
    this.#advance();
  };

  /** Whether a message was answered, so that the next one may be. */
  #answerNext(): boolean {
    try {
      const message = this.#queue.shift();
      if (message === undefined) return false;
      this.#stopFrameTimer();
      this.#busy = !this.#speaker.answer(message, this.#onAnswered);
      return !this.#busy;
    } catch (error) {
      this.#break(error);
      return false;
    }
  }

  /** Looks at what comes while a message is answered, as far as the limit allows. */
  #readAhead(): void {
    if (this.#broken !== undefined || this.#takesNoMore) return;
    // What comes to a borrower comes at its own pace.
    if (this.#borrower === undefined && !this.#fill()) return;
    if (this.#ended) this.#startProbing();
  }

  /** Returns whether the protocol was kept. */
  #fill(): boolean {
    try {
      if (this.#queue.fill()) this.#stopFrameTimer();
    } catch (error) {
      this.#break(error);
      return false;
    }
    if (this.#queue.full) this.#pause();
    else if (!this.#paused) this.#expectFrame();
    else if (this.#queue.low) this.#resume();
    return true;
  }

  /** No message is being answered and none is waiting. */
  #rest(): void {
    if (this.#broken !== undefined) {
      const { error } = this.#broken;
      if (isClientMistake(error)) this.#speaker.broken(error);
      else this.#speaker.crashed(error);
      this.#finish();
    } else if (this.#ended) {
      if (this.#queue.partial && !this.#draining) {
        this.#speaker.broken(
          new PortolanError(
            "PROTOCOL",
            "the connection ended in the middle of a message",
          ),
        );
      }
      this.#finish();
    } else if (this.#draining) {
      this.#finish();
    } else {
      this.#resume();
      this.#expectFrame();
      this.#expectMessage();
    }
  }

  /** Takes no further message: `error` is why. */
  #break(error: unknown): void {
    this.#broken = { error };
    this.#stopFrameTimer();
    if (this.#busy) this.#pause();
  }

  /** Sends what is left to send, and the end. */
  #finish(): void {
    this.#finished = true;
    this.#stopFrameTimer();
    clearTimeout(this.#idleTimer);
    this.#queue.clear();
    this.#stopProbing();
    this.#speaker.finish();
    const stream = this.#stream;
    this.#parted = endPatiently(stream, STALL, () => stream.destroy());
    this.#paused = false;
    stream.resume();
  }

  #pause(): void {
    if (this.#paused || this.#ended) return;
    this.#paused = true;
    this.#stream.pause();
    this.#stopFrameTimer();
    this.#startProbing();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stopProbing();
    this.#stream.resume();
  }

  /** A message that has begun must be complete in time: slow senders cost memory. */
  #expectFrame(): void {
    const { frameTimeout } = this.#limits;
    if (
      frameTimeout === 0 ||
      this.#frameTimer !== undefined ||
      !this.#queue.partial
    )
      return;
    this.#frameTimer = setTimeout(() => {
      this.#break(
        new PortolanError(
          "TIMEOUT",
          `a message was begun and not completed in ${frameTimeout} ms (frameTimeout)`,
        ),
      );
      if (!this.#busy) this.#rest();
    }, frameTimeout);
  }

  #stopFrameTimer(): void {
    if (this.#frameTimer === undefined) return;
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
  }

  #expectMessage(): void {
    const { idleTimeout } = this.#limits;
    if (idleTimeout === 0 || this.#queue.partial) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.#busy) return;
      if (this.#speaker.engaged) this.#expectMessage();
      else this.#finish();
    }, idleTimeout);
  }

  /**
   * A client that has ended its side may still wait for replies, or be gone, and
   * a connection that is not read from says nothing either way. Writing nothing
   * tells: a closed Unix socket fails it. (A closed TCP connection does not; there
   * the next reply does.) Who waits for no reply need not stay, and what it
   * has sent and was not read would be lost by asking.
   */
  #startProbing(): void {
    if (this.#probeTimer !== undefined || this.#closed) return;
    this.#probe();
    this.#probeTimer = setInterval(() => this.#probe(), PROBE_INTERVAL).unref();
  }

  #probe(): void {
    const stream = this.#stream;
    if (this.#borrower?.exhausted === false) return;
    if (this.#paused && !this.#speaker.awaited) return;
    // With bytes under way their own failure tells.
    if (stream.writable && stream.writableLength === 0) stream.write("");
  }

  #stopProbing(): void {
    if (this.#probeTimer === undefined) return;
    clearInterval(this.#probeTimer);
    this.#probeTimer = undefined;
  }
}
