import type {
  EnumDeclaration,
  Field,
  Method,
  Service,
  StructDeclaration,
  TypeDeclaration,
} from "../../../model/api.ts";
import { docParts } from "../docs.ts";
import { methodDiagram } from "../diagram.ts";
import { codeSpan, escapeText } from "../escape.ts";
import { DEPRECATED, isMarked } from "../fields.ts";
import { type Piece, plainNotation } from "../notation.ts";
import {
  heading,
  type MemberView,
  type Place,
  type SectionView,
  serviceHeading,
  type ServiceView,
} from "../service-view.ts";
import { linkedCode, signature } from "../signature.ts";
import { commandBlocks, commandFields, commandLink } from "./commands.ts";
import { errorNote, notesOf } from "./notes.ts";
import {
  contextOf,
  described,
  fieldTable,
  type ProtoContext,
  structAt,
  typePieces,
  valueTable,
} from "./tables.ts";

/** Fields or values with more characters than this are left out of the index. */
const LONGEST_PARTS = 100;

/** Arranges members, which are given with the names they are shown by. */
export type Order = <T extends { readonly shown: string }>(
  members: readonly T[],
) => readonly T[];

/** Computes what stands in a document of a file of Protocol Buffers. */
export function viewOf(
  service: Service,
  place: Place,
  order: Order,
): ServiceView {
  const context = contextOf(service, place);
  const methods = order(
    service.methods.map((member) => ({ member, shown: member.name })),
  ).map(({ member }) => member);
  const types = order(
    service.types.map((member) => ({
      member,
      shown: context.names.type(member.path),
    })),
  ).map(({ member }) => member);
  const codes = service.envelope?.error.enum.join(".");
  const isCodes = (type: TypeDeclaration): boolean =>
    type.path.join(".") === codes;
  const messages = types.filter((type) => type.kind === "struct");
  const enums = types.filter(
    (type): type is EnumDeclaration => type.kind === "enum" && !isCodes(type),
  );
  const errors = types.filter(
    (type): type is EnumDeclaration => type.kind === "enum" && isCodes(type),
  );
  const section = (
    title: string,
    members: readonly MemberView[],
    blocks: readonly string[] = [],
  ): SectionView => ({
    heading: heading(place.level + 1, title),
    blocks,
    members,
  });
  const sections = [
    section(
      "Commands",
      methods.map((method) => commandView(method, context)),
    ),
    section(
      "Error codes",
      errors.map((type) => enumView(type, context)),
      service.envelope === undefined ? [] : [errorNote(service.envelope)],
    ),
    section(
      "Messages",
      messages.map((type) => messageView(type, context)),
    ),
    section(
      "Enums",
      enums.map((type) => enumView(type, context)),
    ),
  ].filter(({ members }) => members.length > 0);
  const index = [
    {
      label: "Commands",
      signatures: methods.map((method) => commandLine(method, context)),
    },
    {
      label: "Messages",
      signatures: messages.map((type) => messageLine(type, context)),
    },
    {
      label: "Enums",
      signatures: [...errors, ...enums].map((type) => enumLine(type, context)),
    },
  ].filter(({ signatures }) => signatures.length > 0);
  // Headings of the file's own docs are chapters as ours are.
  const docs = docParts(service.docs, context.names.commands, place.level + 1);
  return {
    heading: serviceHeading(service, place),
    opening: [docs.lead, ...notesOf(context), docs.chapters].filter(Boolean),
    hasIndex: index.length > 0,
    indexHeading: heading(place.level + 1, "Index"),
    index,
    sections,
  };
}

function commandLine(method: Method, context: ProtoContext): string {
  const pieces: Piece[] = [
    ...side(method.envelope?.input, context),
    ...(method.envelope?.output === undefined
      ? []
      : [arrow, ...side(method.envelope.output, context)]),
  ];
  const subscribes = method.envelope?.push === undefined ? "" : ", subscribes";
  const name = commandLink(method.name, context);
  const code = linkedCode(pieces, { anchors: context.names.types });
  return `<code>${name}${code}</code>${subscribes}${deprecation(method)}`;
}

const arrow: Piece = { kind: "code", text: " -> " };

/** A command's message in the index: its fields, or its name where they are many. */
function side(
  path: readonly string[] | undefined,
  context: ProtoContext,
): Piece[] {
  const message = path && structAt(path, context);
  if (message === undefined) return [{ kind: "code", text: "()" }];
  const fields = fieldPieces(message, context);
  if (plainNotation(fields).length <= LONGEST_PARTS) return fields;
  return [
    { kind: "code", text: "(" },
    { kind: "name", name: context.names.type(message.path) },
    { kind: "code", text: ")" },
  ];
}

function fieldPieces(
  { fields }: StructDeclaration,
  context: ProtoContext,
): Piece[] {
  const listed = fields.flatMap((field, at): Piece[] => [
    {
      kind: "code",
      text: `${at === 0 ? "" : ", "}${field.name}: ${labelWord(field)}`,
    },
    ...typePieces(field, context),
  ]);
  return [{ kind: "code", text: "(" }, ...listed, { kind: "code", text: ")" }];
}

function labelWord(field: Field): string {
  if (field.type.kind === "list") return "repeated ";
  return field.presence === "required" ? "required " : "";
}

function messageLine(type: StructDeclaration, context: ProtoContext): string {
  const fields = fieldPieces(type, context);
  return typeLine(type, fields, context);
}

function enumLine(type: EnumDeclaration, context: ProtoContext): string {
  const text = `(${type.values.map(({ name }) => name).join(", ")})`;
  return typeLine(type, [{ kind: "code", text }], context);
}

function typeLine(
  type: TypeDeclaration,
  parts: readonly Piece[],
  { names }: ProtoContext,
): string {
  const name: Piece = { kind: "name", name: names.type(type.path) };
  const isLong = plainNotation(parts).length > LONGEST_PARTS;
  const shown: Piece[] = isLong ? [{ kind: "code", text: "(…)" }] : [...parts];
  const line = signature([name, ...shown], { anchors: names.types });
  return line + deprecation(type);
}

function deprecation({ deprecated }: { readonly deprecated: boolean }): string {
  return deprecated ? ", deprecated" : "";
}

function commandView(method: Method, context: ProtoContext): MemberView {
  const { service, names, place } = context;
  const { envelope } = service;
  return memberView(
    method,
    {
      anchor: names.commands.of(method.name) ?? "",
      name: method.name,
    },
    context,
    [
      ...(envelope === undefined
        ? []
        : commandBlocks(method, envelope, context)),
      place.diagrams ? methodDiagram(service, method, names.type) : "",
    ],
  );
}

function messageView(
  type: StructDeclaration,
  context: ProtoContext,
): MemberView {
  const links = commandFields(type, context);
  const describe = (field: Field): string =>
    links.get(field.name) ?? described(field, context);
  const oneofs = (type.oneofs ?? []).map((oneof) => ({
    name: oneof.name,
    ...docParts(oneof.docs, context.names.commands, context.place.level + 3),
  }));
  return memberView(
    type,
    placeOf(type, context),
    context,
    [
      fieldTable(type, context, describe) || "No fields.",
      ...oneofs.flatMap(({ name, lead }) =>
        lead === "" ? [] : [`**One of** ${codeSpan(name, false)}`, lead],
      ),
    ],
    oneofs.map(({ chapters }) => chapters),
  );
}

function enumView(type: EnumDeclaration, context: ProtoContext): MemberView {
  return memberView(type, placeOf(type, context), context, [
    valueTable(type, context) || "No values.",
  ]);
}

function placeOf(
  { path }: TypeDeclaration,
  { names }: ProtoContext,
): { readonly anchor: string; readonly name: string } {
  const name = names.type(path);
  return { anchor: names.types.of(name) ?? "", name };
}

function memberView(
  member: { readonly docs: string; readonly deprecated: boolean },
  { anchor, name }: { readonly anchor: string; readonly name: string },
  { names, place }: ProtoContext,
  blocks: readonly string[],
  chapters: readonly string[] = [],
): MemberView {
  // Headings in a member's docs begin below the member's own.
  const docs = docParts(member.docs, names.commands, place.level + 3);
  // Fields stand before the docs' own chapters: below `#### Example` they would seem part of it.
  return {
    heading: heading(place.level + 2, escapeText(name), anchor),
    blocks: [
      isMarked(member) ? DEPRECATED : "",
      docs.lead,
      ...blocks,
      docs.chapters,
      ...chapters,
    ].filter(Boolean),
  };
}
