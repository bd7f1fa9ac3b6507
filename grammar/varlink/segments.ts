import type { IToken } from "chevrotain";
import {
  ErrorKeyword,
  InterfaceKeyword,
  LeftParenthesis,
  MethodKeyword,
  RightParenthesis,
  TypeKeyword,
  UnknownKeyword,
} from "./tokens.ts";

/** The keywords that begin a part of the file, whatever is open before them. */
export const partKeywords: ReadonlySet<unknown> = new Set([
  InterfaceKeyword,
  TypeKeyword,
  MethodKeyword,
  ErrorKeyword,
  UnknownKeyword,
]);

/**
 * Parentheses that one run of the parser goes into. It takes some fifty calls
 * for each, so many levels at once would need more stack than there may be left.
 */
const segmentDepth = 24;

/**
 * Cuts deep parentheses out of a file's tokens: what stands in every 24th level
 * becomes the payload of its `(`, to be parsed by itself, and `()` stays behind.
 */
export function cutDeepBodies(tokens: readonly IToken[]): IToken[] {
  const root: IToken[] = [];
  let segment = root;
  let depth = 0;
  const outer: IToken[][] = [];
  for (const token of tokens) {
    const type = token.tokenType;
    if (partKeywords.has(type)) {
      segment = root;
      outer.length = 0;
      depth = 0;
    } else if (type === LeftParenthesis) {
      depth += 1;
      if (depth > 1 && depth % segmentDepth === 1) {
        const inner = [token];
        segment.push({ ...token, payload: inner });
        outer.push(segment);
        segment = inner;
        continue;
      }
    } else if (type === RightParenthesis && depth > 0) {
      segment.push(token);
      if (depth > 1 && depth % segmentDepth === 1) {
        segment = outer.pop() ?? root;
        segment.push(token);
      }
      depth -= 1;
      continue;
    }
    segment.push(token);
  }
  return root;
}

/** The tokens that were cut out behind a `(`, with the parentheses. */
export function cutTokens(open: IToken): IToken[] | undefined {
  return Array.isArray(open.payload) ? (open.payload as IToken[]) : undefined;
}
