/** The first wait of a row, and the longest, in milliseconds. */
const FIRST = 100;
const LONGEST = 5000;

/**
 * How long to wait before the next attempt: not at all after a time of success,
 * then longer and longer. A success that does not last is none, so that a peer
 * that takes every connection and drops it at once is not asked without end.
 */
export class Backoff {
  #delay = 0;
  #succeededAt: number | undefined;

  /** Milliseconds before the next attempt. */
  next(): number {
    const lasted =
      this.#succeededAt !== undefined &&
      performance.now() - this.#succeededAt > LONGEST;
    this.#succeededAt = undefined;
    const delay = lasted ? 0 : this.#delay;
    this.#delay = Math.min(Math.max(FIRST, delay * 2), LONGEST);
    return delay;
  }

  /** The attempt succeeded. */
  onSuccess(): void {
    this.#succeededAt = performance.now();
  }
}
