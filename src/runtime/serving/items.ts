export type AnyIterator =
  Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>;

/** What `call.stream` makes: replies of which the last is marked as last. */
export class Items<T> {
  readonly #items: Iterable<T> | AsyncIterable<T>;

  constructor(items: Iterable<T> | AsyncIterable<T>) {
    this.#items = items;
  }

  iterate(): AnyIterator {
    const items = this.#items;
    return Symbol.asyncIterator in items
      ? items[Symbol.asyncIterator]()
      : items[Symbol.iterator]();
  }
}

/** Something with items: never a reply, for JSON has no symbols. */
export function isIterable(value: object): boolean {
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

/** A generator, or an object that behaves as one. */
export function isGenerator(value: object): value is AnyIterator {
  return (
    isIterable(value) && "next" in value && typeof value.next === "function"
  );
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
