/** Integers as `bigint`: what is one, and how its text is read without rounding. */

/** The smallest integer that fits 64 bits. */
export const INT_MIN: bigint = -(2n ** 63n);
/** The largest one, unsigned: "no limit" in many interfaces. */
export const INT_MAX: bigint = 2n ** 64n - 1n;

/** The doubles that integers of 64 bits are read as: UINT64_MAX is rounded to 2^64. */
export const DOUBLE_MIN: number = -(2 ** 63);
export const DOUBLE_MAX: number = 2 ** 64;

/** Whether an integer fits 64 bits, signed or unsigned, as UAPI.20 recommends to support. */
export function fitsInt(value: bigint): boolean {
  return value >= INT_MIN && value <= INT_MAX;
}

/** As JSON writes integers, and no longer than 64 bits need: `-9223372036854775808`. */
const DECIMAL = /^-?(?:0|[1-9][0-9]{0,19})$/;

/**
 * Reads an integer that came as a string, which UAPI.20 lets peers send that have
 * no exact numbers. Undefined for any text but a decimal integer of 64 bits.
 */
export function readDecimal(text: string): bigint | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = BigInt(text);
  return fitsInt(value) ? value : undefined;
}

const INTEGER = /^-?[0-9]+$/;
const NUMBER = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
const ZEROS = /^0*$/;

/** Digits of 2^64. */
const MAX_DIGITS = 20;

/**
 * The value of a number as JSON writes it, where it is an integer of at most 20
 * digits: `1e3` and `1000.0` are. Undefined where it has a fraction or is larger.
 */
export function readInteger(token: string): bigint | undefined {
  if (token.length <= MAX_DIGITS && INTEGER.test(token)) return BigInt(token);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    NUMBER.exec(token) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return 0n;
  const length = digits.length - fraction.length + Number(exponent);
  if (length > MAX_DIGITS || length <= 0) return undefined;
  if (!ZEROS.test(digits.slice(length))) return undefined;
  // Concatenation instead of arithmetic: the digits of a large fraction may be millions.
  return BigInt(sign + digits.slice(0, length).padEnd(length, "0"));
}

/** What a value has in its container: the name of a member, or an index. */
export type Key = string | number;

/**
 * Places inside of `object` and `any`, by their containers, where an integer came
 * that JSON.parse may have rounded: no interface says that they are ints.
 */
export type FreePlaces = ReadonlyMap<object, ReadonlySet<Key>>;

/**
 * Reads the integers of a message behind JSON.parse. Those that a double has
 * exactly become what they are; of the others, `rounded` tells that they have to
 * be read again from the text. What is far beyond 64 bits stays a number: `1e308`
 * is five characters, and as a bigint more than a thousand bits.
 */
export class IntReader {
  #rounded = false;
  #free: Map<object, Set<Key>> = new Map();

  /** A parsed value as bigint; what is no integer stays as it is. */
  readonly read = (value: unknown): unknown => {
    if (Number.isInteger(value)) {
      const int = value as number;
      if (!Number.isSafeInteger(int)) {
        if (int < DOUBLE_MIN || int > DOUBLE_MAX) return value;
        this.#rounded = true;
      }
      return BigInt(int);
    }
    return typeof value === "string" ? (readDecimal(value) ?? value) : value;
  };

  /**
   * A parsed value of type `any`, or inside of one or of an `object`: a bigint only
   * where it is a number that JSON.parse may have rounded.
   *
   * @param container What has it, at `key`.
   */
  readonly readFree = (
    value: unknown,
    container: object,
    key: Key,
  ): unknown => {
    if (
      typeof value !== "number" ||
      Number.isSafeInteger(value) ||
      !Number.isInteger(value) ||
      value < DOUBLE_MIN ||
      value > DOUBLE_MAX
    )
      return value;
    this.#rounded = true;
    const keys = this.#free.get(container);
    if (keys === undefined) this.#free.set(container, new Set([key]));
    else keys.add(key);
    return BigInt(value);
  };

  /**
   * What was read since the last time, and begins anew: the places of free values
   * that are bigints now, or undefined where nothing may have been rounded.
   */
  take(): FreePlaces | undefined {
    const rounded = this.#rounded;
    const free = this.#free;
    this.#rounded = false;
    if (free.size > 0) this.#free = new Map();
    return rounded ? free : undefined;
  }
}
