import { Duplex } from "node:stream";
import { PortolanError } from "../errors.ts";
import type { Written } from "./framing.ts";

/** The connection that raw bytes go over. */
export interface RawHost {
  /** The error of raw bytes that could not be written. */
  lost(cause: Error): PortolanError;
  /**
   * The stream was destroyed where it is used, or has ended on both sides: the
   * connection is to be closed. `error` is why, if a write has failed.
   */
  dropped(error: PortolanError | undefined): void;
}

/**
 * What an upgraded connection is used through: its bytes behind one message, up
 * to where Varlink is spoken again. It is not the connection itself, so that
 * nobody can write into a Varlink conversation, and what was not read is known
 * to the byte.
 */
export class RawStream extends Duplex {
  readonly #host: RawHost;
  /** The connection, until this has no more to do with it. */
  #source: Duplex | undefined;
  #sourceEnded = false;
  /** The end of this side was written. */
  #finished = false;
  /** Who waits for a write to be done. */
  #writing: Written | undefined;
  #leaving = false;
  #failure: PortolanError | undefined;
  #dropped = false;

  /** @param first What came behind the message already. */
  constructor(source: Duplex, first: Buffer, host: RawHost) {
    super({
      allowHalfOpen: true,
      // Of streams that destroy themselves a loop over all that comes destroys also
      // the side that is written to.
      autoDestroy: false,
      readableHighWaterMark: source.readableHighWaterMark,
      writableHighWaterMark: source.writableHighWaterMark,
    });
    this.#source = source;
    this.#host = host;
    const atEnd = (): void => {
      if (this.readableEnded && this.writableFinished) this.destroy();
    };
    this.once("end", atEnd);
    this.once("finish", atEnd);
    // A peer that goes must not end the process because nobody listens yet. Whoever
    // reads, writes or waits for the end is told all the same.
    this.on("error", (error) => this.destroy(error));
    if (first.length > 0) this.push(first);
  }

  /** Whether both sides have ended well: nothing is lost with the connection. */
  get complete(): boolean {
    return this.#sourceEnded && this.#finished;
  }

  /** Whether nothing that came would be lost with the connection. */
  get exhausted(): boolean {
    // Who has read means to read on, up to the end; nobody else is waited for.
    return (
      this.readableEnded || (!this.readableDidRead && this.readableLength === 0)
    );
  }

  /** Whether it was destroyed where it is used, and not because the connection is gone. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Takes bytes as they came. */
  receive(chunk: Buffer): void {
    if (!this.push(chunk)) this.#source?.pause();
  }

  /** The peer has ended its side. */
  receiveEnd(): void {
    this.#sourceEnded = true;
    this.push(null);
  }

  /** The connection is gone. What came before the end of both sides can still be read. */
  lose(error: PortolanError): void {
    this.#source = undefined;
    if (!this.complete) this.destroy(error);
  }

  /**
   * Lets go of the connection. What was written is handed over to it, which takes
   * no time; what came and was not read is dropped. Of no use afterwards.
   */
  letGo(): void {
    this.#leaving = true;
    while (this.writableCorked > 0) this.uncork();
    this.#writing?.();
    this.#source = undefined;
    this.destroy();
  }

  /**
   * Takes out what came and was not read, before {@link letGo}, for the connection
   * to speak Varlink again.
   *
   * @throws PortolanError `INVALID_INPUT` if that cannot be.
   */
  takeUnread(): Buffer {
    if (this.writableEnded) throw unfit("was ended");
    // What it holds are no bytes then.
    if (this.readableEncoding !== null) throw unfit("has an encoding");
    this.unpipe();
    // Reading tells these, and the rest is not theirs.
    this.removeAllListeners("data");
    this.removeAllListeners("readable");
    const unread: Buffer[] = [];
    for (;;) {
      const chunk = this.read() as Buffer | null;
      if (chunk === null) return Buffer.concat(unread);
      unread.push(chunk);
    }
  }

  override _read(): void {
    this.#source?.resume();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: Written,
  ): void {
    this.#send([{ chunk }], callback);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    callback: Written,
  ): void {
    this.#send(chunks, callback);
  }

  override _final(callback: Written): void {
    const source = this.#source;
    if (source === undefined) {
      callback();
      return;
    }
    source.end((error?: Error | null) => {
      if (error) {
        callback(this.#fail(error));
        return;
      }
      this.#finished = true;
      callback();
    });
  }

  override _destroy(error: Error | null, callback: Written): void {
    const source = this.#source;
    this.#source = undefined;
    if (source !== undefined) {
      this.#dropped = this.#failure === undefined;
      this.#host.dropped(this.#failure);
    }
    callback(error);
  }

  #send(chunks: readonly { readonly chunk: Buffer }[], done: Written): void {
    const source = this.#source;
    const written: Written = (error) => {
      // Who was told already that it is handed over is not told again.
      if (this.#writing !== written) return;
      this.#writing = undefined;
      done(error ? this.#fail(error) : null);
    };
    this.#writing = written;
    source?.cork();
    chunks.forEach(({ chunk }, index) => {
      if (index < chunks.length - 1) source?.write(chunk);
      else source?.write(chunk, written);
    });
    source?.uncork();
    if (this.#leaving) written();
  }

  #fail(error: Error): PortolanError {
    this.#failure ??= this.#host.lost(error);
    return this.#failure;
  }
}

function unfit(what: string): PortolanError {
  return new PortolanError(
    "INVALID_INPUT",
    `an upgraded stream that ${what} cannot go back to Varlink`,
  );
}
