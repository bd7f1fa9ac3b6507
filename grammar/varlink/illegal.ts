import type { IToken, TokenType } from "chevrotain";
import type { Problems } from "./codes.ts";
import type { SourceText } from "../source/source-text.ts";
import type { Words } from "../source/diagnostics.ts";
import type { Span } from "../source/span.ts";
import {
  Arrow,
  Colon,
  Comma,
  endOf,
  Illegal,
  LeftParenthesis,
  RightParenthesis,
  Word,
} from "./tokens.ts";

interface LookAlike {
  readonly type: TokenType;
  readonly help: string;
}

const arrow: LookAlike = {
  type: Arrow,
  help: "write `->` between a method's parameters and its results",
};

/** What people write instead of the right token; reading goes on as if it were that. */
const lookAlikes: ReadonlyMap<string, LookAlike> = new Map([
  [
    "{",
    { type: LeftParenthesis, help: "fields stand in parentheses: write `(`" },
  ],
  [
    "}",
    { type: RightParenthesis, help: "fields stand in parentheses: write `)`" },
  ],
  [
    ";",
    {
      type: Comma,
      help: "fields are separated by commas, members by line ends",
    },
  ],
  ["=", { type: Colon, help: "a field is written `name: type`" }],
  ["=>", arrow],
  ["→", arrow],
]);

const legalWord = /^[A-Za-z0-9_.-]+$/;
const illegalRun = /[^A-Za-z0-9_.-]+/gu;

/** Tells of every run of characters the language does not use, and takes it out. */
export function withoutIllegalCharacters(
  tokens: readonly IToken[],
  source: SourceText,
  problems: Problems,
): IToken[] {
  const legal: IToken[] = [];
  const tell = (where: Span, help?: string): void => {
    problems.error("varlink/illegal-character", where, () =>
      words(source, where, help),
    );
  };
  let depth = 0;
  // Searched for once if it is nowhere: a file may be full of `/*`.
  let hasBlockEnd = true;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.tokenType === LeftParenthesis) depth += 1;
    else if (token.tokenType === RightParenthesis) depth -= 1;
    if (
      token.tokenType !== Illegal &&
      (token.tokenType !== Word || legalWord.test(token.image))
    ) {
      legal.push(token);
      continue;
    }
    const lookAlike = lookAlikes.get(token.image);
    if (lookAlike !== undefined) {
      tell(span(token), lookAlike.help);
      if (lookAlike.type === LeftParenthesis) depth += 1;
      else if (lookAlike.type === RightParenthesis) depth -= 1;
      // Between members a semicolon is superfluous, not a comma.
      if (lookAlike.type !== Comma || depth > 0)
        legal.push(retyped(token, lookAlike.type));
    } else if (/^\/[/*]/.test(token.image)) {
      tell(span(token), "a comment begins with `#` and ends with its line");
      const isBlock: boolean = hasBlockEnd && token.image.startsWith("/*");
      const closing: number = isBlock
        ? source.text.indexOf("*/", token.startOffset + 2)
        : -1;
      if (isBlock) hasBlockEnd = closing >= 0;
      index = endOfForeignComment(tokens, index, closing, source);
    } else if (token.tokenType === Illegal) {
      tell(span(token));
    } else {
      for (const run of token.image.matchAll(illegalRun)) {
        const start = token.startOffset + run.index;
        tell({ start, end: start + run[0].length });
      }
      // Letters of another script still name something.
      if (/[\p{L}\p{N}_]/u.test(token.image)) legal.push(token);
    }
  }
  return legal;
}

/** The index of the last token of a comment in another language's style. */
function endOfForeignComment(
  tokens: readonly IToken[],
  first: number,
  closing: number,
  source: SourceText,
): number {
  const start = tokens[first]?.startOffset ?? 0;
  const end =
    closing >= 0 ? closing + 2 : source.lineSpan(source.lineAt(start)).end;
  let last = first;
  while ((tokens[last + 1]?.startOffset ?? Infinity) < end) last += 1;
  return last;
}

function span(token: IToken): Span {
  return { start: token.startOffset, end: endOf(token) };
}

function retyped(token: IToken, type: TokenType): IToken {
  return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 };
}

/** Characters of a run that a message shows. */
const shownCharacters = 8;

function words(source: SourceText, { start, end }: Span, help?: string): Words {
  // Cut before it is split: a run can be the whole file.
  const run = Array.from(
    source.text.slice(start, Math.min(end, start + 4 * shownCharacters)),
  );
  const shown = run.slice(0, shownCharacters);
  const isShortened =
    shown.length < run.length || end - start > 4 * shownCharacters;
  const point = run[0]?.codePointAt(0) ?? 0;
  return {
    message:
      run.length === 1
        ? `illegal character ${nameCharacter(point)}`
        : `illegal characters \`${shown.map(escapeControl).join("")}${isShortened ? "…" : ""}\``,
    help:
      help ??
      (point > 0x9f
        ? "names are made of ASCII letters, digits and `_`"
        : undefined),
  };
}

function nameCharacter(point: number): string {
  const character = String.fromCodePoint(point);
  const number = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  if (/^[\p{C}\p{M}\p{Z}]/u.test(character)) return number;
  return point < 0x80 ? `\`${character}\`` : `\`${character}\` (${number})`;
}

function escapeControl(character: string): string {
  const code = character.charCodeAt(0);
  return /^\p{Cc}$/u.test(character)
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : character;
}
