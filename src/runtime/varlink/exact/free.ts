import { type JsonRecord, setOwn } from "../schema/object.ts";
import {
  expected,
  type Failure,
  MAX_DEPTH,
  tooDeep,
} from "../schema/problem.ts";
import type { IntReader } from "./integer.ts";

/**
 * Compiles what reads the integers inside of free values, those of type `object` and
 * `any`, in place: it returns why a value is none that JSON has. That can be its
 * depth, and what JSON.parse reads as Infinity, unless that is allowed.
 */
export function freeReader(
  { readFree }: IntReader,
  infinity: "refuse" | "allow",
): (value: unknown, depth: number) => Failure | undefined {
  const isAllowed = infinity === "allow";
  const read = (value: unknown, depth: number): Failure | undefined => {
    if (typeof value !== "object" || value === null) {
      return isAllowed || typeof value !== "number" || Number.isFinite(value)
        ? undefined
        : expected("a finite number", value);
    }
    if (depth >= MAX_DEPTH) return tooDeep();
    return Array.isArray(value)
      ? readList(value, depth)
      : readRecord(value as JsonRecord, depth);
  };
  const readList = (items: unknown[], depth: number): Failure | undefined => {
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (!mayHold(item)) continue;
      const failure = read(item, depth + 1);
      if (failure !== undefined) return failure.inside(index);
      const exact = readFree(item, items, index);
      if (exact !== item) items[index] = exact;
    }
    return undefined;
  };
  const readRecord = (
    record: JsonRecord,
    depth: number,
  ): Failure | undefined => {
    // Names are asked for where they are needed: values alone are had faster.
    let keys: string[] | undefined;
    const members = Object.values(record);
    for (let index = 0; index < members.length; index += 1) {
      const member = members[index];
      if (!mayHold(member)) continue;
      const failure = read(member, depth + 1);
      if (failure === undefined && typeof member === "object") continue;
      keys ??= Object.keys(record);
      const key = keys[index] ?? "";
      if (failure !== undefined) return failure.inside(key);
      const exact = readFree(member, record, key);
      if (exact !== member) setOwn(record, key, exact);
    }
    return undefined;
  };
  return read;
}

/** Whether a value has, or is, something to look at: most have not. */
function mayHold(value: unknown): boolean {
  return typeof value === "number"
    ? !Number.isSafeInteger(value)
    : typeof value === "object";
}
