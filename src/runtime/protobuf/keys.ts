import { unfit } from "./unfit.ts";

/**
 * A map is an object, so its keys are text, whatever type they have on the wire:
 * integers in decimal, and `true` and `false`.
 */

/** Puts an entry into a map. Every key is data, `__proto__` too. */
export function putEntry<V>(
  map: { [key: string]: V },
  key: string,
  value: V,
): void {
  if (key === "__proto__") {
    Object.defineProperty(map, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else map[key] = value;
}

/** The text of a key. */
export function keyText(key: boolean | number | bigint): string {
  return String(key);
}

/** The integer of up to 32 bits that a key is the text of. */
export function integerKey(key: string): number {
  return Number(bigintKey(key));
}

/** The integer that a key is the text of. */
export function bigintKey(key: string): bigint {
  // Only as we write it: two keys must not become one on the wire.
  if (/^(?:0|-?[1-9][0-9]{0,19})$/.test(key)) return BigInt(key);
  throw unfit("an integer in decimal as key of a map", key);
}

/** The boolean that a key is the text of. */
export function booleanKey(key: string): boolean {
  if (key === "true" || key === "false") return key === "true";
  throw unfit('"true" or "false" as key of a map', key);
}
