import type { Envelope, Field, Service } from "../../../model/api.ts";
import { layOutList } from "../print-blocks.ts";
import { labelledLinks } from "../used-by.ts";
import type { ProtoContext } from "./context.ts";
import { code, inLines, linkTo } from "./links.ts";

/** What the lines of a bulleted list are set in by. In columns. */
const ITEM_INDENT = 2;

/** How to read the document, and how calls travel. */
export function notesOf(context: ProtoContext): string[] {
  const { envelope } = context.service;
  const labels = readings(context.service);
  return [
    envelope === undefined ? "" : inLines(envelopeNote(envelope, context)),
    importNote(context),
    ...(labels.length === 0
      ? []
      : [
          "How labels read:",
          layOutList(
            labels.map((label) => inLines(label, ITEM_INDENT)),
            "\n",
          ),
        ]),
    labelledLinks(
      "Options set in the file and not told of here",
      (context.service.otherOptions ?? []).map((name) => code(name)),
    ),
  ].filter(Boolean);
}

/** What the long names are, if there are any. */
function importNote(context: ProtoContext): string {
  const [first, ...others] = context.service.types;
  const imported = others.find((type) => type.package !== first?.package);
  return imported === undefined
    ? ""
    : inLines(
        `Types of other packages, such as ${linkTo(imported.path, context)}, are from files that this one imports.`,
      );
}

function readings({ types, envelope }: Service): string[] {
  const fields = types.flatMap((type) =>
    type.kind === "struct" ? type.fields : [],
  );
  const found: string[] = [];
  if (fields.some(({ presence }) => presence === "required"))
    found.push("`required`: must be there");
  if (fields.some(({ presence }) => presence === "optional"))
    found.push("`optional`: may be absent");
  if (fields.some(isImplicit))
    found.push("`implicit`: zero, false or empty where it is absent");
  if (fields.some(({ type }) => type.kind === "list"))
    found.push("`repeated`: any number of values");
  if (fields.some(({ wire }) => wire?.oneof !== undefined))
    found.push("`one of` a set: at most one field of the set is there");
  if (fields.some(({ wire }) => wire?.default !== undefined))
    found.push("`default`: what an absent field means");
  if ((envelope?.required.size ?? 0) > 0)
    found.push(
      "`demanded`: optional in the interface file, but the peer does not do without it: where none is given, what is generated writes the value behind `else`, or zero, false or empty",
    );
  return found;
}

function isImplicit({ type, presence }: Field): boolean {
  return presence === "implicit" && type.kind !== "list" && type.kind !== "map";
}

function envelopeNote(envelope: Envelope, context: ProtoContext): string {
  const request = linkTo(envelope.request, context);
  const response = linkTo(envelope.response, context);
  const address =
    envelope.address === undefined
      ? ""
      : ` Clients connect to ${code(envelope.address)} where nothing else is said.`;
  return `A command is a field of ${request}. Its result is the field of the same name in ${response}, with an error code in ${code(envelope.error.field)}.${address}`;
}
