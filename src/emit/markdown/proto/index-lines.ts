import type {
  EnumDeclaration,
  Field,
  Method,
  StructDeclaration,
  TypeDeclaration,
} from "../../../model/api.ts";
import { ARROW, type Piece, plainNotation } from "../notation.ts";
import { linkedCode, signature } from "../signature.ts";
import { type ProtoContext, structAt } from "./context.ts";
import { commandLink, linkTo } from "./links.ts";
import { typePieces } from "./tables.ts";

/** Fields or values with more characters than this are left out of a line. */
const LONGEST_PARTS = 100;

/** A command in the index: what it takes and gives. */
export function commandLine(method: Method, context: ProtoContext): string {
  const pieces: Piece[] = [
    ...side(method.envelope?.input, context),
    ...(method.envelope?.output === undefined
      ? []
      : [ARROW, ...side(method.envelope.output, context)]),
  ];
  const subscribes = method.envelope?.push === undefined ? "" : ", subscribes";
  const name = commandLink(method.name, context);
  const code = linkedCode(pieces, { anchors: context.names.types });
  return `<code>${name}${code}</code>${subscribes}${deprecation(method)}`;
}

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

/** A message's name with its fields, as far as they are few. */
export function shortMessage(
  type: StructDeclaration,
  context: ProtoContext,
): string {
  const pieces = fieldPieces(type, context);
  return plainNotation(pieces).length > LONGEST_PARTS
    ? linkTo(type.path, context)
    : signature(
        [{ kind: "name", name: context.names.type(type.path) }, ...pieces],
        { anchors: context.names.types },
      );
}

/** A command with the types that are shown with it, in the index; nothing if there are none. */
export function ownLine(method: Method, context: ProtoContext): string[] {
  const own = context.homes.at(method).map((type) => {
    return linkTo(type.path, context) + deprecation(type);
  });
  return own.length === 0
    ? []
    : [`${commandLink(method.name, context)}: ${own.join("; ")}`];
}

/** A message in the index. */
export function messageLine(
  type: StructDeclaration,
  context: ProtoContext,
): string {
  const fields = fieldPieces(type, context);
  return typeLine(type, fields, context);
}

/** An enum in the index. */
export function enumLine(type: EnumDeclaration, context: ProtoContext): string {
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
