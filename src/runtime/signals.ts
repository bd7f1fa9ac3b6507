/**
 * Abort signals that many calls share. Node warns of a leak when a signal has
 * more than ten listeners, and a program may well make a hundred calls with one
 * signal: so a signal gets one listener, while any call of it is under way.
 */

/** What is told of an abort. */
export interface AbortTarget {
  onAbort(reason: unknown): void;
}

const targets = new WeakMap<AbortSignal, Set<AbortTarget>>();

/** Tells the target, once, when the signal is aborted; it must not be so already. */
export function watchSignal(signal: AbortSignal, target: AbortTarget): void {
  const known = targets.get(signal);
  if (known !== undefined) {
    known.add(target);
    return;
  }
  targets.set(signal, new Set([target]));
  signal.addEventListener("abort", onAbort);
}

/** Undoes {@link watchSignal}. */
export function unwatchSignal(signal: AbortSignal, target: AbortTarget): void {
  const known = targets.get(signal);
  if (known === undefined || !known.delete(target) || known.size > 0) return;
  targets.delete(signal);
  signal.removeEventListener("abort", onAbort);
}

function onAbort(this: AbortSignal): void {
  const known = targets.get(this);
  targets.delete(this);
  this.removeEventListener("abort", onAbort);
  for (const target of known ?? []) target.onAbort(this.reason);
}
