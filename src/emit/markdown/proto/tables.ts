import type {
  EnumDeclaration,
  Field,
  Service,
  StructDeclaration,
  Type,
  TypeDeclaration,
  WireValue,
} from "../../../model/api.ts";
import { docCell } from "../docs.ts";
import { codeSpan } from "../escape.ts";
import { DEPRECATED, isMarked } from "../fields.ts";
import { type Piece, plainNotation, typesOf } from "../notation.ts";
import type { Place } from "../service-view.ts";
import { layOutTable } from "../table.ts";
import { namesOf, type ProtoNames } from "./names.ts";
import { valueText } from "./values.ts";

/** What all parts of a document share. */
export interface ProtoContext {
  readonly service: Service;
  readonly place: Place;
  readonly names: ProtoNames;
  readonly find: (path: readonly string[]) => TypeDeclaration | undefined;
}

export function contextOf(service: Service, place: Place): ProtoContext {
  return {
    service,
    place,
    names: namesOf(service, place.prefix),
    find: typesOf(service),
  };
}

/**
 * The table of a message's fields, or nothing if there are none. Without any
 * description there is no column for them.
 *
 * @param describe - What is said of a field. Default: its docs.
 */
export function fieldTable(
  message: StructDeclaration,
  context: ProtoContext,
  describe: (field: Field) => string = (field) => described(field, context),
): string {
  if (message.fields.length === 0) return "";
  const demanded = context.service.envelope?.required.get(
    message.path.join("."),
  );
  const rows = message.fields.map((field) => [
    field.wire === undefined ? "" : String(field.wire.number),
    codeSpan(field.name, true),
    typeCell(field, context),
    labelCell(field, demanded?.get(field.name), context),
    describe(field),
  ]);
  return withoutEmptyLast(
    ["No.", "Field", "Type", "Label", "Description"],
    rows,
  );
}

/** The table of an enum's values. */
export function valueTable(
  declared: EnumDeclaration,
  context: ProtoContext,
): string {
  const rows = declared.values.map((value) => [
    value.number === undefined ? "" : String(value.number),
    codeSpan(value.name, true),
    described(value, context),
  ]);
  return withoutEmptyLast(["No.", "Value", "Description"], rows);
}

function withoutEmptyLast(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const isEmpty = rows.every((row) => row.at(-1) === "");
  return isEmpty
    ? layOutTable(
        header.slice(0, -1),
        rows.map((row) => row.slice(0, -1)),
      )
    : layOutTable(header, rows);
}

/** Docs as the inside of a cell, with a mark where they belong to what is deprecated. */
export function described(
  part: { readonly docs: string; readonly deprecated: boolean },
  { names }: ProtoContext,
): string {
  const text = docCell(part.docs, names.commands);
  return [isMarked(part) ? DEPRECATED : "", text].filter(Boolean).join(" ");
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

function typeCell(field: Field, context: ProtoContext): string {
  const pieces = typePieces(field, context);
  const group = field.wire?.type === "group" ? "group " : "";
  const code = codeSpan(group + plainNotation(pieces), true);
  const name = pieces.find((piece) => piece.kind === "name")?.name;
  const anchor = name === undefined ? undefined : context.names.types.of(name);
  return anchor === undefined ? code : `[${code}](#${anchor})`;
}

/** Whether a field has to be there, how often it can be, and what it is if absent. */
function labelCell(
  field: Field,
  demanded: WireValue | undefined,
  { find }: ProtoContext,
): string {
  const declared =
    field.type.kind === "reference" ? find(field.type.path) : undefined;
  const value = (what: WireValue): string =>
    declared?.kind === "struct"
      ? "an empty one"
      : codeSpan(valueText(field, what, declared), true);
  const words = [
    demanded === undefined
      ? labelOf(field)
      : `demanded, else ${value(demanded)}`,
  ];
  if (field.wire?.packed === true) words.push("packed");
  if (field.wire?.oneof !== undefined)
    words.push(`one of ${codeSpan(field.wire.oneof, true)}`);
  if (field.wire?.default !== undefined)
    words.push(`default ${value(field.wire.default)}`);
  return words.filter(Boolean).join(", ");
}

function labelOf(field: Field): string {
  if (field.type.kind === "map") return "map";
  if (field.type.kind === "list") return "repeated";
  // A member of a `oneof` has no label.
  if (field.wire?.oneof !== undefined) return "";
  return field.presence;
}

/** The message at a path. */
export function structAt(
  path: readonly string[],
  { find }: ProtoContext,
): StructDeclaration | undefined {
  const found = find(path);
  return found?.kind === "struct" ? found : undefined;
}
