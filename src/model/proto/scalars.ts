import { scalarNames } from "../../../grammar/proto/scalars.ts";
import type { ScalarType } from "../api.ts";

const scalars: ReadonlySet<string> = new Set<ScalarType>(scalarNames);

/** The scalar type of this name. */
export function scalarOf(name: string): ScalarType | undefined {
  return scalars.has(name) ? (name as ScalarType) : undefined;
}

/** What integers a type holds, both ends included; undefined for one that is no integer. */
export function integerRange(
  type: string,
): { readonly min: bigint; readonly max: bigint } | undefined {
  switch (type) {
    case "int32":
    case "sint32":
    case "sfixed32":
      return { min: -(2n ** 31n), max: 2n ** 31n - 1n };
    case "int64":
    case "sint64":
    case "sfixed64":
      return { min: -(2n ** 63n), max: 2n ** 63n - 1n };
    case "uint32":
    case "fixed32":
      return { min: 0n, max: 2n ** 32n - 1n };
    case "uint64":
    case "fixed64":
      return { min: 0n, max: 2n ** 64n - 1n };
    default:
      return undefined;
  }
}

/** Whether values of an integer type are bigint in our models. */
export function isWide(type: string): boolean {
  return type.endsWith("64");
}

/** Types whose lists can be packed: all numbers, bool and enums. */
export function isPackable(type: string): boolean {
  return !["string", "bytes", "message", "group"].includes(type);
}
