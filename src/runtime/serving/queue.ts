/** Units of messages that are read ahead, whatever their number: 1 MiB or characters as many. */
const MAX_UNITS = 1024 * 1024;

/** Cuts what arrives into messages. */
export interface MessageReader<M> {
  /** Whether bytes are held that have not been given out as messages. */
  readonly pending: boolean;
  push(chunk: Buffer): void;
  /** The next message that is whole. Throws where there cannot be one any more. */
  next(): M | undefined;
  /** Forgets everything that was pushed. */
  clear(): void;
}

/** The messages of one connection that have arrived and not been answered. */
export class ReadAhead<M extends { readonly length: number }> {
  readonly #reader: MessageReader<M>;
  readonly #maxMessages: number;
  #messages: M[] = [];
  #next = 0;
  #units = 0;
  /** The reader has thrown: what it would give now is not what was sent. */
  #failed = false;

  constructor(reader: MessageReader<M>, maxMessages: number) {
    this.#reader = reader;
    this.#maxMessages = maxMessages;
  }

  /** Takes bytes as they came. */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  /** Whether the limit of what is read ahead is reached. */
  get full(): boolean {
    return (
      this.#messages.length - this.#next >= this.#maxMessages ||
      this.#units >= MAX_UNITS
    );
  }

  /** Whether it is time to read on after a pause. */
  get low(): boolean {
    return (
      this.#messages.length - this.#next <= this.#maxMessages / 2 &&
      this.#units <= MAX_UNITS / 2
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
      const message = this.#read();
      if (message === undefined) break;
      this.#messages.push(message);
      this.#units += message.length;
      found = true;
    }
    return found;
  }

  /** The next message, read ahead or not. Throws what the reader throws. */
  shift(): M | undefined {
    const message = this.#messages[this.#next];
    if (message === undefined) return this.#read();
    this.#next += 1;
    this.#units -= message.length;
    if (this.#next === this.#messages.length) {
      this.#messages = [];
      this.#next = 0;
    }
    return message;
  }

  clear(): void {
    this.#messages = [];
    this.#next = 0;
    this.#units = 0;
    this.#reader.clear();
  }

  #read(): M | undefined {
    if (this.#failed) return undefined;
    try {
      return this.#reader.next();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}
