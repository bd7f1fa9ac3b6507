/** Fields of messages, by the ways that a descriptor names them with. */

/** A message as this module sees it: data of a type that only generated code knows. */
type Fields = { readonly [field: string]: unknown };

/** The value of a field, `undefined` where there is none. */
export function fieldOf(message: object, field: string): unknown {
  // What every object inherits is no field.
  return Object.hasOwn(message, field) ? (message as Fields)[field] : undefined;
}

/** The value at the end of a way through messages, `undefined` where there is none. */
export function valueAt(message: object, way: readonly string[]): unknown {
  let value: unknown = message;
  for (const field of way) {
    if (typeof value !== "object" || value === null) return undefined;
    value = fieldOf(value, field);
  }
  return value;
}

/** A copy of a message with another value at the end of a way. */
export function withValueAt(
  message: object,
  way: readonly string[],
  value: unknown,
): object {
  const [field, ...rest] = way;
  if (field === undefined) return message;
  const inner = fieldOf(message, field);
  const child = typeof inner === "object" && inner !== null ? inner : {};
  const changed = rest.length === 0 ? value : withValueAt(child, rest, value);
  return { ...message, [field]: changed };
}

/**
 * Whether a field has a value; integers are the same however their 64 bits are
 * held.
 */
export function hasValue(found: unknown, value: unknown): boolean {
  if (found === value) return true;
  return (
    isInteger(found) && isInteger(value) && String(found) === String(value)
  );
}

function isInteger(value: unknown): boolean {
  return (
    typeof value === "bigint" ||
    Number.isInteger(value) ||
    (typeof value === "string" && /^-?\d+$/.test(value))
  );
}

/** A number out of any representation of one; `undefined` for what is none. */
export function toNumber(value: unknown): number | undefined {
  if (
    typeof value !== "number" &&
    typeof value !== "bigint" &&
    typeof value !== "string"
  )
    return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}
