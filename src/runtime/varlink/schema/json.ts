import { isRecord, whyNotPlain } from "./object.ts";
import { describe, expected, Failure, MAX_DEPTH, tooDeep } from "./problem.ts";

/**
 * Checks a value of type `any` or `object`, which has no declared inside: it
 * must be JSON all through. From a message it can break only two rules: depth,
 * and numbers like 1e999, which JSON.parse reads as Infinity.
 */
export function checkJson(value: unknown, depth: number): Failure | undefined {
  if (typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? undefined
      : expected("a finite number", value);
  }
  if (typeof value === "object") {
    return value === null ? undefined : checkContainer(value, depth);
  }
  return new Failure(`JSON cannot carry ${describe(value)}`);
}

function checkContainer(value: object, depth: number): Failure | undefined {
  if (depth >= MAX_DEPTH) return tooDeep();
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    for (let index = 0; index < items.length; index += 1) {
      const failure = checkJson(items[index], depth + 1);
      if (failure !== undefined) return failure.inside(index);
    }
    return undefined;
  }
  return checkObject(value, depth);
}

/** Checks a value of type `object`. */
export function checkJsonObject(
  value: unknown,
  depth: number,
): Failure | undefined {
  if (!isRecord(value)) return expected("an object", value);
  if (depth >= MAX_DEPTH) return tooDeep();
  return checkObject(value, depth);
}

function checkObject(value: object, depth: number): Failure | undefined {
  const why = whyNotPlain(value);
  if (why !== undefined)
    return new Failure(`expected a JSON value, got ${why}`);
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const member: unknown = value[key as keyof typeof value];
    // A member that is undefined is left out by JSON: the same as absent.
    if (member === undefined) continue;
    const failure = checkJson(member, depth + 1);
    if (failure !== undefined) return failure.inside(key);
  }
  return undefined;
}
