import type { FieldTypes, InterfaceDescriptor } from "../descriptor.ts";

/** The types of a descriptor, parsed from Varlink's notation and resolved. */
export type Type =
  | { readonly kind: PrimitiveName }
  | { readonly kind: "reference"; readonly name: string }
  | { readonly kind: "list"; readonly element: Type }
  | { readonly kind: "map"; readonly value: Type }
  | { readonly kind: "nullable"; readonly type: Type };

export type PrimitiveName =
  "bool" | "int" | "float" | "string" | "object" | "any";

export interface Field {
  readonly name: string;
  readonly type: Type;
}

export type Declaration =
  | { readonly kind: "struct"; readonly fields: readonly Field[] }
  | { readonly kind: "enum"; readonly values: ReadonlySet<string> };

/** Declared types by name. A map, not an object: a type may be called `constructor`. */
export type Declarations = ReadonlyMap<string, Declaration>;

const PRIMITIVES: ReadonlyMap<string, Type> = new Map(
  (["bool", "int", "float", "string", "object", "any"] as const).map((kind) => [
    kind,
    { kind },
  ]),
);

const NAME = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** More wrappers than any sensible type has; the closures nest as deep as the type. */
const MAX_WRAPPERS = 100;

/**
 * Reads the declared types of a descriptor.
 *
 * @throws Error where the descriptor is wrong: that is a mistake of whoever
 * wrote or generated it, never of a peer.
 */
export function parseDeclarations(
  descriptor: InterfaceDescriptor,
): Declarations {
  const types = Object.entries(descriptor.types);
  const names: ReadonlySet<string> = new Set(types.map(([name]) => name));
  return new Map(
    types.map(([name, type]) => [
      name,
      isEnum(type)
        ? { kind: "enum", values: new Set(type) }
        : {
            kind: "struct",
            fields: parseFields(type, names, `${descriptor.interface}.${name}`),
          },
    ]),
  );
}

function isEnum(
  type: FieldTypes | readonly string[],
): type is readonly string[] {
  return Array.isArray(type);
}

/** Reads the fields of a struct, of parameters or of an error; `owner` is for messages. */
export function parseFields(
  fields: FieldTypes,
  declared: { has(name: string): boolean },
  owner: string,
): readonly Field[] {
  return Object.entries(fields).map(([name, expression]) => ({
    name,
    type: parseType(expression, declared, `${owner}.${name}`),
  }));
}

function parseType(
  expression: string,
  declared: { has(name: string): boolean },
  owner: string,
): Type {
  const wrappers: ("nullable" | "list" | "map")[] = [];
  let rest = expression;
  for (;;) {
    if (rest.startsWith("?") && wrappers.at(-1) !== "nullable") {
      wrappers.push("nullable");
      rest = rest.slice(1);
    } else if (rest.startsWith("[]")) {
      wrappers.push("list");
      rest = rest.slice(2);
    } else if (rest.startsWith("[string]")) {
      wrappers.push("map");
      rest = rest.slice("[string]".length);
    } else {
      break;
    }
    if (wrappers.length > MAX_WRAPPERS) {
      throw new Error(
        `Invalid descriptor: the type of ${owner} has more than ${MAX_WRAPPERS} levels`,
      );
    }
  }
  return wrappers.reduceRight(
    wrap,
    parseElement(rest, expression, declared, owner),
  );
}

function parseElement(
  name: string,
  expression: string,
  declared: { has(name: string): boolean },
  owner: string,
): Type {
  const primitive = PRIMITIVES.get(name);
  if (primitive !== undefined) return primitive;
  if (declared.has(name)) return { kind: "reference", name };
  throw new Error(
    NAME.test(name)
      ? `Invalid descriptor: ${owner} refers to the type ${name}, which is not declared`
      : `Invalid descriptor: ${owner} has the malformed type ${JSON.stringify(expression)}`,
  );
}

function wrap(type: Type, wrapper: "nullable" | "list" | "map"): Type {
  if (wrapper === "nullable") return { kind: "nullable", type };
  return wrapper === "list"
    ? { kind: "list", element: type }
    : { kind: "map", value: type };
}
