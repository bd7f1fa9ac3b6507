import { PortolanError } from "../../../runtime/errors.ts";
import { unwatchSignal, watchSignal } from "../../../runtime/signals.ts";
import { startTimer } from "../../../runtime/varlink/options.ts";
import type { OperationOptions } from "../../engine.ts";

/**
 * The ends that one of the engine's operations may come to before its own: its signal
 * and its time, as one signal for everything that it sends and waits for.
 */
export class Limits {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #timeout: PortolanError | undefined;

  constructor({ signal, timeout }: OperationOptions = {}) {
    this.#outer = signal;
    if (signal?.aborted === true) this.onAbort(signal.reason);
    else if (signal !== undefined) watchSignal(signal, this);
    if (timeout !== undefined && timeout !== Infinity) {
      this.#timer = startTimer(timeout, () => {
        this.#timeout = new PortolanError(
          "TIMEOUT",
          `the operation was not done within ${timeout} ms`,
        );
        this.#controller.abort(this.#timeout);
      });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The caller's signal was aborted. */
  onAbort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** What to tell of an error: where the time was over, that. */
  explain(error: unknown): unknown {
    return this.#timeout !== undefined &&
      PortolanError.is(error) &&
      error.code === "ABORTED"
      ? this.#timeout
      : error;
  }

  release(): void {
    clearTimeout(this.#timer);
    if (this.#outer !== undefined) unwatchSignal(this.#outer, this);
  }
}

/**
 * Waits.
 *
 * @throws PortolanError `ABORTED` if the signal is aborted meanwhile.
 */
export function sleep(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const target = {
      onAbort(reason: unknown): void {
        clearTimeout(timer);
        reject(
          new PortolanError("ABORTED", "the operation was aborted", {
            cause: reason,
          }),
        );
      },
    };
    const timer = setTimeout(() => {
      unwatchSignal(signal, target);
      resolve();
    }, milliseconds);
    if (signal.aborted) target.onAbort(signal.reason);
    else watchSignal(signal, target);
  });
}
