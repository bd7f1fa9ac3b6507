import type {
  EnumDeclaration,
  ErrorDeclaration,
  Member,
  Method,
  Service,
  Struct,
  StructDeclaration,
} from "../../model/api.ts";
import { usesOf } from "../../model/uses.ts";
import { anchorsOf } from "./anchors.ts";
import { openingParts } from "./docs.ts";
import { errorBlocks } from "./errors.ts";
import { formWords } from "./call-forms.ts";
import {
  errorView,
  linkTo,
  methodView,
  typeView,
  type ViewContext,
} from "./members.ts";
import { aroundNotes, notesOf } from "./notes.ts";
import {
  ARROW,
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
import { labelledLinks } from "./used-by.ts";

/** Fields or values with more characters than this are left out of the index. */
const LONGEST_PARTS = 100;

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
    uses: usesOf(service),
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
    blocks: readonly string[] = [],
  ): SectionView => ({
    heading: heading(place.level + 1, title),
    blocks,
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
      errorBlocks(errors, context),
    ),
  ].filter(({ members, blocks }) => members.length + blocks.length > 0);
  // Headings of its own docs are chapters as ours are.
  const docs = openingParts(service.docs, context.anchors, place.level + 1);
  return {
    heading: serviceHeading(service, place),
    opening: aroundNotes(
      docs,
      notesOf(service, context),
      deprecated(declared, context),
      place,
    ),
    hasIndex: index.length > 0,
    indexHeading: heading(place.level + 1, "Index"),
    index,
    sections,
  };
}

/** So many deprecated members are named at the top; with more the index has to do. */
const MOST_DEPRECATED = 12;

function deprecated(members: readonly Member[], context: ViewContext): string {
  const old = members.filter((member) => member.deprecated);
  return old.length > MOST_DEPRECATED
    ? `**Deprecated:** ${old.length.toString()} members, which the index marks`
    : labelledLinks(
        "Deprecated",
        old.map((member) => linkTo(member, context)),
      );
}

function methodSignature(method: Method, context: ViewContext): string {
  const pieces: Piece[] = [
    { kind: "name", name: method.name },
    ...fieldParts(method.input, context),
    ARROW,
    ...fieldParts(method.output, context),
  ];
  return (
    [signature(pieces, context), ...formWords(method.forms)].join(", ") +
    deprecation(method)
  );
}

function typeSignature(
  type: StructDeclaration | EnumDeclaration,
  context: ViewContext,
): string {
  const parts: Piece[] =
    type.kind === "struct"
      ? fieldParts(type, context)
      : shortened([
          {
            kind: "code",
            text: `(${type.values.map((value) => value.name).join(", ")})`,
          },
        ]);
  const name: Piece = { kind: "name", name: type.name };
  return signature([name, ...parts], context) + deprecation(type);
}

function errorSignature(error: ErrorDeclaration, context: ViewContext): string {
  const pieces: Piece[] = [
    { kind: "name", name: error.name },
    ...fieldParts(error, context),
  ];
  return signature(pieces, context) + deprecation(error);
}

function fieldParts({ fields }: Struct, { types }: ViewContext): Piece[] {
  return shortened(structNotation(fields, types));
}

function shortened(parts: Piece[]): Piece[] {
  return plainNotation(parts).length > LONGEST_PARTS
    ? [{ kind: "code", text: "(…)" }]
    : parts;
}

function deprecation(member: { readonly deprecated: boolean }): string {
  return member.deprecated ? ", deprecated" : "";
}
