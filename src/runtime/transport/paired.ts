import { Duplex, type Readable, type Writable } from "node:stream";
import { type Ending, isReferable } from "./loss.ts";
import { type Forwarder, unsent } from "./unsent.ts";

/** Why the other end of a pair is gone. */
export interface PairEnd {
  /** What is told whoever still waits for it; `undefined` if nothing is known. */
  readonly reason: Error | undefined;
  /** Whether that is an error in any case, and not an end like any other. */
  readonly failed: boolean;
}

/** What is known of a pair of streams besides its bytes. */
export interface PairHooks {
  /**
   * Asked once the other end is gone, before the program is told. `cause` is the
   * error that a stream failed with. Default: an error if there is a cause, and that.
   */
  readonly explain?: ((cause?: Error) => Promise<PairEnd>) | undefined;
  /** The pair was destroyed, and both streams with it. Told once. */
  readonly closed?: (() => void) | undefined;
}

/**
 * One connection of a stream that is read and one that is written, which may be
 * the same: standard input and output, the pipes of a command. Backpressure and
 * half-close pass through both.
 */
export class PairedStream extends Duplex implements Forwarder, Ending {
  readonly #readable: Readable;
  readonly #writable: Writable;
  readonly #hooks: PairHooks;
  /** A write has failed, and tells itself. */
  #writeFailed = false;
  #over = false;
  #endReason: Error | undefined;

  constructor(readable: Readable, writable: Writable, hooks: PairHooks = {}) {
    super({ allowHalfOpen: true });
    this.#readable = readable;
    this.#writable = writable;
    this.#hooks = hooks;
    // A socket ends its own side with its peer's unless it is told not to.
    if (readable instanceof Duplex) readable.allowHalfOpen = true;
    readable.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) readable.pause();
    });
    readable.pause();
    readable.on("end", () => void this.#end(undefined));
    readable.on("error", (error) => void this.#end(error));
    readable.on("close", () => void this.#end(undefined));
    if ((writable as unknown) !== readable)
      writable.on("error", (error) => void this.#end(error));
  }

  get unsent(): number {
    return unsent(this.#writable);
  }

  get endReason(): Error | undefined {
    return this.#endReason;
  }

  /** Keeps the process alive for this connection. */
  ref(): void {
    for (const stream of [this.#readable, this.#writable])
      if (isReferable(stream)) stream.ref();
  }

  /** Lets the process end though this connection is open. */
  unref(): void {
    for (const stream of [this.#readable, this.#writable])
      if (isReferable(stream)) stream.unref();
  }

  override _read(): void {
    this.#readable.resume();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#writable.write(chunk, this.#written(callback));
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    callback: (error?: Error | null) => void,
  ): void {
    const writable = this.#writable;
    writable.cork();
    chunks.forEach(({ chunk }, index) => {
      if (index < chunks.length - 1) writable.write(chunk);
      else writable.write(chunk, this.#written(callback));
    });
    writable.uncork();
  }

  override _final(callback: (error?: Error | null) => void): void {
    // Who has closed already needs not be told of the end.
    this.#writable.end(() => callback());
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    this.#over = true;
    this.#readable.destroy();
    this.#writable.destroy();
    this.#hooks.closed?.();
    callback(error);
  }

  #written(
    callback: (error?: Error | null) => void,
  ): (error?: Error | null) => void {
    return (error) => {
      if (error) void this.#failWrite(error, callback);
      else callback();
    };
  }

  async #failWrite(
    error: Error,
    callback: (error?: Error | null) => void,
  ): Promise<void> {
    this.#writeFailed = true;
    const { reason } = await this.#explain(error);
    callback(reason ?? error);
  }

  async #end(cause: Error | undefined): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const { reason, failed } = await this.#explain(cause);
    if (this.destroyed || this.#writeFailed) return;
    this.#endReason = reason;
    if (failed) this.destroy(reason);
    else this.push(null);
  }

  async #explain(cause: Error | undefined): Promise<PairEnd> {
    const { explain } = this.#hooks;
    return explain === undefined
      ? { reason: cause, failed: cause !== undefined }
      : await explain(cause);
  }
}
