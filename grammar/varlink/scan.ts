import type { IToken } from "chevrotain";
import type { Problems } from "./codes.ts";
import type { SourceText } from "../source/source-text.ts";
import { withoutIllegalCharacters } from "./illegal.ts";
import { markKeywords } from "./keywords.ts";
import { withoutDeepNesting } from "./nesting.ts";
import { tokenize } from "./tokens.ts";

/** The tokens of a text as the parser takes them, and its comments. */
export interface Scan {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
}

/**
 * Reads the tokens of a text and makes them fit for the parser: illegal
 * characters are told and taken out, words become keywords where they are
 * keywords, and what nests too deep is told and taken out. Every step looks at
 * a token a fixed number of times.
 */
export function scan(source: SourceText, problems: Problems): Scan {
  const { tokens, comments } = tokenize(source.text);
  const legal = withoutIllegalCharacters(tokens, source, problems);
  const marked = markKeywords(legal, source, problems);
  return { tokens: withoutDeepNesting(marked, problems), comments };
}
