import type { IToken } from "chevrotain";
import type { SourceText } from "../source/source-text.ts";
import { LeftAngle, LeftBrace, RightBrace } from "./tokens.ts";

/** How far the braces of a file are from fitting. */
export interface BraceCount {
  /** `{` without `}`. */
  readonly unclosed: number;
  /** `}` without `{`. */
  readonly unopened: number;
}

export function countBraces(tokens: readonly IToken[]): BraceCount {
  let unclosed = 0;
  let unopened = 0;
  for (const { tokenType } of tokens) {
    if (tokenType === LeftBrace) unclosed += 1;
    else if (tokenType !== RightBrace) continue;
    else if (unclosed > 0) unclosed -= 1;
    else unopened += 1;
  }
  return { unclosed, unopened };
}

interface OpenBrace {
  readonly token: IToken;
  /** Of the line it stands on. */
  readonly indent: number;
  /** Whether what stands in it is indented: then the end of that says where it ends. */
  isIndented: boolean | undefined;
}

/**
 * Guesses where the `}` that are missing belong: where a line is indented no
 * deeper than the line of a `{` that is still open. Of a file whose indentation
 * does not explain exactly what is missing, nothing is guessed.
 *
 * @returns The `{` that are to be closed before a token, innermost first.
 */
export function guessClosings(
  tokens: readonly IToken[],
  source: SourceText,
  { unclosed, unopened }: BraceCount,
): ReadonlyMap<IToken, readonly IToken[]> {
  const closings = new Map<IToken, IToken[]>();
  if (unclosed === 0 || unopened > 0) return closings;
  const open: OpenBrace[] = [];
  let indent = 0;
  let line = 0;
  let guessed = 0;
  for (const token of tokens) {
    const lineHere = source.lineAt(token.startOffset);
    const isFirst = lineHere > line;
    line = lineHere;
    // No declaration begins with `<`: the one before goes on.
    if (isFirst && token.tokenType !== LeftAngle) {
      indent = token.startOffset - source.lineSpan(line).start;
      // A `}` stands as deep as the line of its `{`, what is inside deeper.
      const isClosing = token.tokenType === RightBrace;
      for (
        let top = open.at(-1);
        top?.isIndented === true &&
        (isClosing ? indent < top.indent : indent <= top.indent);
        top = open.at(-1)
      ) {
        open.pop();
        const closed = closings.get(token);
        if (closed === undefined) closings.set(token, [top.token]);
        else closed.push(top.token);
        guessed += 1;
      }
    }
    const top = open.at(-1);
    if (top !== undefined) top.isIndented ??= !isFirst || indent > top.indent;
    if (token.tokenType === LeftBrace)
      open.push({ token, indent, isIndented: undefined });
    else if (token.tokenType === RightBrace && open.pop() === undefined)
      return new Map();
  }
  return guessed + open.length === unclosed ? closings : new Map();
}
