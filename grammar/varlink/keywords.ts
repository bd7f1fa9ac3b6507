import type { IToken, TokenType } from "chevrotain";
import type { Problems } from "./codes.ts";
import type { SourceText } from "../source/source-text.ts";
import { editDistance } from "../source/nearest.ts";
import {
  ErrorKeyword,
  InterfaceKeyword,
  LeftParenthesis,
  MethodKeyword,
  RightParenthesis,
  TypeKeyword,
  UnknownKeyword,
  Word,
  endOf,
} from "./tokens.ts";

const keywords: ReadonlyMap<string, TokenType> = new Map([
  ["interface", InterfaceKeyword],
  ["type", TypeKeyword],
  ["method", MethodKeyword],
  ["error", ErrorKeyword],
]);

const keywordTypes = new Set([...keywords.values(), UnknownKeyword]);

/** Other languages' words for our keywords. */
const foreignKeywords: ReadonlyMap<string, string> = new Map([
  ...[
    "struct",
    "enum",
    "message",
    "record",
    "union",
    "typedef",
    "alias",
    "class",
  ].map((word) => [word, "type"] as const),
  ...["func", "fn", "function", "rpc", "def", "call", "procedure"].map(
    (word) => [word, "method"] as const,
  ),
  ...["exception", "err", "fault", "throws"].map(
    (word) => [word, "error"] as const,
  ),
  ...["service", "package", "namespace", "module"].map(
    (word) => [word, "interface"] as const,
  ),
]);

const glued = /^(type|method|error)([A-Z][A-Za-z0-9]*)$/;
const memberName = /^[A-Z]/;

/**
 * Makes keywords of the words that are keywords. `type`, `method`, `error` and
 * `interface` are legal names of fields too; what tells them apart is that a
 * keyword stands before a name, a field's name before `:`, `,` or `)`. Inside
 * parentheses, where a keyword means that a `)` is missing, it must also look
 * like the beginning of a member.
 */
export function markKeywords(
  tokens: readonly IToken[],
  source: SourceText,
  problems: Problems,
): IToken[] {
  const marked: IToken[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.tokenType === LeftParenthesis) depth += 1;
    else if (token.tokenType === RightParenthesis)
      depth = Math.max(depth - 1, 0);
    if (token.tokenType !== Word || (depth > 0 && !keywords.has(token.image))) {
      marked.push(token);
      continue;
    }
    const place: Place = {
      token,
      previous: tokens[index - 1],
      afterKeyword: isKeyword(marked.at(-1)),
      next: tokens[index + 1],
      afterNext: tokens[index + 2],
      source,
    };
    const type =
      depth > 0 ? keywordInParentheses(place) : keywordBetweenMembers(place);
    if (type !== undefined) {
      depth = 0;
      marked.push(withType(token, type));
    } else if (depth === 0 && !place.afterKeyword && beginsMember(place)) {
      marked.push(...foreignMember(token, problems));
    } else {
      marked.push(token);
    }
  }
  return marked;
}

interface Place {
  readonly token: IToken;
  readonly previous: IToken | undefined;
  readonly afterKeyword: boolean;
  readonly next: IToken | undefined;
  readonly afterNext: IToken | undefined;
  readonly source: SourceText;
}

function keywordBetweenMembers(place: Place): TokenType | undefined {
  const type = keywords.get(place.token.image);
  // `type type (…)`: the second is a name, if a bad one.
  const isName = place.afterKeyword && !isFirstOnLine(place);
  return isName ? undefined : type;
}

function keywordInParentheses(place: Place): TokenType | undefined {
  const type = keywords.get(place.token.image);
  if (type === undefined || !isFollowedByName(place)) return undefined;
  const looksLikeMember =
    isFirstOnLine(place) || place.afterNext?.tokenType === LeftParenthesis;
  return looksLikeMember ? type : undefined;
}

function isFollowedByName({ token, next, source }: Place): boolean {
  if (
    next?.tokenType !== Word ||
    source.hasLineEnd(endOf(token), next.startOffset)
  )
    return false;
  return (
    memberName.test(next.image) ||
    (token.image === "interface" && next.image.includes("."))
  );
}

function isFirstOnLine({ token, previous, source }: Place): boolean {
  return (
    previous === undefined ||
    source.hasLineEnd(endOf(previous), token.startOffset)
  );
}

/** Whether an unknown word stands where a member begins, and a member follows. */
function beginsMember(place: Place): boolean {
  if (!isFirstOnLine(place)) return false;
  if (glued.test(place.token.image))
    return place.next?.tokenType === LeftParenthesis;
  const isInterface =
    place.next?.tokenType === Word && guess(place.token.image) === "interface";
  return (
    (isFollowedByName(place) &&
      place.afterNext?.tokenType === LeftParenthesis) ||
    isInterface
  );
}

/** What an unknown word before a member was meant to be, told; read on as that. */
function foreignMember(token: IToken, problems: Problems): IToken[] {
  const span = { start: token.startOffset, end: endOf(token) };
  const [, word = "", name = ""] = glued.exec(token.image) ?? [];
  const gluedType = keywords.get(word);
  if (gluedType !== undefined) {
    problems.error("varlink/unknown-keyword", span, () => ({
      message: `unknown keyword \`${token.image}\``,
      help: `put a blank between keyword and name: \`${word} ${name}\``,
    }));
    const offset = token.startOffset + word.length;
    return [
      { ...withType(token, gluedType), image: word, endOffset: offset - 1 },
      { ...token, image: name, startOffset: offset },
    ];
  }
  const meant = guess(token.image);
  problems.error("varlink/unknown-keyword", span, () => ({
    message: `unknown keyword \`${token.image}\``,
    help:
      meant === undefined
        ? "a member begins with `type`, `method` or `error`"
        : `did you mean \`${meant}\`?`,
  }));
  return [withType(token, keywords.get(meant ?? "") ?? UnknownKeyword)];
}

function guess(word: string): string | undefined {
  const lower = word.toLowerCase();
  const foreign = foreignKeywords.get(lower);
  if (foreign !== undefined || lower.length > 16) return foreign;
  return [...keywords.keys()].find(
    (keyword) => editDistance(lower, keyword) <= 2,
  );
}

function isKeyword(token: IToken | undefined): boolean {
  return token !== undefined && keywordTypes.has(token.tokenType);
}

function withType(token: IToken, type: TokenType): IToken {
  return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 };
}
