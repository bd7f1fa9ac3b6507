import type { IToken, TokenType } from "chevrotain";
import {
  EnumKeyword,
  Equals,
  ExtendKeyword,
  ExtensionsKeyword,
  GroupKeyword,
  ImportKeyword,
  ImportModifier,
  Integer,
  LabelKeyword,
  LeftAngle,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  MapKeyword,
  MaxKeyword,
  MessageKeyword,
  Misplaced,
  OneofKeyword,
  OptionKeyword,
  PackageKeyword,
  ReservedKeyword,
  ReturnsKeyword,
  RightAngle,
  RightBrace,
  RightBracket,
  RightParenthesis,
  RpcKeyword,
  Semicolon,
  ServiceKeyword,
  StreamKeyword,
  SyntaxKeyword,
  ToKeyword,
  VisibilityKeyword,
  Word,
} from "./tokens.ts";

/**
 * How deep brackets may nest, all kinds together. protoc reads 31 levels of
 * messages. With a limit, every recursion over a file is safe.
 */
export const nestingLimit = 100;

/** What a pair of braces holds. */
export type Place =
  | "file"
  | "message"
  | "enum"
  | "oneof"
  | "extend"
  | "service"
  | "rpc"
  /** The value of an option, in text format. */
  | "aggregate"
  /** What is not read, because it cannot stand where it does. */
  | "skipped";

const labels: readonly (readonly [string, TokenType])[] = [
  ["optional", LabelKeyword],
  ["required", LabelKeyword],
  ["repeated", LabelKeyword],
  ["group", GroupKeyword],
];

/** The words that begin a declaration, in each place. */
export const keywordsOf: Readonly<
  Record<Place, ReadonlyMap<string, TokenType>>
> = {
  file: new Map([
    ["syntax", SyntaxKeyword],
    ["edition", SyntaxKeyword],
    ["package", PackageKeyword],
    ["import", ImportKeyword],
    ["option", OptionKeyword],
    ["message", MessageKeyword],
    ["enum", EnumKeyword],
    ["extend", ExtendKeyword],
    ["service", ServiceKeyword],
  ]),
  message: new Map([
    ["message", MessageKeyword],
    ["enum", EnumKeyword],
    ["extend", ExtendKeyword],
    ["extensions", ExtensionsKeyword],
    ["reserved", ReservedKeyword],
    ["option", OptionKeyword],
    ["oneof", OneofKeyword],
    ...labels,
  ]),
  enum: new Map([
    ["option", OptionKeyword],
    ["reserved", ReservedKeyword],
  ]),
  oneof: new Map([["option", OptionKeyword], ...labels]),
  extend: new Map(labels),
  service: new Map([
    ["rpc", RpcKeyword],
    ["option", OptionKeyword],
  ]),
  rpc: new Map([["option", OptionKeyword]]),
  aggregate: new Map(),
  skipped: new Map(),
};

/** What the braces of a declaration hold, by its keyword. */
const placeIn: ReadonlyMap<TokenType, Place> = new Map([
  [MessageKeyword, "message"],
  [GroupKeyword, "message"],
  [EnumKeyword, "enum"],
  [OneofKeyword, "oneof"],
  [ExtendKeyword, "extend"],
  [ServiceKeyword, "service"],
  [RpcKeyword, "rpc"],
  [Misplaced, "skipped"],
]);

const importModifiers = new Set(["public", "weak", "option"]);

/** An open bracket, and the place that a brace closes. */
interface Open {
  readonly closing: TokenType;
  readonly outer: Place;
}

/**
 * Follows a file token by token: which place it is in, which words are keywords
 * there, which brackets are open. Any word may be a name too, so a keyword is
 * one only where a declaration begins or where the token before asks for it.
 */
export class Walk {
  readonly open: Open[] = [];
  place: Place = "file";
  /** Whether the next token begins a declaration. */
  isStart = true;
  /** What the declaration's braces will hold. */
  #next: Place | undefined;
  #previous: TokenType | undefined;

  /** The token type of a word that stands here. */
  keywordAt(
    word: IToken,
    next: IToken | undefined,
    afterNext: IToken | undefined,
  ): TokenType | undefined {
    const { image } = word;
    if (this.isStart) {
      if (image === "map")
        return next?.tokenType === LeftAngle && this.#mayHoldMap
          ? MapKeyword
          : undefined;
      if (
        (image === "export" || image === "local") &&
        (next?.image === "message" || next?.image === "enum") &&
        afterNext?.tokenType !== Equals &&
        (this.place === "file" || this.place === "message")
      )
        return VisibilityKeyword;
      return keywordsOf[this.place].get(image);
    }
    if (this.place === "aggregate") return undefined;
    switch (this.#previous) {
      case VisibilityKeyword:
        return keywordsOf[this.place].get(image);
      case LabelKeyword:
        if (image === "group") return GroupKeyword;
        return image === "map" && next?.tokenType === LeftAngle
          ? MapKeyword
          : undefined;
      case Integer:
        return image === "to" ? ToKeyword : undefined;
      case ToKeyword:
        return image === "max" ? MaxKeyword : undefined;
      case LeftParenthesis:
        return image === "stream" && this.isInRpc ? StreamKeyword : undefined;
      case RightParenthesis:
        return image === "returns" && this.isInRpc ? ReturnsKeyword : undefined;
      case Word: // Where the request is missing.
        return image === "returns" &&
          this.isInRpc &&
          next?.tokenType === LeftParenthesis
          ? ReturnsKeyword
          : undefined;
      case ImportKeyword:
        return importModifiers.has(image) ? ImportModifier : undefined;
      case undefined:
      default:
        return undefined;
    }
  }

  /** Whether a brace here begins the value of an option. */
  get beginsAggregate(): boolean {
    if (this.place === "aggregate" || this.#innermost === RightBracket)
      return true;
    if (this.#previous !== Equals) return false;
    // `group Result = {` lacks a number.
    return this.#next === undefined;
  }

  /** What the braces hold that the declaration which has begun will have. */
  get next(): Place | undefined {
    return this.isStart ? undefined : this.#next;
  }

  get isInRpc(): boolean {
    return this.#next === "rpc";
  }

  /**
   * Goes past a token.
   *
   * @returns Whether it fits the brackets before it.
   */
  step(token: IToken): boolean {
    const type = token.tokenType;
    let fits = true;
    switch (type) {
      case LeftBrace:
        this.#openBrace();
        break;
      case LeftBracket:
        this.#push(RightBracket);
        break;
      case LeftParenthesis:
        this.#push(RightParenthesis);
        break;
      case LeftAngle:
        // Elsewhere it belongs to a map's type.
        if (this.place === "aggregate") this.#push(RightAngle);
        this.isStart = false;
        break;
      case RightAngle:
        if (this.place === "aggregate") fits = this.#pop(type);
        this.isStart = false;
        break;
      case RightBracket:
      case RightParenthesis:
        fits = this.#pop(type);
        break;
      case RightBrace: {
        const wasAggregate = this.place === "aggregate";
        fits = this.#pop(type);
        if (!wasAggregate) this.#begin(this.place);
        break;
      }
      case Semicolon:
        // In text format it parts two fields.
        if (this.place !== "aggregate") {
          fits =
            this.#innermost === undefined || this.#innermost === RightBrace;
          this.#begin(this.place);
        }
        break;
      default: {
        const place = placeIn.get(type);
        if (place !== undefined) this.#next = place;
        this.isStart = false;
      }
    }
    this.#previous = type;
    return fits;
  }

  get #innermost(): TokenType | undefined {
    return this.open.at(-1)?.closing;
  }

  get #mayHoldMap(): boolean {
    return (
      this.place === "message" ||
      this.place === "oneof" ||
      this.place === "extend"
    );
  }

  #openBrace(): void {
    const isAggregate = this.beginsAggregate;
    this.#push(RightBrace);
    if (isAggregate) this.place = "aggregate";
    else this.#begin(this.#next ?? "message");
  }

  #push(closing: TokenType): void {
    this.open.push({ closing, outer: this.place });
    this.isStart = false;
  }

  #pop(closing: TokenType): boolean {
    this.isStart = false;
    if (this.#innermost !== closing) return false;
    this.place = this.open.pop()?.outer ?? "file";
    return true;
  }

  #begin(place: Place): void {
    this.place = place;
    this.isStart = true;
    this.#next = undefined;
  }
}

/**
 * Makes keywords of the words that are keywords, in place.
 *
 * @returns Whether all brackets fit and none nests too deep.
 */
export function markKeywords(tokens: readonly IToken[]): boolean {
  const walk = new Walk();
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.tokenType === Word) {
      const type = walk.keywordAt(token, tokens[index + 1], tokens[index + 2]);
      if (type !== undefined) retype(token, type);
    }
    if (!walk.step(token) || walk.open.length > nestingLimit) return false;
  }
  return walk.open.length === 0;
}

/** Makes a token one of another type. */
export function retype(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? 0;
}
