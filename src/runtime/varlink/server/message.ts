import { PortolanError } from "../../errors.ts";
import type { CallReading } from "../schema.ts";
import { parseBetween, unknownMember } from "../header.ts";
import { isRecord, type JsonRecord } from "../schema/object.ts";

/** A call as it came, its header checked. */
export interface CallMessage {
  readonly method: string;
  readonly parameters: object;
  readonly more: boolean;
  readonly oneway: boolean;
  readonly upgrade: boolean;
  /** The message, which has what JSON.parse rounds. */
  readonly text: string;
}

interface Flags {
  readonly more: boolean;
  readonly oneway: boolean;
  readonly upgrade: boolean;
}

/**
 * Reads a call (UAPI.20, "Method Call"). Members under a name with a dot belong
 * to vendors and are ignored; null is the same as absent. Of a member that comes
 * twice the last one counts, as JSON.parse has it.
 *
 * @param reading `lenient` takes what servers took before UAPI.20: members that
 * nobody knows, flags of any type and several of them, and `[]` for no parameters.
 * @throws PortolanError `PROTOCOL` for what is to be answered by closing the
 * connection.
 */
export function parseCall(
  text: string,
  reading: CallReading = "strict",
): CallMessage {
  const message = parseObject(text);
  const strict = reading === "strict";
  const unknown = strict ? unknownMember(message, KNOWN) : undefined;
  if (unknown !== undefined)
    throw malformed(`unknown member ${JSON.stringify(unknown)}`);
  const { method, parameters = null } = message;
  if (typeof method !== "string")
    throw malformed('no "method", or not a string');
  const { more, oneway, upgrade } = strict
    ? strictFlags(message)
    : lenientFlags(message);
  return {
    method,
    parameters: readParameters(parameters, strict),
    more,
    oneway,
    upgrade,
    text,
  };
}

/** What a call of a method begins with, in the usual form: see {@link parseUsual}. */
export function usualBeginning(method: string): string {
  return `{"method":${JSON.stringify(method)},"parameters":`;
}

/**
 * Reads a call that is of this method, has parameters and no flags, and says so in
 * the usual form; `undefined` if it is another, or is not right.
 */
export function parseUsual(
  text: string,
  method: string,
  beginning: string,
): CallMessage | undefined {
  const parameters = parseBetween(text, beginning, "}");
  return parameters === undefined
    ? undefined
    : { method, parameters, more: false, oneway: false, upgrade: false, text };
}

function readParameters(parameters: unknown, strict: boolean): object {
  if (parameters === null) return {};
  if (isRecord(parameters)) return parameters;
  // How PHP and Lua write an empty object.
  if (!strict && Array.isArray(parameters) && parameters.length === 0)
    return {};
  throw malformed('"parameters" is not an object');
}

/** Whether what comes behind a call may be something else than calls. */
export function asksUpgrade(text: string): boolean {
  // Parsing twice is for few: those that have the word, which escapes may hide.
  if (!text.includes("upgrade") && !text.includes("\\u")) return false;
  try {
    return isSet(parseObject(text), "upgrade");
  } catch {
    // To be refused when its turn comes.
    return false;
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  "method",
  "parameters",
  "more",
  "oneway",
  "upgrade",
]);

function strictFlags(message: JsonRecord): Flags {
  const more = flag("more", message["more"]);
  const oneway = flag("oneway", message["oneway"]);
  const upgrade = flag("upgrade", message["upgrade"]);
  if (Number(more) + Number(oneway) + Number(upgrade) > 1) {
    throw malformed('more than one of "more", "oneway" and "upgrade"');
  }
  return { more, oneway, upgrade };
}

function flag(name: keyof Flags, given: unknown): boolean {
  const value = given ?? false;
  if (typeof value !== "boolean") throw malformed(`"${name}" is not a boolean`);
  return value;
}

/**
 * Of several flags the one counts whose client would be harmed most by the others:
 * who wants no reply takes one for that of the next call, and who upgrades speaks
 * something else behind the first.
 */
function lenientFlags(message: JsonRecord): Flags {
  const oneway = isSet(message, "oneway");
  const upgrade = !oneway && isSet(message, "upgrade");
  const more = !oneway && !upgrade && isSet(message, "more");
  return { more, oneway, upgrade };
}

function isSet(message: JsonRecord, name: keyof Flags): boolean {
  return Boolean(message[name]);
}

function parseObject(text: string): JsonRecord {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (cause) {
    throw malformed(text === "" ? "an empty message" : "not JSON", { cause });
  }
  if (!isRecord(message)) throw malformed("not a JSON object");
  return message;
}

function malformed(reason: string, options?: ErrorOptions): PortolanError {
  return new PortolanError("PROTOCOL", `malformed call: ${reason}`, options);
}
