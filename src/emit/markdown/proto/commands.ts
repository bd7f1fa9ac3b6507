import type {
  EnvelopeMethod,
  Method,
  PushEnd,
  TypeDeclaration,
} from "../../../model/api.ts";
import { methodDiagram } from "../diagram.ts";
import { escapeText } from "../escape.ts";
import { hasWords } from "../fields.ts";
import { fillLines } from "../fill-lines.ts";
import type { MemberView } from "../service-view.ts";
import { labelledLinks } from "../used-by.ts";
import { type ProtoContext, structAt } from "./context.ts";
import type { Errors } from "./errors.ts";
import { shortMessage } from "./index-lines.ts";
import { code, commandLink, inLines, linkTo, literal } from "./links.ts";
import { memberView, type Told, told } from "./member.ts";
import { messageParts, placeOf } from "./messages.ts";

/**
 * A command: what it does, how it behaves, what it takes and gives. Messages that
 * are its own are told of there; what is declared in these stands below, printed
 * by `inner` one level deeper.
 */
export function commandView(
  method: Method,
  errors: Errors,
  context: ProtoContext,
  inner: (type: TypeDeclaration) => MemberView,
): MemberView {
  const { service, find, names, place, homes } = context;
  const how = method.envelope;
  const sides = how === undefined ? [] : sidesOf(method, how, context);
  const messages = new Set(
    [how?.input, how?.output].map((path) => path?.join(".")),
  );
  const nested = homes
    .at(method)
    .filter(({ path }) => !messages.has(path.join(".")))
    .map(inner);
  return memberView(
    method,
    { anchor: names.commands.of(method.name) ?? "", name: method.name },
    context,
    {
      blocks: [
        ...(how === undefined ? [] : behaviour(method.name, how, context)),
        ...sides.flatMap(({ blocks }) => blocks),
        labelledLinks("Errors", errors.linksOf(method)),
        place.diagrams
          ? methodDiagram({ service, types: find }, method, names.type)
          : "",
      ],
      chapters: [
        ...sides.flatMap(({ chapters }) => chapters),
        ...nested.flatMap(({ heading, blocks }) => [heading, ...blocks]),
      ],
    },
  );
}

/** What a command takes and gives, and in which fields of the envelope. */
function sidesOf(
  method: Method,
  { input, output, requestField, responseField, push }: EnvelopeMethod,
  context: ProtoContext,
): Told[] {
  const { envelope } = context.service;
  if (envelope === undefined) return [];
  const { request, response } = envelope;
  const name = push === undefined ? "Result" : "Push";
  const isSame = output?.join(".") === input.join(".");
  return [
    sideOf(
      method,
      { label: "Request", path: input, number: requestField, carrier: request },
      context,
    ),
    output === undefined || responseField === undefined
      ? { blocks: ["**Result:** none"], chapters: [] }
      : sideOf(
          method,
          {
            label: name,
            path: output,
            number: responseField,
            carrier: response,
            docs: resultDocs(method, response, context),
            isTold: isSame,
          },
          context,
        ),
  ];
}

/** A message that a command takes or gives, and the field that carries it. */
interface Side {
  readonly label: string;
  readonly path: readonly string[];
  readonly number: number;
  readonly carrier: readonly string[];
  /** What is said of the field, beside what is said of the command. */
  readonly docs?: Said | undefined;
  /** Whether the message has been told of already. */
  readonly isTold?: boolean;
}

interface Said {
  readonly docs: string;
  readonly deprecated: boolean;
}

/** A side of a command: its message's name, or all of it where the message is the command's own. */
function sideOf(
  method: Method,
  { label, path, number, carrier, docs, isTold = false }: Side,
  context: ProtoContext,
): Told {
  const level = context.place.level + 2;
  const message = structAt(path, context);
  const home = context.homes.of(path);
  let name: string;
  let all: Told = { blocks: [], chapters: [] };
  if (message === undefined || (home !== undefined && isTold)) {
    name = linkTo(path, context);
  } else if (home === undefined) {
    name = shortMessage(message, context);
  } else {
    const own = placeOf(message, context);
    const said = { ...message, docs: beyondPlace(message.docs, method.name) };
    const isBelowText = docs !== undefined || hasWords(said);
    const parts = messageParts(message, isBelowText, context, 0);
    name = `<a id="${own.anchor}"></a>${escapeText(own.name)}`;
    all = told(said, own.anchor, context, parts, level);
  }
  if (docs !== undefined) {
    const anchor = context.names.commands.of(method.name) ?? "";
    all = told(docs, anchor, context, all, level);
  }
  // Code between tags is shown with its line breaks: it must be whole.
  const line = fillLines([
    `**${label}:**`,
    `${name},`,
    `field ${number} of ${linkTo(carrier, context)}`,
  ]);
  return { ...all, blocks: [line, ...all.blocks] };
}

/** What is said of a command's result in the envelope, unless it only names the command. */
function resultDocs(
  { name }: Method,
  response: readonly string[],
  context: ProtoContext,
): Said | undefined {
  const field = structAt(response, context)?.fields.find(
    (one) => one.name === name,
  );
  if (field === undefined) return undefined;
  const said = { ...field, docs: beyondPlace(field.docs, name) };
  return hasWords(said) ? said : undefined;
}

/** Words that say no more of a command's message than where it stands. */
const PLAIN =
  /^(?:a|an|the|this|is|of|to|for|from|command|inputs?|requests?|outputs?|results?|reply|response|answer)$/i;

/** Docs without a first sentence that says where it stands, as `Result of [Run](#Run).` */
function beyondPlace(docs: string, name: string): string {
  const end = docs.search(/\.(?:\s|$)/);
  const sentence = end < 0 ? docs : docs.slice(0, end);
  const words = sentence
    .replaceAll(/\]\([^()\s]*\)/g, "]")
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((word) => word !== "" && word !== name);
  if (words.length === 0 || words.some((word) => !PLAIN.test(word)))
    return docs;
  const rest = end < 0 ? "" : docs.slice(end + 1);
  if (rest.trim() === "") return "";
  // Another paragraph, or a word of the same one: nothing that means more at a line's start.
  const gap = /^[^\S\n]*(?:\n\s*\n|\n?[^\S\n]*(?=\p{L}))/u.exec(rest);
  return gap === null ? docs : rest.slice(gap[0].length);
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
