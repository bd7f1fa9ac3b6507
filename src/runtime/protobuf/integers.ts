import { unfit } from "./unfit.ts";
import { signed, unsigned } from "./words.ts";

/** Integers of 64 bits on their way out: checked, and put into `words`. */

const INT64 = "a bigint from -(2n ** 63n) to 2n ** 63n - 1n";
const UINT64 = "a bigint from 0n to 2n ** 64n - 1n";

/** Puts a signed integer into `words`. */
export function setSigned(value: bigint): void {
  if (typeof value !== "bigint") throw unfit(INT64, value);
  // What does not fit loses bits.
  signed[0] = value;
  if (signed[0] !== value) throw unfit(INT64, value);
}

/** Puts an unsigned integer into `words`. */
export function setUnsigned(value: bigint): void {
  if (typeof value !== "bigint") throw unfit(UINT64, value);
  unsigned[0] = value;
  if (unsigned[0] !== value) throw unfit(UINT64, value);
}

/** The integer that is given as a number. */
export function exact(value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw unfit("an integer that a number has exactly (up to 2^53)", value);
}

/** The integer that is given in decimal. */
export function parsed(value: string): bigint {
  if (typeof value === "string" && /^-?[0-9]{1,20}$/.test(value))
    return BigInt(value);
  throw unfit("an integer in decimal", value);
}
