import { EngineError } from "../../../errors.ts";

/**
 * What the members of a type must be, to look at a value of JSON by. Every member may
 * be absent or null: versions of Podman differ in what they have, and Go writes what
 * is empty as null.
 */
export type Shape<T> = [T] extends [string]
  ? "text"
  : [T] extends [number]
    ? "number"
    : [T] extends [boolean]
      ? "boolean"
      : T extends readonly (infer E)[]
        ? readonly [Shape<E>]
        : string extends keyof T
          ? { readonly $each: Shape<NonNullable<T[keyof T]>> }
          : { readonly [K in keyof T]-?: Shape<NonNullable<T[K]>> };

type AnyShape =
  | "text"
  | "number"
  | "boolean"
  | readonly [AnyShape]
  | { readonly [name: string]: AnyShape };

const typeofs = { text: "string", number: "number", boolean: "boolean" };

/**
 * Parses a text of JSON and looks at the members that its type knows; others are kept.
 *
 * @param what What it is, for the error: `the inspect data of container web`.
 * @throws EngineError for what is no JSON, and for a member that is something else than
 * its type says, by its name.
 */
export function parseAs<T>(text: string, shape: Shape<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EngineError(`${what} is no JSON`, { cause });
  }
  // Here it must be something: only members may be absent.
  if (value === null) throw wrong(what, "", shape, value);
  check(value, shape, what, "");
  return value as T;
}

function check(
  value: unknown,
  shape: AnyShape,
  what: string,
  path: string,
): void {
  if (value === null || value === undefined) return;
  if (typeof shape === "string") {
    if (typeof value !== typeofs[shape]) throw wrong(what, path, shape, value);
  } else if (isList(shape)) {
    if (!Array.isArray(value)) throw wrong(what, path, shape, value);
    for (const [index, item] of (value as unknown[]).entries())
      check(item, shape[0], what, `${path}[${index}]`);
  } else {
    if (typeof value !== "object" || Array.isArray(value))
      throw wrong(what, path, shape, value);
    const each = shape["$each"];
    const members = value as Readonly<Record<string, unknown>>;
    const names = Object.keys(each === undefined ? shape : members);
    for (const name of names) {
      if (!Object.hasOwn(members, name)) continue;
      const inner = path === "" ? name : `${path}.${name}`;
      check(members[name], each ?? shape[name] ?? {}, what, inner);
    }
  }
}

function isList(shape: AnyShape): shape is readonly [AnyShape] {
  return Array.isArray(shape);
}

function wrong(
  what: string,
  path: string,
  shape: AnyShape,
  value: unknown,
): EngineError {
  const expected =
    typeof shape === "string" ? shape : isList(shape) ? "a list" : "an object";
  const got =
    value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  return new EngineError(
    `${what}: ${path === "" ? "it" : path} should be ${expected}, and is ${got}`,
  );
}
