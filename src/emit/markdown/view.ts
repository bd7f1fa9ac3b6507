import type {
  CallForms,
  EnumDeclaration,
  ErrorDeclaration,
  Member,
  Method,
  Service,
  StructDeclaration,
} from "../../model/api.ts";
import { anchorsOf } from "./anchors.ts";
import { docParts } from "./docs.ts";
import { escapeText } from "./escape.ts";
import {
  DEPRECATED,
  fieldTable,
  isMarked,
  valueTable,
  type TableContext,
} from "./fields.ts";
import { notesOf } from "./notes.ts";
import {
  plainNotation,
  structNotation,
  typesOf,
  type Piece,
} from "./notation.ts";
import { signature } from "./signature.ts";

/**
 * What the template `markdown/api` shows. All text is Markdown, ready to stand
 * where it is put; what is empty is left out with its blank line.
 */
export interface DocumentView {
  /** The line that says where the document comes from. */
  readonly header: string;
  readonly hasHeader: boolean;
  readonly title: string;
  /** What the interface says of itself, and how to read the rest. */
  readonly opening: readonly string[];
  readonly hasIndex: boolean;
  readonly index: readonly IndexGroup[];
  readonly sections: readonly Section[];
}

/** One kind of member in the index. */
interface IndexGroup {
  readonly label: string;
  readonly signatures: readonly string[];
}

/** One kind of member, each in full. */
interface Section {
  readonly title: string;
  readonly members: readonly MemberView[];
}

interface MemberView {
  readonly anchor: string;
  readonly name: string;
  /** Paragraphs, lists, tables and so on, each with no blank line around it. */
  readonly blocks: readonly string[];
}

/** Headings of the interface's own docs begin here: they are chapters as ours are. */
const SERVICE_DOCS_LEVEL = 2;
/** Headings in a member's docs begin below the member's own. */
const MEMBER_DOCS_LEVEL = 4;

/** A type with more characters than this stands in the index by its name alone. */
const LONGEST_TYPE = 100;

/** Computes the document of a service; `order` arranges each section. */
export function viewOf(
  service: Service,
  header: string,
  order: (members: readonly Member[]) => readonly Member[],
): DocumentView {
  const context = { types: typesOf(service), anchors: anchorsOf(service) };
  const declared = order(service.members);
  const methods = declared.filter((member) => member.kind === "method");
  const types = declared.filter(
    (member) => member.kind === "struct" || member.kind === "enum",
  );
  const errors = declared.filter((member) => member.kind === "error");
  const index = [
    {
      label: "Methods",
      signatures: methods.map((method) => methodSignature(method, context)),
    },
    {
      label: "Types",
      signatures: types.map((type) => typeSignature(type, context)),
    },
    {
      label: "Errors",
      signatures: errors.map((error) => errorSignature(error, context)),
    },
  ].filter((group) => group.signatures.length > 0);
  const sections = [
    {
      title: "Methods",
      members: methods.map((method) => methodView(method, context)),
    },
    { title: "Types", members: types.map((type) => typeView(type, context)) },
    {
      title: "Errors",
      members: errors.map((error) => errorView(error, context)),
    },
  ].filter((section) => section.members.length > 0);
  const docs = docParts(service.docs, context.anchors, SERVICE_DOCS_LEVEL);
  return {
    header,
    hasHeader: header !== "",
    title: escapeText(service.name),
    opening: [docs.lead, ...notesOf(service, context), docs.chapters].filter(
      Boolean,
    ),
    hasIndex: index.length > 0,
    index,
    sections,
  };
}

function methodSignature(method: Method, context: TableContext): string {
  const pieces: Piece[] = [
    { kind: "name", name: method.name },
    ...structNotation(method.input.fields, context.types),
    { kind: "code", text: " -> " },
    ...structNotation(method.output.fields, context.types),
  ];
  const forms = [
    ...formWord("more", method.forms.more),
    ...formWord("upgrade", method.forms.upgrade),
  ];
  return (
    [signature(pieces, context), ...forms].join(", ") + deprecation(method)
  );
}

function formWord(form: keyof CallForms, known: CallForms["more"]): string[] {
  if (known === "unknown") return [];
  return [`${known === "required" ? "requires" : "supports"} \`${form}\``];
}

function typeSignature(
  type: StructDeclaration | EnumDeclaration,
  context: TableContext,
): string {
  const parts: Piece[] =
    type.kind === "struct"
      ? structNotation(type.fields, context.types)
      : [
          {
            kind: "code",
            text: `(${type.values.map((value) => value.name).join(", ")})`,
          },
        ];
  const isLong = plainNotation(parts).length > LONGEST_TYPE;
  const name: Piece = { kind: "name", name: type.name };
  const shown: Piece[] = isLong
    ? [name, { kind: "code", text: "(…)" }]
    : [name, ...parts];
  return signature(shown, context) + deprecation(type);
}

function errorSignature(
  error: ErrorDeclaration,
  context: TableContext,
): string {
  const pieces: Piece[] = [
    { kind: "name", name: error.name },
    ...structNotation(error.fields, context.types),
  ];
  return signature(pieces, context) + deprecation(error);
}

function deprecation(member: { readonly deprecated: boolean }): string {
  return member.deprecated ? ", deprecated" : "";
}

function methodView(method: Method, context: TableContext): MemberView {
  return memberView(method, context, [
    ...callForms(method.forms),
    ...parameters("Input", fieldTable(method.input.fields, context)),
    ...parameters("Output", fieldTable(method.output.fields, context)),
  ]);
}

function callForms(forms: CallForms): string[] {
  const sentences: string[] = [];
  if (forms.more !== "unknown") {
    const verb = forms.more === "required" ? "must" : "may";
    sentences.push(
      `**Streams:** ${verb} be called with \`more\`, for any number of replies.`,
    );
  }
  if (forms.upgrade !== "unknown") {
    const verb = forms.upgrade === "required" ? "must" : "may";
    sentences.push(
      `**Upgrades:** ${verb} be called with \`upgrade\`, after which the connection speaks another protocol.`,
    );
  }
  return sentences;
}

function parameters(label: string, table: string): string[] {
  return table === "" ? [`**${label}:** none`] : [`**${label}**`, table];
}

function typeView(
  type: StructDeclaration | EnumDeclaration,
  context: TableContext,
): MemberView {
  return memberView(type, context, [
    type.kind === "struct"
      ? fieldTable(type.fields, context) || "No fields."
      : valueTable(type.values, context),
  ]);
}

function errorView(error: ErrorDeclaration, context: TableContext): MemberView {
  return memberView(error, context, [fieldTable(error.fields, context)]);
}

function memberView(
  member: Method | StructDeclaration | EnumDeclaration | ErrorDeclaration,
  context: TableContext,
  blocks: readonly string[],
): MemberView {
  const docs = docParts(member.docs, context.anchors, MEMBER_DOCS_LEVEL);
  // Fields stand before the docs' own chapters: below `#### Example` they would seem part of it.
  return {
    anchor: context.anchors.of(member.name) ?? member.name,
    name: escapeText(member.name),
    blocks: [
      isMarked(member) ? DEPRECATED : "",
      docs.lead,
      ...blocks,
      docs.chapters,
    ].filter(Boolean),
  };
}
