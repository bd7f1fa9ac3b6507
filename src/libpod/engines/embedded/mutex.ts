/** Lets one job run after the other, in the order in which they were asked for. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs a job once all before it have ended, whatever their end. A job must not
   * wait for another of the same mutex.
   *
   * @param signal Gives the job up, with the signal's reason, as long as it has not
   *   begun; what has begun is carried through, and told of.
   */
  run<T>(job: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(signal?.reason as Error);
      const turn = async (): Promise<void> => {
        signal?.removeEventListener("abort", giveUp);
        if (signal?.aborted === true) {
          giveUp();
          return;
        }
        try {
          resolve(await job());
        } catch (error) {
          reject(error);
        }
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#last = this.#last.then(turn);
    });
  }

  /** Resolves when every job that was asked for has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
