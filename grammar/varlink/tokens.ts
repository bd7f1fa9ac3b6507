import { createToken, Lexer, type IToken, type TokenType } from "chevrotain";

// White space of UAPI.20, and its line ends. Vertical tab and form feed are not in it.
const blank =
  "\\t \\u00a0\\ufeff\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000";
const lineEnd = "\\n\\r\\u2028\\u2029";
// A word is wider than a name: dots and dashes, for an interface name is one word, and
// whatever is not ASCII, so that `naïve` is one wrong name and not three tokens; so is `a$b`.
const wordStart =
  "A-Za-z0-9_\\u00a1-\\u167f\\u1681-\\u180d\\u180f-\\u1fff\\u200b-\\u2027\\u202a-\\u202e" +
  "\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\uffff";

const controls = "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f";
const otherAscii = "!\"$%&'*+./<=>@\\\\^`|~";

/** Every token outside a member's keyword; between members all of them are strays. */
export const Stray: TokenType = createToken({
  name: "Stray",
  pattern: Lexer.NA,
});

function punctuation(name: string, pattern: string): TokenType {
  return createToken({
    name,
    pattern,
    label: `'${pattern}'`,
    categories: Stray,
  });
}

export const LeftParenthesis: TokenType = punctuation("LeftParenthesis", "(");
export const RightParenthesis: TokenType = punctuation("RightParenthesis", ")");
export const LeftBracket: TokenType = punctuation("LeftBracket", "[");
export const RightBracket: TokenType = punctuation("RightBracket", "]");
export const Comma: TokenType = punctuation("Comma", ",");
export const Colon: TokenType = punctuation("Colon", ":");
export const QuestionMark: TokenType = punctuation("QuestionMark", "?");
export const Arrow: TokenType = punctuation("Arrow", "->");

/** A name, a keyword or a built-in type: which one depends on where it stands. */
export const Word: TokenType = createToken({
  name: "Word",
  pattern: new RegExp(
    `[${wordStart}](?:[.${wordStart}]|-(?!>)|[$@]+(?=[${wordStart}]))*`,
  ),
  categories: Stray,
});

export const Comment: TokenType = createToken({
  name: "Comment",
  pattern: new RegExp(`#[^${lineEnd}]*`),
  group: "comments",
});

const WhiteSpace: TokenType = createToken({
  name: "WhiteSpace",
  pattern: new RegExp(`[${blank}${lineEnd}]+`),
  group: Lexer.SKIPPED,
  line_breaks: true,
});

/** Characters that no token begins with: the rest of ASCII, and the control characters. */
export const Illegal: TokenType = createToken({
  name: "Illegal",
  pattern: new RegExp(`[{};]|(?:[${otherAscii}${controls}]|-(?!>))+`),
});

// The four keywords are legal names too, so the lexer cannot tell: scan.ts does.
function keyword(image: string): TokenType {
  return createToken({
    name: `${image.charAt(0).toUpperCase()}${image.slice(1)}Keyword`,
    pattern: Lexer.NA,
    label: `'${image}'`,
  });
}

export const InterfaceKeyword: TokenType = keyword("interface");
export const TypeKeyword: TokenType = keyword("type");
export const MethodKeyword: TokenType = keyword("method");
export const ErrorKeyword: TokenType = keyword("error");
/** A word where a keyword must stand, followed by what looks like a member. */
export const UnknownKeyword: TokenType = createToken({
  name: "UnknownKeyword",
  pattern: Lexer.NA,
});

const lexed: TokenType[] = [
  WhiteSpace,
  Comment,
  Arrow,
  LeftParenthesis,
  RightParenthesis,
  LeftBracket,
  RightBracket,
  Comma,
  Colon,
  QuestionMark,
  Word,
  Illegal,
];

/** What the parser may see. */
export const parserTokens: TokenType[] = [
  Stray,
  ...lexed.filter(
    (token) => token !== WhiteSpace && token !== Comment && token !== Illegal,
  ),
  InterfaceKeyword,
  TypeKeyword,
  MethodKeyword,
  ErrorKeyword,
  UnknownKeyword,
];

const lexer = new Lexer(lexed, {
  positionTracking: "onlyOffset",
  ensureOptimizations: true,
});

/** Splits a text; every character belongs to some token or to white space. */
export function tokenize(text: string): {
  tokens: IToken[];
  comments: IToken[];
} {
  const { tokens, groups } = lexer.tokenize(text);
  return { tokens, comments: groups["comments"] ?? [] };
}

/** The offset after a token's last character. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
