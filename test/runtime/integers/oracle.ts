import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";

/**
 * JSON read by a parser of its own, character by character, the slow and plain
 * way: numbers keep their text. What the runtime's fast ways are held against.
 */
export type Oracle =
  | null
  | boolean
  | string
  | NumberText
  | readonly Oracle[]
  | { readonly [key: string]: Oracle };

/** A number as it was written. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Reads a whole text of JSON. */
export function parseExactly(text: string): Oracle {
  let at = 0;
  const space = (): void => {
    while (" \n\r\t".includes(text[at] ?? "x")) at += 1;
  };
  const expectText = (word: string): void => {
    if (!text.startsWith(word, at)) throw new Error(`no ${word} at ${at}`);
    at += word.length;
  };
  const matchAt = (sticky: RegExp): string => {
    sticky.lastIndex = at;
    const found = sticky.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const string = (): string => {
    const match = matchAt(/"(?:[^"\\]|\\.)*"/suy);
    if (match === "") throw new Error(`no string at ${at}`);
    return JSON.parse(match) as string;
  };
  const value = (): Oracle => {
    space();
    const first = text[at] ?? "";
    let result: Oracle;
    if (first === "{") {
      const members = new Map<string, Oracle>();
      at += 1;
      space();
      while (text[at] !== "}") {
        space();
        const key = string();
        space();
        expectText(":");
        // The last one counts, in the place of the first.
        members.set(key, value());
        if (text[at] === ",") at += 1;
      }
      at += 1;
      result = Object.fromEntries(members);
    } else if (first === "[") {
      const items: Oracle[] = [];
      at += 1;
      space();
      while (text[at] !== "]") {
        items.push(value());
        if (text[at] === ",") at += 1;
      }
      at += 1;
      result = items;
    } else if (first === '"') {
      result = string();
    } else {
      const word = matchAt(/[-+.0-9a-zA-Z]+/y);
      if (word === "null") result = null;
      else if (word === "true" || word === "false") result = word === "true";
      else result = new NumberText(word);
    }
    space();
    return result;
  };
  return value();
}

type Types = InterfaceDescriptor["types"];

/**
 * What a lenient client makes of exact JSON: ints exact, large integers in `object` and
 * `any` as well, all other numbers rounded, arrays and maps that are null or absent
 * empty. Types: `int`, `?T`, `[]T`, `[string]T`, `object`, `any`, structs by name.
 */
export function roundedTo(value: Oracle, type: string, types: Types): unknown {
  if (type.startsWith("?")) return roundedTo(value, type.slice(1), types);
  if (type === "int") {
    if (value instanceof NumberText) return intOf(value.text);
    return typeof value === "string" ? decimalOf(value) : rounded(value);
  }
  if (type === "object" || type === "any") return plain(value, freeOf);
  if (type.startsWith("[]") && Array.isArray(value)) {
    const items: readonly Oracle[] = value;
    return items.map((item) => filled(item, type.slice(2), types));
  }
  if (!isObject(value)) return rounded(value);
  if (type.startsWith("[string]")) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        filled(item, type.slice("[string]".length), types),
      ]),
    );
  }
  const fields = types[type];
  if (fields === undefined || Array.isArray(fields)) return rounded(value);
  const members = new Map<string, unknown>(
    Object.entries(value).map(([key, item]) => [key, rounded(item)]),
  );
  for (const [name, field] of Object.entries(fields)) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    const made = filled(member, field, types);
    if (made !== undefined) members.set(name, made);
  }
  return Object.fromEntries(members);
}

function filled(
  value: Oracle | undefined,
  type: string,
  types: Types,
): unknown {
  if (value !== undefined && value !== null)
    return roundedTo(value, type, types);
  if (type.startsWith("[]")) return [];
  return type.startsWith("[string]") ? {} : value;
}

function rounded(value: Oracle): unknown {
  return plain(value, Number);
}

function plain(
  value: Oracle,
  numberOf: (text: string) => number | bigint,
): unknown {
  if (value instanceof NumberText) return numberOf(value.text);
  if (Array.isArray(value)) {
    const items: readonly Oracle[] = value;
    return items.map((item) => plain(item, numberOf));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, plain(item, numberOf)]),
  );
}

/** A number of which no type says what it is: only large integers of 64 bits are bigints. */
function freeOf(text: string): bigint | number {
  const double = Number(text);
  const exact = intOf(text);
  return typeof exact === "bigint" &&
    !Number.isSafeInteger(double) &&
    fits(exact)
    ? exact
    : double;
}

function fits(value: bigint): boolean {
  return value >= -(2n ** 63n) && value <= 2n ** 64n - 1n;
}

function isObject(value: Oracle): value is { readonly [key: string]: Oracle } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberText)
  );
}

/** By rational arithmetic: mantissa times ten to some power. */
function intOf(text: string): bigint | number {
  const double = Number(text);
  if (!Number.isInteger(double)) return double;
  // A fraction that a double cannot tell from none is none.
  if (Number.isSafeInteger(double)) return BigInt(double);
  // What is far beyond 64 bits stays the number that it is.
  if (double < -(2 ** 63) || double > 2 ** 64) return double;
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const power = Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (power >= 0) return digits * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return digits % divisor === 0n ? digits / divisor : double;
}

function decimalOf(text: string): bigint | string {
  if (!/^-?\d+$/.test(text)) return text;
  const value = BigInt(text);
  return fits(value) && (String(value) === text || text === "-0")
    ? value
    : text;
}
