import type { FrameReader } from "../framing.ts";

/** Characters of calls that are read ahead, whatever their number: 1 MiB. */
const MAX_CHARACTERS = 1024 * 1024;

/** The calls of one connection that have arrived and not been answered. */
export class CallQueue {
  readonly #reader: FrameReader;
  readonly #maxCalls: number;
  #calls: string[] = [];
  #next = 0;
  #characters = 0;
  /** The reader has thrown: what it would give now is not what was sent. */
  #failed = false;

  constructor(reader: FrameReader, maxCalls: number) {
    this.#reader = reader;
    this.#maxCalls = maxCalls;
  }

  /** Takes bytes as they came. */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  /** Whether the limit of calls read ahead is reached. */
  get full(): boolean {
    return (
      this.#calls.length - this.#next >= this.#maxCalls ||
      this.#characters >= MAX_CHARACTERS
    );
  }

  /** Whether it is time to read on after a pause. */
  get low(): boolean {
    return (
      this.#calls.length - this.#next <= this.#maxCalls / 2 &&
      this.#characters <= MAX_CHARACTERS / 2
    );
  }

  /** Whether a message has begun and is not complete. To be asked when all was read. */
  get partial(): boolean {
    return !this.full && this.#reader.pending;
  }

  /** Reads messages ahead, up to the limit; returns whether there was one. Throws what the reader throws. */
  fill(): boolean {
    let found = false;
    while (!this.full) {
      const text = this.#read();
      if (text === undefined) break;
      this.#calls.push(text);
      this.#characters += text.length;
      found = true;
    }
    return found;
  }

  /** The next call, read ahead or not. Throws what the reader throws. */
  shift(): string | undefined {
    const text = this.#calls[this.#next];
    if (text === undefined) return this.#read();
    this.#next += 1;
    this.#characters -= text.length;
    if (this.#next === this.#calls.length) {
      this.#calls = [];
      this.#next = 0;
    }
    return text;
  }

  clear(): void {
    this.#calls = [];
    this.#next = 0;
    this.#characters = 0;
    this.#reader.takeRest();
  }

  #read(): string | undefined {
    if (this.#failed) return undefined;
    try {
      return this.#reader.next();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}
