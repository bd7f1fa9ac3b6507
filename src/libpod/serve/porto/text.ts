import { EError } from "portolan/porto";
import { failure } from "./errors.ts";

/** Largest number of the protocol's 64 bits. */
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_INT64 = 2n ** 63n - 1n;

/** The sum of numbers of 64 bits, as much of it as has room in them. */
export function sumUint(a: bigint, b: bigint): bigint {
  return a + b > MAX_UINT64 ? MAX_UINT64 : a + b;
}

const invalid = (text: string): Error => failure(EError.InvalidValue, text);

/** Splits at a separator that has no backslash before it; blanks around pieces and empty ones go. */
export function splitEscaped(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    const next = text[at + 1];
    if (character === "\\" && (next === "\\" || next === separator)) {
      piece += next;
      at += 1;
    } else if (character === separator) {
      pieces.push(piece);
      piece = "";
    } else piece += character;
  }
  pieces.push(piece);
  return pieces.map((each) => each.trim()).filter((each) => each !== "");
}

/** Undoes {@link splitEscaped}. */
export function mergeEscaped(
  pieces: readonly string[],
  separator: string,
): string {
  return pieces
    .map((piece) =>
      piece
        .replaceAll("\\", "\\\\")
        .replaceAll(separator, () => `\\${separator}`),
    )
    .join(separator);
}

/** `a b;c d` as words of entries. */
export function splitTuples(text: string): string[][] {
  return splitEscaped(text, ";").map((entry) => splitEscaped(entry, " "));
}

export function mergeTuples(tuples: readonly (readonly string[])[]): string {
  return mergeEscaped(
    tuples.map((words) => mergeEscaped(words, " ")),
    ";",
  );
}

/** `k: v; k: v`. @throws PortoError `InvalidValue` */
export function parseMap(text: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const entry of splitEscaped(text, ";")) {
    // Names of labels may have colons too: what we write has a blank behind the one meant.
    const written = entry.indexOf(": ");
    const at = written < 0 ? entry.indexOf(":") : written;
    if (at < 0) throw invalid("Invalid format");
    map.set(entry.slice(0, at).trim(), entry.slice(at + 1).trim());
  }
  return map;
}

/** Undoes {@link parseMap} where no key has a colon with a blank behind it; keys in order. */
export function formatMap(map: ReadonlyMap<string, string | bigint>): string {
  return [...map]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => mergeEscaped([`${key}: ${value}`], ";"))
    .join("; ");
}

/** `k: 1K; k: 2`. @throws PortoError `InvalidValue` */
export function parseSizeMap(text: string): Map<string, bigint> {
  return new Map(
    [...parseMap(text)].map(([key, value]) => [key, parseSize(value)]),
  );
}

/** @throws PortoError `InvalidValue` */
export function parseBool(text: string): boolean {
  if (text === "true") return true;
  if (text === "false") return false;
  throw invalid(`Bad boolean value: ${text}`);
}

/** @throws PortoError `InvalidValue` */
export function parseUint(text: string): bigint {
  if (!/^\+?\d+$/.test(text)) throw invalid(`Bad uint64 value: ${text}`);
  const value = BigInt(text.replace("+", ""));
  if (value > MAX_UINT64) throw invalid(`Bad uint64 value: ${text}`);
  return value;
}

/** @throws PortoError `InvalidValue` */
export function parseInt64(text: string): bigint {
  const value = /^[+-]?\d+$/.test(text)
    ? BigInt(text.replace("+", ""))
    : undefined;
  if (value === undefined || value > MAX_INT64 || value < -MAX_INT64 - 1n)
    throw invalid(`Bad int64 value: ${text}`);
  return value;
}

/** @throws PortoError `InvalidValue` */
export function parseDouble(text: string): number {
  const value = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw invalid(`Bad double value: ${text}`);
  return value;
}

/** A number with what stands behind it. @throws PortoError `InvalidValue` */
function splitUnit(text: string): { readonly digits: string; unit: string } {
  const found =
    /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(.*?)\s*$/is.exec(text);
  if (found === null) throw invalid(`Bad value: ${text}`);
  return { digits: found[1] ?? "", unit: found[2] ?? "" };
}

const SIZE_UNITS = "BKMGTPE";

/** Bytes: `64M`, `1.5GiB`, `100`. @throws PortoError `InvalidValue` */
export function parseSize(text: string): bigint {
  const { digits, unit } = splitUnit(text);
  const found = /^([BKMGTPE])(i?B)?$/i.exec(unit);
  const power = SIZE_UNITS.indexOf((found?.[1] ?? "B").toUpperCase());
  const known =
    unit === "" || (found !== null && !(power === 0 && found[2] !== undefined));
  if (!known) throw invalid(`Bad value unit: ${unit}`);
  if (digits.startsWith("-")) throw invalid(`Negative: ${text}`);
  const multiple = 1n << BigInt(10 * power);
  const value = /^\+?\d+$/.test(digits)
    ? BigInt(digits.replace("+", "")) * multiple
    : wholePart(Number(digits) * Number(multiple));
  if (value > MAX_UINT64) throw invalid(`Too big: ${text}`);
  return value;
}

function wholePart(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.floor(value)) : MAX_UINT64 + 1n;
}

const NANOSECONDS: Readonly<Record<string, number>> = {
  "": 1,
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

/** Nanoseconds: `100ms`, `1s`, `1000000`. @throws PortoError `InvalidValue` */
export function parseNanoseconds(text: string): bigint {
  const { digits, unit } = splitUnit(text);
  const multiple = Object.hasOwn(NANOSECONDS, unit)
    ? NANOSECONDS[unit]
    : undefined;
  if (multiple === undefined) throw invalid(`Bad time unit: ${unit}`);
  const value = wholePart(Number(digits) * multiple);
  if (value < 0n || value > MAX_UINT64) throw invalid(`Bad time: ${text}`);
  return value;
}

/**
 * Cores: `1.5c`, or a share of all of them in percent: `50`.
 *
 * @throws PortoError `InvalidValue`
 */
export function parseCores(text: string, cpus: number): number {
  const { digits, unit } = splitUnit(text);
  const value = Number(digits);
  const bad = (what: string): Error =>
    invalid(`Invalid cpu power ${what} ${text}`);
  if (value < 0) throw bad("value");
  if (unit === "c") return value;
  if (unit === "ns") return value / 1e9;
  if (unit === "") return (value / 100) * cpus;
  throw bad("unit");
}

/** A number as printf's `%g` has it: six digits at most. */
export function general(value: number): string {
  return String(Number(value.toPrecision(6)));
}

export function formatCores(cores: number): string {
  return `${general(cores)}c`;
}

/** `2026-11-21 22:11:05`, in UTC. */
export function formatTime(time: bigint): string {
  const date = new Date(Number(time) * 1000);
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** Milliseconds as seconds, as all times of the protocol are. */
export function seconds(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds / 1000));
}
