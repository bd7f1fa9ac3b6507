import type {
  EnumDeclaration,
  Service,
  StructDeclaration,
  TypeDeclaration,
} from "../../../model/api.ts";
import { openingParts } from "../docs.ts";
import { aroundNotes } from "../notes.ts";
import {
  heading,
  type IndexGroup,
  type MemberView,
  type Place,
  type SectionView,
  serviceHeading,
  type ServiceView,
} from "../service-view.ts";
import { commandView } from "./commands.ts";
import { contextOf, type Order, type ProtoContext } from "./context.ts";
import { errorNotes, errorsOf } from "./errors.ts";
import { commandLine, enumLine, messageLine, ownLine } from "./index-lines.ts";
import { typeView } from "./messages.ts";
import { notesOf } from "./notes.ts";
import {
  extensionBlocks,
  SERVICES_NOTE,
  serviceLine,
  serviceView,
} from "./services.ts";

/** The types of a document by where they stand in it. */
interface Kinds {
  readonly errors: readonly EnumDeclaration[];
  readonly messages: readonly StructDeclaration[];
  readonly enums: readonly EnumDeclaration[];
}

/** Computes what stands in a document of a file of Protocol Buffers. */
export function viewOf(
  service: Service,
  place: Place,
  order: Order,
): ServiceView {
  const context = contextOf(service, place, order);
  const kinds = kindsOf(context);
  const index = indexOf(kinds, context);
  // Headings of the file's own docs are chapters as ours are.
  const docs = openingParts(
    service.docs,
    context.names.commands,
    place.level + 1,
  );
  return {
    heading: serviceHeading(service, place),
    opening: aroundNotes(docs, notesOf(context), "", place),
    hasIndex: index.length > 0,
    indexHeading: heading(place.level + 1, "Index"),
    index,
    sections: sectionsOf(kinds, context),
  };
}

function kindsOf({ service, types, homes }: ProtoContext): Kinds {
  const codes = service.envelope?.error.enum.join(".");
  const apart = types.filter(({ path }) => homes.of(path) === undefined);
  const declared = apart.filter((type) => type.kind === "enum");
  return {
    messages: apart.filter((type) => type.kind === "struct"),
    errors: declared.filter(({ path }) => path.join(".") === codes),
    enums: declared.filter(({ path }) => path.join(".") !== codes),
  };
}

function indexOf(
  { errors, messages, enums }: Kinds,
  context: ProtoContext,
): IndexGroup[] {
  const { methods, service } = context;
  return [
    {
      label: "Commands",
      signatures: methods.map((method) => commandLine(method, context)),
    },
    {
      label: "Services",
      signatures: (service.rpcServices ?? []).map((one) =>
        serviceLine(one, context),
      ),
    },
    {
      label: "Messages",
      signatures: messages.map((type) => messageLine(type, context)),
    },
    {
      label: "Enums",
      signatures: [...errors, ...enums].map((type) => enumLine(type, context)),
    },
    {
      label: "Types of one command, which stand with it",
      signatures: methods.flatMap((method) => ownLine(method, context)),
    },
  ].filter(({ signatures }) => signatures.length > 0);
}

function sectionsOf(
  { errors, messages, enums }: Kinds,
  context: ProtoContext,
): SectionView[] {
  const { service, place, methods, homes } = context;
  const { rpcServices: services = [], extensions = [] } = service;
  const known = errorsOf(context);
  const section = (
    title: string,
    members: readonly MemberView[],
    blocks: readonly string[] = [],
  ): SectionView[] =>
    members.length === 0 && blocks.length === 0
      ? []
      : [{ heading: heading(place.level + 1, title), blocks, members }];
  const typeViews = (types: readonly TypeDeclaration[]): MemberView[] =>
    types.map((type) => typeView(type, known, context, 0));
  return [
    ...section(
      "Commands",
      methods.map((method) =>
        commandView(method, known, context, (type) =>
          typeView(type, known, context, 1),
        ),
      ),
    ),
    ...section(
      "Services",
      services.map((one) => serviceView(one, context)),
      services.length === 0 ? [] : [SERVICES_NOTE],
    ),
    ...section(
      "Error codes",
      typeViews(errors),
      service.envelope && errorNotes(service.envelope, context),
    ),
    ...section(
      "Messages",
      typeViews(messages),
      methods.some((method) => homes.at(method).length > 0) ? [HOMES_NOTE] : [],
    ),
    ...section("Enums", typeViews(enums)),
    ...section("Extensions", [], extensionBlocks(extensions, context)),
  ];
}

/** Where the other messages are. */
const HOMES_NOTE =
  "A message that only one command uses stands with that command and not here.";
