import type { Clock } from "./types.ts";

interface Sleeper {
  /** Milliseconds that it has yet to sleep, counted from `since`. */
  left: number;
  since: number;
  /** Wakes it up; absent while it is frozen. */
  timer: AbortController | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Sleeping that can be frozen: for a frozen program no time passes. */
export class Sleepers {
  readonly #clock: Clock;
  readonly #sleepers = new Set<Sleeper>();
  #frozen = false;
  #ended: { readonly reason: unknown } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects when {@link end} is called, with its reason; handled even if nobody looks. */
  sleep(milliseconds: number): Promise<void> {
    const slept = new Promise<void>((resolve, reject) => {
      const sleeper: Sleeper = {
        left: milliseconds,
        since: this.#clock.now(),
        timer: undefined,
        resolve,
        reject,
      };
      if (this.#ended !== undefined) {
        reject(this.#ended.reason);
        return;
      }
      this.#sleepers.add(sleeper);
      if (!this.#frozen) void this.#run(sleeper);
    });
    slept.catch(() => undefined);
    return slept;
  }

  freeze(): void {
    this.#frozen = true;
    for (const sleeper of this.#sleepers) {
      sleeper.timer?.abort();
      sleeper.timer = undefined;
      sleeper.left -= this.#clock.now() - sleeper.since;
    }
  }

  thaw(): void {
    this.#frozen = false;
    for (const sleeper of this.#sleepers) void this.#run(sleeper);
  }

  /** Nobody sleeps any more. */
  end(reason: unknown): void {
    this.#ended = { reason };
    for (const { timer, reject } of this.#sleepers) {
      timer?.abort();
      reject(reason);
    }
    this.#sleepers.clear();
  }

  async #run(sleeper: Sleeper): Promise<void> {
    const timer = new AbortController();
    sleeper.timer = timer;
    sleeper.since = this.#clock.now();
    try {
      await this.#clock.sleep(sleeper.left, timer.signal);
    } catch (error) {
      if (timer.signal.aborted) return;
      this.#sleepers.delete(sleeper);
      sleeper.reject(error);
      return;
    }
    // It may have been frozen in the moment in which its time had come.
    if (sleeper.timer !== timer) return;
    this.#sleepers.delete(sleeper);
    sleeper.resolve();
  }
}
