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
  LeftBracket,
  LeftParenthesis,
  QuestionMark,
  RightBracket,
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

const colon: LookAlike = {
  type: Colon,
  help: "a field is written `name: type`",
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
  ["=", colon],
  ["=>", arrow],
  ["→", arrow],
]);

// A `$` or `@` within a word is told of as a wrong name.
const legalWord = /^[A-Za-z0-9_.$@-]+$/;
const illegalRun = /[^A-Za-z0-9_.$@-]+/gu;

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
    const closing = token.image === "<" ? endOfArguments(tokens, index) : index;
    if (closing > index) {
      const end = tokens[closing];
      tell(
        { start: token.startOffset, end: end === undefined ? 0 : endOf(end) },
        "a type takes no arguments: an array is `[]type`, a map `[string]type`, what may be null `?type`",
      );
      index = closing;
    } else if (lookAlike === colon && depth <= 0) {
      tell(span(token), "nothing stands between a name and its parentheses");
    } else if (lookAlike === colon && isAssignment(legal, tokens[index + 1])) {
      tell(
        span(token),
        "remove it: a field has no default value, an enum's value no number",
      );
      index = endOfAssigned(tokens, index, source);
    } else if (lookAlike !== undefined) {
      tell(span(token), lookAlike.help);
      if (lookAlike.type === LeftParenthesis) depth += 1;
      else if (lookAlike.type === RightParenthesis) depth -= 1;
      // Between members, and before a `)`, a semicolon is superfluous, not a comma.
      const next = tokens[index + 1];
      const isSuperfluous =
        depth <= 0 ||
        next?.tokenType === RightParenthesis ||
        next?.image === "}";
      if (lookAlike.type !== Comma || !isSuperfluous)
        legal.push(retyped(token, lookAlike.type));
    } else if (/^\/[/*]/.test(token.image)) {
      tell(span(token), "a comment begins with `#` and ends with its line");
      const isBlock: boolean = hasBlockEnd && token.image.startsWith("/*");
      const blockEnd: number = isBlock
        ? source.text.indexOf("*/", token.startOffset + 2)
        : -1;
      if (isBlock) hasBlockEnd = blockEnd >= 0;
      index = endOfForeignComment(tokens, index, blockEnd, source);
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

/** How far arguments of a type, `<string, int>`, can reach, in tokens. */
const longestArguments = 32;

/** The index of the `>` that belongs to a `<`; of the `<` itself if none does. */
function endOfArguments(tokens: readonly IToken[], first: number): number {
  let open = 0;
  for (let index = first; index < first + longestArguments; index++) {
    const token = tokens[index];
    if (token === undefined) return first;
    if (token.tokenType === Illegal) {
      if (!/^(?:<+|>+)$/.test(token.image)) return first;
      open += token.image.startsWith("<")
        ? token.image.length
        : -token.image.length;
      if (open <= 0) return open === 0 ? index : first;
    } else if (!argumentTokens.has(token.tokenType)) {
      return first;
    }
  }
  return first;
}

const argumentTokens: ReadonlySet<TokenType> = new Set([
  Word,
  Comma,
  QuestionMark,
  LeftBracket,
  RightBracket,
]);

/**
 * Whether `=` gives something a value: it stands behind a type, or before what
 * is no type. Directly behind a field's name it is a colon gone wrong.
 */
function isAssignment(
  before: readonly IToken[],
  next: IToken | undefined,
): boolean {
  if (next?.tokenType === Illegal || /^\d/.test(next?.image ?? "")) return true;
  const beginsField = before.at(-2)?.tokenType;
  return (
    before.at(-1)?.tokenType !== Word ||
    (beginsField !== LeftParenthesis && beginsField !== Comma)
  );
}

/** The index of the last token of what stands behind a `=`, on its line and in its place. */
function endOfAssigned(
  tokens: readonly IToken[],
  first: number,
  source: SourceText,
): number {
  const lineEnd = source.lineSpan(
    source.lineAt(tokens[first]?.startOffset ?? 0),
  ).end;
  // `{` within the value, as in `= {}`: not the brace around the fields.
  let braces = 0;
  let last = first;
  for (
    let next = tokens[first + 1];
    next !== undefined && next.startOffset < lineEnd;
    next = tokens[last + 1]
  ) {
    if (next.image === "{") braces += 1;
    else if (next.image === "}" && braces > 0) braces -= 1;
    else if (braces === 0 && endsValue(next)) break;
    last += 1;
  }
  return last;
}

function endsValue({ tokenType, image }: IToken): boolean {
  return (
    tokenType === Comma ||
    tokenType === LeftParenthesis ||
    tokenType === RightParenthesis ||
    lookAlikes.has(image)
  );
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
