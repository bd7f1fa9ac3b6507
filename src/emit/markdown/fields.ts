import type {
  EnumDeclaration,
  EnumValue,
  Field,
  StructDeclaration,
  Type,
} from "../../model/api.ts";
import type { Anchors } from "./anchors.ts";
import { docCell } from "./docs.ts";
import { codeSpan } from "./escape.ts";
import {
  inlineTypeIn,
  notationOf,
  plainNotation,
  writtenType,
  type Types,
} from "./notation.ts";
import { layOutTable } from "./table.ts";

/** An inline type longer than this is written `(…)`, with its parts listed. In characters. */
const LONGEST_INLINE = 48;

/** What the tables of a document share. */
export interface TableContext {
  readonly types: Types;
  readonly anchors: Anchors;
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly description: string;
}

/**
 * The table of a struct's fields, or nothing if there are none. The fields of an
 * inline struct that is not shown whole follow it as `outer.inner`. Without any
 * description there is no column for them.
 */
export function fieldTable(
  fields: readonly Field[],
  context: TableContext,
): string {
  const rows = fields.flatMap((field) => rowsOf(field, field.name, context));
  if (rows.length === 0) return "";
  return rows.every((row) => row.description === "")
    ? layOutTable(
        ["Field", "Type"],
        rows.map(({ name, type }) => [name, type]),
      )
    : layOutTable(
        ["Field", "Type", "Description"],
        rows.map(({ name, type, description }) => [name, type, description]),
      );
}

/** The table of an enum's values. */
export function valueTable(
  values: readonly EnumValue[],
  context: TableContext,
): string {
  const described = values.map((value) => [
    codeSpan(value.name, true),
    describe(value, context),
  ]);
  return described.every(([, description]) => description === "")
    ? layOutTable(
        ["Value"],
        described.map(([name = ""]) => [name]),
      )
    : layOutTable(["Value", "Description"], described);
}

function rowsOf(field: Field, path: string, context: TableContext): Row[] {
  const inner = inlineTypeIn(field.type, context.types);
  const elided =
    inner !== undefined && isElided(inner, context) ? inner : undefined;
  const description = describe(field, context);
  const row = {
    name: codeSpan(path, true),
    type: typeCell(writtenType(field), context),
    description,
  };
  if (elided === undefined) return [row];
  if (elided.kind === "enum") {
    const values = listValues(elided.values, context);
    return [
      {
        ...row,
        description: [description, values].filter(Boolean).join("<br>"),
      },
    ];
  }
  return [
    row,
    ...elided.fields.flatMap((part) =>
      rowsOf(part, `${path}.${part.name}`, context),
    ),
  ];
}

/** Whether any of the fields' inline types is written `(…)` in their table. */
export function hasElided(
  fields: readonly Field[],
  context: TableContext,
): boolean {
  return fields.some(({ type }) => {
    const inner = inlineTypeIn(type, context.types);
    return inner !== undefined && isElided(inner, context);
  });
}

/** Whether an inline type is listed part by part: it has docs, is long, or holds links. */
function isElided(
  type: StructDeclaration | EnumDeclaration,
  context: TableContext,
): boolean {
  const reference: Type = { kind: "reference", path: type.path };
  const pieces = notationOf(reference, context.types);
  if (plainNotation(pieces).length > LONGEST_INLINE) return true;
  return (
    pieces.some((piece) => piece.kind === "name") ||
    isDocumented(type, context.types)
  );
}

function isDocumented(
  type: StructDeclaration | EnumDeclaration,
  types: Types,
): boolean {
  if (type.kind === "enum") return type.values.some(hasWords);
  return type.fields.some((field) => {
    if (hasWords(field)) return true;
    const inner = inlineTypeIn(field.type, types);
    return inner !== undefined && isDocumented(inner, types);
  });
}

function hasWords(part: {
  readonly docs: string;
  readonly deprecated: boolean;
}): boolean {
  return part.deprecated || part.docs.trim() !== "";
}

function typeCell(type: Type, context: TableContext): string {
  const pieces = notationOf(type, context.types, (inner) =>
    isElided(inner, context),
  );
  const code = codeSpan(plainNotation(pieces), true);
  const name = pieces.find((piece) => piece.kind === "name")?.name;
  const anchor = name === undefined ? undefined : context.anchors.of(name);
  return anchor === undefined ? code : `[${code}](#${anchor})`;
}

function listValues(
  values: readonly EnumValue[],
  context: TableContext,
): string {
  if (!values.some(hasWords)) {
    return `One of ${values.map((value) => codeSpan(value.name, true)).join(", ")}.`;
  }
  return values
    .map((value) => {
      const description = describe(value, context);
      const name = codeSpan(value.name, true);
      return description === "" ? name : `${name}: ${description}`;
    })
    .join("<br>");
}

function describe(
  part: { readonly docs: string; readonly deprecated: boolean },
  context: TableContext,
): string {
  const text = docCell(part.docs, context.anchors);
  return [isMarked(part) ? DEPRECATED : "", text].filter(Boolean).join(" ");
}

/** The mark of what should not be used any more. */
export const DEPRECATED = "**Deprecated.**";

/** Whether something needs {@link DEPRECATED} because its own docs do not begin by saying so. */
export function isMarked(part: {
  readonly docs: string;
  readonly deprecated: boolean;
}): boolean {
  return part.deprecated && !/^[^\p{L}\p{N}]*deprecated\b/iu.test(part.docs);
}
