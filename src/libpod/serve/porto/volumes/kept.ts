import { Mutex } from "../../../engines/embedded/mutex.ts";
import type {
  EmbeddedInside,
  StoredValue,
} from "../../../engines/embedded/types.ts";

/**
 * A value that the engine keeps for us. It changes as a whole: what could not be
 * kept did not happen.
 */
export class Kept<T> {
  readonly #inside: EmbeddedInside;
  readonly #key: string;
  readonly #mutex = new Mutex();
  #value: T;

  /** @param value What it is where nothing is kept yet; plain data, fit for JSON. */
  constructor(inside: EmbeddedInside, key: string, value: T) {
    this.#inside = inside;
    this.#key = key;
    this.#value = value;
  }

  /** To be awaited before anything else. */
  async load(): Promise<void> {
    const kept = await this.#inside.load(this.#key);
    if (kept !== undefined) this.#value = kept as T;
  }

  get value(): T {
    return this.#value;
  }

  /** Lets one change at a time work out what comes next. What it throws changes nothing. */
  change<R>(
    next: (value: T) => Promise<readonly [T, R]> | readonly [T, R],
  ): Promise<R> {
    return this.#mutex.run(async () => {
      const [value, result] = await next(this.#value);
      await this.#inside.store(this.#key, value as StoredValue);
      this.#value = value;
      return result;
    });
  }
}
