/**
 * How a method of an interface is called in TypeScript: one rule for generated
 * types, clients and servers.
 */

/**
 * Names that an object must not have as a method of its own: `then` would make a
 * client a thenable (`await connect()` would never return), the others are what
 * the language itself calls or reads on every object.
 */
const reserved: ReadonlySet<string> = new Set([
  "then",
  "toJSON",
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** The name of one method taken by itself: `StopPod` is `stopPod`, `Then` is `then$`. */
export function methodName(wireName: string): string {
  const lowered = wireName.charAt(0).toLowerCase() + wireName.slice(1);
  return reserved.has(lowered) ? `${lowered}$` : lowered;
}

/**
 * The names of all methods of an interface, by wire name and in its order. Where
 * two would be the same (`foo` and `Foo`), the one that is spelled so on the wire
 * has it and the other keeps its wire name.
 */
export function methodNames(wireNames: Iterable<string>): Map<string, string> {
  const all = [...wireNames];
  const exact = new Set(all);
  const names = new Map<string, string>();
  for (const wireName of all) {
    const name = methodName(wireName);
    names.set(wireName, name !== wireName && exact.has(name) ? wireName : name);
  }
  return names;
}
