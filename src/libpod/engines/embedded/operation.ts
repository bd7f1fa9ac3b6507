import { PortolanError } from "../../../runtime/errors.ts";
import { unwatchSignal, watchSignal } from "../../../runtime/signals.ts";
import type { OperationOptions } from "../../engine.ts";
import { EngineError, InvalidArgument } from "../../errors.ts";
import type { Clock } from "./types.ts";

/** What an operation needs of the engine that it is one of. */
export interface OperationHost {
  readonly clock: Clock;
  /** Aborted, with a `PortolanError`, when the engine is closed. */
  readonly closing: AbortSignal;
}

/**
 * Runs an operation under its options. It gets a signal of its own, whose reason is
 * the error to reject with: `ABORTED`, `TIMEOUT` (by the engine's clock), or `CLOSED`
 * when the engine is closed meanwhile.
 *
 * @throws What `work` throws; what is no error of this package becomes the cause of
 *   an EngineError.
 */
export async function operate<T>(
  host: OperationHost,
  options: OperationOptions | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limits = new Limits(host, options);
  try {
    limits.signal.throwIfAborted();
    return await work(limits.signal);
  } catch (error) {
    throw asOurs(error);
  } finally {
    limits.release();
  }
}

/** As {@link operate}, for a stream: the limits hold as long as it is read. */
export async function* operateStream<T, R>(
  host: OperationHost,
  options: OperationOptions | undefined,
  work: (signal: AbortSignal) => AsyncGenerator<T, R, undefined>,
): AsyncGenerator<T, R, undefined> {
  const limits = new Limits(host, options);
  try {
    limits.signal.throwIfAborted();
    return yield* work(limits.signal);
  } catch (error) {
    throw asOurs(error);
  } finally {
    limits.release();
  }
}

/** A state that users implement, and programs, may throw anything. */
export function asOurs(error: unknown): Error {
  if (PortolanError.is(error)) return error;
  return new EngineError(messageOf(error), { cause: error });
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== ""
    ? error.message
    : String(error);
}

/** The ends that an operation may come to before its own. */
class Limits {
  readonly #controller = new AbortController();
  readonly #timer = new AbortController();
  readonly #host: OperationHost;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = {
    onAbort: (reason: unknown): void => this.#controller.abort(aborted(reason)),
  };
  readonly #onClosing = {
    onAbort: (reason: unknown): void => this.#controller.abort(reason),
  };

  constructor(host: OperationHost, options: OperationOptions | undefined) {
    const { signal, timeout } = options ?? {};
    this.#host = host;
    this.#outer = signal;
    if (timeout !== undefined && !(timeout >= 0))
      throw new InvalidArgument(`timeout: ${timeout} is no time`);
    if (host.closing.aborted) this.#controller.abort(host.closing.reason);
    else if (signal?.aborted === true) this.#onOuter.onAbort(signal.reason);
    else {
      watchSignal(host.closing, this.#onClosing);
      if (signal !== undefined) watchSignal(signal, this.#onOuter);
      if (timeout !== undefined && timeout !== Infinity)
        void this.#limit(timeout);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async #limit(timeout: number): Promise<void> {
    try {
      await this.#host.clock.sleep(timeout, this.#timer.signal);
      this.#controller.abort(
        new PortolanError("TIMEOUT", `not done within ${timeout} ms`),
      );
    } catch (error) {
      // Released in time; else the clock itself failed.
      if (!this.#timer.signal.aborted) this.#controller.abort(asOurs(error));
    }
  }

  /** The operation is over: whatever still listens for its end may go. */
  release(): void {
    this.#timer.abort();
    this.#controller.abort(
      new PortolanError("CLOSED", "the operation is over"),
    );
    unwatchSignal(this.#host.closing, this.#onClosing);
    if (this.#outer !== undefined) unwatchSignal(this.#outer, this.#onOuter);
  }
}

function aborted(reason: unknown): PortolanError {
  return new PortolanError("ABORTED", "the operation was aborted", {
    cause: reason,
  });
}
