import type {
  EnumDeclaration,
  EnumValue,
  Field,
  StructDeclaration,
  Type,
  TypeDeclaration,
  WireValue,
} from "../../../model/api.ts";
import type { Anchors } from "../anchors.ts";
import { docCell, docItem } from "../docs.ts";
import { codeSpan } from "../escape.ts";
import { DEPRECATED, isMarked } from "../fields.ts";
import { type Description, type Entry, layOutListing } from "../listing.ts";
import { type Piece, plainNotation } from "../notation.ts";
import type { ProtoContext } from "./context.ts";
import { valueText } from "./values.ts";

/**
 * Lists a message's fields in the order of its file, or nothing if there are none.
 * What the language says of a field is in two columns, as many as there can be
 * beside a description on a narrow screen.
 *
 * @param label - What stands above a list. Undefined for nothing.
 * @param fields - Which of them. Default: all.
 */
export function fieldTable(
  message: Pick<StructDeclaration, "path" | "fields">,
  label: string | undefined,
  context: ProtoContext,
  fields: readonly Field[] = message.fields,
): string {
  const demanded = context.service.envelope?.required.get(
    message.path.join("."),
  );
  const entries = fields.map((field): Entry => ({
    cells: (inCell) => [
      numbered(field.name, field.wire?.number, inCell),
      [
        typeCell(field, context, inCell),
        ...labelsOf(field, demanded?.get(field.name), context, inCell),
      ].join(", "),
    ],
    description: described(field, anchorsFor(message, context)),
  }));
  return layOutListing(entries, {
    columns: ["Field", "Type", "Description"],
    label,
  });
}

/**
 * Lists an enum's values.
 *
 * @param label - What stands above a list. Undefined for nothing.
 * @param remark - What is said of a value beside its docs, as a sentence. Default: nothing.
 */
export function valueTable(
  declared: EnumDeclaration,
  label: string | undefined,
  context: ProtoContext,
  remark: (value: EnumValue) => string = () => "",
): string {
  const first = new Map<number | undefined, EnumValue>();
  for (const value of declared.values)
    if (!first.has(value.number)) first.set(value.number, value);
  const entries = declared.values.map((value): Entry => {
    const other = first.get(value.number);
    const alias = (inCell: boolean): string =>
      other === undefined || other === value
        ? ""
        : `Alias of ${codeSpan(other.name, inCell)}.`;
    return {
      cells: (inCell) => [numbered(value.name, value.number, inCell)],
      description: described(value, anchorsFor(declared, context), {
        before: alias,
        after: () => remark(value),
      }),
    };
  });
  return layOutListing(entries, {
    columns: ["Value", "Description"],
    label,
  });
}

/** Anchors for the docs in a type, whose own name they need not link. */
function anchorsFor(
  { path }: Pick<StructDeclaration, "path">,
  { names }: ProtoContext,
): Anchors {
  return { ...names.commands, own: names.types.of(names.type(path)) };
}

/** `name = 1`, as the language writes it. */
function numbered(
  name: string,
  number: number | undefined,
  inCell: boolean,
): string {
  const span = codeSpan(name, inCell);
  return number === undefined ? span : `${span} = ${number}`;
}

/** Sentences around docs, for a cell or an item. */
interface Around {
  readonly before: (inCell: boolean) => string;
  readonly after: (inCell: boolean) => string;
}

const ALONE: Around = { before: () => "", after: () => "" };

/** Docs behind a mark where they belong to what is deprecated, with what else is said. */
export function described(
  part: { readonly docs: string; readonly deprecated: boolean },
  anchors: Anchors,
  { before, after }: Around = ALONE,
): Description {
  const mark = isMarked(part) ? DEPRECATED : "";
  const cell = docCell(part.docs, anchors);
  const { lead, rest } = docItem(part.docs, anchors);
  const opening = [mark, before(false)].filter(Boolean).join(" ");
  const [first, ...others] = lead;
  const lines = [[opening, first].filter(Boolean).join(" "), ...others].filter(
    Boolean,
  );
  const closing = after(false);
  const added = closing === "" ? [] : [closing];
  return {
    cell: [[mark, before(true), cell].filter(Boolean).join(" "), after(true)]
      .filter(Boolean)
      .join(cell.includes("<br>") ? "<br>" : " "),
    item:
      rest.length === 0
        ? { lead: [...lines, ...added], rest }
        : { lead: lines, rest: [...rest, ...added] },
  };
}

/** A field's type as its file writes it, without the label. */
export function typePieces(
  field: Field,
  { names }: Pick<ProtoContext, "names">,
): Piece[] {
  const write = (type: Type): Piece => {
    switch (type.kind) {
      case "reference":
        return { kind: "name", name: names.type(type.path) };
      case "primitive":
        return { kind: "code", text: field.wire?.type ?? type.name };
      case "list":
        return write(type.element);
      case "map":
        return write(type.value);
      case "nullable":
        return write(type.type);
      default:
        return type satisfies never;
    }
  };
  const value = write(field.type);
  return field.type.kind === "map"
    ? [
        { kind: "code", text: `map<${field.wire?.key ?? "string"}, ` },
        value,
        { kind: "code", text: ">" },
      ]
    : [value];
}

function typeCell(
  field: Field,
  context: ProtoContext,
  inCell: boolean,
): string {
  const pieces = typePieces(field, context);
  const group = field.wire?.type === "group" ? "group " : "";
  const code = codeSpan(group + plainNotation(pieces), inCell);
  const name = pieces.find((piece) => piece.kind === "name")?.name;
  const anchor = name === undefined ? undefined : context.names.types.of(name);
  return anchor === undefined ? code : `[${code}](#${anchor})`;
}

/** Whether a field has to be there, how often it can be, and what it is if absent. */
function labelsOf(
  field: Field,
  demanded: WireValue | undefined,
  { find }: ProtoContext,
  inCell: boolean,
): string[] {
  const declared =
    field.type.kind === "reference" ? find(field.type.path) : undefined;
  const value = (what: WireValue): string =>
    codeSpan(valueText(field, what, declared), inCell);
  const words = [demanded === undefined ? labelOf(field) : "demanded"];
  // Nearly all are nothing, which the word says.
  if (demanded !== undefined && !isNothing(demanded, declared))
    words.push(`else ${value(demanded)}`);
  if (field.wire?.packed === true) words.push("packed");
  if (field.wire?.oneof !== undefined)
    words.push(`one of ${codeSpan(field.wire.oneof, inCell)}`);
  if (field.wire?.default !== undefined)
    words.push(`default ${value(field.wire.default)}`);
  return words.filter(Boolean);
}

/** Whether a demanded value is zero, false, or empty as a message always is. */
function isNothing(
  value: WireValue,
  declared: TypeDeclaration | undefined,
): boolean {
  if (declared !== undefined) return declared.kind === "struct";
  return value instanceof Uint8Array ? value.length === 0 : !value;
}

function labelOf(field: Field): string {
  // Its type says it.
  if (field.type.kind === "map") return "";
  if (field.type.kind === "list") return "repeated";
  // A member of a `oneof` has no label.
  if (field.wire?.oneof !== undefined) return "";
  return field.presence;
}
