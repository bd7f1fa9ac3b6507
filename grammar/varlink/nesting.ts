import type { IToken } from "chevrotain";
import { partKeywords } from "./segments.ts";
import type { Problems } from "./codes.ts";
import {
  endOf,
  LeftBracket,
  LeftParenthesis,
  QuestionMark,
  RightBracket,
  RightParenthesis,
  Word,
} from "./tokens.ts";

/**
 * How deep types may nest: parentheses, `?`, `[]` and `[string]` each count one.
 * The specification sets no limit, systemd's is 64. With one, every recursion
 * over a type is safe.
 */
export const nestingLimit = 256;

/** Tells of types that nest too deep and takes the inner part out, so that the parser need not count. */
export function withoutDeepNesting(
  tokens: readonly IToken[],
  problems: Problems,
): IToken[] {
  const kept: IToken[] = [];
  // The depth around each open parenthesis.
  const open: number[] = [];
  let depth = 0;
  // `?` and `[…]` before a type that has not come yet.
  let modifiers = 0;
  let bracket: "none" | "kept" | "skipped" = "none";
  // Parentheses open inside a part that is taken out.
  let skipped = 0;
  let told = false;
  for (const token of tokens) {
    const type = token.tokenType;
    if (partKeywords.has(type)) {
      open.length = 0;
      depth = modifiers = skipped = 0;
      bracket = "none";
      told = false;
    } else if (skipped > 0) {
      if (type === LeftParenthesis) skipped += 1;
      else if (type === RightParenthesis) skipped -= 1;
      if (skipped > 0) continue;
      modifiers = 0;
    } else if (
      bracket === "skipped" &&
      (type === Word || type === RightBracket)
    ) {
      if (type === RightBracket) bracket = "none";
      continue;
    } else if (type === QuestionMark || type === LeftBracket) {
      const fits = depth + modifiers < nestingLimit;
      if (type === LeftBracket) bracket = fits ? "kept" : "skipped";
      if (fits) modifiers += 1;
      else {
        if (!told) tell(token, problems);
        told = true;
        continue;
      }
    } else if (type === LeftParenthesis) {
      bracket = "none";
      if (depth + modifiers < nestingLimit) {
        open.push(depth);
        depth += modifiers + 1;
        modifiers = 0;
      } else {
        // The parentheses stay, an empty struct.
        if (!told) tell(token, problems);
        told = true;
        skipped = 1;
      }
    } else if (type === RightParenthesis) {
      depth = open.pop() ?? 0;
      modifiers = 0;
    } else if (type === RightBracket) {
      bracket = "none";
    } else if (bracket === "none") {
      modifiers = 0;
    }
    kept.push(token);
  }
  return kept;
}

function tell(token: IToken, problems: Problems): void {
  problems.error(
    "varlink/nesting-too-deep",
    { start: token.startOffset, end: endOf(token) },
    () => ({
      message: `types nest deeper than ${nestingLimit} levels here`,
      help: "declare the inner type with a name of its own",
    }),
  );
}
