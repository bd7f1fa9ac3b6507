/**
 * What a strict reading of UAPI.20 makes of bytes, written apart from the runtime:
 * the plain way, slow, with Node's own decoders.
 */

/** A call as its header has it. */
export interface ReadCall {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly mode: "call" | "more" | "oneway" | "upgrade";
}

/** A reply as its header has it. */
export interface ReadReply {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly continues: boolean;
  readonly error: string | undefined;
}

/** The text of one message, or why it is none. */
export type Text =
  | { readonly text: string; readonly rest: Buffer }
  | "too long"
  | "not UTF-8"
  /** No NUL comes any more. */
  | "cut off"
  | "end";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes the first message off. */
export function takeText(bytes: Buffer, maxSize: number): Text {
  const end = bytes.indexOf(0);
  if ((end < 0 ? bytes.length : end) > maxSize) return "too long";
  if (end < 0) return bytes.length === 0 ? "end" : "cut off";
  try {
    return {
      text: decoder.decode(bytes.subarray(0, end)),
      rest: bytes.subarray(end + 1),
    };
  } catch {
    return "not UTF-8";
  }
}

/**
 * A call, or undefined where the connection has to be closed.
 *
 * @param strict Whether as UAPI.20 has it, or as servers took it before.
 */
export function readCall(text: string, strict: boolean): ReadCall | undefined {
  const header = readObject(text);
  if (header === undefined) return undefined;
  const { method, parameters } = header;
  const isEmptyList = Array.isArray(parameters) && parameters.length === 0;
  const read = readParameters(!strict && isEmptyList ? {} : parameters);
  if (typeof method !== "string" || read === undefined) return undefined;
  const [mode = "call", ...others] = FLAGS.filter((flag) => header[flag]);
  if (strict) {
    const known = ["method", "parameters", ...FLAGS];
    const isFlag = (flag: string): boolean =>
      typeof (header[flag] ?? false) === "boolean";
    if (!hasOnly(header, known) || !FLAGS.every(isFlag) || others.length > 0)
      return undefined;
  }
  return { method, parameters: read, mode };
}

/** Leniently, the first of several counts. */
const FLAGS = ["oneway", "upgrade", "more"] as const;

/**
 * A reply, or undefined where it is malformed.
 *
 * @param strict Whether members are malformed that are not known nor a vendor's.
 */
export function readReply(
  text: string,
  more: boolean,
  strict: boolean,
): ReadReply | undefined {
  const header = readObject(text);
  if (strict && !hasOnly(header ?? {}, ["parameters", "continues", "error"]))
    return undefined;
  const parameters = header && readParameters(header["parameters"]);
  if (header === undefined || parameters === undefined) return undefined;
  const continues = header["continues"] ?? false;
  const error = header["error"] ?? undefined;
  if (typeof continues !== "boolean" || (continues && !more)) return undefined;
  if (error === undefined) return { parameters, continues, error };
  if (typeof error !== "string" || error === "" || continues) return undefined;
  return { parameters, continues, error };
}

/** Names with a dot are vendors'. */
function hasOnly(header: object, known: readonly string[]): boolean {
  return Object.keys(header).every(
    (key) => known.includes(key) || key.includes("."),
  );
}

function readParameters(
  value: unknown,
): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return {};
  return isObject(value) ? value : undefined;
}

function readObject(
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // Without a prototype, so that nothing is there that did not come.
    return isObject(value) ? toBare(value) : undefined;
  } catch {
    return undefined;
  }
}

function toBare(value: object): Readonly<Record<string, unknown>> {
  const bare = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of Object.entries(value))
    Object.defineProperty(bare, key, { value: member, enumerable: true });
  return bare;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A value as text, for comparison: members that are null left out, as absent is the
 * same, and integers that came as strings as numbers.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === "string")
    return /^-?(?:0|[1-9]\d{0,19})$/.test(value)
      ? canonical(Number(value))
      : JSON.stringify(value);
  if (typeof value === "bigint") return canonical(Number(value));
  if (typeof value === "number") return JSON.stringify(value + 0);
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join()}}`;
}
