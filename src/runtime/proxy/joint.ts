import type { Duplex } from "node:stream";
import { endPatiently } from "../transport/parting.ts";

/** Milliseconds without progress after which its last bytes are given up. */
const STALL = 5000;

/** How often a peer that has ended its side is asked whether it is still there. */
const PROBE_INTERVAL = 1000;

/** Who is told of what goes on between two streams. */
export interface JointHooks {
  /** Bytes that came, after they were handed on. */
  fromClient(chunk: Buffer): void;
  /** See {@link fromClient}. */
  fromService(chunk: Buffer): void;
  /** Both streams are closed; what each broke with, if it did. Told once. */
  closed(client: Error | undefined, service: Error | undefined): void;
}

/**
 * Two connections, each of which is sent what comes from the other one, unchanged:
 * with backpressure, with the end of each side by itself, and with the loss of
 * either, which the other one gets as an end, behind what came before it.
 */
export class Joint {
  readonly #client: Side;
  readonly #service: Side;

  constructor(client: Duplex, service: Duplex, hooks: JointHooks) {
    const closed = (): void => {
      if (this.#client.closed && this.#service.closed)
        hooks.closed(this.#client.error, this.#service.error);
    };
    this.#client = new Side(client, (chunk) => hooks.fromClient(chunk), closed);
    this.#service = new Side(
      service,
      (chunk) => hooks.fromService(chunk),
      closed,
    );
  }

  /** Begins to hand on. */
  start(): void {
    this.#client.start(this.#service);
    this.#service.start(this.#client);
  }

  /**
   * Hands on what has come from the client, then the end, and goes on with what
   * the service sends until that ends too.
   */
  drain(): void {
    this.#client.stop();
  }

  /** Closes both at once. */
  destroy(): void {
    this.#client.cut();
    this.#service.cut();
  }
}

/** One of two joined streams. */
class Side {
  readonly #stream: Duplex;
  readonly #look: (chunk: Buffer) => void;
  readonly #told: () => void;
  #other: Side | undefined;
  /** What comes is handed on; else it is read and dropped. */
  #handsOn = true;
  /** What is being handed on, and was not looked at. */
  #unseen: Buffer | undefined;
  #closed = false;
  #error: Error | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #parted: (() => void) | undefined;

  constructor(stream: Duplex, look: (chunk: Buffer) => void, told: () => void) {
    this.#stream = stream;
    this.#look = look;
    this.#told = told;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  start(other: Side): void {
    this.#other = other;
    const stream = this.#stream;
    // Sockets that others accepted may end their own side with their peer's.
    stream.allowHalfOpen = true;
    stream.on("error", (error) => {
      // Who has ended its side may go, and what fails because the other one is
      // gone is no reason for that.
      if (!stream.readableEnded && !other.closed) this.#error ??= error;
    });
    stream.on("close", () => this.#onClose());
    stream.on("end", () => this.#onEnd());
    stream.on("drain", () => other.goOn());
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    // One that was handed over may have been paused until then, or be over.
    stream.resume();
    if (stream.destroyed) this.#onClose();
    else if (stream.readableEnded) this.#onEnd();
  }

  /** Hands on what has come, then the end. */
  stop(): void {
    const stream = this.#stream;
    // Where the other one was full: reading tells what is there, see `start`.
    while ((stream.read() as Buffer | null) !== null);
    this.#handsOn = false;
    stream.resume();
    this.#other?.end();
  }

  /** Sends bytes; whether there is room for more. */
  send(chunk: Buffer): boolean {
    // One that has failed says so in its own time, and takes the other along.
    return !this.#stream.writable || this.#stream.write(chunk);
  }

  /** There is room again for what comes from here. */
  goOn(): void {
    this.#stream.resume();
  }

  /** Sends the end. */
  end(): void {
    if (this.#stream.writable) this.#stream.end(() => this.#closeIfOver());
  }

  /** Closes at once. */
  cut(): void {
    this.#stream.destroy();
    // Not every stream tells that it is closed, and none at once.
    this.#onClose();
  }

  #onData(chunk: Buffer): void {
    const other = this.#other;
    if (!this.#handsOn || other === undefined) return;
    // Streams inside of a process may answer before `send` returns: what comes
    // here is an answer to what the other one has been sent, and seen behind it.
    other.#see();
    this.#see();
    this.#unseen = chunk;
    if (!other.send(chunk)) this.#stream.pause();
    this.#see();
  }

  #see(): void {
    const chunk = this.#unseen;
    this.#unseen = undefined;
    if (chunk !== undefined) this.#look(chunk);
  }

  #onEnd(): void {
    this.#other?.end();
    this.#closeIfOver();
    this.#startProbing();
  }

  /** For streams that do not close themselves when both sides have ended. */
  #closeIfOver(): void {
    const { readableEnded, writableFinished } = this.#stream;
    if (readableEnded && writableFinished) this.cut();
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#probeTimer);
    this.#parted?.();
    this.#other?.leave();
    this.#told();
  }

  /** The other one is gone: sends what came from it, and closes. */
  leave(): void {
    if (this.#closed) return;
    const stream = this.#stream;
    // Read and dropped: closing with bytes unread resets a connection, and the
    // peer may lose what was sent to it.
    this.#handsOn = false;
    stream.resume();
    this.#parted = endPatiently(stream, STALL, () => this.cut());
  }

  /**
   * Who has ended one side may wait for the other one, or be gone. Writing nothing
   * tells: a closed Unix socket fails it. (TCP learns it with the next bytes.)
   */
  #startProbing(): void {
    if (this.#closed) return;
    const stream = this.#stream;
    this.#probeTimer = setInterval(() => {
      if (stream.writable && stream.writableLength === 0) stream.write("");
    }, PROBE_INTERVAL).unref();
  }
}
