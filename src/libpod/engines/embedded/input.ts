import { Writable } from "node:stream";

interface Piece {
  readonly data: Uint8Array;
  readonly taken: () => void;
}

/**
 * A program's standard input. Several may write to it; it ends where nobody is
 * connected. What is written is held back until the program reads it, and dropped
 * once the program has ended.
 */
export class Input implements AsyncIterable<Uint8Array> {
  #pieces: Piece[] = [];
  #readers: (() => void)[] = [];
  #writers = 0;
  #closed = false;

  /** A new end to write to; ending it disconnects it. */
  connect(): Writable {
    this.#writers += 1;
    let connected = true;
    const leave = (): void => {
      if (!connected) return;
      connected = false;
      this.#writers -= 1;
      this.#wake();
    };
    return new Writable({
      write: (data: Uint8Array, _encoding, done) => this.#write(data, done),
      final(done) {
        leave();
        done();
      },
      destroy(error, done) {
        leave();
        done(error);
      },
    });
  }

  /** The program has ended. */
  close(): void {
    this.#closed = true;
    const dropped = this.#pieces;
    this.#pieces = [];
    for (const { taken } of dropped) taken();
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    let left = false;
    return {
      next: async () => {
        for (;;) {
          const piece = left ? undefined : this.#pieces.shift();
          if (piece !== undefined) {
            piece.taken();
            return { done: false, value: piece.data };
          }
          if (left || this.#closed || this.#writers === 0)
            return { done: true, value: undefined };
          await new Promise<void>((resolve) => {
            this.#readers.push(resolve);
          });
        }
      },
      return: () => {
        left = true;
        this.#wake();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #write(data: Uint8Array, taken: () => void): void {
    if (this.#closed) {
      taken();
      return;
    }
    this.#pieces.push({ data, taken });
    this.#wake();
  }

  #wake(): void {
    const readers = this.#readers;
    this.#readers = [];
    for (const wake of readers) wake();
  }
}
