import type * as ast from "../../../grammar/proto/ast.ts";
import type { Span } from "../../../grammar/source/span.ts";
import type { LinkProblems } from "./codes.ts";
import type { NumberRange } from "./descriptor.ts";
import type {
  FieldWork,
  FileWork,
  MessageDraft,
  MessageWork,
} from "./drafts.ts";
import { nameText } from "./declare.ts";
import { tooLarge } from "./field-numbers.ts";
import { clip } from "./names.ts";
import { maxFieldNumber, maxMessageSetNumber, openEnd } from "./ranges.ts";

/** Whether a message is of the form that came before extensions. */
export function isMessageSet(message: MessageDraft): boolean {
  const option = message.options.get("message_set_wire_format");
  return option?.kind === "scalar" && option.value === true;
}

/** Says how far `extensions … to max` go, which an option of the message decides. */
export function closeRanges(
  { draft }: MessageWork,
  work: FileWork,
  problems: LinkProblems,
): void {
  const last = isMessageSet(draft) ? maxMessageSetNumber : maxFieldNumber;
  for (const range of draft.extensionRanges) {
    if (range.end === openEnd) range.end = last + 1;
    if (range.end - 1 > last || range.start > last)
      problems.error(
        "proto/number-range",
        work.ranges.get(range) ?? draft.span,
        tooLarge,
      );
  }
}

interface Placed {
  readonly range: NumberRange;
  readonly span: Span;
  readonly what: "reserved" | "extensions";
}

/** Checks that fields, reserved numbers and extension ranges are apart. */
export function checkNumbers(
  { draft, node, fields }: MessageWork,
  work: FileWork,
  problems: LinkProblems,
): void {
  const placed: Placed[] = [
    ...draft.reservedRanges.map((range) => placeOf(range, "reserved", work)),
    ...draft.extensionRanges.map((range) => placeOf(range, "extensions", work)),
  ];
  const ranges = checkOverlaps(placed, 0, problems);
  const numbers = new Map<number, FieldWork>();
  for (const field of fields) {
    const { number } = field.draft;
    // A number that is none was told of.
    if (number === 0) continue;
    const first = numbers.get(number);
    const { span } = field.node.number;
    if (first !== undefined) {
      problems.error("proto/duplicate-number", span, () => ({
        message: `the field number ${number} is that of \`${clip(first.draft.name)}\` already`,
        help: `the next one that is free is ${nextFree(fields, ranges)}`,
        related: [
          { span: first.node.span, message: "the first is this field" },
        ],
      }));
      continue;
    }
    numbers.set(number, field);
    if (number > maxFieldNumber)
      problems.error("proto/field-number", span, tooLarge);
    const taken = rangeOf(ranges, number);
    if (taken === undefined) continue;
    problems.error("proto/reserved-number", span, () => ({
      message:
        taken.what === "reserved"
          ? `the field number ${number} is reserved`
          : `the field number ${number} is for extensions`,
      help: `the next one that is free is ${nextFree(fields, ranges)}`,
      related: [{ span: taken.span, message: "by this range" }],
    }));
  }
  checkReservedNames(
    node.body,
    fields.map(({ draft: field, node: at }) => ({
      name: field.name,
      span: at.name.span,
    })),
    problems,
  );
}

function placeOf(
  range: NumberRange,
  what: Placed["what"],
  work: FileWork,
): Placed {
  return { range, what, span: work.ranges.get(range) ?? { start: 0, end: 0 } };
}

/**
 * @param closed 1 if a range's end is in it, as in enums.
 * @returns the ranges by their starts.
 */
export function checkOverlaps(
  placed: readonly Placed[],
  closed: 0 | 1,
  problems: LinkProblems,
): readonly Placed[] {
  const sorted = placed.toSorted(
    (left, right) => left.range.start - right.range.start,
  );
  let previous: Placed | undefined;
  for (const one of sorted) {
    if (
      previous !== undefined &&
      one.range.start < previous.range.end + closed
    ) {
      const [first, second] =
        previous.span.start <= one.span.start
          ? [previous, one]
          : [one, previous];
      problems.error("proto/overlapping-range", second.span, () => ({
        message: "the range overlaps another",
        related: [{ span: first.span, message: "the other one" }],
      }));
    }
    if (previous === undefined || one.range.end > previous.range.end)
      previous = one;
  }
  return sorted;
}

/** Of ranges that are apart, sorted by their starts. */
function rangeOf(
  sorted: readonly Placed[],
  number: number,
  closed: 0 | 1 = 0,
): Placed | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.range.start ?? Infinity) <= number) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low - 1];
  return found !== undefined && number < found.range.end + closed
    ? found
    : undefined;
}

function nextFree(
  fields: readonly FieldWork[],
  ranges: readonly Placed[],
): number {
  const used = new Set(fields.map(({ draft }) => draft.number));
  let number = 1;
  for (let tries = used.size + ranges.length + 1; tries > 0; tries--) {
    const range = rangeOf(ranges, number);
    if (range !== undefined) number = range.range.end;
    else if (number >= 19_000 && number <= 19_999) number = 20_000;
    else if (used.has(number)) number += 1;
    else break;
  }
  return number;
}

/** Checks the names of fields or enum values against those that are reserved. */
export function checkReservedNames(
  body: readonly { readonly kind: string }[],
  declared: readonly { readonly name: string; readonly span: Span }[],
  problems: LinkProblems,
): void {
  const reserved = new Map<string, Span>();
  for (const item of body) {
    if (item.kind !== "reserved") continue;
    for (const name of (item as ast.ReservedDeclaration).names) {
      const text = nameText(name);
      const first = reserved.get(text);
      if (first === undefined) reserved.set(text, name.span);
      else
        problems.error("proto/reserved-name", name.span, () => ({
          message: `the name \`${clip(text)}\` is reserved twice`,
          related: [{ span: first, message: "the first is here" }],
        }));
    }
  }
  if (reserved.size === 0) return;
  for (const { name, span } of declared) {
    const at = reserved.get(name);
    if (at !== undefined)
      problems.error("proto/reserved-name", span, () => ({
        message: `the name \`${clip(name)}\` is reserved`,
        related: [{ span: at, message: "here" }],
      }));
  }
}

/** The same for the numbers of enum values, whose ranges' ends are in them. */
export function checkReservedValues(
  placed: readonly Placed[],
  values: readonly { readonly number: number; readonly span: Span }[],
  problems: LinkProblems,
): void {
  const ranges = checkOverlaps(placed, 1, problems);
  for (const { number, span } of values) {
    const taken = rangeOf(ranges, number, 1);
    if (taken !== undefined)
      problems.error("proto/reserved-number", span, () => ({
        message: `the number ${number} is reserved`,
        related: [{ span: taken.span, message: "by this range" }],
      }));
  }
}
