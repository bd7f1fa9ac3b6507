import { Readable } from "node:stream";

/** A process's output for one reader, who holds the process up while it does not read. */
export class OutputStream extends Readable {
  #room: (() => void) | undefined;

  /** A promise while there is no room. After the reader has left nothing is kept. */
  put(data: Uint8Array): Promise<void> | void {
    if (this.destroyed || data.length === 0 || this.push(data)) return;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  /** There is nothing more. */
  finish(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#proceed();
  }

  override _destroy(
    error: Error | null,
    done: (error?: Error | null) => void,
  ): void {
    this.#proceed();
    done(error);
  }

  #proceed(): void {
    const proceed = this.#room;
    this.#room = undefined;
    proceed?.();
  }
}
