import { PortolanError } from "../../errors.ts";
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

/**
 * Reads a call (UAPI.20, "Method Call"). Members under a name with a dot belong
 * to vendors and are ignored; null is the same as absent. Of a member that comes
 * twice the last one counts, as JSON.parse has it.
 *
 * @throws PortolanError `PROTOCOL` for what the specification wants answered by
 * closing the connection.
 */
export function parseCall(text: string): CallMessage {
  const message = parseObject(text);
  const { method, parameters = null } = members(message);
  if (typeof method !== "string")
    throw malformed('no "method", or not a string');
  if (parameters !== null && !isRecord(parameters)) {
    throw malformed('"parameters" is not an object');
  }
  const more = flag(message, "more");
  const oneway = flag(message, "oneway");
  const upgrade = flag(message, "upgrade");
  if (Number(more) + Number(oneway) + Number(upgrade) > 1) {
    throw malformed('more than one of "more", "oneway" and "upgrade"');
  }
  return {
    method,
    parameters: parameters ?? {},
    more,
    oneway,
    upgrade,
    text,
  };
}

/** Whether what comes behind a call may be something else than calls. */
export function asksUpgrade(text: string): boolean {
  // Parsing twice is for few: those that have the word, which escapes may hide.
  if (!text.includes("upgrade") && !text.includes("\\u")) return false;
  try {
    return parseObject(text)["upgrade"] === true;
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

/** The message, if it has no member but known ones and those of vendors. */
function members(message: JsonRecord): JsonRecord {
  for (const name in message) {
    if (!KNOWN.has(name) && !name.includes(".")) {
      throw malformed(`unknown member ${JSON.stringify(name)}`);
    }
  }
  return message;
}

function flag(
  message: JsonRecord,
  name: "more" | "oneway" | "upgrade",
): boolean {
  const value = message[name] ?? false;
  if (typeof value !== "boolean") throw malformed(`"${name}" is not a boolean`);
  return value;
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
