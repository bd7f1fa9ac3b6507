import type * as ast from "../../../grammar/proto/ast.ts";
import type { LinkProblems } from "./codes.ts";
import {
  firstInternalNumber,
  lastInternalNumber,
  maxFieldNumber,
  maxMessageSetNumber,
} from "./ranges.ts";

/**
 * A field's number, 0 if it is none. Those beyond {@link maxFieldNumber} can be
 * right for an extension of a message set, and are judged with the extendee.
 */
export function fieldNumber(
  number: ast.IntegerLiteral | ast.Missing,
  problems: LinkProblems,
): number {
  if (number.kind === "missing") return 0;
  const value = Number(number.value);
  if (value < 1) {
    problems.error("proto/field-number", number.span, () => ({
      message: "field numbers begin at 1",
    }));
    return 0;
  }
  if (value >= firstInternalNumber && value <= lastInternalNumber) {
    problems.error("proto/field-number", number.span, () => ({
      message: `the field numbers ${firstInternalNumber} to ${lastInternalNumber} are kept for implementations of Protocol Buffers`,
    }));
    return 0;
  }
  if (value > maxMessageSetNumber + 1) {
    problems.error("proto/field-number", number.span, tooLarge);
    return 0;
  }
  return value;
}

export function tooLarge(): { message: string; help: string } {
  return {
    message: "a field number must have 29 bits",
    help: `the last one is ${maxFieldNumber}`,
  };
}
