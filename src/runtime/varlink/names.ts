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
  const name = lowered(wireName);
  return reserved.has(name) ? `${name}$` : name;
}

function lowered(wireName: string): string {
  return wireName.charAt(0).toLowerCase() + wireName.slice(1);
}

/**
 * The names of all methods of an interface, by wire name and in its order. Where
 * two would be the same (`foo` and `Foo`, `then` and `Then`), the one that is
 * spelled so on the wire has it and the other keeps its wire name. One that is
 * taken still gets another `$` until it is free.
 */
export function methodNames(wireNames: Iterable<string>): Map<string, string> {
  const all = [...wireNames];
  const exact = new Set(all);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const wireName of all) {
    const isOfAnother = (name: string): boolean =>
      name !== wireName && exact.has(name);
    let name = methodName(wireName);
    if (isOfAnother(lowered(wireName)) || isOfAnother(name)) name = wireName;
    while (reserved.has(name) || taken.has(name) || isOfAnother(name))
      name += "$";
    taken.add(name);
    names.set(wireName, name);
  }
  return names;
}
