import type { IToken } from "chevrotain";
import type { SourceText } from "../source/source-text.ts";
import type { Span } from "../source/span.ts";
import type { Code, Problems } from "./codes.ts";
import type { CommentIndex } from "./comments.ts";
import { clip, isAscii, type NameFault } from "./names.ts";
import { endOf } from "./tokens.ts";

/** What building the tree of one file needs everywhere. */
export interface Build {
  readonly source: SourceText;
  readonly comments: CommentIndex;
  readonly problems: Problems;
  /** The last token of the innermost unclosed parentheses told of: one report is enough for a nest. */
  unclosedAt: number;
}

export function spanOf(first: IToken, last: IToken = first): Span {
  return { start: first.startOffset, end: endOf(last) };
}

/** Tells of a name that breaks its rule, unless its characters were told of already. */
export function tellName(
  build: Build,
  token: IToken,
  code: Code,
  what: string,
  rule: (name: string) => NameFault | undefined,
): void {
  if (!isAscii(token.image)) return;
  const wrong = rule(token.image);
  if (wrong === undefined) return;
  build.problems.error(code, spanOf(token), () => ({
    message: `${what} \`${clip(token.image)}\` ${wrong.fault}`,
    help: wrong.help,
  }));
}
