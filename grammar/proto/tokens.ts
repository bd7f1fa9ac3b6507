import { createToken, Lexer, type IToken, type TokenType } from "chevrotain";

/** Every token but brackets and `;`, which give a file its shape. */
export const Stray: TokenType = createToken({
  name: "Stray",
  pattern: Lexer.NA,
});

function punctuation(
  name: string,
  pattern: string,
  categories: TokenType[] = [],
): TokenType {
  return createToken({ name, pattern, label: `'${pattern}'`, categories });
}

export const LeftBrace: TokenType = punctuation("LeftBrace", "{");
export const RightBrace: TokenType = punctuation("RightBrace", "}");
export const LeftBracket: TokenType = punctuation("LeftBracket", "[");
export const RightBracket: TokenType = punctuation("RightBracket", "]");
export const LeftParenthesis: TokenType = punctuation("LeftParenthesis", "(");
export const RightParenthesis: TokenType = punctuation("RightParenthesis", ")");
export const Semicolon: TokenType = punctuation("Semicolon", ";");
export const LeftAngle: TokenType = punctuation("LeftAngle", "<");
export const RightAngle: TokenType = punctuation("RightAngle", ">");
export const Comma: TokenType = punctuation("Comma", ",", [Stray]);
export const Equals: TokenType = punctuation("Equals", "=", [Stray]);
export const Colon: TokenType = punctuation("Colon", ":", [Stray]);
export const Minus: TokenType = punctuation("Minus", "-", [Stray]);
export const Dot: TokenType = punctuation("Dot", ".", [Stray]);
export const Slash: TokenType = punctuation("Slash", "/", [Stray]);

/** Characters that only the URL of a type may have. */
export const UrlCharacter: TokenType = createToken({
  name: "UrlCharacter",
  pattern: /[%~!$&*+]/,
  categories: Stray,
});

// Wider than a name, so that `naïve` is one wrong name and not three tokens.
const wide =
  "\\u00a1-\\u167f\\u1681-\\u180d\\u180f-\\u1fff\\u200b-\\u2027\\u202a-\\u202e" +
  "\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\uffff";

/** A name or a keyword; keywords.ts tells which. */
export const Word: TokenType = createToken({
  name: "Word",
  pattern: new RegExp(`[A-Za-z_${wide}][A-Za-z0-9_${wide}]*`),
  categories: Stray,
});

const decimal = "(?:0|[1-9]\\d*)";
const exponent = "[eE][+-]?\\d+";

/** `1.`, `.5`, `1e5`; never signed. */
export const Float: TokenType = createToken({
  name: "Float",
  pattern: new RegExp(
    `(?:(?:${decimal}\\.\\d*|\\.\\d+)(?:${exponent})?|${decimal}${exponent})(?![\\w.])`,
  ),
  categories: Stray,
});

/** Decimal, octal or hexadecimal; never signed. */
export const Integer: TokenType = createToken({
  name: "Integer",
  pattern: /(?:0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)(?![\w.])/,
  categories: Stray,
});

/** What begins as a number and is none. */
export const BadNumber: TokenType = createToken({
  name: "BadNumber",
  pattern: /\.?\d(?:[eE][+-]|[\w.])*/,
});

// Functions where a pattern would need stack in the length of what it matches.
const delimiter = { '"': /["\\\n]/g, "'": /['\\\n]/g };

function matchString(text: string, start: number): [string] | null {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return null;
  const end = delimiter[quote];
  end.lastIndex = start + 1;
  for (let match = end.exec(text); match !== null; match = end.exec(text)) {
    if (match[0] === quote) return [text.slice(start, end.lastIndex)];
    if (match[0] === "\n" || text[end.lastIndex] === "\n") break;
    // What follows a backslash ends nothing.
    end.lastIndex += 1;
  }
  return null;
}

/** A string in quotes, on one line; its escapes are not looked at yet. */
export const Text: TokenType = createToken({
  name: "Text",
  pattern: { exec: matchString },
  start_chars_hint: ['"', "'"],
  line_breaks: false,
  categories: Stray,
});

/** A string that its line ends. */
export const BadText: TokenType = createToken({
  name: "BadText",
  pattern: /["'][^\n]*/,
});

export const LineComment: TokenType = createToken({
  name: "LineComment",
  pattern: /\/\/[^\n]*/,
  group: "comments",
});

function matchBlockComment(text: string, start: number): [string] | null {
  if (!text.startsWith("/*", start)) return null;
  const end = text.indexOf("*/", start + 2);
  return [end < 0 ? text.slice(start) : text.slice(start, end + 2)];
}

/** Without an end it goes to the end of the file. */
export const BlockComment: TokenType = createToken({
  name: "BlockComment",
  pattern: { exec: matchBlockComment },
  start_chars_hint: ["/"],
  line_breaks: true,
  group: "comments",
});

const WhiteSpace: TokenType = createToken({
  name: "WhiteSpace",
  pattern: /[ \t\r\n\v\f]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});

const controls = "\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u009f";
// White space elsewhere, but not here.
const blanks =
  "\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";

/** Characters that no token begins with. */
export const Illegal: TokenType = createToken({
  name: "Illegal",
  pattern: new RegExp(`[${controls}${blanks}#?@\\\\^\`|]+`),
});

// Keywords are legal names too, so the lexer cannot tell: keywords.ts does.
function keyword(name: string, label: string): TokenType {
  return createToken({
    name: `${name}Keyword`,
    pattern: Lexer.NA,
    label: `'${label}'`,
    categories: Stray,
  });
}

/** `syntax` or `edition`. */
export const SyntaxKeyword: TokenType = keyword("Syntax", "syntax");
export const PackageKeyword: TokenType = keyword("Package", "package");
export const ImportKeyword: TokenType = keyword("Import", "import");
/** `public`, `weak` or `option`, after `import`. */
export const ImportModifier: TokenType = keyword("ImportModifier", "public");
export const OptionKeyword: TokenType = keyword("Option", "option");
/** `export` or `local`, before `message` or `enum`. */
export const VisibilityKeyword: TokenType = keyword("Visibility", "export");
export const MessageKeyword: TokenType = keyword("Message", "message");
export const EnumKeyword: TokenType = keyword("Enum", "enum");
export const ExtendKeyword: TokenType = keyword("Extend", "extend");
export const ServiceKeyword: TokenType = keyword("Service", "service");
export const RpcKeyword: TokenType = keyword("Rpc", "rpc");
export const StreamKeyword: TokenType = keyword("Stream", "stream");
export const ReturnsKeyword: TokenType = keyword("Returns", "returns");
export const OneofKeyword: TokenType = keyword("Oneof", "oneof");
export const ExtensionsKeyword: TokenType = keyword("Extensions", "extensions");
export const ReservedKeyword: TokenType = keyword("Reserved", "reserved");
export const ToKeyword: TokenType = keyword("To", "to");
export const MaxKeyword: TokenType = keyword("Max", "max");
/** `optional`, `required` or `repeated`. */
export const LabelKeyword: TokenType = keyword("Label", "optional");
export const GroupKeyword: TokenType = keyword("Group", "group");
/** `map`, before `<`. */
export const MapKeyword: TokenType = keyword("Map", "map");
/** A word that begins a declaration which cannot stand there, told already. */
export const Misplaced: TokenType = keyword("Misplaced", "misplaced");

const keywords: TokenType[] = [
  SyntaxKeyword,
  PackageKeyword,
  ImportKeyword,
  ImportModifier,
  OptionKeyword,
  VisibilityKeyword,
  MessageKeyword,
  EnumKeyword,
  ExtendKeyword,
  ServiceKeyword,
  RpcKeyword,
  StreamKeyword,
  ReturnsKeyword,
  OneofKeyword,
  ExtensionsKeyword,
  ReservedKeyword,
  ToKeyword,
  MaxKeyword,
  LabelKeyword,
  GroupKeyword,
  MapKeyword,
  Misplaced,
];

const visible: TokenType[] = [
  Word,
  Float,
  Integer,
  Text,
  LeftBrace,
  RightBrace,
  LeftBracket,
  RightBracket,
  LeftParenthesis,
  RightParenthesis,
  LeftAngle,
  RightAngle,
  Semicolon,
  Comma,
  Equals,
  Colon,
  Minus,
  Dot,
  Slash,
  UrlCharacter,
];

/** What the parser may see. */
export const parserTokens: TokenType[] = [Stray, ...visible, ...keywords];

const lexer = new Lexer(
  [
    WhiteSpace,
    LineComment,
    BlockComment,
    ...visible.slice(0, 3),
    BadNumber,
    Text,
    BadText,
    ...visible.slice(4),
    Illegal,
  ],
  { positionTracking: "onlyOffset", ensureOptimizations: true },
);

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
