import type {
  EnumDeclaration,
  ErrorDeclaration,
  Member,
  Method,
  Service,
  StructDeclaration,
} from "../../model/api.ts";
import type { Uses } from "../../model/uses.ts";
import { formBlocks } from "./call-forms.ts";
import { methodDiagram } from "./diagram.ts";
import { docParts } from "./docs.ts";
import { escapeText } from "./escape.ts";
import {
  DEPRECATED,
  fieldListing,
  isMarked,
  sideListings,
  type TableContext,
  valueListing,
} from "./fields.ts";
import { heading, type MemberView, type Place } from "./service-view.ts";
import { labelledLinks, usedBy } from "./used-by.ts";

/** What the parts of a document share. */
export interface ViewContext extends TableContext {
  readonly service: Service;
  readonly uses: Uses;
  readonly place: Place;
}

/** A member's name, leading to it. */
export function linkTo(
  { name }: { readonly name: string },
  { anchors }: ViewContext,
): string {
  return `[${escapeText(name)}](#${anchors.of(name) ?? ""})`;
}

/** A method's section: what it takes and gives, how it answers, what it fails with. */
export function methodView(method: Method, context: ViewContext): MemberView {
  const [input = "", output = ""] = sideListings(method, context);
  return memberView(method, context, (lead) => [
    ...formBlocks(method.forms),
    ...parameters("Input", input),
    ...parameters("Output", output),
    errorsNamed(method, lead, context),
    context.place.diagrams
      ? methodDiagram(context, method, (path) => path.join("."))
      : "",
  ]);
}

function parameters(label: string, listing: string): string[] {
  return listing === "" ? [`**${label}:** none`] : [`**${label}**`, listing];
}

/**
 * The errors that a method's docs name, unless a paragraph of the docs has links
 * to all of them already.
 */
function errorsNamed(
  method: Method,
  lead: string,
  context: ViewContext,
): string {
  const links = context.uses
    .errorsOf(method)
    .map((error) => linkTo(error, context));
  const isRepeated = lead
    .split("\n\n")
    .some((paragraph) => links.every((link) => paragraph.includes(link)));
  return isRepeated ? "" : labelledLinks("Errors", links);
}

/** A type's section: who uses it, and its fields or values. */
export function typeView(
  type: StructDeclaration | EnumDeclaration,
  context: ViewContext,
): MemberView {
  return memberView(type, context, () => [
    users(type, context),
    type.kind === "struct"
      ? fieldListing(type.fields, context) || "No fields."
      : valueListing(type.values, context),
  ]);
}

/** Who else mentions a type; its own fields show where it is recursive. */
function users(
  type: StructDeclaration | EnumDeclaration,
  context: ViewContext,
): string {
  const uses = context.uses
    .ofType(type.path)
    .filter(({ member }) => member !== type);
  // Without methods nothing has a purpose that could be missing here.
  return uses.length === 0 && context.service.methods.length > 0
    ? "**Used by:** no other member"
    : usedBy(uses, (member) => linkTo(member, context));
}

/** An error's section: the methods whose docs name it, and its fields. */
export function errorView(
  error: ErrorDeclaration,
  context: ViewContext,
): MemberView {
  const methods = context.uses.ofError(error.name);
  return memberView(error, context, () => [
    labelledLinks(
      "Named by",
      methods.map((method) => linkTo(method, context)),
    ),
    fieldListing(error.fields, context),
  ]);
}

/**
 * A member's section: its docs with what we say of it behind their lead.
 *
 * @param blocksFor - What we say, given the lead as it is printed.
 */
function memberView(
  member: Member,
  { anchors, place }: ViewContext,
  blocksFor: (lead: string) => readonly string[],
): MemberView {
  const anchor = anchors.of(member.name);
  // Headings in a member's docs begin below the member's own.
  const docs = docParts(
    member.docs,
    { ...anchors, own: anchor },
    place.level + 3,
  );
  // Fields stand before the docs' own chapters: below `#### Example` they would seem part of it.
  return {
    heading: heading(place.level + 2, escapeText(member.name), anchor),
    blocks: [
      isMarked(member) ? DEPRECATED : "",
      docs.lead,
      ...blocksFor(docs.lead),
      docs.chapters,
    ].filter(Boolean),
  };
}
