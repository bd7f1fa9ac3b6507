import type { Envelope, Field, Service } from "../../../model/api.ts";
import { codeSpan } from "../escape.ts";
import { linkTo } from "./commands.ts";
import type { ProtoContext } from "./tables.ts";

/** How to read the document, and how calls travel. */
export function notesOf(context: ProtoContext): string[] {
  const labels = readings(context.service);
  const notes =
    labels.length === 0 ? [] : [`How labels read: ${labels.join("; ")}.`];
  const { envelope } = context.service;
  return envelope === undefined
    ? notes
    : [envelopeNote(envelope, context), ...notes];
}

function readings({ types, envelope }: Service): string[] {
  const fields = types.flatMap((type) =>
    type.kind === "struct" ? type.fields : [],
  );
  const found: string[] = [];
  if (fields.some(({ presence }) => presence === "required"))
    found.push("`required` must be there");
  if (fields.some(({ presence }) => presence === "optional"))
    found.push("`optional` may be absent");
  if (fields.some(isImplicit))
    found.push("`implicit` is zero, false or empty where it is absent");
  if (fields.some(({ type }) => type.kind === "list"))
    found.push("`repeated` is any number of values");
  if (fields.some(({ wire }) => wire?.oneof !== undefined))
    found.push("of the fields that are `one of` a set, one at most is there");
  if (fields.some(({ wire }) => wire?.default !== undefined))
    found.push("`default` is what an absent field means");
  if ((envelope?.required.size ?? 0) > 0)
    found.push(
      "`demanded` is optional in the interface file, but the peer does not do without it: what is generated writes the value behind `else` where none is given",
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

/** What the error codes mean as a whole. */
export function errorNote({
  error,
  success,
  absent,
  errorMessage,
}: Envelope): string {
  const words =
    errorMessage === undefined
      ? ""
      : ` ${code(errorMessage)} says it in words.`;
  return `A reply's ${code(error.field)} is ${code(success.name)} when the command was carried out. Where it is absent, or not known, it counts as ${code(absent.name)}.${words}`;
}

function code(text: string): string {
  return codeSpan(text, false);
}
