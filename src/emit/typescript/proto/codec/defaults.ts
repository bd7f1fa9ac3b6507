import type { WireValue } from "../../../../model/api.ts";
import { type Doc, hardline, indent } from "../../../layout/doc.ts";
import { breakAfter, fluid } from "../../../layout/forms.ts";
import {
  numberLiteral,
  propertyKey,
  stringLiteral,
} from "../../../layout/literal.ts";
import { block, call, returns } from "../../../layout/statements.ts";
import type { FieldPlan, ValuePlan } from "./fields.ts";

/**
 * An object with what absent fields mean: the declared default, else zero. Lists,
 * maps and messages have none, and the fields of a `oneof` are no properties.
 */
export function defaultsObject(fields: readonly FieldPlan[]): Doc {
  const entries = fields.flatMap((field): Doc[] => {
    const { shape, oneof, value } = field;
    if (shape !== "single" || oneof !== undefined) return [];
    return value.kind === "scalar" || value.kind === "enum"
      ? [defaultEntry(field, value)]
      : [];
  });
  if (entries.length === 0) return "{}";
  return [
    "{",
    indent(entries.map((entry) => [hardline, entry, ","])),
    hardline,
    "}",
  ];
}

function defaultEntry(field: FieldPlan, value: ValuePlan): Doc {
  const key = propertyKey(field.property);
  if (value.kind === "scalar" && value.write === "binary") {
    // Bytes can be changed: everyone gets their own.
    const bytes = field.default instanceof Uint8Array ? field.default : NONE;
    return block(`get ${key}(): globalThis.Uint8Array`, [
      returns(bytesLiteral(bytes)),
    ]);
  }
  const text = literal(field.default, value);
  if (text.startsWith('"') || text.startsWith("'"))
    return key.length < SHORT_KEY
      ? [key, ": ", text]
      : breakAfter(key, ":", text);
  return /^[0-9][^n]*$|^(?:true|false)$/.test(text)
    ? [key, ": ", text]
    : fluid(key, ":", text);
}

const NONE: Uint8Array = new Uint8Array(0);

/** Below this many columns a key never stands alone on its line. */
const SHORT_KEY = 5;

/** `$.bytes("…")`: a character for each byte. */
export function bytesLiteral(bytes: Uint8Array): Doc {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return call("$.bytes", [stringLiteral(text)]);
}

/** The literal of a value in its type of TypeScript; of its zero where there is none. */
export function literal(value: WireValue | undefined, plan: ValuePlan): string {
  if (plan.kind === "enum")
    return typeof value === "number" ? String(value) : String(plan.first);
  if (plan.kind !== "scalar" || value === undefined)
    return plan.kind === "scalar" ? plan.zero : "undefined";
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "bigint":
      return integerLiteral(value, plan.type);
    case "number":
      return floatLiteral(value);
    case "string":
      return stringLiteral(value);
    default:
      return plan.zero;
  }
}

function integerLiteral(value: bigint, type: string): string {
  if (type === "string") return stringLiteral(String(value));
  // As a number it may lose digits, as every such number would.
  return type === "number" ? numberLiteral(Number(value)) : `${value}n`;
}

function floatLiteral(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return numberLiteral(value);
  if (Number.isNaN(value)) return "globalThis.NaN";
  return value > 0 ? "globalThis.Infinity" : "-globalThis.Infinity";
}
