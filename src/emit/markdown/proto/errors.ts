import type {
  EnumValue,
  Envelope,
  EnvelopeFailure,
  Method,
  TypeDeclaration,
} from "../../../model/api.ts";
import { namesIn } from "../../../model/uses.ts";
import { layOutList } from "../print-blocks.ts";
import { type ProtoContext, structAt } from "./context.ts";
import { code, commandLink, inLines, linkTo, literal } from "./links.ts";

/** What is known of an envelope's error codes: who names which. */
export interface Errors {
  /** Whether a type is the enum of the codes. */
  readonly isEnum: (type: TypeDeclaration) => boolean;
  /** Links for the codes that what is said of a command, or of its request, names. */
  readonly linksOf: (method: Method) => string[];
  /** The commands that name a code, as a sentence; nothing if there are none. */
  readonly remark: (code: EnumValue) => string;
}

/** Finds out which commands name which error codes. */
export function errorsOf(context: ProtoContext): Errors {
  const { service, find } = context;
  const path = service.envelope?.error.enum ?? [];
  const declared = find(path);
  const values = declared?.kind === "enum" ? declared.values : [];
  const success = service.envelope?.success.number;
  const codes = values.filter(({ number }) => number !== success);
  const named = new Map<Method, readonly EnumValue[]>();
  const namedBy = new Map<string, Method[]>(
    codes.map(({ name }) => [name, []]),
  );
  for (const method of context.methods) {
    const words = namesIn(docsOf(method, context), service.name);
    const found = codes.filter(({ name }) => words.has(name));
    named.set(method, found);
    for (const { name } of found) namedBy.get(name)?.push(method);
  }
  const target = context.names.types.of(context.names.type(path)) ?? "";
  return {
    isEnum: (type) => type === declared,
    linksOf: (method) =>
      (named.get(method) ?? []).map(
        ({ name }) => `[${code(name)}](#${target})`,
      ),
    remark: ({ name, docs }) => {
      const said = namesIn(docs, service.name);
      const links = (namedBy.get(name) ?? [])
        .filter((method) => !said.has(method.name))
        .map((method) => commandLink(method.name, context));
      return links.length === 0 ? "" : `Named by ${links.join(", ")}.`;
    },
  };
}

/** What is said of a command and what it is sent with. A result may count errors of others. */
function docsOf(method: Method, context: ProtoContext): string {
  const { envelope } = method;
  const isOwn =
    envelope !== undefined && context.homes.of(envelope.input) === method;
  const request = isOwn ? structAt(envelope.input, context) : undefined;
  return [
    method,
    ...(request === undefined ? [] : [request, ...request.fields]),
  ]
    .map(({ docs }) => docs)
    .join("\n\n");
}

/** How an error arrives, for a reader who has to handle it. */
export function errorNotes(
  { error, success, absent, errorMessage, response, failures }: Envelope,
  context: ProtoContext,
): string[] {
  const fields = structAt(response, context)?.fields ?? [];
  const numbered = (name: string): string => {
    const number = fields.find((field) => field.name === name)?.wire?.number;
    return number === undefined
      ? code(name)
      : `${code(name)} (field ${number})`;
  };
  const words =
    errorMessage === undefined
      ? ""
      : ` ${numbered(errorMessage)} says it in words.`;
  const arrival = `Every ${linkTo(response, context)} tells in ${numbered(error.field)} how its command ended: with ${valueText(success)} it was carried out, with anything else it failed. Where the code is absent, or not known to the reader, it counts as ${valueText(absent)}.${words}`;
  const answers = [
    answer(failures?.method, "a request without a command that is served"),
    answer(
      failures?.subscription,
      "a command that ends no subscription there is",
    ),
    answer(failures?.internal, "a command whose handler broke"),
  ].filter(Boolean);
  const note = inLines(arrival);
  return answers.length === 0
    ? [note]
    : [note, "What servers answer by themselves:", layOutList(answers, "\n")];
}

function valueText({ name, number }: EnumValue): string {
  return number === undefined ? code(name) : `${code(name)} (${number})`;
}

function answer(failure: EnvelopeFailure | undefined, where: string): string {
  if (failure === undefined) return "";
  const text =
    failure.text === undefined ? "" : ` and ${literal(failure.text)}`;
  return inLines(`${valueText(failure.code)}${text} to ${where}`, 2);
}
