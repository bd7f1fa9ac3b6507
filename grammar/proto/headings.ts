import type { IToken, TokenType } from "chevrotain";
import { nearest } from "../source/nearest.ts";
import type { Words } from "../source/diagnostics.ts";
import type { Code } from "./codes.ts";
import { clip } from "./build.ts";
import { keywordsOf, type Place } from "./keywords.ts";
import {
  Dot,
  EnumKeyword,
  Equals,
  ExtendKeyword,
  ExtensionsKeyword,
  ImportKeyword,
  Integer,
  LabelKeyword,
  LeftAngle,
  LeftBrace,
  LeftParenthesis,
  MessageKeyword,
  Minus,
  Misplaced,
  OneofKeyword,
  OptionKeyword,
  PackageKeyword,
  ReservedKeyword,
  RpcKeyword,
  Semicolon,
  ServiceKeyword,
  SyntaxKeyword,
  Text,
  Word,
} from "./tokens.ts";

/**
 * What the beginning of a declaration looks like from the tokens behind its
 * first word: enough to tell which keywords that word can be.
 */
type Shape =
  | "block" // message Name {
  | "call" // rpc Name (
  | "labelled" // optional string name =
  | "field" // string name =
  | "value" // NAME = 1
  | "numbers" // reserved 1
  | "text" // import "x"
  | "extension" // option (
  | "name"; // package a.b; package a;

const dotted = 32;

/** The index behind a dotted name; that of its beginning where none is. */
function behindName(tokens: readonly IToken[], index: number): number {
  let next = index;
  let isPart = true;
  while (next < index + dotted) {
    const type = tokens[next]?.tokenType;
    if (type === Dot) isPart = true;
    else if (type !== undefined && isPart && isWord(tokens[next]))
      isPart = false;
    else break;
    next += 1;
  }
  return next;
}

/** Whether a token is a word; what an earlier one has made of it does not matter. */
function isWord(token: IToken | undefined): boolean {
  return token?.tokenType === Word;
}

/** The shape of what stands from a word on; undefined if it is none. */
export function shapeAt(
  tokens: readonly IToken[],
  index: number,
): Shape | undefined {
  const next = tokens[index + 1];
  const afterNext = tokens[index + 2]?.tokenType;
  const type = next?.tokenType;
  if (type === Word && afterNext === LeftBrace) return "block";
  if (type === Word && afterNext === LeftParenthesis) return "call";
  if (type === Integer) return "numbers";
  if (type === Text) return "text";
  if (type === LeftParenthesis) return "extension";
  if (type === Equals)
    return afterNext === Integer || afterNext === Minus ? "value" : undefined;
  // `optional string name =`: two names; `string name =`: one.
  const first = behindName(tokens, index);
  const second = behindName(tokens, first);
  const third = behindName(tokens, second);
  if (second > first && third > second)
    return tokens[third]?.tokenType === Equals ? "labelled" : undefined;
  if (second > first && tokens[second]?.tokenType === Equals) return "field";
  return second > first && tokens[second]?.tokenType === Semicolon
    ? "name"
    : undefined;
}

/** The shapes that keywords have; those of fields are looked at apart. */
const shapesOf: ReadonlyMap<TokenType, readonly Shape[]> = new Map<
  TokenType,
  readonly Shape[]
>([
  [MessageKeyword, ["block"]],
  [EnumKeyword, ["block"]],
  [ServiceKeyword, ["block"]],
  [OneofKeyword, ["block"]],
  [ExtendKeyword, ["block"]],
  [RpcKeyword, ["call"]],
  [ReservedKeyword, ["numbers", "text"]],
  [ExtensionsKeyword, ["numbers"]],
  [ImportKeyword, ["text"]],
  [PackageKeyword, ["name"]],
  [OptionKeyword, ["extension", "field"]],
  [LabelKeyword, ["labelled"]],
]);

/** Other languages' words for our keywords. */
const foreign: ReadonlyMap<string, string> = new Map([
  ["struct", "message"],
  ["class", "message"],
  ["record", "message"],
  ["type", "message"],
  ["interface", "service"],
  ["union", "oneof"],
  ["method", "rpc"],
  ["func", "rpc"],
  ["function", "rpc"],
  ["include", "import"],
  ["require", "import"],
  ["namespace", "package"],
  ["module", "package"],
]);

/** Where a keyword belongs that stands elsewhere. */
const homeOf: ReadonlyMap<string, string> = new Map([
  ["service", "at the top of the file"],
  ["import", "at the top of the file"],
  ["package", "at the top of the file"],
  ["message", "at the top of the file or in another message"],
  ["enum", "at the top of the file or in a message"],
  ["extend", "at the top of the file or in a message"],
  ["oneof", "in a message"],
  ["extensions", "in a message"],
  ["reserved", "in a message or an enum"],
  ["rpc", "in a service"],
  ["optional", "before the fields of a message"],
  ["required", "before the fields of a message"],
  ["repeated", "before the fields of a message"],
]);

const keywordByName: ReadonlyMap<string, TokenType> = new Map(
  Object.values(keywordsOf).flatMap((keywords) => [...keywords]),
);

/** Whether a declaration begins at a word, so that one before it must have ended. */
export function beginsDeclaration(
  tokens: readonly IToken[],
  index: number,
  place: Place,
  isInBrackets: boolean,
): boolean {
  const word = tokens[index];
  if (word === undefined || place === "skipped") return false;
  const next = tokens[index + 1]?.tokenType;
  const own = keywordsOf[place].get(word.image);
  // These need no more than a name behind them.
  if (own === LabelKeyword || own === PackageKeyword || own === ExtendKeyword)
    return next === Word || next === Dot;
  if (
    own === MessageKeyword ||
    own === EnumKeyword ||
    own === ServiceKeyword ||
    own === OneofKeyword
  )
    return next === Word && tokens[index + 2]?.tokenType !== Equals;
  const shape = shapeAt(tokens, index);
  if (shape === undefined) return word.image === "map" && next === LeftAngle;
  const keyword = own ?? homeless(word.image);
  if (keyword === SyntaxKeyword) return false;
  if (keyword !== undefined)
    return shapesOf.get(keyword)?.includes(shape) === true;
  if (place === "enum") return shape === "value" && !isInBrackets;
  return shape === "field" && place !== "file" && place !== "service";
}

/** A keyword of any place, but those that may as well be a type there. */
function homeless(image: string): TokenType | undefined {
  const type = keywordByName.get(image);
  return type === MessageKeyword ||
    type === EnumKeyword ||
    type === ServiceKeyword
    ? type
    : undefined;
}

/** What is wrong with a word at the beginning of a declaration, and what to make of it. */
export interface Fix extends Words {
  readonly code: Code;
  /** What it is to be read as; it is to be left out if that is undefined. */
  readonly type: TokenType | undefined;
}

/** Looks at a word that begins a declaration and is no keyword there. */
export function fixWord(
  tokens: readonly IToken[],
  index: number,
  place: Place,
): Fix | undefined {
  const { image } = tokens[index] ?? { image: "" };
  const shape = shapeAt(tokens, index);
  if (shape === undefined) return undefined;
  const misplaced = keywordByName.get(image);
  const home = homeOf.get(image);
  if (misplaced !== undefined && home !== undefined) {
    const isMeant =
      misplaced === LabelKeyword
        ? shape === "labelled" || (shape === "field" && place !== "enum")
        : shapesOf.get(misplaced)?.includes(shape) === true;
    if (!isMeant) return undefined;
    return {
      code: "proto/misplaced-declaration",
      message:
        misplaced === LabelKeyword
          ? "a field cannot stand here"
          : `\`${image}\` cannot stand here`,
      help:
        misplaced === LabelKeyword
          ? "fields stand in a `message`"
          : `it stands ${home}`,
      type: Misplaced,
    };
  }
  return fixSpelling(image, shape, place);
}

function fixSpelling(
  image: string,
  shape: Shape,
  place: Place,
): Fix | undefined {
  const candidates = [...keywordsOf[place]].filter(
    ([, type]) => shapesOf.get(type)?.includes(shape) === true,
  );
  const translated = foreign.get(image);
  const meant =
    candidates.find(([word]) => word === translated) ??
    candidates.find(
      ([word]) =>
        word ===
        nearest(
          image.length > 16 ? "" : image,
          candidates.map(([each]) => each),
        ),
    );
  if (meant !== undefined && !isOrdinary(shape, place)) {
    const [word, type] = meant;
    return {
      code: "proto/unknown-keyword",
      message: `unknown keyword \`${clip(image)}\``,
      help: `did you mean \`${word}\`?`,
      type,
    };
  }
  if (shape !== "block" || candidates.length === 0) return undefined;
  const words = candidates.map(([word]) => `\`${word}\``);
  return {
    code: "proto/unknown-keyword",
    message: `unknown keyword \`${clip(image)}\``,
    help: `here ${words.slice(0, -1).join(", ")} or ${words.at(-1)} can stand`,
    type: Misplaced,
  };
}

/** What looks like an option without its keyword is a field in a message. */
function isOrdinary(shape: Shape, place: Place): boolean {
  return (
    shape === "field" &&
    (place === "message" || place === "oneof" || place === "extend")
  );
}

const labels = new Set(["optional", "required", "repeated"]);

/** Looks at a word that says `optional` or the like where that is out of place. */
export function fixLabel(
  tokens: readonly IToken[],
  index: number,
  previous: TokenType | undefined,
  isStart: boolean,
): Fix | undefined {
  const word = tokens[index];
  if (word === undefined || !labels.has(word.image)) return undefined;
  const next = tokens[index + 1];
  if (isStart) {
    const keyword = keywordByName.get(next?.image ?? "");
    const takesNone =
      keyword === MessageKeyword ||
      keyword === EnumKeyword ||
      keyword === OneofKeyword;
    if (!takesNone || shapeAt(tokens, index + 1) !== "block") return undefined;
    return tellLabel(word, `\`${next?.image ?? ""}\` takes no label`);
  }
  if (previous === LabelKeyword) {
    const shape = shapeAt(tokens, index);
    return shape === "labelled"
      ? tellLabel(word, "a field has one label")
      : undefined;
  }
  const isBetween =
    previous === Word &&
    next?.tokenType === Word &&
    tokens[index + 2]?.tokenType === Equals;
  return isBetween ? tellLabel(word, "write it before the type") : undefined;
}

function tellLabel(word: IToken, help: string): Fix {
  return {
    code: "proto/misplaced-label",
    message: `\`${word.image}\` cannot stand here`,
    help,
    type: undefined,
  };
}
