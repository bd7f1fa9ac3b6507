/** Calls and replies as text (UAPI.20, "Method Call" and "Reply"). */
import { messageOf, PortolanError, VarlinkError } from "../errors.ts";
import type { ReplyMode } from "./schema.ts";
import { parseBetween, unknownMember } from "./header.ts";
import { isRecord } from "./schema/object.ts";
import { standardError } from "./standard.ts";

/** How a call is made. */
export type CallMode = "call" | "more" | "oneway" | "upgrade";

/** Also what keeps the name harmless inside of JSON. */
const FULL_NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/;

/** The full name that was found right last: programs call few methods many times. */
let lastName: string | undefined;

/**
 * A call as JSON. Only what says something is written: strict peers compare whole
 * messages, or refuse a flag that is false.
 *
 * @param stringify Writes the parameters.
 * @throws PortolanError `INVALID_INPUT` for what JSON cannot carry.
 */
export function encodeCall(
  method: string,
  parameters: object,
  mode: CallMode,
  stringify: (parameters: object) => string | undefined = JSON.stringify,
): string {
  if (method !== lastName) {
    if (!FULL_NAME.test(method)) {
      throw new PortolanError(
        "INVALID_INPUT",
        `${JSON.stringify(method)} is not a full method name; write for example "org.varlink.service.GetInfo"`,
      );
    }
    lastName = method;
  }
  let body: string | undefined;
  try {
    body = stringify(parameters);
  } catch (cause) {
    const why = messageOf(cause);
    throw new PortolanError(
      "INVALID_INPUT",
      `the input of ${method} cannot be sent: ${why}`,
      {
        cause,
      },
    );
  }
  const rest =
    body === "{}" || body === undefined ? "" : `,"parameters":${body}`;
  const flag = mode === "call" ? "" : `,"${mode}":true`;
  return `{"method":"${method}"${rest}${flag}}`;
}

/** A reply whose form is right. */
export interface Reply {
  /** Never null: what is absent is empty. */
  readonly parameters: object;
  /** Whether more replies follow. */
  readonly continues: boolean;
  /** The full name of the error, if it is one. */
  readonly error: string | undefined;
  /** The message, which has what JSON.parse rounds. */
  readonly text: string;
}

/**
 * Reads a reply. Null is the same as absent, for every member.
 *
 * @param more Whether the call asked for several replies.
 * @param mode `lenient` ignores members of the header that nobody knows, since peers
 * of the older specification may send some; `strict` takes only those whose name has
 * a dot, which are vendors'.
 * @throws PortolanError `PROTOCOL`.
 */
export function decodeReply(
  text: string,
  more: boolean,
  mode: ReplyMode = "lenient",
): Reply {
  const usual = decodeUsual(text, more);
  if (usual !== undefined) return usual;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(
      `a message that is not JSON (${text.length} characters)`,
      cause,
    );
  }
  if (!isRecord(value)) throw broken("a message that is not a JSON object");
  const unknown = mode === "strict" ? unknownMember(value, KNOWN) : undefined;
  if (unknown !== undefined)
    throw broken(`a reply with the unknown member ${JSON.stringify(unknown)}`);
  const header: {
    readonly parameters?: unknown;
    readonly continues?: unknown;
    readonly error?: unknown;
  } = value;
  const parameters = header.parameters ?? {};
  if (!isRecord(parameters))
    throw broken("a reply whose parameters are not an object");
  const continues = header.continues ?? false;
  if (typeof continues !== "boolean")
    throw broken("a reply whose continues is not a boolean");
  const error = header.error ?? undefined;
  if (error !== undefined && (typeof error !== "string" || error === "")) {
    throw broken("a reply whose error is not a name");
  }
  if (continues) {
    if (error !== undefined) throw broken("an error reply that continues");
    if (!more)
      throw broken("a reply that continues to a call that asked for one");
  }
  return { parameters, continues, error, text };
}

const BEFORE = '{"parameters":';
const LAST = "}";
const CONTINUES = ',"continues":true}';

/** Reads a reply of one of the two forms that nearly all have. */
function decodeUsual(text: string, more: boolean): Reply | undefined {
  let parameters = parseBetween(text, BEFORE, LAST);
  if (parameters !== undefined)
    return { parameters, continues: false, error: undefined, text };
  if (!more) return undefined;
  parameters = parseBetween(text, BEFORE, CONTINUES);
  return parameters === undefined
    ? undefined
    : { parameters, continues: true, error: undefined, text };
}

const KNOWN: ReadonlySet<string> = new Set([
  "parameters",
  "continues",
  "error",
]);

/** Error replies as errors: the standard ones in their classes, all others whole. */
export function toError(
  error: string,
  parameters: object,
  method?: string,
): VarlinkError {
  const options = { method };
  return (
    standardError(error, parameters, options) ??
    new VarlinkError(error, parameters, options)
  );
}

function broken(what: string, cause?: unknown): PortolanError {
  return new PortolanError(
    "PROTOCOL",
    `the service sent ${what}`,
    cause === undefined ? undefined : { cause },
  );
}
