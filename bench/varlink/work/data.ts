import type { BenchRecord, Integer } from "../contract.ts";

/** Makes an integer of the kind that an interface has. */
export type ToInteger = (value: number) => Integer;

/** @param exact Whether integers are bigints. */
export function toInteger(exact: boolean): ToInteger {
  return exact ? BigInt : (value) => value;
}

/** So many records are a page: 4.4 kB as JSON. */
const PAGE = 40;

/** So many are 10 MB. */
const BULK = 83_300;

export function page(integer: ToInteger): readonly BenchRecord[] {
  return records(PAGE, "container", integer);
}

/** @param ascii Without it, one letter of each record is not. */
export function bulk(
  ascii: boolean,
  integer: ToInteger,
): readonly BenchRecord[] {
  return records(BULK, ascii ? "container" : "contäiner", integer);
}

function records(
  count: number,
  name: string,
  integer: ToInteger,
): readonly BenchRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    id: integer(100_000 + index),
    name: `${name}-${index}`,
    size: integer(1_234_567 + index * 4096),
    // Seventeen digits: a pattern that looks for large integers hits these.
    share: 1 / (index + 7),
    running: index % 3 === 0,
    state: index % 3 === 0 ? "running" : "exited",
  }));
}
