import { performance } from "node:perf_hooks";
import { PortolanError } from "../runtime/errors.ts";
import { unwatchSignal, watchSignal } from "../runtime/signals.ts";
import { checkObject, refuse } from "./check.ts";
import type { OperationOptions } from "./engine.ts";

/**
 * The signal and the time that is left of an operation: what each of its engine calls
 * gets.
 *
 * @throws PortolanError `ABORTED`, `TIMEOUT` where no further call is to be made
 */
export type Left = () => OperationOptions;

/** The signal and the time limit that the calls of one operation share. */
export class Scope {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #limit: number | undefined;
  readonly #begin = performance.now();

  /**
   * @param others What ends the operation besides its own signal.
   * @throws PortolanError `ABORTED` if the operation's signal is aborted already
   * @throws InvalidArgument for a signal or time limit that is none
   */
  constructor(
    { signal, timeout }: OperationOptions,
    ...others: readonly AbortSignal[]
  ) {
    checkOperation(signal, timeout);
    if (signal?.aborted === true) throw aborted(signal.reason);
    this.#limit = timeout;
    this.#sources = signal === undefined ? others : [signal, ...others];
    for (const source of this.#sources) {
      if (source.aborted) this.onAbort(source.reason);
      else watchSignal(source, this);
    }
  }

  readonly left: Left = () => {
    const { signal } = this.#controller;
    if (signal.aborted) throw aborted(signal.reason);
    if (this.#limit === undefined) return { signal };
    const timeout = this.#limit - (performance.now() - this.#begin);
    if (timeout < 0)
      throw new PortolanError(
        "TIMEOUT",
        `the operation took longer than ${this.#limit} ms`,
      );
    return { signal, timeout: Math.ceil(timeout) };
  };

  onAbort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  end(): void {
    for (const source of this.#sources) unwatchSignal(source, this);
  }
}

function checkOperation(signal: unknown, timeout: unknown): void {
  // Its controller is easily given instead. One of another realm is no instance.
  if (signal !== undefined && !("aborted" in checkObject(signal, "signal")))
    refuse("signal", "an AbortSignal is needed");
  if (timeout === undefined) return;
  if (typeof timeout !== "number" || !(timeout >= 0))
    refuse("timeout", "milliseconds are needed, at least 0, or Infinity");
}

function aborted(reason: unknown): PortolanError {
  return new PortolanError("ABORTED", "the operation was aborted", {
    cause: reason,
  });
}
