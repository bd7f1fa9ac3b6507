import type {
  EnumDeclaration,
  Field,
  TypeDeclaration,
  WireValue,
} from "../../../model/api.ts";

/** Text and bytes longer than this are cut. */
const LONGEST = 60;

/**
 * A field's default as its file writes it, on one line of characters that can be
 * seen. Without `declared`, an enum's value is its number.
 */
export function valueText(
  field: Field,
  value: WireValue,
  declared: TypeDeclaration | undefined,
): string {
  if (typeof value === "string") return quoted(value, visible);
  if (value instanceof Uint8Array)
    return quoted(String.fromCharCode(...value.subarray(0, LONGEST + 1)), hex);
  if (declared?.kind === "enum") return valueName(declared, Number(value));
  if (field.type.kind === "primitive" && field.type.name === "float")
    return floatText(Number(value));
  return String(value);
}

function valueName(declared: EnumDeclaration, number: number): string {
  const found = declared.values.find((value) => value.number === number);
  return found?.name ?? String(number);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Number.isFinite(value))
    return Object.is(value, -0) ? "-0" : String(value);
  return value > 0 ? "inf" : "-inf";
}

function quoted(text: string, escape: (character: string) => string): string {
  const characters = Array.from(text);
  const shown = characters.slice(0, LONGEST).map((character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return /[ -~]/.test(character) ? character : escape(character);
  });
  return `"${shown.join("")}${characters.length > LONGEST ? "…" : ""}"`;
}

/** What cannot be seen, or changes how the rest is seen, as an escape. */
function visible(character: string): string {
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
