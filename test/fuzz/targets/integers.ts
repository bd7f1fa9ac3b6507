import { PortolanError } from "../../../src/runtime/errors.ts";
import { compileInterface } from "../../../src/runtime/varlink/schema.ts";
import { decodeReply } from "../../../src/runtime/varlink/messages.ts";
import { parseCall } from "../../../src/runtime/varlink/server/message.ts";
import {
  NumberText,
  type Oracle,
  parseExactly,
  roundedTo,
} from "../../runtime/integers/oracle.ts";
import { jsonWords } from "../frames.ts";
import { dictionary, type Dictionary, mutate } from "../mutate.ts";
import { Random } from "../random.ts";
import { EXACT, everything, exactDescriptor } from "../service.ts";
import {
  type Bench,
  type Input,
  must,
  mustEqual,
  type Target,
  Tally,
} from "../target.ts";

const NUMBERS = [
  "0",
  "-1",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "-9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "18446744073709551615",
  "18446744073709551616",
  "9007199254740993.0",
  "9007199254740993.5",
  "9.007199254740993e15",
  "900719925474099300e-2",
  "1e300",
  "1e-300",
  "-0",
  '"18446744073709551615"',
  '"-0"',
  '"007"',
  "null",
];

const words: Dictionary = [...jsonWords, ...dictionary(...NUMBERS)];

/** Messages in which `N` is to be replaced by a number. */
const templates = [
  '{"parameters":{"value":{"bool":true,"int":N,"float":N,"string":"N","list":[N,N],"map":{"a":N,"__proto__":N}}}}',
  ' { "parameters" : { "value" : { "bool" : false , "int" : N , "float" : 1 , "string" : "\\"N\\\\" , "object" : { "a" : [ N , { "int" : N } ] } , "any" : N , "list" : [ ] , "map" : { } , "int" : N } } } ',
  '{"parameters":{"value":{"bool":true,"int":N,"float":N,"string":"","list":[],"map":{},"holes":[null,{"constructor":N,"toString":"N","hasOwnProperty":{"__proto__":{"then":[N,N]}},"then":[N]}]}}}',
  '{"parameters":{"value":{"int":N,"tree":{"int":N,"list":[N],"tree":{"\\u0069nt":N,"map":{"\\"":N,"\\\\":N,"é🎉":N}}},"list":null,"map":{"a":N,"a":N}}}}',
  '{"x":{"int":N},"parameters":{"value":{"list":[N]}},"parameters":{"value":{"list":[N,N],"int":N}}}',
];

const tally = new Tally("read", "refused", "malformed");

/** Integers that JSON.parse rounds, on both sides. */
export const integersTarget: Target = {
  name: "integers",
  share: 25,
  tally,
  make(random) {
    const filled = random
      .pick(templates)
      .replaceAll("N", () => random.pick(NUMBERS));
    return mutate(random, [Buffer.from(filled)], words);
  },
  open: () => ({ check, close() {} }) satisfies Bench,
};

const method = compileInterface(exactDescriptor).methods.get("Mirror");
const types = { ...everything, Parameters: { value: "Everything" } };

function check({ bytes, variant }: Input): void {
  const text = bytes.toString();
  // The strict way is the same for both sides, but for the header and unknown members.
  const random = new Random(variant);
  const kind = random.below(3);
  const message =
    kind === 2 ? text.replace("{", `{"method":"${EXACT}.Mirror",`) : text;
  const parameters = headerOf(message, kind === 2);
  if (parameters === undefined || method === undefined) {
    tally.add("malformed");
    return;
  }
  const problem =
    kind === 2
      ? method.checkParameters(parameters, message)
      : method.normaliseOutput(
          parameters,
          kind === 0 ? "lenient" : "strict",
          message,
        );
  tally.add(problem === undefined ? "read" : "refused");
  if (problem !== undefined) {
    must(problem.message !== "", "a problem without a message");
    if (kind === 0) must(problem.message.includes("nested"), problem.message);
    return;
  }
  const exact = parametersOf(parseExactly(message));
  // What came in the place of a struct, or of nothing, is the oracle's as well.
  const expected =
    kind === 0 ? roundedTo(exact, "Parameters", types) : undefined;
  if (kind === 0) mustEqual(show(parameters), show(expected), "what was read");
  else checkStrict(parameters, exact);
}

/** The parameters of a message, where its header is right. */
function headerOf(message: string, isCall: boolean): object | undefined {
  try {
    return isCall
      ? parseCall(message).parameters
      : decodeReply(message, true).parameters;
  } catch (error) {
    must(
      PortolanError.is(error) && error.code === "PROTOCOL",
      () => `an error that is not ours: ${String(error)}`,
    );
    return undefined;
  }
}

function parametersOf(message: Oracle): Oracle {
  if (typeof message !== "object" || message === null) return {};
  const { parameters } = message as { readonly parameters?: Oracle };
  return parameters ?? {};
}

/** What was read strictly is what was sent, no digit less, and is written so again. */
function checkStrict(parameters: object, exact: Oracle): void {
  const read = roundedTo(exact, "Parameters", types);
  mustEqual(show(parameters), show(read), "what was read");
  const written =
    method?.checkReply(parameters) === undefined
      ? method?.writeReply(parameters)
      : undefined;
  // Members that are unknown, or null in the place of nothing, may not be sent.
  if (written === undefined) return;
  const back = roundedTo(parseExactly(written), "Parameters", types);
  mustEqual(showBare(back), showBare(parameters), "what was written");
}

/** A value as text: bigints told from numbers, members in their order. */
function show(value: unknown): string {
  return stringify(value, false);
}

/** As JSON: without members that are null, and bigints are numbers like any other. */
function showBare(value: unknown): string {
  return stringify(value, true);
}

function stringify(value: unknown, bare: boolean): string {
  must(!(value instanceof NumberText), "a number that was not read");
  if (typeof value === "bigint") return bare ? String(value) : `${value}n`;
  if (Array.isArray(value))
    return `[${value.map((item) => stringify(item, bare)).join()}]`;
  if (typeof value !== "object" || value === null)
    return Object.is(value, -0) ? "0" : (JSON.stringify(value) ?? "undefined");
  const members = Object.entries(value)
    .filter(([, member]) => !bare || (member !== null && member !== undefined))
    .map(
      ([key, member]) => `${JSON.stringify(key)}:${stringify(member, bare)}`,
    );
  return `{${members.sort().join()}}`;
}
