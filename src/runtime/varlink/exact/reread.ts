import { setOwn, own, isRecord, type JsonRecord } from "../schema/object.ts";
import { beyond, Failure, MAX_DEPTH, type Problem } from "../schema/problem.ts";
import {
  fitsInt,
  type FreePlaces,
  type Key,
  readDecimal,
  readInteger,
} from "./integer.ts";

/**
 * `all`: an integer beyond 64 bits, or a number with a fraction that JSON.parse
 * rounded to an integer, is a problem. `lenient`: the integer is kept, exact, and
 * the number stays the double that it was.
 */
export type RereadMode = "all" | "lenient";

/**
 * Puts the integers that JSON.parse has rounded right, in place, from the text.
 *
 * Every value that is a bigint was an integer for JSON.parse; which places those
 * are is the interface's to say, but for the free ones. So text and values are gone
 * through together,
 * once; nothing else is looked at. Of members that come twice the last one counts,
 * as JSON.parse has it.
 *
 * @param text The message that `parameters` was parsed from.
 * @param parameters What it has in its member `parameters`.
 * @param free Where a number may be anything: what turns out to be no integer of 64
 * bits is the number again that it was, in both modes.
 */
export function reread(
  text: string,
  parameters: object,
  mode: RereadMode,
  free: FreePlaces = new Map(),
): Problem | undefined {
  const reader = new Rereader(text, free);
  reader.run({ parameters });
  const problem = mode === "all" ? reader.problem() : undefined;
  reader.putBack();
  return problem;
}

type Container = JsonRecord | unknown[];

/** Where a container is: its key, and the place of the one that it is in. */
interface Place {
  readonly key: Key;
  readonly outer: Place | undefined;
  readonly depth: number;
}

/**
 * A place where the text has no int. There may be as many of them as numbers in
 * the message, and each as deep as it nests: so the path is written down of none.
 */
interface Misfit {
  readonly container: Container;
  readonly key: Key;
  /** Of the container. */
  readonly place: Place | undefined;
  /** What JSON.parse made of it, where that is what it stays. */
  readonly double: number | undefined;
  /** Whether it may be what it is. */
  readonly isFree: boolean;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Reads JSON that JSON.parse has accepted: nothing about its form is checked again. */
class Rereader {
  readonly #text: string;
  readonly #free: FreePlaces;
  #at = 0;
  /** Of the container that is read. */
  #place: Place | undefined;
  /** By place, for a second member of the same name takes the place of the first. */
  readonly #misfits = new Map<Container, Map<Key, Misfit>>();

  constructor(text: string, free: FreePlaces) {
    this.#text = text;
    this.#free = free;
  }

  run(message: JsonRecord): void {
    this.#skipSpace();
    this.#object(message);
  }

  /** The first place that does not fit. */
  problem(): Problem | undefined {
    for (const misfit of this.#all())
      if (!misfit.isFree) return problemOf(misfit);
    return undefined;
  }

  /** Makes what is no integer the number again that it was. */
  putBack(): void {
    for (const { container, key, double } of this.#all()) {
      if (double !== undefined) put(container, key, double);
    }
  }

  *#all(): Generator<Misfit> {
    for (const places of this.#misfits.values()) yield* places.values();
  }

  #object(record: JsonRecord): void {
    this.#at += 1;
    for (;;) {
      const code = this.#skipSpace();
      if (code === CLOSE || code === COMMA) {
        this.#at += 1;
        if (code === CLOSE) return;
        continue;
      }
      const key = this.#string();
      this.#skipSpace();
      this.#at += 1; // The colon.
      const first = this.#skipSpace();
      this.#member(record, key, own(record, key), first);
    }
  }

  #list(items: unknown[]): void {
    this.#at += 1;
    for (let index = 0; ;) {
      const code = this.#skipSpace();
      if (code === CLOSE_LIST || code === COMMA) {
        this.#at += 1;
        if (code === CLOSE_LIST) return;
        index += 1;
        continue;
      }
      this.#member(items, index, items[index], code);
    }
  }

  /** @param code The first character of the value's text. */
  #member(container: Container, key: Key, value: unknown, code: number): void {
    if (typeof value === "bigint") {
      this.#int(container, key, value, code);
      return;
    }
    // A member that comes twice may have been something else before.
    const isObject = code === OPEN && isRecord(value);
    const isList = code === OPEN_LIST && Array.isArray(value);
    const outer = this.#place;
    const depth = outer === undefined ? 0 : outer.depth + 1;
    if ((!isObject && !isList) || depth >= MAX_DEPTH) {
      this.#skipValue(code);
      return;
    }
    this.#place = { key, outer, depth };
    if (isObject) this.#object(value);
    else this.#list(value as unknown[]);
    this.#place = outer;
  }

  #int(container: Container, key: Key, value: bigint, code: number): void {
    const start = this.#at;
    const isFree = this.#free.get(container)?.has(key) ?? false;
    if (code === QUOTE && !isFree) {
      const exact = readDecimal(this.#string());
      if (exact !== undefined && Number(exact) === Number(value))
        this.#settle(container, key, exact);
      return;
    }
    this.#skipValue(code);
    if (code !== MINUS && !isDigit(code)) return;
    const token = this.#text.slice(start, this.#at);
    const double = Number(token);
    // Otherwise it is not the one that JSON.parse took.
    if (double !== Number(value)) return;
    // What JSON.parse has not rounded beyond doubt is what it is without a second look.
    const exact = Number.isSafeInteger(double) ? value : readInteger(token);
    if (exact === undefined) {
      this.#misfit(container, key, double, isFree);
    } else {
      this.#settle(container, key, exact);
      if (!fitsInt(exact))
        this.#misfit(container, key, isFree ? double : undefined, isFree);
    }
  }

  #settle(container: Container, key: Key, exact: bigint): void {
    put(container, key, exact);
    this.#misfits.get(container)?.delete(key);
  }

  #misfit(
    container: Container,
    key: Key,
    double: number | undefined,
    isFree: boolean,
  ): void {
    let places = this.#misfits.get(container);
    if (places === undefined) {
      places = new Map();
      this.#misfits.set(container, places);
    }
    places.set(key, { container, key, place: this.#place, double, isFree });
  }

  /** Returns the character behind. */
  #skipSpace(): number {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    // Outside of strings nothing else is that small.
    while (code <= SPACE) code = text.charCodeAt(++at);
    // Text that the values do not come from must not be read for ever.
    if (at >= text.length) throw new Error("the message ends in the middle");
    this.#at = at;
    return code;
  }

  #skipValue(first: number): void {
    if (first === QUOTE) {
      this.#skipString();
    } else if (first === OPEN || first === OPEN_LIST) {
      this.#skipContainer();
    } else {
      const text = this.#text;
      let at = this.#at;
      let code = first;
      while (
        code > SPACE &&
        code !== COMMA &&
        code !== CLOSE &&
        code !== CLOSE_LIST
      )
        code = text.charCodeAt(++at);
      this.#at = at;
    }
  }

  /** By counting, not by recursion: what is skipped may nest as deep as it likes. */
  #skipContainer(): void {
    const text = this.#text;
    let level = 0;
    do {
      const code = text.charCodeAt(this.#at);
      if (code === QUOTE) {
        this.#skipString();
        continue;
      }
      if (code === OPEN || code === OPEN_LIST) level += 1;
      else if (code === CLOSE || code === CLOSE_LIST) level -= 1;
      this.#at += 1;
    } while (level > 0 && this.#at < text.length);
  }

  #string(): string {
    const start = this.#at;
    this.#skipString();
    const inside = this.#text.slice(start + 1, this.#at - 1);
    return inside.includes("\\")
      ? (JSON.parse(this.#text.slice(start, this.#at)) as string)
      : inside;
  }

  #skipString(): void {
    const text = this.#text;
    let end = text.indexOf('"', this.#at + 1);
    while (text.charCodeAt(end - 1) === BACKSLASH && this.#isEscaped(end))
      end = text.indexOf('"', end + 1);
    this.#at = end < 0 ? text.length : end + 1;
  }

  /** Whether an odd number of backslashes stands before. */
  #isEscaped(at: number): boolean {
    let before = at - 1;
    while (this.#text.charCodeAt(before) === BACKSLASH) before -= 1;
    return (at - before) % 2 === 0;
  }
}

function problemOf({ key, place, double }: Misfit): Problem {
  const failure =
    double === undefined
      ? beyond("a number")
      : new Failure("expected an int, got a number with a fraction");
  failure.inside(key);
  // The outermost is `parameters`, which paths do not begin with.
  for (let at = place; at?.outer !== undefined; at = at.outer)
    failure.inside(at.key);
  return failure.toProblem();
}

function put(container: Container, key: Key, value: unknown): void {
  if (typeof key === "string") setOwn(container as JsonRecord, key, value);
  else (container as unknown[])[key] = value;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
