import type {
  Envelope,
  EnvelopeMethod,
  Method,
  PushEnd,
  StructDeclaration,
} from "../../../model/api.ts";
import { codeSpan, escapeText } from "../escape.ts";
import { fieldTable, type ProtoContext, structAt } from "./tables.ts";

/** What stands below the docs of a command: how it behaves, what it takes and gives. */
export function commandBlocks(
  method: Method,
  envelope: Envelope,
  context: ProtoContext,
): string[] {
  const how = method.envelope;
  if (how === undefined) return [];
  const result =
    how.output === undefined || how.responseField === undefined
      ? ["**Result:** none"]
      : side(
          how.push === undefined ? "Result" : "Push",
          how.output,
          how.responseField,
          envelope.response,
          context,
        );
  return [
    ...behaviour(how, context),
    ...side("Request", how.input, how.requestField, envelope.request, context),
    ...result,
  ];
}

/** The message of one direction, the field that it travels in, and its own fields. */
function side(
  label: string,
  path: readonly string[],
  number: number,
  carrier: readonly string[],
  context: ProtoContext,
): string[] {
  const message = structAt(path, context);
  const line = `**${label}:** ${linkTo(path, context)}, in field ${number} of ${linkTo(carrier, context)}`;
  const table = message === undefined ? "" : fieldTable(message, context);
  return table === "" ? [`${line}; it has no fields`] : [line, table];
}

/** A type's name, leading to it. */
export function linkTo(
  path: readonly string[],
  { names }: ProtoContext,
): string {
  const name = names.type(path);
  const anchor = names.types.of(name);
  return anchor === undefined
    ? codeSpan(name, false)
    : `[${escapeText(name)}](#${anchor})`;
}

/** A command's name, leading to it. */
export function commandLink(name: string, { names }: ProtoContext): string {
  return `[${escapeText(name)}](#${names.commands.of(name) ?? ""})`;
}

function behaviour(how: EnvelopeMethod, context: ProtoContext): string[] {
  const { push, bound, unbound, extraTime, ownTime } = how;
  const lines: string[] = [];
  if (push !== undefined) lines.push(pushLine(how, context));
  if (bound !== undefined) {
    const when =
      bound.when === undefined ? "" : ` where ${code(bound.when)} is true`;
    lines.push(
      `**Bound:** what ${code(bound.name)} names lives as long as the connection that made it${when}.`,
    );
  }
  if (unbound !== undefined) {
    const conditions = [...unbound.where].map(
      ([way, value]) => `${code([way])} is ${literal(value)}`,
    );
    const when =
      conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
    lines.push(
      `**Unbound:** what ${code(unbound.name)} names no longer depends on a connection${when}.`,
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
  return lines;
}

function bareLine({ service }: ProtoContext): string {
  const { errorMessage, timestamp } = service.envelope ?? {};
  const left = [errorMessage, timestamp].flatMap((field) =>
    field === undefined ? [] : [code([field])],
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
        ? `${code([field])} as the request's ${code([value.input])}`
        : `${code([field])} ${literal(value)}`,
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
  return `the service may take as many milliseconds as ${code(field)} says, ${otherwise}`;
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}

function code(way: readonly string[]): string {
  return codeSpan(way.join("."), false);
}

function literal(value: boolean | number | string): string {
  return codeSpan(JSON.stringify(value).replaceAll(/[^ -~]/g, "\ufffd"), false);
}

/** A message's fields that are commands: what to say of them in its table. */
export function commandFields(
  message: StructDeclaration,
  context: ProtoContext,
): ReadonlyMap<string, string> {
  const { service } = context;
  const { envelope } = service;
  const isEnvelope =
    envelope !== undefined &&
    [envelope.request, envelope.response].some(
      (path) => path.join(".") === message.path.join("."),
    );
  if (!isEnvelope) return new Map();
  return new Map(
    service.methods.map(({ name }) => [name, commandLink(name, context)]),
  );
}
