import type { IToken } from "chevrotain";
import { DiagnosticCollector, type Words } from "../source/diagnostics.ts";
import { SourceText } from "../source/source-text.ts";
import type { Span } from "../source/span.ts";
import type { Missing, Name, QualifiedName } from "./ast.ts";
import type { Code, Problems } from "./codes.ts";
import { CommentIndex } from "./comments.ts";
import { endOf, Word } from "./tokens.ts";

interface Warning {
  readonly code: Code;
  readonly span: Span;
  readonly words: () => Words;
}

/** What making the tree of one file needs everywhere. */
export class Build {
  readonly source: SourceText;
  readonly comments: CommentIndex;
  readonly problems: Problems;
  /** Words in parts that could not be read. */
  readonly unread: Set<string> = new Set();
  /** To be told once it is known that this reading of the file is the last. */
  readonly warnings: Warning[] = [];
  #isTold = false;

  constructor(source: SourceText, comments: CommentIndex, problems: Problems) {
    this.source = source;
    this.comments = comments;
    this.problems = problems;
  }

  /** Another declaration begins: what was wrong before it is no reason for what is wrong in it. */
  begin(): void {
    this.#isTold = false;
  }

  /** Whether something in the declaration that is being read was told of; to be handed to {@link resume}. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** Goes on with a declaration behind its body. */
  resume(isTold: boolean): void {
    this.#isTold = isTold;
  }

  /** Tells of a problem; `words` may be called later or never. */
  tell(code: Code, span: Span, words: () => Words): void {
    this.#isTold = true;
    this.problems.error(code, span, words);
  }

  /** Tells of a problem that may be no more than what another in its declaration has led to. */
  tellIfFirst(code: Code, span: Span, words: () => Words): void {
    if (!this.#isTold) this.tell(code, span, words);
  }

  /** Notes what has a meaning but is not right; it is told when the file has been read. */
  warn(code: Code, span: Span, words: () => Words): void {
    this.warnings.push({ code, span, words });
  }

  /** A token is read past: something may be declared there. */
  skip(token: IToken): void {
    if (token.tokenType === Word) this.unread.add(token.image);
  }

  /** A name that may be missing: where the token before it ends there is an empty one. */
  name(token: IToken | undefined, before: IToken, what: string): Name {
    if (token !== undefined) return { text: token.image, span: spanOf(token) };
    this.tellIfFirst("proto/missing-name", spanOf(before), () => ({
      message: `expected the name of ${what} after \`${clip(before.image)}\``,
    }));
    return { text: "", span: spanBehind(before) };
  }
}

/** For a parser that reads nothing. */
export const idle: Build = new Build(
  new SourceText("", ""),
  new CommentIndex("", [], []),
  new DiagnosticCollector(),
);

export function spanOf(first: IToken, last: IToken = first): Span {
  return { start: first.startOffset, end: endOf(last) };
}

/** The empty span behind a token. */
export function spanBehind(token: IToken): Span {
  const end = endOf(token);
  return { start: end, end };
}

export function missing(before: IToken): Missing {
  return { kind: "missing", span: spanBehind(before) };
}

/** What stands for a type that is missing. */
export function noType(before: IToken): QualifiedName {
  return { text: "", span: spanBehind(before) };
}

/** A piece of source as a message quotes it: names and strings can be megabytes long. */
export function clip(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, 60)}…`;
}

/** Other characters are told of when the tokens are read. */
export function isAscii(word: string): boolean {
  return /^[!-~]*$/.test(word);
}
