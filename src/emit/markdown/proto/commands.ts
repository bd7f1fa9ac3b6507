import type {
  EnvelopeMethod,
  Field,
  Method,
  PushEnd,
  TypeDeclaration,
} from "../../../model/api.ts";
import { docParts } from "../docs.ts";
import { methodDiagram } from "../diagram.ts";
import { DEPRECATED, isMarked } from "../fields.ts";
import { fillLines } from "../fill-lines.ts";
import type { MemberView } from "../service-view.ts";
import { labelledLinks } from "../used-by.ts";
import { type ProtoContext, structAt } from "./context.ts";
import type { Errors } from "./errors.ts";
import { shortMessage } from "./index-lines.ts";
import { code, commandLink, inLines, linkTo, literal } from "./links.ts";
import { memberView } from "./member.ts";

/**
 * A command: what it does, how it behaves, what it takes and gives. Messages that
 * are its own stand below, printed by `inner` one level deeper.
 */
export function commandView(
  method: Method,
  errors: Errors,
  context: ProtoContext,
  inner: (type: TypeDeclaration) => MemberView,
): MemberView {
  const { service, names, place, homes } = context;
  const how = method.envelope;
  const result = resultDocs(method, context);
  return memberView(
    method,
    { anchor: names.commands.of(method.name) ?? "", name: method.name },
    context,
    [
      ...(how === undefined ? [] : behaviour(method.name, how, context)),
      labelledLinks("Errors", errors.linksOf(method)),
      ...(how === undefined ? [] : sides(how, context)),
      result.lead,
      place.diagrams ? methodDiagram(service, method, names.type) : "",
    ],
    [
      result.chapters,
      ...homes
        .at(method)
        .map(inner)
        .flatMap(({ heading, blocks }) => [heading, ...blocks]),
    ],
  );
}

/** What a command takes and gives, and in which fields of the envelope. */
function sides(
  { input, output, requestField, responseField, push }: EnvelopeMethod,
  context: ProtoContext,
): string[] {
  const { envelope } = context.service;
  if (envelope === undefined) return [];
  const line = (
    label: string,
    path: readonly string[],
    number: number,
    carrier: readonly string[],
  ): string =>
    // Code between tags is shown with its line breaks: it must be whole.
    fillLines([
      `**${label}:**`,
      `${messageText(path, context)},`,
      `field ${number} of ${linkTo(carrier, context)}`,
    ]);
  const label = push === undefined ? "Result" : "Push";
  return [
    line("Request", input, requestField, envelope.request),
    output === undefined || responseField === undefined
      ? "**Result:** none"
      : line(label, output, responseField, envelope.response),
  ];
}

/** A message by its name; one that stands elsewhere with its fields, as far as they are few. */
function messageText(path: readonly string[], context: ProtoContext): string {
  const message = structAt(path, context);
  return message === undefined || context.homes.of(path) !== undefined
    ? linkTo(path, context)
    : shortMessage(message, context);
}

/** What is said of a command's result in the envelope, unless it only names the command. */
function resultDocs(
  { name, envelope }: Method,
  context: ProtoContext,
): { readonly lead: string; readonly chapters: string } {
  const response = context.service.envelope?.response;
  const field =
    envelope?.output === undefined || response === undefined
      ? undefined
      : structAt(response, context)?.fields.find((one) => one.name === name);
  if (field === undefined || !saysMore(field, name))
    return { lead: "", chapters: "" };
  const { names, place } = context;
  const { lead, chapters } = docParts(
    field.docs,
    names.commands,
    place.level + 3,
  );
  const mark = isMarked(field) ? DEPRECATED : "";
  return {
    lead: [mark, lead].filter(Boolean).join("\n\n"),
    chapters,
  };
}

/** Words that say no more of a result than where it stands. */
const PLAIN =
  /^(?:a|an|the|this|is|of|to|for|from|command|result|results|reply|response|answer)$/i;

/** Whether a field's docs say more than `Result of [Run](#Run).` */
function saysMore({ docs, deprecated }: Field, name: string): boolean {
  const words = docs
    .replaceAll(/\]\([^()\s]*\)/g, "]")
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((word) => word !== "" && word !== name);
  return deprecated || words.some((word) => !PLAIN.test(word));
}

function behaviour(
  name: string,
  how: EnvelopeMethod,
  context: ProtoContext,
): string[] {
  const { push, bound, unbound, extraTime, ownTime } = how;
  const lines: string[] = [];
  if (push !== undefined) lines.push(pushLine(how, context));
  const ended = context.methods
    .filter(({ envelope }) => envelope?.push?.stop === name)
    .map((method) => commandLink(method.name, context));
  if (ended.length > 0)
    lines.push(`**Ends:** a subscription of ${ended.join(" or ")}.`);
  if (bound !== undefined) {
    const when =
      bound.when === undefined ? "" : ` where ${wayText(bound.when)} is true`;
    lines.push(
      `**Bound:** what ${wayText(bound.name)} names lives as long as the connection that made it${when}.`,
    );
  }
  if (unbound !== undefined) {
    const conditions = [...unbound.where].map(
      ([way, value]) => `${code(way)} is ${literal(value)}`,
    );
    const when =
      conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
    lines.push(
      `**Unbound:** what ${wayText(unbound.name)} names no longer depends on a connection${when}.`,
    );
  }
  const times: string[] = [];
  if (extraTime !== undefined)
    times.push(
      `clients give it ${seconds(extraTime)} more than other commands`,
    );
  if (ownTime !== undefined && push === undefined)
    times.push(ownTimeText(ownTime));
  if (times.length > 0) lines.push(`**Time:** ${times.join("; ")}.`);
  if (how.idempotent) {
    lines.push(
      "**Reads only:** clients may send it again when a connection is lost.",
    );
  }
  if (how.bare === true) lines.push(bareLine(context));
  return lines.map((line) => inLines(line));
}

function bareLine({ service }: ProtoContext): string {
  const { errorMessage, timestamp } = service.envelope ?? {};
  const left = [errorMessage, timestamp].flatMap((field) =>
    field === undefined ? [] : [code(field)],
  );
  return `**Bare:** successful replies have no ${left.join(" and no ") || "more than the error code"} beside the result.`;
}

function pushLine({ push }: EnvelopeMethod, context: ProtoContext): string {
  const sentences = [
    "Pushes come in responses of their own, before or after the reply, which is empty.",
  ];
  if (push?.stop !== undefined)
    sentences.push(`${commandLink(push.stop, context)} ends them.`);
  const ends = (push?.ends ?? []).map(endText);
  if (ends.length > 0)
    sentences.push(
      `They also end after a push with ${ends.join(", or with ")}.`,
    );
  return `**Subscribes:** ${sentences.join(" ")}`;
}

function endText(end: PushEnd): string {
  return [...end]
    .map(([field, value]) =>
      typeof value === "object"
        ? `${code(field)} as the request's ${code(value.input)}`
        : `${code(field)} ${literal(value)}`,
    )
    .join(" and ");
}

function ownTimeText({
  field,
  absent,
}: NonNullable<EnvelopeMethod["ownTime"]>): string {
  const otherwise =
    absent === undefined
      ? "without it as long as it takes"
      : `without it ${seconds(absent)}`;
  return `the service may take as many milliseconds as ${wayText(field)} says, ${otherwise}`;
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}

function wayText(way: readonly string[]): string {
  return code(way.join("."));
}
