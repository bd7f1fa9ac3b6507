/**
 * A generator that can be left at any time. `return()` of a plain one waits for the
 * item that is being asked for, which may never come; and not every Node knows how
 * to dispose of a plain one.
 */
export class Leavable<T, R = void> implements AsyncGenerator<T, R, undefined> {
  readonly #items: AsyncGenerator<T, R, undefined>;
  readonly #leave: () => void;

  /**
   * @param leave Told that nobody wants more, perhaps again and again: it makes an item
   * that is being asked for the end.
   */
  constructor(items: AsyncGenerator<T, R, undefined>, leave: () => void) {
    this.#items = items;
    this.#leave = leave;
  }

  next(): Promise<IteratorResult<T, R>> {
    return this.#items.next();
  }

  return(value: R | PromiseLike<R>): Promise<IteratorResult<T, R>> {
    this.#leave();
    return this.#items.return(value);
  }

  async throw(error: unknown): Promise<IteratorResult<T, R>> {
    await this[Symbol.asyncDispose]();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // There is no result, and nobody looks at one.
    await this.return(undefined as never);
  }
}
