import type { Diagnostic, RelatedSpan } from "./diagnostic.ts";
import type { Span } from "./span.ts";

/** How many problems of one file are told; then one says how many more there are. */
export const diagnosticLimit = 100;

/** The words of a diagnostic. */
export interface Words {
  readonly message: string;
  readonly help?: string | undefined;
  readonly related?: readonly RelatedSpan[] | undefined;
}

/**
 * Collects the problems of one text, found in any order by several passes, and
 * keeps those that stand first, no more than are told: a megabyte of noise costs
 * no more than its reading.
 *
 * @typeParam Code The codes that may be used.
 */
export class DiagnosticCollector<Code extends string = string> {
  #kept: Diagnostic[] = [];
  // From here on nothing need be kept: enough stands before it.
  #horizon = Infinity;
  #errors = 0;
  #warnings = 0;

  /** All errors so far, those not kept included. */
  get errors(): number {
    return this.#errors;
  }

  /** @param words A function, for finding words costs more than counting. */
  error(code: Code, span: Span, words: () => Words): void {
    this.#errors += 1;
    this.#keep("error", code, span, words);
  }

  warning(code: Code, span: Span, words: () => Words): void {
    this.#warnings += 1;
    this.#keep("warning", code, span, words);
  }

  #keep(
    severity: Diagnostic["severity"],
    code: Code,
    span: Span,
    words: () => Words,
  ): void {
    if (span.start >= this.#horizon) return;
    const { message, help, related } = words();
    this.#kept.push({
      severity,
      code,
      message,
      span,
      ...(help !== undefined && { help }),
      ...(related !== undefined && { related }),
    });
    // Sorting at twice the limit keeps the cost of each one constant.
    if (this.#kept.length < diagnosticLimit * 2) return;
    this.#kept = this.#kept.toSorted(byPlace).slice(0, diagnosticLimit);
    this.#horizon = this.#kept.at(-1)?.span.start ?? Infinity;
  }

  /**
   * What was found, by place. Of more than {@link diagnosticLimit} the first are
   * there, and one at `end` says how many are not; it is an error if one of those is.
   */
  finish(code: Code, end: number): readonly Diagnostic[] {
    const told = this.#kept.toSorted(byPlace).slice(0, diagnosticLimit);
    const left = this.#errors + this.#warnings - told.length;
    if (left === 0) return told;
    const toldErrors = told.filter(
      ({ severity }) => severity === "error",
    ).length;
    told.push({
      severity: this.#errors > toldErrors ? "error" : "warning",
      code,
      message: `${left} more ${left === 1 ? "problem is" : "problems are"} not shown`,
      span: { start: end, end },
      help: "correct those above first",
    });
    return told;
  }
}

function byPlace(left: Diagnostic, right: Diagnostic): number {
  return left.span.start - right.span.start || left.span.end - right.span.end;
}
