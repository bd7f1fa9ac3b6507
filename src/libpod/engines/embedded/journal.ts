import { PortolanError } from "../../../runtime/errors.ts";

/**
 * The last items of a row that goes on: each has a position, counted from 0, and the
 * oldest go where they become too many. Who reads does so at a pace of its own and
 * costs nothing while it does; one whose next item is gone is told.
 */
export class Journal<T> {
  readonly #limit: number;
  readonly #weigh: (item: T) => number;
  readonly #waiting = new Set<() => void>();
  #items: T[] = [];
  /** Index in `#items` of the oldest one that is kept. */
  #head = 0;
  /** Position of the oldest one that is kept. */
  #first = 0;
  #weight = 0;

  /**
   * @param limit What all items may weigh together; the newest one stays whatever it weighs.
   * @param weigh Default: 1 each.
   */
  constructor(limit: number, weigh: (item: T) => number = () => 1) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  /** Position of the oldest item that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Position that the next item will have. */
  get next(): number {
    return this.#first + this.#items.length - this.#head;
  }

  /** Adds an item, at the cost of the oldest. */
  push(item: T): void {
    this.#items.push(item);
    this.#weight += this.#weigh(item);
    while (this.#weight > this.#limit && this.#items.length - this.#head > 1) {
      this.#weight -= this.#weigh(this.#items[this.#head] as T);
      this.#head += 1;
      this.#first += 1;
    }
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    this.wake();
  }

  /** All that is kept, oldest first. */
  all(): readonly T[] {
    return this.#items.slice(this.#head);
  }

  /** Forgets everything; positions go on. */
  clear(): void {
    this.#first = this.next;
    this.#items = [];
    this.#head = 0;
    this.#weight = 0;
  }

  /** Lets everyone who waits look again. */
  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const look of waiting) look();
  }

  /**
   * Reads on from a position, as far as `end` says, waiting for what comes.
   *
   * @param from Position of the first item.
   * @param end Position to stop before; `undefined` as long as that is not known.
   *   {@link wake} has it asked again.
   * @throws PortolanError `LIMIT_EXCEEDED` if an item is gone before it was read;
   *   the signal's reason once that is aborted.
   */
  async *read(
    from: number,
    end: () => number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    let position = from;
    for (;;) {
      signal.throwIfAborted();
      const stop = end();
      if (stop !== undefined && position >= stop) return;
      if (position < this.#first) throw tooSlow(this.#first - position);
      if (position >= this.next) {
        await this.#more(signal);
        continue;
      }
      const item = this.#items[this.#head + position - this.#first] as T;
      position += 1;
      yield item;
    }
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        this.#waiting.delete(look);
        signal.removeEventListener("abort", look);
        resolve();
      };
      this.#waiting.add(look);
      signal.addEventListener("abort", look, { once: true });
    });
  }
}

function tooSlow(lost: number): PortolanError {
  return new PortolanError(
    "LIMIT_EXCEEDED",
    `read too slowly: ${lost} items that were not read yet are gone`,
  );
}
