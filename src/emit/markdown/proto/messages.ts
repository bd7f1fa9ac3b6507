import type {
  EnumDeclaration,
  Field,
  StructDeclaration,
  TypeDeclaration,
} from "../../../model/api.ts";
import type { Use } from "../../../model/uses.ts";
import { docParts } from "../docs.ts";
import { hasWords } from "../fields.ts";
import type { MemberView } from "../service-view.ts";
import { layOutTable } from "../table.ts";
import { labelledLinks, usedBy } from "../used-by.ts";
import type { ProtoContext } from "./context.ts";
import type { Errors } from "./errors.ts";
import { code, commandLink, linkTo } from "./links.ts";
import { memberView, type Told } from "./member.ts";
import { callersOf } from "./services.ts";
import { fieldTable, valueTable } from "./tables.ts";

/**
 * A message or an enum.
 *
 * @param depth - How much deeper than a section's members it stands.
 */
export function typeView(
  type: TypeDeclaration,
  errors: Errors,
  context: ProtoContext,
  depth: 0 | 1,
): MemberView {
  return memberView(
    type,
    placeOf(type, context),
    context,
    type.kind === "struct"
      ? messageParts(type, hasWords(type), context, depth)
      : enumParts(type, errors, context),
    depth,
  );
}

/**
 * What is known of a message beside its docs.
 *
 * @param isBelowText - Whether docs stand above it.
 */
export function messageParts(
  type: StructDeclaration,
  isBelowText: boolean,
  context: ProtoContext,
  depth: 0 | 1,
): Told {
  const { names, place } = context;
  const users = usersOf(type, context);
  const callers = callersOf(type.path, context);
  const oneofs = (type.oneofs ?? []).map(({ name, docs }) => ({
    line: oneofLine(name, type),
    ...docParts(docs, names.commands, place.level + 3 + depth),
  }));
  return {
    blocks: [
      users,
      callers,
      ...fieldBlocks(
        type,
        labelFor("Fields", isBelowText, users + callers),
        context,
      ),
      ...oneofs.flatMap(({ line, lead }) => [line, lead]),
      ranges("For extensions", type.extensible),
      ranges("Reserved", type.reserved),
    ],
    chapters: oneofs.map(({ chapters }) => chapters),
  };
}

/** Numbers and names that have no field or value, which strings of the file may spell. */
function ranges(label: string, texts: readonly string[] = []): string {
  const spans = texts.map((text) => code(text.replaceAll(/[^ -~]/g, "\ufffd")));
  return labelledLinks(label, spans);
}

/** A list directly below its heading needs no word above it. */
function labelFor(
  label: string,
  isBelowText: boolean,
  users: string,
): string | undefined {
  return isBelowText || users !== "" ? label : undefined;
}

/** A message's fields; those of the envelope that are commands are a list of these. */
function fieldBlocks(
  type: StructDeclaration,
  label: string | undefined,
  context: ProtoContext,
): string[] {
  if (type.fields.length === 0) return ["No fields."];
  const commands = commandsIn(type, context);
  if (commands.length === 0) return [fieldTable(type, label, context)];
  const fields = type.fields.filter(
    (field) => !commands.some((one) => one === field),
  );
  const table = layOutTable(
    ["No.", "Command", "Message"],
    commands.map(({ name, type: { path }, wire }) => [
      String(wire?.number ?? ""),
      commandLink(name, context),
      linkTo(path, context),
    ]),
  );
  return [fieldTable(type, label, context, fields), table];
}

/** A field that is a command, whose type is a message. */
interface CommandField extends Field {
  readonly type: Extract<Field["type"], { readonly kind: "reference" }>;
}

/** A message's fields that are commands or their results. */
function commandsIn(
  message: StructDeclaration,
  { service }: ProtoContext,
): readonly CommandField[] {
  if (!isCarrier(message.path, service.envelope)) return [];
  const names = new Set(service.methods.map(({ name }) => name));
  return message.fields.filter(
    (field): field is CommandField =>
      field.type.kind === "reference" && names.has(field.name),
  );
}

/** Which of a message's fields exclude each other. */
function oneofLine(name: string, { fields }: StructDeclaration): string {
  const names = fields
    .filter(({ wire }) => wire?.oneof === name)
    .map((field) => code(field.name));
  return `**One of** ${code(name)}: at most one of ${names.join(", ")} is there.`;
}

function enumParts(
  type: EnumDeclaration,
  errors: Errors,
  context: ProtoContext,
): Told {
  const users = usersOf(type, context);
  const values = valueTable(
    type,
    labelFor("Values", hasWords(type), users),
    context,
    errors.isEnum(type) ? (value) => errors.remark(value) : undefined,
  );
  return {
    blocks: [users, values || "No values.", ranges("Reserved", type.reserved)],
    chapters: [],
  };
}

/** Who refers to a type, apart from itself; nothing for one that stands with its user. */
function usersOf({ path }: TypeDeclaration, context: ProtoContext): string {
  const { uses, homes } = context;
  if (homes.of(path) !== undefined) return "";
  const shown = uses.ofType(path).flatMap((use): Use[] => {
    if (use.kind !== "type" || use.member.kind === "enum") return [use];
    if (use.member.path.join(".") === path.join(".")) return [];
    // A command's field in the envelope is the command, which is told.
    const commands = new Set(
      commandsIn(use.member, context).map(({ name }) => name),
    );
    const fields = use.fields.filter((name) => !commands.has(name));
    return fields.length === 0 ? [] : [{ ...use, fields }];
  });
  return usedBy(shown, (member) =>
    member.kind === "method" || member.kind === "error"
      ? commandLink(member.name, context)
      : linkTo(member.path, context),
  );
}

function isCarrier(
  path: readonly string[],
  envelope: ProtoContext["service"]["envelope"],
): boolean {
  const key = path.join(".");
  return (
    key === envelope?.request.join(".") || key === envelope?.response.join(".")
  );
}

/** How a type is called, and where it is found. */
export function placeOf(
  { path }: TypeDeclaration,
  { names }: ProtoContext,
): { readonly anchor: string; readonly name: string } {
  const name = names.type(path);
  return { anchor: names.types.of(name) ?? "", name };
}
