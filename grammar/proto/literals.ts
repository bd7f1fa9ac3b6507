import type { IToken } from "chevrotain";
import type { Span } from "../source/span.ts";
import type { FloatLiteral, IntegerLiteral, StringLiteral } from "./ast.ts";
import type { Problems } from "./codes.ts";
import { endOf } from "./tokens.ts";

/** The value of an integer token; a minus before it makes it negative. */
export function integerLiteral(
  minus: IToken | undefined,
  token: IToken,
): IntegerLiteral {
  const { image, startOffset } = token;
  const magnitude = isIllegal(token) ? 0n : parseInteger(image);
  return {
    kind: "integer",
    value: minus === undefined ? magnitude : -magnitude,
    negative: minus !== undefined,
    span: {
      start: (minus ?? { startOffset }).startOffset,
      end: startOffset + image.length,
    },
  };
}

function parseInteger(image: string): bigint {
  // Most numbers are small, and a regular expression or BigInt() takes its time.
  if (image.length <= 15 && !image.startsWith("0"))
    return BigInt(Number(image));
  return /^0\d/.test(image) ? BigInt(`0o${image}`) : BigInt(image);
}

/** Told of already; there is no value to it. */
function isIllegal(token: IToken): boolean {
  return token.payload === "illegal";
}

/** The value of a float token; a minus before it makes it negative, zero too. */
export function floatLiteral(
  minus: IToken | undefined,
  token: IToken,
): FloatLiteral {
  const magnitude = isIllegal(token) ? 0 : Number(token.image);
  return {
    kind: "float",
    value: minus === undefined ? magnitude : -magnitude,
    negative: minus !== undefined,
    span: { start: (minus ?? token).startOffset, end: endOf(token) },
  };
}

const encoder = new TextEncoder();
const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
  ["\\", 0x5c],
  ["?", 0x3f],
  ["'", 0x27],
  ['"', 0x22],
]);

// Every backslash begins a match; what follows tells which kind of escape it is.
const escapes =
  /\\(?:([abtnvfr\\?'"])|([0-7]{1,3})|[xX]([\da-fA-F]{1,2})|(?:u([\da-fA-F]{4})|U(00[01][\da-fA-F]{5}))(?:\\u([dD][c-fC-F][\da-fA-F]{2}))?|)/g;

/** Joins adjacent strings into the bytes they stand for; tells of escapes that are none. */
export function stringLiteral(
  tokens: readonly IToken[],
  span: Span,
  problems: Problems,
): StringLiteral {
  const [only] = tokens;
  // Told of already, and where its escapes would end nobody knows.
  if (tokens.some(isIllegal))
    return { kind: "string", bytes: new Uint8Array(), span };
  if (only !== undefined && tokens.length === 1 && !only.image.includes("\\"))
    return {
      kind: "string",
      bytes: encoder.encode(only.image.slice(1, -1)),
      span,
    };
  const bytes: Uint8Array[] = [];
  for (const token of tokens) appendString(bytes, token, problems);
  return { kind: "string", bytes: concat(bytes), span };
}

function appendString(
  bytes: Uint8Array[],
  token: IToken,
  problems: Problems,
): void {
  const text = token.image.slice(1, -1);
  let done = 0;
  for (const match of text.matchAll(escapes)) {
    if (match.index > done)
      bytes.push(encoder.encode(text.slice(done, match.index)));
    done = match.index + match[0].length;
    const escaped = escapedBytes(match);
    if (escaped === undefined)
      tellEscape(problems, token.startOffset + 1 + match.index, text, done);
    else bytes.push(escaped);
  }
  if (done < text.length) bytes.push(encoder.encode(text.slice(done)));
}

function escapedBytes(match: RegExpExecArray): Uint8Array | undefined {
  const [, simple, octal, hex, short, long, trail] = match;
  if (simple !== undefined)
    return Uint8Array.of(simpleEscapes.get(simple) ?? 0);
  // `\477` is more than a byte holds; protoc drops the ninth bit.
  if (octal !== undefined)
    return Uint8Array.of(Number.parseInt(octal, 8) & 0xff);
  if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
  const digits = short ?? long;
  if (digits === undefined) return undefined;
  const point = Number.parseInt(digits, 16);
  // No character: protoc leaves the escape as it stands, in lower case.
  const bytes =
    point > 0x10ffff
      ? encoder.encode(`\\U${digits.toLowerCase()}`)
      : encodePoint(point);
  if (trail === undefined) return bytes;
  const low = Number.parseInt(trail, 16);
  return isHighSurrogate(point)
    ? encodePoint(0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00))
    : concat([bytes, encodePoint(low)]);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

/** UTF-8 of any number up to 0x10ffff; of lone surrogates too, which TextEncoder replaces. */
function encodePoint(point: number): Uint8Array {
  return point >= 0xd800 && point < 0xe000
    ? Uint8Array.of(
        0xe0 | (point >> 12),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      )
    : encoder.encode(String.fromCodePoint(point));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function tellEscape(
  problems: Problems,
  start: number,
  text: string,
  after: number,
): void {
  const escape = `\\${String.fromCodePoint(text.codePointAt(after) ?? 0)}`;
  const help: Readonly<Record<string, string>> = {
    "\\x": "one or two hexadecimal digits follow `\\x`",
    "\\X": "one or two hexadecimal digits follow `\\X`",
    "\\u": "four hexadecimal digits follow `\\u`",
    "\\U": "eight hexadecimal digits follow `\\U`, no more than 0010ffff",
  };
  problems.error(
    "proto/invalid-escape",
    { start, end: start + escape.length },
    () => ({
      message: `\`${escape}\` is no escape`,
      help: help[escape] ?? "a backslash itself is written `\\\\`",
    }),
  );
}
