/** Names that mean something to the language on every object, or on some. */

/** Those that a name in an interface file may be; `__proto__` may not. */
export const LEGAL: readonly string[] = [
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "toString",
  "toLocaleString",
  "valueOf",
  "then",
  "toJSON",
  "prototype",
];

/** All of them: keys of maps, members of data, and what a peer may say for a name. */
export const HOSTILE: readonly string[] = [
  ...LEGAL,
  "__proto__",
  "__defineGetter__",
  "__lookupSetter__",
];

/** An interface in which everything that may be is called so. */
export function hostileInterface(names: readonly string[] = LEGAL): string {
  const fields = (type: string): string =>
    names.map((name) => `${name}: ${type}`).join(", ");
  const upper = names.map(
    (name) => name.slice(0, 1).toUpperCase() + name.slice(1),
  );
  return [
    "# Names that mean something else.",
    "interface org.example.hostile",
    "",
    `type Words (${names.join(", ")})`,
    `type Numbers (${fields("?int")})`,
    `type Lists (${fields("[]int")})`,
    "# See `Numbers`, [Lists] and Everything.",
    "type Everything (",
    "  numbers: Numbers,",
    "  lists: ?Lists,",
    "  maps: ?[string]Numbers,",
    "  counts: [string]int,",
    "  word: ?Words,",
    "  object: ?object,",
    "  any: ?any",
    ")",
    ...upper.map(
      (name) => `type ${name}Type (word: Words, self: ?${name}Type)`,
    ),
    "",
    "method Mirror(value: Everything) -> (value: Everything)",
    `method Take(${fields("?string")}) -> (${fields("?string")})`,
    ...upper.map((name) => `method ${name}(of: ?int) -> (of: ?int)`),
    "",
    ...upper.map((name) => `error No${name} (${fields("?string")})`),
    "",
  ].join("\n");
}

/** The same length and, as good as always, the same place in an order; means nothing. */
export function harmless(name: string): string {
  return `${name.slice(0, -1)}q`;
}

/** Goes through data, and calls `see` with every object in it. */
export function eachObject(
  value: unknown,
  see: (object: object) => void,
): void {
  if (typeof value !== "object" || value === null) return;
  see(value);
  for (const key of Object.keys(value))
    eachObject(Object.getOwnPropertyDescriptor(value, key)?.value, see);
}
