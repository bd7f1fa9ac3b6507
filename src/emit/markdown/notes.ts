import type { Service, Type } from "../../model/api.ts";
import type { DocParts } from "./docs.ts";
import { hasElided, type TableContext } from "./fields.ts";
import { inLines } from "./fill-lines.ts";
import { writtenType } from "./notation.ts";
import { layOutList } from "./print-blocks.ts";
import { heading, type Place } from "./service-view.ts";

/** What the lines of a bulleted list are set in by. In columns. */
const ITEM_INDENT = 2;

/**
 * An interface's docs with the notes on how to read the document. They stand
 * behind the docs' lead; where chapters follow it, behind these in a chapter of
 * their own, so that what the author wrote is in one piece.
 *
 * @param warning - What is to be seen first of all, behind the lead even so. May be empty.
 */
export function aroundNotes(
  { lead, chapters }: DocParts,
  notes: readonly string[],
  warning: string,
  { level }: Place,
): string[] {
  const blocks =
    chapters === "" || notes.length === 0
      ? [lead, ...notes, warning, chapters]
      : [lead, warning, chapters, heading(level + 1, "Notation"), ...notes];
  return blocks.filter(Boolean);
}

/** The notation that this document uses, in words. */
export function notesOf(service: Service, context: TableContext): string[] {
  const kinds = new Set<string>();
  const structs = service.members.flatMap((member) => {
    if (member.kind === "method") return [member.input, member.output];
    return member.kind === "enum" ? [] : [member];
  });
  const inline = service.types.filter((type) => type.inline);
  for (const type of inline) kinds.add(`inline ${type.kind}`);
  const inlineStructs = inline.filter((type) => type.kind === "struct");
  for (const { fields } of [...structs, ...inlineStructs]) {
    for (const field of fields) collectKinds(writtenType(field), kinds);
    if (hasElided(fields, context)) kinds.add("elided");
  }
  const readings = READINGS.filter(([kind]) => kinds.has(kind)).map(
    ([, reading]) => inLines(reading, ITEM_INDENT),
  );
  const notes =
    readings.length === 0
      ? []
      : ["How types read:", layOutList(readings, "\n")];
  return service.wire === "varlink" ? [...notes, ...wireNotes(service)] : notes;
}

function collectKinds(type: Type, kinds: Set<string>): void {
  switch (type.kind) {
    case "primitive":
      kinds.add(type.name);
      return;
    case "reference":
      return;
    case "list":
      kinds.add("list");
      return collectKinds(type.element, kinds);
    case "map":
      kinds.add("map");
      return collectKinds(type.value, kinds);
    case "nullable":
      kinds.add("nullable");
      return collectKinds(type.type, kinds);
  }
}

const READINGS: readonly (readonly [string, string])[] = [
  ["nullable", "`?T`: T or null, and may be left out"],
  ["list", "`[]T`: an array of T"],
  ["map", "`[string]T`: a map from strings to T"],
  ["inline struct", "`(a: T, b: U)`: a struct"],
  ["inline enum", "`(one, two)`: one of these strings"],
  [
    "elided",
    "`(…)`: a struct whose fields follow as `outer.inner`, or one of the strings described with it",
  ],
  ["object", "`object`: any JSON object"],
  ["any", "`any`: any JSON value but null"],
];

function wireNotes(service: Service): string[] {
  const named = service.members.find(
    (member) => member.kind === "method" || member.kind === "error",
  );
  if (named === undefined) return [];
  const full = `In calls and replies, ${
    service.errors.length === 0
      ? "methods have"
      : service.methods.length === 0
        ? "errors have"
        : "methods and errors have"
  } the interface's name in front: \`${service.name}.${named.name}\`.`;
  const more = service.methods.some((method) => method.forms.more !== "unknown")
    ? "Methods that are known to answer a call with several replies are marked; others may do so as well."
    : "A method that is called with `more` may answer with several replies.";
  return [inLines(service.methods.length === 0 ? full : `${full} ${more}`)];
}
