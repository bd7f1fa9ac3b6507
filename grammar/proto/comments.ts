import type { IToken } from "chevrotain";
import type { Comment, Documentation } from "./ast.ts";
import {
  endOf,
  LineComment,
  RightBrace,
  RightBracket,
  RightParenthesis,
} from "./tokens.ts";

/** The documentation of what has none. */
export const undocumented: Documentation = {
  leading: undefined,
  trailing: undefined,
  detached: [],
};

/** What stands between two tokens, shared out as protoc does. */
interface Gap {
  /** Belongs to what the token before it ends or opens. */
  trailing: string | undefined;
  /** Belongs to what begins with the token after it. */
  leading: string | undefined;
  detached: string[];
}

/**
 * Which comments document what, by the rules of protoc's tokenizer: the comments
 * between two tokens are shared between what ends before them and what begins
 * after them. Only those behind a `;`, `{` or `}` count, which is where
 * declarations begin; nobody asks for the others.
 */
export class CommentIndex {
  readonly comments: readonly Comment[];
  /** By the offset of the token after the gap. */
  readonly #before = new Map<number, Gap>();
  /** By the offset of the token before the gap. */
  readonly #after = new Map<number, Gap>();

  constructor(
    text: string,
    tokens: readonly IToken[],
    comments: readonly IToken[],
  ) {
    this.comments = comments.map((token) => ({
      kind: token.tokenType === LineComment ? "line" : "block",
      span: { start: token.startOffset, end: endOf(token) },
    }));
    let next = 0;
    for (let index = 0; index < comments.length;) {
      const offset = comments[index]?.startOffset ?? 0;
      next = firstBehind(tokens, offset, next);
      const token = tokens[next];
      const previous = tokens[next - 1];
      const limit = token?.startOffset ?? text.length;
      let end = index;
      while ((comments[end]?.startOffset ?? Infinity) < limit) end += 1;
      const gap = shareOut(text, previous, comments.slice(index, end), token);
      if (token !== undefined) this.#before.set(token.startOffset, gap);
      if (previous !== undefined) this.#after.set(previous.startOffset, gap);
      index = end;
    }
  }

  /**
   * The documentation of a declaration.
   *
   * @param first Its first token.
   * @param end The `;` that ends it or the `{` that opens it.
   */
  of(first: IToken, end: IToken): Documentation {
    const before = this.#before.get(first.startOffset);
    const after = this.#after.get(end.startOffset);
    if (before === undefined && after?.trailing === undefined)
      return undocumented;
    return {
      leading: before?.leading,
      trailing: after?.trailing,
      detached: before?.detached ?? [],
    };
  }

  /**
   * Goes past a lone `;`, which nothing documents: the detached comments before
   * it go to what follows.
   */
  pass(semicolon: IToken, next: IToken): void {
    const passed = this.#before.get(semicolon.startOffset);
    if (passed === undefined || passed.detached.length === 0) return;
    const gap = this.#before.get(next.startOffset);
    // One list is added to, for there may be thousands of `;` in a row.
    if (gap !== undefined)
      for (const text of gap.detached) passed.detached.push(text);
    this.#before.set(next.startOffset, {
      trailing: gap?.trailing,
      leading: gap?.leading,
      detached: passed.detached,
    });
  }
}

/** The index of the first token that begins behind an offset, at or after one known not to. */
function firstBehind(
  tokens: readonly IToken[],
  offset: number,
  from: number,
): number {
  let low = from;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // What was put in where a comment begins stands before it.
    if ((tokens[middle]?.startOffset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Comments between two tokens, while it is found out whose they are. */
class Sharing {
  trailing: string | undefined;
  readonly detached: string[] = [];
  /** A block comment, or line comments in a row, that could belong to either side. */
  pending: string | undefined;
  #isLine = false;
  #count = 0;
  /** Whether what is pending can belong to the token before. */
  #mayTrail: boolean;

  constructor(mayTrail: boolean) {
    this.#mayTrail = mayTrail;
  }

  add(text: string, isLine: boolean): void {
    if (isLine && this.#isLine && this.pending !== undefined) {
      this.pending += text;
      return;
    }
    this.settle();
    this.pending = text;
    this.#isLine = isLine;
  }

  blankLine(): void {
    this.settle();
    this.#mayTrail = false;
  }

  /** What is pending does not belong to the token after it. */
  settle(): void {
    if (this.pending === undefined) return;
    if (this.#mayTrail) this.trailing = this.pending;
    else this.detached.push(this.pending);
    this.#mayTrail = false;
    this.pending = undefined;
    this.#count += 1;
  }

  /** A single comment with code before and behind it on its line could be anybody's. */
  detachSingle(): void {
    if (this.#count + (this.pending === undefined ? 0 : 1) !== 1) return;
    if (this.trailing !== undefined) this.detached.unshift(this.trailing);
    this.trailing = undefined;
    this.settle();
  }
}

const blank = /[ \t\r\v\f]*/y;

function skipBlanks(text: string, offset: number): number {
  blank.lastIndex = offset;
  blank.exec(text);
  return blank.lastIndex;
}

const scopeEnds: ReadonlySet<unknown> = new Set([
  RightBrace,
  RightBracket,
  RightParenthesis,
]);

function shareOut(
  text: string,
  previous: IToken | undefined,
  comments: readonly IToken[],
  next: IToken | undefined,
): Gap {
  const sharing = new Sharing(previous !== undefined);
  const start = previous === undefined ? 0 : endOf(previous);
  const end = next?.startOffset ?? text.length;
  /** From where on the token after stands on the line of what comes before it. */
  let lineOf = start;
  let offset = skipBlanks(text, start);
  let index = 0;
  const [first] = comments;
  if (previous !== undefined && first?.startOffset === offset) {
    sharing.add(commentText(text, first), first.tokenType === LineComment);
    sharing.settle();
    index = 1;
    offset = endOf(first);
    lineOf = offset;
    if (first.tokenType === LineComment) offset += 1;
  } else if (previous !== undefined && text[offset] === "\n") {
    offset += 1;
  }
  while (offset < end) {
    offset = skipBlanks(text, offset);
    const comment = comments[index];
    if (comment?.startOffset === offset) {
      const isLine = comment.tokenType === LineComment;
      sharing.add(commentText(text, comment), isLine);
      index += 1;
      offset = skipBlanks(text, endOf(comment));
      if (text[offset] === "\n") offset += 1;
    } else if (text[offset] === "\n") {
      sharing.blankLine();
      offset += 1;
    } else {
      // The next token, or an illegal character on the way to it.
      offset = Math.min(comment?.startOffset ?? end, end);
    }
  }
  if (next === undefined || scopeEnds.has(next.tokenType)) sharing.settle();
  const isOnLine = !text.slice(lineOf, end).includes("\n");
  if (next !== undefined && previous !== undefined && isOnLine)
    sharing.detachSingle();
  // `/**/` is not there at all, unless it is detached.
  return {
    trailing: sharing.trailing === "" ? undefined : sharing.trailing,
    leading: sharing.pending === "" ? undefined : sharing.pending,
    detached: sharing.detached,
  };
}

/** The text of a comment without its markers; protoc keeps the line end of a line comment. */
function commentText(
  text: string,
  { image, startOffset, tokenType }: IToken,
): string {
  if (tokenType === LineComment) {
    const isEnded = startOffset + image.length < text.length;
    return isEnded ? `${image.slice(2)}\n` : image.slice(2);
  }
  const isEnded = image.length >= 4 && image.endsWith("*/");
  return image
    .slice(2, isEnded ? -2 : undefined)
    .replace(/\n[ \t\r\v\f]*\*?/g, "\n");
}
