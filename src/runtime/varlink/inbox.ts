import type { PortolanError } from "../errors.ts";
import { Queue } from "./queue.ts";

/**
 * Items held for a slow consumer before no more are wanted, by number and by
 * size (1 MiB), and when they are again.
 */
const MAX_HELD = 256;
const RESUME_AT = 64;
const MAX_HELD_SIZE = 1024 * 1024;
const RESUME_AT_SIZE = MAX_HELD_SIZE / 4;

interface Held {
  readonly value: object;
  readonly size: number;
}

interface Reader {
  resolve(result: IteratorResult<object, void>): void;
  reject(error: unknown): void;
}

/** What an iterator gives that has no more. */
export const DONE: IteratorReturnResult<void> = {
  done: true,
  value: undefined,
};

/** Between what gives items and what takes them, each at its own time. */
export class Inbox {
  readonly #held = new Queue<Held>();
  #heldSize = 0;
  readonly #readers = new Queue<Reader>();
  readonly #onRoom: () => void;
  #full = false;
  #ended = false;
  /** What it ends with, told once, after what was held. */
  #error: PortolanError | undefined;

  /** @param onRoom There is room again after it was full. */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** Whether no more should come until there is room. */
  get full(): boolean {
    return this.#full;
  }

  /** How many wait for an item. */
  get waiting(): number {
    return this.#readers.length;
  }

  next(): Promise<IteratorResult<object, void>> {
    const held = this.#held.shift();
    if (held !== undefined) {
      this.#heldSize -= held.size;
      this.#checkRoom();
      return Promise.resolve({ done: false, value: held.value });
    }
    if (!this.#ended) {
      return new Promise((resolve, reject) => {
        this.#readers.push({ resolve, reject });
      });
    }
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve(DONE) : Promise.reject(error);
  }

  /** @param size What it takes, in bytes or characters. */
  give(value: object, size: number): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value });
      return;
    }
    this.#held.push({ value, size });
    this.#heldSize += size;
    if (this.#held.length >= MAX_HELD || this.#heldSize >= MAX_HELD_SIZE)
      this.#full = true;
  }

  /** No more comes; what is held can still be taken. */
  end(error: PortolanError | undefined): void {
    this.#ended = true;
    const readers = this.#readers.drain();
    const first = error === undefined ? undefined : readers.shift();
    if (first === undefined) this.#error = error;
    else first.reject(error);
    for (const reader of readers) reader.resolve(DONE);
  }

  /** Nobody wants what is held, nor why it ended. */
  drop(): void {
    this.#held.drain();
    this.#heldSize = 0;
    this.#error = undefined;
  }

  #checkRoom(): void {
    if (
      !this.#full ||
      this.#held.length > RESUME_AT ||
      this.#heldSize > RESUME_AT_SIZE
    )
      return;
    this.#full = false;
    this.#onRoom();
  }
}
