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
import { methodDiagram } from "./diagram.ts";
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
import {
  heading,
  type MemberView,
  type Place,
  type SectionView,
  serviceHeading,
  type ServiceView,
} from "./service-view.ts";
import { signature } from "./signature.ts";

/** What the parts of a document share. */
interface ViewContext extends TableContext {
  readonly service: Service;
  readonly place: Place;
}

/** A type with more characters than this stands in the index by its name alone. */
const LONGEST_TYPE = 100;

/** Computes what stands in a document of a service; `order` arranges each section. */
export function viewOf(
  service: Service,
  place: Place,
  order: (members: readonly Member[]) => readonly Member[],
): ServiceView {
  const context: ViewContext = {
    service,
    types: typesOf(service),
    anchors: anchorsOf(service, place.prefix),
    place,
  };
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
  const section = (
    title: string,
    members: readonly MemberView[],
  ): SectionView => ({
    heading: heading(place.level + 1, title),
    blocks: [],
    members,
  });
  const sections = [
    section(
      "Methods",
      methods.map((method) => methodView(method, context)),
    ),
    section(
      "Types",
      types.map((type) => typeView(type, context)),
    ),
    section(
      "Errors",
      errors.map((error) => errorView(error, context)),
    ),
  ].filter(({ members }) => members.length > 0);
  // Headings of its own docs are chapters as ours are.
  const docs = docParts(service.docs, context.anchors, place.level + 1);
  return {
    heading: serviceHeading(service, place),
    opening: [docs.lead, ...notesOf(service, context), docs.chapters].filter(
      Boolean,
    ),
    hasIndex: index.length > 0,
    indexHeading: heading(place.level + 1, "Index"),
    index,
    sections,
  };
}

function methodSignature(method: Method, context: ViewContext): string {
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
  context: ViewContext,
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

function errorSignature(error: ErrorDeclaration, context: ViewContext): string {
  const pieces: Piece[] = [
    { kind: "name", name: error.name },
    ...structNotation(error.fields, context.types),
  ];
  return signature(pieces, context) + deprecation(error);
}

function deprecation(member: { readonly deprecated: boolean }): string {
  return member.deprecated ? ", deprecated" : "";
}

function methodView(method: Method, context: ViewContext): MemberView {
  return memberView(method, context, [
    ...callForms(method.forms),
    ...parameters("Input", fieldTable(method.input.fields, context)),
    ...parameters("Output", fieldTable(method.output.fields, context)),
    context.place.diagrams
      ? methodDiagram(context.service, method, (path) => path.join("."))
      : "",
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
  context: ViewContext,
): MemberView {
  return memberView(type, context, [
    type.kind === "struct"
      ? fieldTable(type.fields, context) || "No fields."
      : valueTable(type.values, context),
  ]);
}

function errorView(error: ErrorDeclaration, context: ViewContext): MemberView {
  return memberView(error, context, [fieldTable(error.fields, context)]);
}

function memberView(
  member: Method | StructDeclaration | EnumDeclaration | ErrorDeclaration,
  context: ViewContext,
  blocks: readonly string[],
): MemberView {
  const { anchors, place } = context;
  // Headings in a member's docs begin below the member's own.
  const docs = docParts(member.docs, anchors, place.level + 3);
  // Fields stand before the docs' own chapters: below `#### Example` they would seem part of it.
  return {
    heading: heading(
      place.level + 2,
      escapeText(member.name),
      anchors.of(member.name),
    ),
    blocks: [
      isMarked(member) ? DEPRECATED : "",
      docs.lead,
      ...blocks,
      docs.chapters,
    ].filter(Boolean),
  };
}
