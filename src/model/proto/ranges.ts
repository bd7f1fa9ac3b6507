import type * as ast from "../../../grammar/proto/ast.ts";
import type { LinkProblems } from "./codes.ts";
import type { NumberRange } from "./descriptor.ts";

/** The largest field number: 29 bits. */
export const maxFieldNumber = 536_870_911;
/** A message set's extensions may have larger ones. */
export const maxMessageSetNumber = 2_147_483_646;
/** Protocol Buffers keeps these for itself. */
export const firstInternalNumber = 19_000;
export const lastInternalNumber = 19_999;
/** The end of a range that goes to `max`, until it is known what that is. */
export const openEnd: number = Infinity;

type Purpose = "extension" | "reserved";

const int32Max = 2_147_483_647;

/**
 * A range of field numbers; its end is not in it, as in descriptor.proto, and
 * {@link openEnd} for `max`. Undefined if it is none.
 */
export function messageRange(
  range: ast.Range,
  purpose: Purpose,
  problems: LinkProblems,
): NumberRange | undefined {
  const { start, end, span } = range;
  if (start.kind === "missing" || end.kind === "missing") return undefined;
  const first = Number(start.value);
  const max = purpose === "extension" ? openEnd : maxFieldNumber;
  const last = end.kind === "max" ? max : Number(end.value);
  if (first < 1) {
    problems.error("proto/number-range", start.span, () => ({
      message: "field numbers begin at 1",
    }));
    return undefined;
  }
  if (first >= int32Max || (last >= int32Max && last !== openEnd)) {
    problems.error("proto/number-range", span, () => ({
      message: "a field number must have 29 bits",
      help: `the last one is ${maxFieldNumber}; \`max\` means it`,
    }));
    return undefined;
  }
  if (last < first) return backwards(range, problems);
  return { start: first, end: last + 1 };
}

/** A range of enum numbers; its end is in it. */
export function enumRange(
  range: ast.Range,
  _purpose: Purpose,
  problems: LinkProblems,
): NumberRange | undefined {
  const { start, end, span } = range;
  if (start.kind === "missing" || end.kind === "missing") return undefined;
  const first = Number(start.value);
  const last = end.kind === "max" ? int32Max : Number(end.value);
  if (
    Math.max(first, last) > int32Max ||
    Math.min(first, last) < -int32Max - 1
  ) {
    problems.error("proto/number-range", span, () => ({
      message: "an enum value's number must have 32 bits",
      help: "from -2147483648 to 2147483647",
    }));
    return undefined;
  }
  if (last < first) return backwards(range, problems);
  return { start: first, end: last };
}

function backwards({ span }: ast.Range, problems: LinkProblems): undefined {
  problems.error("proto/number-range", span, () => ({
    message: "the range ends before it begins",
  }));
  return undefined;
}
