import { unwatchSignal, watchSignal } from "../../../runtime/signals.ts";

/**
 * A stream that can be left at any time: `return()` ends what it waits for, and a
 * `next()` that is under way then says that it is at its end. (A generator alone
 * would wait for what may never happen.)
 *
 * @param make Makes it; the signal is aborted with the caller's, and by leaving.
 * @param outer The caller's signal.
 */
export function leaving<T>(
  make: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
  outer: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const controller = new AbortController();
  const generator = make(controller.signal);
  const target = {
    onAbort: (reason: unknown): void => controller.abort(reason),
  };
  let watching = false;
  let left = false;
  const end = (): void => {
    if (watching && outer !== undefined) unwatchSignal(outer, target);
    watching = false;
  };
  const leave = async (): Promise<IteratorResult<T, void>> => {
    left = true;
    controller.abort();
    end();
    return generator.return();
  };
  return {
    async next() {
      if (!watching && !left && outer !== undefined) {
        if (outer.aborted) controller.abort(outer.reason);
        else watchSignal(outer, target);
        watching = !outer.aborted;
      }
      try {
        const result = await generator.next();
        if (result.done === true) end();
        return result;
      } catch (error) {
        end();
        if (left) return { done: true, value: undefined };
        throw error;
      }
    },
    return: leave,
    async throw(error) {
      await leave();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await leave();
    },
  };
}
