import type { Declarations, PrimitiveName, Type } from "./type.ts";

/** What a field's type is, read from the outside to its end. */
export interface TypeFacts {
  /** Whether it has a place for an empty array or map where null or nothing came. */
  readonly fills: boolean;
  /** Whether the field itself may be null; what is inside of it counts nothing. */
  readonly nullable: boolean;
  /** The primitive that it ends in, unless that is a reference. */
  readonly end: PrimitiveName | "reference";
}

/** Whether a type that ends so has ints, or free values in which there may be some. */
export function mayHoldInts(end: TypeFacts["end"]): boolean {
  return end === "int" || end === "object" || end === "any";
}

/**
 * The structs that have, at some depth, a field of which `rule` holds. Recursive
 * types are ordinary.
 */
export function structsWith(
  declarations: Declarations,
  rule: (facts: TypeFacts) => boolean,
): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  const concerned = new Set<string>();
  for (const [name, declaration] of declarations) {
    if (declaration.kind !== "struct") continue;
    for (const { type } of declaration.fields) {
      const { fills, end } = factsOf(type);
      const nullable = type.kind === "nullable";
      if (rule({ fills, nullable, end: end.kind })) concerned.add(name);
      if (end.kind !== "reference") continue;
      const list = users.get(end.name);
      if (list === undefined) users.set(end.name, [name]);
      else list.push(name);
    }
  }
  // A set visits what is added while it is iterated.
  for (const name of concerned) {
    for (const user of users.get(name) ?? []) concerned.add(user);
  }
  return concerned;
}

type End = Exclude<Type, { readonly kind: "nullable" | "list" | "map" }>;

function factsOf(type: Type): { readonly fills: boolean; readonly end: End } {
  let fills = false;
  let current = type;
  for (let nullable = false; ;) {
    if (current.kind === "nullable") {
      nullable = true;
      current = current.type;
    } else if (current.kind === "list" || current.kind === "map") {
      if (!nullable) fills = true;
      nullable = false;
      current = current.kind === "list" ? current.element : current.value;
    } else {
      return { fills, end: current };
    }
  }
}
