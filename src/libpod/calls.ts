import type { Engine, OptionalCall } from "./engine.ts";
import { NotSupported } from "./errors.ts";

/** An engine that is known to have a call. */
export type Able<K extends OptionalCall> = Engine & Required<Pick<Engine, K>>;

/** Whether an engine has a call. */
export function isAble<K extends OptionalCall>(
  engine: Engine,
  call: K,
): engine is Able<K> {
  return engine[call] !== undefined;
}

/**
 * The engine, with a call that engines may lack.
 *
 * @throws NotSupported if it lacks it; nothing was sent.
 */
export function able<K extends OptionalCall>(engine: Engine, call: K): Able<K> {
  if (isAble(engine, call)) return engine;
  throw new NotSupported(engine.name, call, { api: engine.api });
}
