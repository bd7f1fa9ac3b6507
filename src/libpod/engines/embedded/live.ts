import type { Output } from "./output.ts";
import type { Process } from "./process.ts";
import type { ContainerStats } from "../../engine.ts";

/** A run of a container, from a start until its end is recorded. */
export interface Run {
  readonly process: Process;
  /** What `exec` runs in it. */
  readonly sessions: Set<Process>;
  /** Milliseconds that it was paused, up to `frozenSince`. */
  frozenFor: number;
  frozenSince: number | undefined;
  /** How many calls are stopping it. */
  stoppers: number;
  /** Its stop was told as an event. */
  stopTold: boolean;
  /** Bytes of output that the container had before. */
  readonly outputBefore: number;
  /** The figures that were given last. */
  figures: ContainerStats | undefined;
  figuresAt: number;
}

interface Waiter {
  readonly resolve: (exitCode: number) => void;
  readonly reject: (error: unknown) => void;
}

/** What the engine holds of a container besides its record: what a restart loses. */
export class Live {
  readonly output: Output;
  run: Run | undefined;
  readonly #waiters = new Set<Waiter>();

  constructor(output: Output) {
    this.output = output;
  }

  /**
   * Resolves with the exit code of the run that is under way, or the next one.
   *
   * @throws The signal's reason; what {@link failed} is called with.
   */
  nextEnd(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
      };
      const settled = (): void => signal.removeEventListener("abort", onAbort);
      const waiter: Waiter = {
        resolve: (exitCode) => {
          settled();
          resolve(exitCode);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  /** The run has ended, and is recorded to have. */
  ended(exitCode: number): void {
    this.run = undefined;
    this.output.ended();
    for (const { resolve } of this.#take()) resolve(exitCode);
  }

  /** No end is to be waited for, or none can be told. */
  failed(error: unknown): void {
    for (const { reject } of this.#take()) reject(error);
  }

  #take(): readonly Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }
}
