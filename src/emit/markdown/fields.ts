import type {
  EnumDeclaration,
  EnumValue,
  Field,
  Method,
  StructDeclaration,
  Type,
} from "../../model/api.ts";
import type { Anchors } from "./anchors.ts";
import { docCell, docItem } from "./docs.ts";
import { codeSpan } from "./escape.ts";
import { fillLines } from "./fill-lines.ts";
import {
  type Description,
  type Entry,
  layOutEntries,
  layOutListing,
  layOutListings,
} from "./listing.ts";
import {
  inlineTypeIn,
  notationOf,
  plainNotation,
  writtenType,
  type Types,
} from "./notation.ts";
import type { ItemDoc } from "./print-blocks.ts";

/** An inline type longer than this is written `(…)`, with its parts listed. In characters. */
const LONGEST_INLINE = 48;

/** What the tables of a document share. */
export interface TableContext {
  readonly types: Types;
  readonly anchors: Anchors;
}

/**
 * The fields of a struct, or nothing if there are none: a table, or a list where
 * that would be too wide. The fields of an inline struct that is not shown whole
 * follow it as `outer.inner`.
 */
export function fieldListing(
  fields: readonly Field[],
  context: TableContext,
): string {
  return layOutListing(entriesOfAll(fields, context), {
    columns: FIELD_COLUMNS,
    label: "Fields",
  });
}

/**
 * What a method takes and what it gives, as {@link fieldListing} lays out fields,
 * but with no label, and either both as tables or both as lists.
 */
export function sideListings(
  { input, output }: Method,
  context: TableContext,
): string[] {
  return layOutListings(
    [input, output].map(({ fields }) => entriesOfAll(fields, context)),
    { columns: FIELD_COLUMNS },
  );
}

const FIELD_COLUMNS = ["Field", "Type", "Description"];

function entriesOfAll(
  fields: readonly Field[],
  context: TableContext,
): Entry[] {
  return fields.flatMap((field) => entriesOf(field, field.name, context));
}

/** The values of an enum, laid out as {@link fieldListing} does fields. */
export function valueListing(
  values: readonly EnumValue[],
  context: TableContext,
): string {
  const entries = values.map((value) => valueEntry(value, context));
  return layOutListing(entries, {
    columns: ["Value", "Description"],
    label: "Values",
  });
}

function valueEntry(value: EnumValue, { anchors }: TableContext): Entry {
  return {
    cells: (inCell) => [codeSpan(value.name, inCell)],
    description: descriptionOf(value, anchors),
  };
}

function entriesOf(field: Field, path: string, context: TableContext): Entry[] {
  const inner = inlineTypeIn(field.type, context.types);
  const elided =
    inner !== undefined && isElided(inner, context) ? inner : undefined;
  const told = descriptionOf(field, context.anchors);
  const entry: Entry = {
    cells: (inCell) => [
      codeSpan(path, inCell),
      typeCell(writtenType(field), context, inCell),
    ],
    description:
      elided?.kind === "enum" ? withValues(told, elided.values, context) : told,
  };
  if (elided?.kind !== "struct") return [entry];
  return [
    entry,
    ...elided.fields.flatMap((part) =>
      entriesOf(part, `${path}.${part.name}`, context),
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

/** Whether anything is said of a part: its description is not empty. */
export function hasWords(part: {
  readonly docs: string;
  readonly deprecated: boolean;
}): boolean {
  return part.deprecated || part.docs.trim() !== "";
}

function typeCell(type: Type, context: TableContext, inCell: boolean): string {
  const pieces = notationOf(type, context.types, (inner) =>
    isElided(inner, context),
  );
  const code = codeSpan(plainNotation(pieces), inCell);
  const name = pieces.find((piece) => piece.kind === "name")?.name;
  const anchor = name === undefined ? undefined : context.anchors.of(name);
  return anchor === undefined ? code : `[${code}](#${anchor})`;
}

/** What is said of a field, and then of the values that it may have. */
function withValues(
  { cell, item }: Description,
  values: readonly EnumValue[],
  context: TableContext,
): Description {
  if (!values.some(hasWords)) {
    const cellNames = values.map(({ name }) => codeSpan(name, true));
    return {
      cell: joinLines([cell, `One of ${cellNames.join(", ")}.`]),
      item: withOneOf(item, values),
    };
  }
  const entries = values.map((value) => valueEntry(value, context));
  // Directly below another list it would be a part of that.
  const apart = item.rest.length > 0 ? ["One of:"] : [];
  return {
    cell: joinLines([cell, ...entries.map(valueLine)]),
    item: {
      ...item,
      rest: [...item.rest, ...apart, layOutEntries(entries)],
    },
  };
}

function withOneOf(item: ItemDoc, values: readonly EnumValue[]): ItemDoc {
  const last = values.length - 1;
  const names = values.map(
    ({ name }, at) => codeSpan(name, false) + (at === last ? "." : ","),
  );
  const line = fillLines(["One of", ...names]);
  return item.rest.length === 0
    ? { ...item, lead: [...item.lead, ...line.split("\n")] }
    : { ...item, rest: [...item.rest, line] };
}

function valueLine({ cells, description }: Entry): string {
  return [...cells(true), description.cell].filter(Boolean).join(": ");
}

function joinLines(lines: readonly string[]): string {
  return lines.filter((line) => line !== "").join("<br>");
}

/** Docs as a description, with a mark where they belong to what is deprecated. */
export function descriptionOf(
  part: { readonly docs: string; readonly deprecated: boolean },
  anchors: Anchors,
): Description {
  const cell = docCell(part.docs, anchors);
  const item = docItem(part.docs, anchors);
  if (!isMarked(part)) return { cell, item };
  const [first, ...others] = item.lead;
  const marked = first === undefined ? DEPRECATED : `${DEPRECATED} ${first}`;
  return {
    cell: cell === "" ? DEPRECATED : `${DEPRECATED} ${cell}`,
    item: { ...item, lead: [marked, ...others] },
  };
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
