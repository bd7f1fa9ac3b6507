import type { Settable } from "./settable-kinds.ts";
import { limitProperties } from "./settable-limits.ts";
import { ownProperties } from "./settable-own.ts";

/** All properties that can be set, by name. */
export const settable: ReadonlyMap<string, Settable> = new Map(
  [...ownProperties, ...limitProperties].map((property) => [
    property.name,
    property,
  ]),
);
