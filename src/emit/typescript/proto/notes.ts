import type { EnumDeclaration, Field, WireValue } from "../../../model/api.ts";
import { isIdentifier } from "../../layout/literal.ts";

/**
 * What docs say of a field besides its own words: what its type in TypeScript
 * cannot. Only text of known characters, for it stands in a comment as it is.
 *
 * @param of - The enum that the field is of.
 */
export function fieldNotes(
  { wire }: Field,
  of: EnumDeclaration | undefined,
): string[] {
  const notes: string[] = [];
  const text = wire?.default === undefined ? "" : valueText(wire.default, of);
  if (text !== "") notes.push(`Default: \`${text}\`.`);
  if (wire?.key !== undefined && wire.key !== "string")
    notes.push(`Keys are the text of \`${wire.key}\` values.`);
  return notes;
}

/** A value in words; nothing for bytes, and for text that is not plain. */
function valueText(value: WireValue, of: EnumDeclaration | undefined): string {
  switch (typeof value) {
    case "string":
      return /^[\w ./:+-]+$/.test(value) ? JSON.stringify(value) : "";
    case "number": {
      const name = of?.values.find(({ number }) => number === value)?.name;
      if (name !== undefined && isIdentifier(name)) return name;
      return Object.is(value, -0) ? "-0" : String(value);
    }
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return "";
  }
}
