import { Queue } from "../varlink/queue.ts";
import type { TapEvent, TappedGap } from "./events.ts";

/** Bytes of messages that wait for one iterator, but for the first of them. */
const MAX_SIZE = 16 * 1024 * 1024;

type Item = TapEvent | TappedGap;
type Result = IteratorResult<Item, undefined>;

/** An iterator over events, which misses those that it is too slow for. */
export class Following implements AsyncIterableIterator<Item, undefined> {
  readonly #maxEvents: number;
  readonly #onEnd: () => void;
  readonly #events = new Queue<TapEvent>();
  /** Who called `next` when there was nothing. */
  readonly #waiting = new Queue<(result: Result) => void>();
  #size = 0;
  #missed = 0;
  #ended = false;

  /** @param onEnd Told when it wants no more. */
  constructor(maxEvents: number, onEnd: () => void) {
    this.#maxEvents = maxEvents;
    this.#onEnd = onEnd;
  }

  push(event: TapEvent): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ done: false, value: event });
      return;
    }
    const size = this.#size + sizeOf(event);
    const room = this.#events.length < this.#maxEvents && size <= MAX_SIZE;
    // Behind a gap nothing comes before the gap was told.
    if (this.#missed > 0 || (!room && this.#events.length > 0)) {
      this.#missed += 1;
      return;
    }
    this.#size = size;
    this.#events.push(event);
  }

  /** No more comes; what waits can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    for (const waiting of this.#waiting.drain())
      waiting({ done: true, value: undefined });
  }

  next(): Promise<Result> {
    const event = this.#events.shift();
    if (event !== undefined) {
      this.#size -= sizeOf(event);
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#missed > 0) {
      const missed = this.#missed;
      this.#missed = 0;
      return Promise.resolve({ done: false, value: { type: "gap", missed } });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<Result> {
    this.#events.drain();
    this.#missed = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A reply keeps its call, too. */
function sizeOf(event: TapEvent): number {
  if (event.type === "call") return event.size;
  return event.type === "reply" ? event.size + event.to.size : 0;
}
