import { fitsInt } from "../exact/integer.ts";
import { isRecord, whyNotPlain } from "./object.ts";
import {
  beyond,
  describe,
  expected,
  Failure,
  MAX_DEPTH,
  tooDeep,
} from "./problem.ts";

/**
 * What bigints are in data of which no interface says what it is: `refuse`, where
 * they would come back rounded, or `allow`, within 64 bits.
 */
export type Bigints = "refuse" | "allow";

/**
 * Checks a value of type `any` or `object`, which has no declared inside: it
 * must be JSON all through. From a message it can break only two rules: depth,
 * and numbers like 1e999, which JSON.parse reads as Infinity.
 */
export function checkJson(
  value: unknown,
  depth: number,
  bigints: Bigints = "refuse",
): Failure | undefined {
  if (typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? undefined
      : expected("a finite number", value);
  }
  if (typeof value === "object") {
    return value === null ? undefined : checkContainer(value, depth, bigints);
  }
  if (typeof value === "bigint" && bigints === "allow")
    return fitsInt(value) ? undefined : beyond("a bigint");
  return new Failure(`JSON cannot carry ${describe(value)}`);
}

function checkContainer(
  value: object,
  depth: number,
  bigints: Bigints,
): Failure | undefined {
  if (depth >= MAX_DEPTH) return tooDeep();
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    for (let index = 0; index < items.length; index += 1) {
      const failure = checkJson(items[index], depth + 1, bigints);
      if (failure !== undefined) return failure.inside(index);
    }
    return undefined;
  }
  return checkObject(value, depth, bigints);
}

/** Checks a value of type `object`. */
export function checkJsonObject(
  value: unknown,
  depth: number,
  bigints: Bigints = "refuse",
): Failure | undefined {
  if (!isRecord(value)) return expected("an object", value);
  if (depth >= MAX_DEPTH) return tooDeep();
  return checkObject(value, depth, bigints);
}

function checkObject(
  value: object,
  depth: number,
  bigints: Bigints,
): Failure | undefined {
  const why = whyNotPlain(value);
  if (why !== undefined)
    return new Failure(`expected a JSON value, got ${why}`);
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const member: unknown = value[key as keyof typeof value];
    // A member that is undefined is left out by JSON: the same as absent.
    if (member === undefined) continue;
    const failure = checkJson(member, depth + 1, bigints);
    if (failure !== undefined) return failure.inside(key);
  }
  return undefined;
}
