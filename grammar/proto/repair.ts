import type { IToken, TokenType } from "chevrotain";
import type { RelatedSpan } from "../source/diagnostic.ts";
import type { SourceText } from "../source/source-text.ts";
import { countBraces, guessClosings } from "./braces.ts";
import { clip, isAscii, spanOf } from "./build.ts";
import type { Problems } from "./codes.ts";
import { beginsDeclaration, fixLabel, fixWord } from "./headings.ts";
import { nestingLimit, type Place, retype, Walk } from "./keywords.ts";
import {
  Colon,
  Comma,
  Dot,
  endOf,
  Equals,
  LabelKeyword,
  LeftAngle,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Minus,
  RightAngle,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Semicolon,
  Text,
  VisibilityKeyword,
  Word,
} from "./tokens.ts";

const closingOf: ReadonlyMap<TokenType, TokenType> = new Map([
  [LeftBrace, RightBrace],
  [LeftBracket, RightBracket],
  [LeftParenthesis, RightParenthesis],
  [LeftAngle, RightAngle],
]);

const closings: ReadonlySet<TokenType> = new Set(closingOf.values());

/** After these a declaration goes on, whatever the next line begins with. */
const continues: ReadonlySet<TokenType> = new Set([
  Colon,
  Comma,
  Dot,
  Equals,
  LabelKeyword,
  LeftAngle,
  LeftBracket,
  LeftParenthesis,
  Minus,
  VisibilityKeyword,
]);

const imageOf: ReadonlyMap<TokenType, string> = new Map([
  [RightBrace, "}"],
  [RightBracket, "]"],
  [RightParenthesis, ")"],
  [RightAngle, ">"],
]);

/**
 * Makes tokens fit for the parser in a file that something is wrong with: tells
 * of brackets that do not fit and makes them fit, puts `;` where a declaration
 * ends without one and another begins, and tells of words that are no keywords
 * and were meant to be. What is put in has no length.
 *
 * @param isCutOff Whether a comment without an end took the end of the file.
 */
export function repair(
  tokens: readonly IToken[],
  source: SourceText,
  problems: Problems,
  isCutOff: boolean,
): IToken[] {
  return new Repair(tokens, source, problems, isCutOff).run();
}

class Repair {
  readonly #tokens: readonly IToken[];
  readonly #source: SourceText;
  readonly #problems: Problems;
  readonly #walk = new Walk();
  readonly #result: IToken[] = [];
  /** The tokens that opened what is open. */
  readonly #open: IToken[] = [];
  readonly #guessed: ReadonlyMap<IToken, readonly IToken[]>;
  readonly #isCutOff: boolean;
  /** How many tokens of the declaration that has begun there are. */
  #length = 0;
  /** The last string without an end, on its line. */
  #badText: IToken | undefined;
  /** The last token that stands in the text. */
  #real: IToken | undefined;
  /** How many `{` may be put in: as many as there are `}` too many. */
  #unopened: number;

  constructor(
    tokens: readonly IToken[],
    source: SourceText,
    problems: Problems,
    isCutOff: boolean,
  ) {
    this.#isCutOff = isCutOff;
    this.#tokens = tokens;
    this.#source = source;
    this.#problems = problems;
    const count = countBraces(tokens);
    this.#unopened = count.unopened;
    this.#guessed = guessClosings(tokens, source, count);
  }

  run(): IToken[] {
    for (let index = 0; index < this.#tokens.length; index++) {
      const token = this.#tokens[index];
      if (token === undefined) break;
      for (const open of this.#guessed.get(token) ?? [])
        this.#closeThrough(open, token);
      if (this.#isHead(token)) this.#end(token);
      if (token.tokenType === Word) {
        if (this.#endsBefore(token, index)) this.#end(token);
        if (this.#isReturns(token, index)) this.#closeBrackets();
        if (!this.#mark(token, index)) continue;
      }
      index = this.#take(token, index);
    }
    this.#closeAll();
    return this.#result;
  }

  /** `rpc M (A returns (B)` */
  #isReturns(token: IToken, index: number): boolean {
    return (
      token.image === "returns" &&
      this.#walk.isInRpc &&
      this.#tokens[index + 1]?.tokenType === LeftParenthesis &&
      this.#previous?.tokenType !== LeftParenthesis
    );
  }

  /** Makes a keyword of a word if it is one; false if it is to be left out. */
  #mark(token: IToken, index: number): boolean {
    const walk = this.#walk;
    const type = walk.keywordAt(
      token,
      this.#tokens[index + 1],
      this.#tokens[index + 2],
    );
    if (walk.place === "aggregate" || walk.place === "skipped") return true;
    const fix =
      fixLabel(this.#tokens, index, this.#previous?.tokenType, walk.isStart) ??
      (walk.isStart && type === undefined
        ? fixWord(this.#tokens, index, walk.place)
        : undefined);
    // Of other letters in it was told already.
    if (fix !== undefined && isAscii(token.image))
      this.#problems.error(fix.code, spanOf(token), () => fix);
    const wanted = fix === undefined ? type : fix.type;
    if (wanted !== undefined) retype(token, wanted);
    return fix === undefined || wanted !== undefined;
  }

  /** Whether a declaration begins here, on a line of its own, and the one before has not ended. */
  #endsBefore(token: IToken, index: number): boolean {
    const previous = this.#previous;
    const { isStart, place } = this.#walk;
    if (previous === undefined || isStart || place === "aggregate")
      return false;
    if (continues.has(previous.tokenType)) return false;
    if (!this.#source.hasLineEnd(endOf(previous), token.startOffset))
      return false;
    const isInBrackets = this.#open.at(-1)?.tokenType !== LeftBrace;
    return beginsDeclaration(
      this.#tokens,
      index,
      (this.#lacksBrace ? this.#walk.next : undefined) ?? place,
      isInBrackets && this.#open.length > 0,
    );
  }

  /** `enum A B = 0; }`: whether the brace is missing right here. */
  #isHead(token: IToken): boolean {
    const { next } = this.#walk;
    return (
      this.#lacksBrace &&
      next !== undefined &&
      headed.has(next) &&
      this.#length === 2 &&
      this.#real?.tokenType === Word &&
      !endsHead.has(token.tokenType)
    );
  }

  /** Whether the declaration that has begun waits for a `{` that was most likely forgotten. */
  get #lacksBrace(): boolean {
    return this.#unopened > 0 && this.#walk.next !== undefined;
  }

  /** Ends the declaration before a token. */
  #end(token: IToken): void {
    const isTold = this.#closeBrackets();
    if (this.#lacksBrace) {
      this.#unopened -= 1;
      const before = this.#real;
      if (before !== undefined) {
        this.#problems.error("proto/missing-brace", spanOf(before), () => ({
          message: `expected \`{\` after \`${clip(before.image)}\``,
        }));
      }
      this.#insert(LeftBrace);
      this.#open.push(this.#result.at(-1) ?? token);
      return;
    }
    this.#insert(Semicolon, isTold);
  }

  /** Adds a token, after what has to be closed before it. Returns the index of the last token used up. */
  #take(token: IToken, index: number): number {
    const type = token.tokenType;
    const { place } = this.#walk;
    if (type === Semicolon && place !== "aggregate") {
      this.#closeBrackets();
    } else if (type === Equals && place !== "aggregate") {
      // `option (my.option = 1`
      while (this.#open.at(-1)?.tokenType === LeftParenthesis)
        this.#closeLast();
    } else if (
      closings.has(type) &&
      (type !== RightAngle || place === "aggregate")
    ) {
      if (this.#isExtra(token) || !this.#closeFor(type)) {
        this.#tellUnopened(token);
        return index;
      }
      this.#open.pop();
    } else if (
      closingOf.has(type) &&
      (type !== LeftAngle || place === "aggregate")
    ) {
      if (type === LeftBrace && !this.#walk.beginsAggregate)
        this.#closeBrackets();
      if (this.#open.length >= nestingLimit)
        return this.#skipNest(token, index);
      this.#open.push(token);
    }
    this.#add(token);
    return index;
  }

  #add(token: IToken): void {
    this.#walk.step(token);
    this.#length = this.#walk.isStart ? 0 : this.#length + 1;
    if (token.image !== "") this.#real = token;
    if (token.tokenType === Text && token.payload === "illegal")
      this.#badText = token;
    this.#result.push(token);
  }

  get #previous(): IToken | undefined {
    return this.#result.at(-1);
  }

  /** Adds a token that is not there, where the one before it ends. */
  #insert(type: TokenType, isTold = false): void {
    const previous = this.#previous;
    this.#add({
      image: "",
      startOffset: previous === undefined ? 0 : endOf(previous),
      tokenType: type,
      tokenTypeIdx: type.tokenTypeIdx ?? 0,
      payload: isTold,
    });
  }

  /** Closes what is open inside of what a bracket closes; false if it closes nothing. */
  #closeFor(closing: TokenType): boolean {
    let depth = this.#open.length - 1;
    for (; depth >= 0; depth--) {
      const type = this.#open[depth]?.tokenType;
      if (type === undefined || closingOf.get(type) === closing) break;
      // A brace is closed by braces only.
      if (type === LeftBrace) return false;
    }
    if (depth < 0) return false;
    while (this.#open.length - 1 > depth) this.#closeLast();
    return true;
  }

  /** Closes brackets up to the next brace; returns whether there were any. */
  #closeBrackets(): boolean {
    let any = false;
    for (
      let open = this.#open.at(-1);
      open !== undefined && open.tokenType !== LeftBrace;
      open = this.#open.at(-1)
    ) {
      this.#closeLast();
      any = true;
    }
    return any;
  }

  #closeLast(): void {
    const open = this.#open.pop();
    const previous = this.#real;
    if (open === undefined || previous === undefined) return;
    const type = closingOf.get(open.tokenType) ?? RightBrace;
    const image = imageOf.get(type) ?? "";
    this.#problems.error(
      type === RightBrace ? "proto/missing-brace" : "proto/missing-bracket",
      spanOf(previous),
      () => ({
        message: `expected \`${image}\` after \`${clip(previous.image)}\``,
        related: openedAt(open, previous),
      }),
    );
    this.#insert(type);
  }

  /** Closes a brace that was most likely to be closed before a token. */
  #closeThrough(open: IToken, token: IToken): void {
    if (!this.#open.includes(open)) return;
    this.#closeBrackets();
    const last = this.#open.at(-1);
    if (last !== open) return;
    // A declaration within that has not ended.
    if (!this.#walk.isStart && this.#walk.place !== "aggregate")
      this.#insert(Semicolon);
    this.#open.pop();
    this.#problems.error("proto/missing-brace", spanOf(open), () => ({
      message: "this `{` is not closed",
      related: [{ span: spanOf(token), message: "expected `}` before this" }],
    }));
    this.#insert(RightBrace);
  }

  /** At the end of the file; one report is enough for a nest. */
  #closeAll(): void {
    this.#closeBrackets();
    const [outermost] = this.#open;
    const previous = this.#real;
    if (outermost === undefined || previous === undefined) return;
    if (!this.#isCutOff) this.#tellUnclosed(outermost, previous);
    while (this.#open.length > 0) {
      const open = this.#open.pop();
      const type = open && closingOf.get(open.tokenType);
      this.#insert(type ?? RightBrace);
    }
  }

  #tellUnclosed(outermost: IToken, previous: IToken): void {
    const count = this.#open.length;
    this.#problems.error("proto/missing-brace", spanOf(outermost), () => ({
      message:
        count === 1
          ? "this `{` is not closed"
          : `this \`{\` and ${count - 1} within it are not closed`,
      related: [{ span: spanOf(previous), message: "the file ends here" }],
    }));
  }

  /** Whether a `}` is one too many, from where it stands, in a file with too many of them. */
  #isExtra(token: IToken): boolean {
    const open = this.#open.at(-1);
    if (
      token.tokenType !== RightBrace ||
      this.#unopened === 0 ||
      open === undefined ||
      this.#real === undefined
    )
      return false;
    if (open.tokenType !== LeftBrace) return true;
    const line = this.#source.lineAt(token.startOffset);
    const openLine = this.#source.lineAt(open.startOffset);
    if (line === openLine) return false;
    const isFirst = this.#source.lineAt(this.#real.startOffset) < line;
    return !isFirst || this.#indent(line) > this.#indent(openLine);
  }

  #indent(line: number): number {
    const { start, end } = this.#source.lineSpan(line);
    let offset = start;
    while (offset < end && /[ \t]/.test(this.#source.text.charAt(offset)))
      offset += 1;
    return offset - start;
  }

  #tellUnopened(token: IToken): void {
    if (token.tokenType === RightBrace && this.#unopened > 0)
      this.#unopened -= 1;
    // What opened it went into a string without an end.
    if (this.#isBehindBadText(token)) return;
    this.#problems.error("proto/unopened-bracket", spanOf(token), () => ({
      message: `\`${token.image}\` closes nothing`,
      help: "remove it, or put in what it was to close",
    }));
  }

  #isBehindBadText({ startOffset }: IToken): boolean {
    return (
      this.#badText !== undefined &&
      !this.#source.hasLineEnd(this.#badText.startOffset, startOffset)
    );
  }

  /** Leaves out what nests too deep, but for the brackets around it. */
  #skipNest(token: IToken, index: number): number {
    this.#problems.error("proto/nesting-too-deep", spanOf(token), () => ({
      message: `brackets nest deeper than ${nestingLimit} levels here`,
    }));
    const opening = token.tokenType;
    const closing = closingOf.get(opening);
    this.#add(token);
    let depth = 1;
    let last = index;
    while (depth > 0 && last + 1 < this.#tokens.length) {
      last += 1;
      const type = this.#tokens[last]?.tokenType;
      if (type === opening) depth += 1;
      else if (type === closing) depth -= 1;
    }
    this.#insert(closing ?? RightBrace);
    return last;
  }
}

/** What has a name before its brace and nothing else. */
const headed: ReadonlySet<Place> = new Set([
  "message",
  "enum",
  "oneof",
  "service",
]);

/** What may follow such a name, right or wrong. */
const endsHead: ReadonlySet<TokenType> = new Set([
  LeftBrace,
  Semicolon,
  Equals,
]);

function openedAt(
  open: IToken,
  previous: IToken,
): readonly RelatedSpan[] | undefined {
  return open === previous
    ? undefined
    : [{ span: spanOf(open), message: "opened here" }];
}
