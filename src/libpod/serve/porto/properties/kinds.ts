import { EError, type TStringMap, type TUintMap } from "portolan/porto";
import { failure } from "../errors.ts";
import {
  formatCores,
  formatMap,
  general,
  mergeEscaped,
  parseBool,
  parseCores,
  parseDouble,
  parseInt64,
  parseMap,
  parseNanoseconds,
  parseSize,
  parseSizeMap,
  parseUint,
  splitEscaped,
} from "../text.ts";

/** What values are read against. */
export interface ValueContext {
  /** CPUs of the host. */
  readonly cpus: number;
}

/**
 * How the values of a property are written: as text, which is what is kept, and in the
 * typed fields of Porto 5. Everything throws `InvalidValue` for what it cannot be.
 */
export interface Kind<T> {
  /** Reads a text that a client set, and writes it as it will be read. */
  parse(value: string, context: ValueContext): string;
  toSpec(value: string): T | undefined;
  /** @param before The text so far, where the new value says only what changes. */
  fromSpec(value: T, before: string): string;
  /** One entry, by what stands in brackets behind the property's name. */
  readonly entry?: Entries | undefined;
}

/** See {@link Kind.entry}. */
export interface Entries {
  get(whole: string, key: string): string;
  set(whole: string, key: string, value: string, context: ValueContext): string;
}

export const invalid = (problem: string): Error =>
  failure(EError.InvalidValue, problem);

/** Text as it is. @param limit Bytes that it may have. */
export function text(
  limit: number = Number.MAX_SAFE_INTEGER,
  tooLong = "Value too long",
): Kind<string> {
  const parse = (value: string): string => {
    if (Buffer.byteLength(value) > limit)
      throw invalid(`${tooLong}, max ${limit}${limit < 65536 ? " bytes" : ""}`);
    return value;
  };
  return { parse, toSpec: (value) => value, fromSpec: parse };
}

/** One of some words. @param same Words that mean another one. */
export function choice(
  allowed: readonly string[],
  problem: (value: string) => string,
  same: Readonly<Record<string, string>> = {},
): Kind<string> {
  const parse = (value: string): string => {
    const meant = Object.hasOwn(same, value) ? (same[value] ?? "") : value;
    if (!allowed.includes(meant)) throw invalid(problem(value));
    return meant;
  };
  return { parse, toSpec: (value) => value, fromSpec: parse };
}

export const flag: Kind<boolean> = {
  parse: (value) => String(parseBool(value)),
  toSpec: (value) => value === "true",
  fromSpec: String,
};

/** An amount of bytes or of things. @param least The least that is not 0. */
export function size(least: bigint = 0n): Kind<bigint> {
  const check = (value: bigint): string => {
    if (value > 0n && value < least)
      throw invalid(`Should be at least ${least}`);
    return String(value);
  };
  return {
    parse: (value) => check(parseSize(value)),
    toSpec: bigintOf,
    fromSpec: check,
  };
}

function bigintOf(value: string): bigint | undefined {
  return value === "" ? undefined : BigInt(value);
}

export const count: Kind<bigint> = {
  parse: (value) => String(parseUint(value)),
  toSpec: bigintOf,
  fromSpec: String,
};

/** A number, or nothing at all where it is negative. */
export const limit: Kind<bigint> = {
  parse: (value) => (value === "" ? "" : limitText(parseInt64(value))),
  toSpec: (value) => (value === "" ? -1n : BigInt(value)),
  fromSpec: limitText,
};

function limitText(value: bigint): string {
  return value < 0n ? "" : String(value);
}

/** A whole number between two others. */
export function integer(low: number, high: number): Kind<number> {
  const check = (value: number): string => {
    if (value < low || value > high) throw invalid("out of range");
    return String(value);
  };
  return {
    parse: (value) => check(Number(parseInt64(value))),
    toSpec: Number,
    fromSpec: check,
  };
}

/** A weight: 0.01 to 100. */
export const weight: Kind<number> = {
  parse: (value) => checkWeight(parseDouble(value)),
  toSpec: Number,
  fromSpec: checkWeight,
};

function checkWeight(value: number): string {
  if (!(value >= 0.01 && value <= 100)) throw invalid("out of range");
  return general(value);
}

export const cores: Kind<number> = {
  parse: (value, { cpus }) => formatCores(parseCores(value, cpus)),
  toSpec: (value) => Number(value.replace("c", "")),
  fromSpec: (value) => {
    if (!(value >= 0)) throw invalid(`Invalid cpu power value ${value}`);
    return formatCores(value);
  },
};

/** Time in nanoseconds. @param unit What its text ends with. */
export function nanoseconds(
  unit: "" | "ns",
  low: bigint = 0n,
  high: bigint = 2n ** 64n - 1n,
): Kind<bigint> {
  const check = (value: bigint): string => {
    if (value < low || value > high) throw invalid("period out of range");
    return `${value}${unit}`;
  };
  return {
    parse: (value) => check(parseNanoseconds(value)),
    toSpec: (value) => BigInt(value.replace("ns", "")),
    fromSpec: check,
  };
}

/** A mode in octal digits: `022`. In typed fields its digits are read as if they were decimal. */
export const octal: Kind<number> = {
  parse: parseOctal,
  toSpec: Number,
  fromSpec: (value) => parseOctal(String(value)),
};

function parseOctal(value: string): string {
  if (!/^[0-7]{1,6}$/.test(value)) throw invalid(`Bad oct value: ${value}`);
  const digits = value.replace(/^0+/, "");
  return digits === "" ? "0" : `0${digits}`;
}

/** Amounts by name: `sda: 1M; sdb: 2M`. @param whole A text without names is for this one. */
export function sizes(whole?: string): Kind<TUintMap> {
  const read = (value: string): Map<string, bigint> =>
    whole !== undefined && value !== "" && !value.includes(":")
      ? new Map([[whole, parseSize(value)]])
      : parseSizeMap(value);
  const write = (map: ReadonlyMap<string, bigint>): string =>
    whole !== undefined && map.size === 1 && map.has(whole)
      ? String(map.get(whole))
      : formatMap(map);
  return {
    parse: (value) => write(read(value)),
    toSpec: (value) => ({ map: uintEntries(read(value)) }),
    fromSpec(value, before) {
      const map = value.merge === true ? read(before) : new Map();
      for (const { key = "", val = 0n } of value.map) map.set(key, val);
      return write(map);
    },
    entry: {
      get(value, key) {
        const found = read(value).get(key);
        if (found === undefined) throw invalid(`invalid index ${key}`);
        return String(found);
      },
      set: (value, key, amount) =>
        write(new Map([...read(value), [key, parseSize(amount)]])),
    },
  };
}

/** Entries of a map of numbers as they are sent. */
export function uintEntries(
  map: ReadonlyMap<string, bigint>,
): { readonly key: string; readonly val: bigint }[] {
  return [...map].map(([key, val]) => ({ key, val }));
}

/** Text by name. */
export function texts(
  options: {
    /** Throws for what an entry cannot be. */
    readonly check?: ((key: string, value: string) => void) | undefined;
    readonly key?: ((key: string) => string) | undefined;
    /** Says what is missing; without it that is empty. */
    readonly missing?: ((key: string) => Error) | undefined;
  } = {},
): Kind<TStringMap> {
  const { check = () => undefined, key: keyOf = (key) => key } = options;
  const put = (
    map: Map<string, string>,
    given: string,
    value: string,
  ): void => {
    const key = keyOf(given);
    check(key, value);
    if (key.includes(": ")) throw invalid("Invalid format");
    if (value === "") map.delete(key);
    else map.set(key, value);
  };
  const filled = (
    start: ReadonlyMap<string, string>,
    entries: Iterable<readonly [string, string]>,
  ): string => {
    const map = new Map(start);
    for (const [key, value] of entries) put(map, key, value);
    return formatMap(map);
  };
  return {
    parse: (value) => filled(new Map(), parseMap(value)),
    toSpec: (value) => ({
      map: [...parseMap(value)].map(([key, val]) => ({ key, val })),
    }),
    fromSpec: (value, before) =>
      filled(
        value.merge === true ? parseMap(before) : new Map(),
        value.map.map(({ key = "", val = "" }) => [key, val] as const),
      ),
    entry: {
      get(value, key) {
        const found = parseMap(value).get(keyOf(key));
        if (found === undefined && options.missing !== undefined)
          throw options.missing(key);
        return found ?? "";
      },
      set: (value, key, entry) => filled(parseMap(value), [[key, entry]]),
    },
  };
}

/** Words with `;` between them, in whatever message they are. */
export function words<T>(
  toSpec: (list: readonly string[]) => T,
  fromSpec: (value: T) => readonly string[],
  options: {
    readonly separator?: string;
    readonly check?: (word: string) => void;
    /** Whether `name[word]` tells and says if the word is one of them. */
    readonly members?: boolean;
  } = {},
): Kind<T> {
  const { separator = ";", check = () => undefined, members } = options;
  const read = (value: string): string[] => splitEscaped(value, separator);
  const write = (list: readonly string[]): string => {
    for (const word of list) check(word);
    return mergeEscaped(list, separator);
  };
  return {
    parse: (value) => write(read(value)),
    toSpec: (value) => toSpec(read(value)),
    fromSpec: (value) => write(fromSpec(value)),
    entry:
      members === true
        ? {
            get: (value, word) => String(read(value).includes(word)),
            set(value, word, said) {
              const others = read(value).filter((other) => other !== word);
              return write(parseBool(said) ? [...others, word] : others);
            },
          }
        : undefined,
  };
}
