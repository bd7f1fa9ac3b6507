import { LibpodError } from "./errors.ts";

/** Errors that tell of their caller, so that none does so twice. */
const told = new WeakSet<LibpodError>();

/**
 * Adds who called to what an error's stack says: an engine's error is made far from
 * there, once locks were waited for or a daemon has answered. To be called where the
 * call is still awaited by its caller.
 *
 * @param inside The function that calls this, as stacks name it: where the error's own
 *   has it, the callers are told from there on.
 */
export function tellCaller(error: unknown, inside: string): void {
  if (!LibpodError.is(error) || told.has(error)) return;
  told.add(error);
  const { stack } = error;
  if (stack === undefined) return;
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, tellCaller);
  const callers = here.stack?.split("\n").slice(1) ?? [];
  const own = stack.split("\n");
  const shared = own.findIndex((line) => line.includes(inside));
  // An error of someone else's engine may be frozen: it stays as it is then.
  const lines = own.slice(0, shared < 0 ? undefined : shared);
  Reflect.set(error, "stack", [...lines, ...callers].join("\n"));
}
