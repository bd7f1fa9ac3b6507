import { isInside } from "./names.ts";

interface Job {
  readonly name: string;
  begin(): void;
}

/**
 * Lets one thing at a time change a container and what is nested in it: a job waits
 * for those before it that are about the same container, one inside of it or one
 * around it.
 */
export class TreeLocks {
  readonly #running = new Set<Job>();
  #waiting: Job[] = [];

  /** A job must not wait for another that its name stands in the way of. */
  async run<T>(name: string, job: () => Promise<T>): Promise<T> {
    const own = await new Promise<Job>((resolve) => {
      const waiting: Job = { name, begin: () => resolve(waiting) };
      this.#waiting.push(waiting);
      this.#advance();
    });
    try {
      return await job();
    } finally {
      this.#running.delete(own);
      this.#advance();
    }
  }

  /** Whether a job for this container would have to wait. */
  isBusy(name: string): boolean {
    return [...this.#running, ...this.#waiting].some((other) =>
      conflict(other.name, name),
    );
  }

  #advance(): void {
    const still: Job[] = [];
    for (const job of this.#waiting) {
      const blocked = [...this.#running, ...still].some((other) =>
        conflict(other.name, job.name),
      );
      if (blocked) still.push(job);
      else {
        this.#running.add(job);
        job.begin();
      }
    }
    this.#waiting = still;
  }
}

function conflict(a: string, b: string): boolean {
  return a === b || isInside(a, b) || isInside(b, a);
}
