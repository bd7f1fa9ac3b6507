import type { Span } from "./span.ts";

/**
 * One problem in a source text, as data. Rendering it (a code frame, one line,
 * JSON) is another module's work.
 */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Stable, for programs: `varlink/duplicate-member`. */
  readonly code: string;
  /** One sentence without a full stop, that says what is wrong. */
  readonly message: string;
  readonly span: Span;
  /** What to do about it. */
  readonly help?: string;
  /** Other places that matter, the first of two duplicates for example. */
  readonly related?: readonly RelatedSpan[];
}

export interface RelatedSpan {
  readonly span: Span;
  readonly message: string;
}
