/** A handler, its types forgotten. */
export type AnyHandler = (
  this: object,
  parameters: object,
  call: unknown,
) => unknown;

/**
 * An own or inherited member, so that instances of classes can be handlers, but
 * nothing that every object or function has: a method named `Call` or `Bind`
 * must not find `Function.prototype.call`.
 */
export function findHandler(handlers: object, name: string): unknown {
  for (
    let owner: unknown = handlers;
    typeof owner === "object" || typeof owner === "function";
    owner = Object.getPrototypeOf(owner)
  ) {
    if (
      owner === null ||
      owner === Object.prototype ||
      owner === Function.prototype
    ) {
      return undefined;
    }
    if (Object.hasOwn(owner, name))
      return handlers[name as keyof typeof handlers];
  }
  return undefined;
}

/** Whether an error only says that what it comes from was aborted for `reason`. */
export function isAbort(error: unknown, reason: unknown): boolean {
  if (error === reason) return true;
  if (!(error instanceof Error)) return false;
  return error.name === "AbortError" || error.cause === reason;
}
