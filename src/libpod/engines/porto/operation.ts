import { PortolanError } from "../../../runtime/errors.ts";
import type { OperationOptions } from "../../engine.ts";

/** What a command gets of the operation that it is a part of. */
export interface CommandLimits {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: number | undefined;
}

/** One operation of the engine: commands that share a signal and a time limit. */
export class Operation {
  readonly signal: AbortSignal | undefined;
  readonly #timeout: number | undefined;
  readonly #begun = performance.now();

  constructor({ signal, timeout }: OperationOptions = {}) {
    this.signal = signal;
    this.#timeout = timeout;
  }

  /**
   * The limits of its next command.
   *
   * @throws PortolanError `TIMEOUT` if the operation's time is over.
   */
  get limits(): CommandLimits {
    const { left } = this;
    return {
      ...(this.signal !== undefined && { signal: this.signal }),
      ...(left !== undefined && { timeout: left }),
    };
  }

  /**
   * Milliseconds that are left; undefined without a limit.
   *
   * @throws PortolanError `TIMEOUT` if there are none.
   */
  get left(): number | undefined {
    const timeout = this.#timeout;
    if (timeout === undefined) return undefined;
    const left = timeout - (performance.now() - this.#begun);
    if (left > 0) return left;
    throw new PortolanError(
      "TIMEOUT",
      `the operation was not done within ${timeout} ms`,
    );
  }
}
