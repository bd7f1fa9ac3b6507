import type {
  ErrorDeclaration,
  Field,
  Method,
  Service,
  TypeDeclaration,
} from "./api.ts";
import { referenceOf } from "./references.ts";

/** A member that mentions a type, and where in it. */
export type Use =
  | {
      readonly kind: "method";
      readonly member: Method;
      /** In its parameters, in its reply, or both; in this order. */
      readonly sides: readonly ("input" | "output")[];
    }
  | {
      readonly kind: "type";
      /** Never an inline type: what stands in one counts for the declared type around it. */
      readonly member: TypeDeclaration;
      /** Dotted where they stand in an inline struct: `outer.inner`. */
      readonly fields: readonly string[];
    }
  | {
      readonly kind: "error";
      readonly member: ErrorDeclaration;
      readonly fields: readonly string[];
    };

/** Who refers to what in a service. */
export interface Uses {
  /**
   * The members that mention a declared type themselves, not through another
   * one: methods, then types, then errors, each in the order of the file. A
   * command of an envelope RPC mentions its two messages, and these their fields' types.
   */
  readonly ofType: (path: readonly string[]) => readonly Use[];
  /** The methods whose docs name an error, in the order of the file. */
  readonly ofError: (name: string) => readonly Method[];
  /** The errors that a method's docs name, in the order of the file. */
  readonly errorsOf: (method: Method) => readonly ErrorDeclaration[];
}

/** Finds out who refers to what. Linear in the size of the service. */
export function usesOf(service: Service): Uses {
  const inline = new Map(
    service.types
      .filter((type) => type.inline)
      .map((type) => [keyOf(type.path), type]),
  );
  const uses = new Map<string, Use[]>();
  const add = (key: string, use: Use): void => addTo(uses, key, use);
  for (const method of service.methods) addMethod(method, inline, add);
  for (const type of service.types) {
    if (type.inline || type.kind === "enum") continue;
    for (const [key, fields] of mentions(type.fields, inline))
      add(key, { kind: "type", member: type, fields });
  }
  for (const error of service.errors) {
    for (const [key, fields] of mentions(error.fields, inline))
      add(key, { kind: "error", member: error, fields });
  }
  const errors = errorsNamed(service);
  const methods = new Map<string, Method[]>();
  for (const [method, named] of errors)
    for (const { name } of named) addTo(methods, name, method);
  return {
    ofType: (path) => uses.get(keyOf(path)) ?? [],
    ofError: (name) => methods.get(name) ?? [],
    errorsOf: (method) => errors.get(method) ?? [],
  };
}

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

type Inline = ReadonlyMap<string, TypeDeclaration>;

function addMethod(
  method: Method,
  inline: Inline,
  add: (key: string, use: Use) => void,
): void {
  const sides = { input: new Set<string>(), output: new Set<string>() };
  if (method.envelope === undefined) {
    for (const side of ["input", "output"] as const) {
      for (const key of mentions(method[side].fields, inline).keys())
        sides[side].add(key);
    }
  } else {
    sides.input.add(keyOf(method.envelope.input));
    if (method.envelope.output !== undefined)
      sides.output.add(keyOf(method.envelope.output));
  }
  for (const key of new Set([...sides.input, ...sides.output])) {
    const all = ["input", "output"] as const;
    add(key, {
      kind: "method",
      member: method,
      sides: all.filter((side) => sides[side].has(key)),
    });
  }
}

/** The declared types that fields mention, each with the fields that do. */
function mentions(
  fields: readonly Field[],
  inline: Inline,
  prefix = "",
  found: Map<string, string[]> = new Map<string, string[]>(),
): Map<string, string[]> {
  for (const { name, type } of fields) {
    const path = referenceOf(type);
    if (path === undefined) continue;
    const key = keyOf(path);
    const inner = inline.get(key);
    if (inner === undefined) addTo(found, key, prefix + name);
    else if (inner.kind === "struct")
      mentions(inner.fields, inline, `${prefix}${name}.`, found);
  }
  return found;
}

/** Varlink cannot say which errors a method has; its docs do. */
function errorsNamed({
  methods,
  errors,
  name: service,
}: Service): ReadonlyMap<Method, readonly ErrorDeclaration[]> {
  const places = new Map(errors.map(({ name }, at) => [name, at]));
  return new Map(
    methods.map((method) => {
      const named = [...namesIn(method.docs, service)]
        .flatMap((word) => places.get(word) ?? [])
        .toSorted((a, b) => a - b);
      return [method, named.flatMap((at) => errors[at] ?? [])];
    }),
  );
}

/**
 * What docs may name: links' destinations, what is code, and words that can only
 * be names since they have a capital or an underscore inside.
 *
 * @param service - The full name of the service, which may stand in front of names.
 */
export function namesIn(docs: string, service: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const [word] of docs.matchAll(
    /[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*/g,
  )) {
    if (/.[A-Z_]/.test(word)) words.add(word);
  }
  for (const [, linked = "", coded = ""] of docs.matchAll(
    /\]\(#?([^()\s]+)\)|`([^`\s]+)`/g,
  )) {
    const word = linked || coded;
    words.add(
      word.startsWith(`${service}.`) ? word.slice(service.length + 1) : word,
    );
  }
  return words;
}

// A line end is in no name.
function keyOf(path: readonly string[]): string {
  return path.join("\n");
}
