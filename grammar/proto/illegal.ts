import type { IToken } from "chevrotain";
import type { Words } from "../source/diagnostics.ts";
import type { SourceText } from "../source/source-text.ts";
import type { Span } from "../source/span.ts";
import { clip, spanOf } from "./build.ts";
import type { Problems } from "./codes.ts";
import { retype } from "./keywords.ts";
import {
  BadNumber,
  BadText,
  endOf,
  Float,
  Illegal,
  Integer,
  LineComment,
  Text,
  tokenize,
  Word,
} from "./tokens.ts";

/** More digits than any number of the language has; reading them would take time. */
const longestNumber = 1000;

const byteOrderMark = "\ufeff";
const legalWord = /^[A-Za-z0-9_]*$/;
const notAscii = /[^\0-\x7f]+/g;

/**
 * Tells of what the language has no tokens for, and leaves it out or makes
 * something of it that the parser can go on with.
 */
export function withoutIllegal(
  tokens: readonly IToken[],
  source: SourceText,
  problems: Problems,
): IToken[] {
  const legal: IToken[] = [];
  const isAscii = !/[^\0-\x7f]/.test(source.text);
  let skipTo = 0;
  for (const token of tokens) {
    const type = token.tokenType;
    if (token.startOffset < skipTo) continue;
    if (type === Word) {
      if (!isAscii && !legalWord.test(token.image))
        tellLetters(token, source, problems);
      legal.push(token);
    } else if (type === BadNumber) {
      tellNumber(token, problems);
      legal.push(standIn(token, Integer));
    } else if (type === BadText) {
      legal.push(...splitText(token, problems));
    } else if (type === Illegal) {
      if (token.image.startsWith("#")) {
        tell(problems, spanOf(token), {
          message: "illegal character `#`",
          help: "a comment begins with `//`",
        });
        skipTo = source.lineSpan(source.lineAt(token.startOffset)).end;
      } else tellIllegal(token, source, problems);
    } else {
      if (token.image.length > longestNumber) checkLong(token, problems);
      legal.push(token);
    }
  }
  return legal;
}

/** Whether a comment ends before the file does. */
export function isEnded({ tokenType, image }: IToken): boolean {
  return (
    tokenType === LineComment || (image.length >= 4 && image.endsWith("*/"))
  );
}

/** Tells of comments that have no end, or hold what begins another. */
export function checkComments(
  comments: readonly IToken[],
  problems: Problems,
): void {
  for (const comment of comments) {
    const { tokenType, image, startOffset } = comment;
    if (tokenType === LineComment) continue;
    const opening = { start: startOffset, end: startOffset + 2 };
    if (!isEnded(comment)) {
      problems.error("proto/unterminated-comment", opening, () => ({
        message: "this comment does not end",
        help: "a comment that begins with `/*` ends with `*/`",
      }));
      continue;
    }
    const nested = image.indexOf("/*", 2);
    if (nested < 0) continue;
    const start = startOffset + nested;
    problems.error("proto/nested-comment", { start, end: start + 2 }, () => ({
      message: "a comment cannot begin within a comment",
      help: "the first `*/` ends both; protoc refuses such a file",
      related: [{ span: opening, message: "the comment begins here" }],
    }));
  }
}

/** A token that is read as one of another type, and has no value. */
function standIn(token: IToken, type: typeof Integer): IToken {
  const other = { ...token, payload: "illegal" };
  retype(other, type);
  return other;
}

function checkLong(token: IToken, problems: Problems): void {
  if (token.tokenType !== Integer && token.tokenType !== Float) return;
  tell(problems, spanOf(token), { message: "this number is too long" }, true);
  token.payload = "illegal";
}

function tellNumber(token: IToken, problems: Problems): void {
  const { image } = token;
  const shown = clip(image);
  let help: string | undefined;
  if (/^0[xX]\W*$|^0[xX](?![\da-fA-F])/.test(image))
    help = "hexadecimal digits follow `0x`";
  else if (/^0\d+$/.test(image))
    help = "a number that begins with 0 is octal and has no 8 or 9";
  else if (/^[\d.]+[eE][+-]?$/.test(image))
    help = "digits follow the exponent's `e`";
  else if (/^[\d.]+[fF]$/.test(image)) help = "a number has no suffix";
  else if (/^\d[\d_]*$/.test(image)) help = "a number has no `_` in it";
  else if (/^\d+[A-Za-z_]\w*$/.test(image))
    help = "put a blank between a number and a name";
  tell(
    problems,
    spanOf(token),
    { message: `\`${shown}\` is no number`, help },
    true,
  );
}

/**
 * What a string holds whose quote is missing, and the punctuation behind it,
 * which was hardly meant to be in it.
 */
function splitText(token: IToken, problems: Problems): IToken[] {
  const { image, startOffset } = token;
  let end = image.length;
  while (end > 1 && " \t\r)]{};,>".includes(image.charAt(end - 1))) end -= 1;
  const quote = image.charAt(0);
  problems.error(
    "proto/unterminated-string",
    { start: startOffset, end: startOffset + end },
    () => ({
      message: "this string does not end on its line",
      help: `put a \`${quote}\` at its end; longer strings are written as several in a row`,
    }),
  );
  const text = standIn({ ...token, image: image.slice(0, end) }, Text);
  if (end === image.length) return [text];
  const { tokens } = tokenize(image.slice(end));
  return [
    text,
    ...tokens.map((each) => ({
      ...each,
      startOffset: each.startOffset + startOffset + end,
    })),
  ];
}

/** Letters of other scripts, and whatever else is not ASCII, in a name. */
function tellLetters(
  token: IToken,
  source: SourceText,
  problems: Problems,
): void {
  for (const match of token.image.matchAll(notAscii)) {
    const start = token.startOffset + match.index;
    const span = { start, end: start + match[0].length };
    tell(problems, span, {
      message: describe(source, span),
      help: "names are made of ASCII letters, digits and `_`",
    });
  }
}

function tellIllegal(
  token: IToken,
  source: SourceText,
  problems: Problems,
): void {
  // At the very beginning it is no character of the text.
  const isMark =
    token.startOffset === 0 && token.image.startsWith(byteOrderMark);
  const start = token.startOffset + (isMark ? 1 : 0);
  const span = { start, end: endOf(token) };
  if (span.end > start)
    tell(problems, span, { message: describe(source, span) });
}

function tell(
  problems: Problems,
  span: Span,
  words: Words,
  isNumber = false,
): void {
  problems.error(
    isNumber ? "proto/invalid-number" : "proto/illegal-character",
    span,
    () => words,
  );
}

/** Characters that a message shows. */
const shownCharacters = 8;

function describe(source: SourceText, { start, end }: Span): string {
  const near = Math.min(end, start + 4 * shownCharacters);
  const characters = Array.from(source.text.slice(start, near));
  const [only] = characters;
  if (characters.length === 1 && only !== undefined)
    return `illegal character ${nameCharacter(only)}`;
  const shown = characters.slice(0, shownCharacters).map(escapeInvisible);
  const isCut = near < end || characters.length > shownCharacters;
  return `illegal characters \`${shown.join("")}${isCut ? "…" : ""}\``;
}

function nameCharacter(character: string): string {
  const number = codePoint(character);
  if (/^[\p{C}\p{M}\p{Z}]/u.test(character)) return number;
  return character < "\x80"
    ? `\`${character}\``
    : `\`${character}\` (${number})`;
}

function escapeInvisible(character: string): string {
  return /^[\p{C}\p{M}\p{Z}]/u.test(character)
    ? `<${codePoint(character)}>`
    : character;
}

function codePoint(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}
