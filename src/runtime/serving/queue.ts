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
  readonly #isLast: (message: M) => boolean;
  #messages: M[] = [];
  #next = 0;
  #units = 0;
  /** The reader has thrown: what it would give now is not what was sent. */
  #failed = false;
  /** What comes behind the last message that was read is not looked at. */
  #barred = false;
  #unitsBehind = 0;
  /** Bytes came since the reader had no further message. */
  #unread = false;

  /**
   * @param isLast Whether what comes behind a message may be no messages: it is
   * left alone until the one after this is asked for. Default: no message is so.
   */
  constructor(
    reader: MessageReader<M>,
    maxMessages: number,
    isLast: (message: M) => boolean = () => false,
  ) {
    this.#reader = reader;
    this.#maxMessages = maxMessages;
    this.#isLast = isLast;
  }

  /** Takes bytes as they came. */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
    this.#unread = true;
    if (this.#barred) this.#unitsBehind += chunk.length;
  }

  /** Whether the limit of what is read ahead is reached. */
  get full(): boolean {
    return (
      this.#unitsBehind >= MAX_UNITS ||
      this.#messages.length - this.#next >= this.#maxMessages ||
      this.#units >= MAX_UNITS
    );
  }

  /** Whether nothing came that is not read ahead: {@link fill} would find nothing. */
  get settled(): boolean {
    return !this.#unread;
  }

  /** Whether what comes is not looked at: it may be no messages. */
  get barred(): boolean {
    return this.#barred;
  }

  /** Whether it is time to read on after a pause. */
  get low(): boolean {
    return (
      this.#unitsBehind <= MAX_UNITS / 2 &&
      this.#messages.length - this.#next <= this.#maxMessages / 2 &&
      this.#units <= MAX_UNITS / 2
    );
  }

  /** Whether a message has begun and is not complete. To be asked when all was read. */
  get partial(): boolean {
    return !this.full && !this.#barred && this.#reader.pending;
  }

  /** Reads messages ahead, up to the limit; returns whether there was one. Throws what the reader throws. */
  fill(): boolean {
    let found = false;
    while (!this.full && !this.#barred) {
      const message = this.#read();
      if (message === undefined) break;
      this.#messages.push(message);
      this.#units += message.length;
      found = true;
    }
    return found;
  }

  /** The next message, read ahead or not; the one before it is answered. Throws what the reader throws. */
  shift(): M | undefined {
    const message = this.#messages[this.#next];
    if (message === undefined) {
      this.#barred = false;
      this.#unitsBehind = 0;
      return this.#read();
    }
    this.#next += 1;
    this.#units -= message.length;
    if (this.#next === this.#messages.length) {
      this.#messages = [];
      this.#next = 0;
    }
    return message;
  }

  /** Forgets everything. */
  clear(): void {
    this.#messages = [];
    this.#next = 0;
    this.#units = 0;
    this.#reader.clear();
  }

  #read(): M | undefined {
    if (this.#failed) return undefined;
    try {
      const message = this.#reader.next();
      if (message === undefined) this.#unread = false;
      else this.#barred = this.#isLast(message);
      return message;
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}
