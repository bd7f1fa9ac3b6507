import type { Clock } from "./types.ts";

/** Longest time that Node's timers take, in milliseconds; longer ones fire at once. */
const MAX_TIMER = 2 ** 31 - 1;

/** How often the event loop must turn with nothing going on until all counts as settled. */
const QUIET_TURNS = 3;

/** How often there may be something going on before that. */
const MAX_TURNS = 10_000;

/** The system's time. Its timers keep the process alive while something waits for them. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    // A number that is none sleeps no longer than no time.
    let left = milliseconds > 0 ? milliseconds : 0;
    do {
      const part = Math.min(left, MAX_TIMER);
      await timer(part, signal);
      left -= part;
    } while (left > 0);
  },
};

function timer(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(handle);
      reject(signal?.reason as Error);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** A clock that stands still until it is moved: see {@link manualClock}. */
export interface ManualClock extends Clock {
  /**
   * Moves time on by so many milliseconds. Whatever sleeps wakes in the order of its
   * time (of equal times, who slept first), `now()` being that time, and what that
   * sets off in the engine is done before the next one wakes. Calls queue up.
   *
   * @throws RangeError if time would go back; Error if what goes on does not come to
   *   an end: a program that never sleeps, say.
   */
  advance(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

class HandMoved implements ManualClock {
  #now: number;
  readonly #sleepers: Sleeper[] = [];
  readonly #work = new Set<Promise<unknown>>();
  #moving: Promise<void> = Promise.resolve();

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      if (!(milliseconds > 0)) {
        // Through the event loop: who sleeps no time in a loop must not stall it.
        this.busy(nextTurn().then(resolve));
        return;
      }
      const onAbort = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        at: this.#now + milliseconds,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const later = this.#sleepers.findIndex(({ at }) => at > sleeper.at);
      this.#sleepers.splice(
        later < 0 ? this.#sleepers.length : later,
        0,
        sleeper,
      );
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  busy(work: Promise<unknown>): void {
    this.#work.add(work);
    work.then(
      () => this.#work.delete(work),
      () => this.#work.delete(work),
    );
  }

  advance(milliseconds: number): Promise<void> {
    const moved = this.#moving.then(() => this.#advance(milliseconds));
    this.#moving = moved.catch(() => undefined);
    return moved;
  }

  async #advance(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0))
      throw new RangeError(`time does not go back: ${milliseconds}`);
    const end = this.#now + milliseconds;
    await this.#settle();
    for (;;) {
      const next = this.#sleepers[0];
      if (next === undefined || next.at > end) break;
      this.#sleepers.shift();
      this.#now = next.at;
      next.wake();
      await this.#settle();
    }
    this.#now = end;
  }

  /** Until no work is under way and the event loop had nothing to do for a while. */
  async #settle(): Promise<void> {
    let quiet = 0;
    for (let turns = 0; turns < MAX_TURNS; turns += 1) {
      await nextTurn();
      quiet = this.#work.size === 0 ? quiet + 1 : 0;
      if (quiet === QUIET_TURNS) return;
      await Promise.allSettled(this.#work);
    }
    throw new Error(
      `at ${this.#now} ms something goes on that comes to no end: time cannot pass`,
    );
  }
}

/** Resolves once the event loop has turned. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * A clock for tests, which moves only when it is told to.
 *
 * @param start Its time at first, milliseconds since 1970-01-01 UTC. Default 0.
 */
export function manualClock(start = 0): ManualClock {
  return new HandMoved(start);
}
