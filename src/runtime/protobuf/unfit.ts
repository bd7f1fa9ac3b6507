import {
  isAnyArrayBuffer,
  isArrayBufferView,
  isBoxedPrimitive,
  isDate,
  isMap,
  isPromise,
  isRegExp,
  isSet,
  isUint8Array,
} from "node:util/types";

/**
 * A value that does not fit its field: what was expected, and what was there. It
 * never leaves this folder; `encode` finds out where the value stands.
 */
export class Unfit extends Error {}

/** Says that a value is not what it should be. */
export function unfit(expected: string, value: unknown): Unfit {
  return new Unfit(`expected ${expected}, got ${described(value)}`);
}

const MAX_SHOWN = 40;

function described(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.length > MAX_SHOWN
        ? `a string of ${value.length} characters`
        : JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "number":
    case "boolean":
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value)
        ? "an array"
        : (builtIn(value) ?? "an object");
    case "undefined":
      return "undefined";
    default:
      return `a ${typeof value}`;
  }
}

const BUILT_IN: readonly [(value: unknown) => boolean, string][] = [
  [isMap, "a Map"],
  [isSet, "a Set"],
  [isDate, "a Date"],
  [isPromise, "a Promise"],
  [isUint8Array, "a Uint8Array"],
  [isArrayBufferView, "a typed array"],
  [isAnyArrayBuffer, "an ArrayBuffer"],
  [isRegExp, "a RegExp"],
  [isBoxedPrimitive, "a boxed value"],
];

/** What an object is called that does not have what it holds in its fields. */
export function builtIn(value: object): string | undefined {
  return BUILT_IN.find(([is]) => is(value))?.[1];
}
