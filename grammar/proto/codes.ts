import type { DiagnosticCollector } from "../source/diagnostics.ts";

/**
 * The stable code of every problem that reading a Protocol Buffers file can
 * find, with what it means. What the words mean together is checked elsewhere,
 * under codes of its own. Codes are only added: programs and suppressions name
 * them.
 */
export const codes = {
  "proto/illegal-character": "a character that the language does not use",
  "proto/invalid-number": "a number written as no number is",
  "proto/unterminated-string": "a string that does not end on its line",
  "proto/invalid-escape": "a `\\` in a string before what it cannot escape",
  "proto/unterminated-comment": "a block comment that does not end",
  "proto/nested-comment": "a `/*` within a block comment",
  "proto/nesting-too-deep": "brackets nested deeper than the reader follows",
  "proto/missing-brace": "a `{` or `}` that is missing",
  "proto/missing-bracket": "a `)`, `]`, `>`, `(` or `<` that is missing",
  "proto/unopened-bracket": "a closing bracket that nothing has opened",
  "proto/missing-semicolon": "a declaration without `;` at its end",
  "proto/missing-equals": "a name and its number or value without `=` between",
  "proto/missing-colon": "a name and its value in braces without `:` between",
  "proto/missing-comma":
    "two options, numbers or names without a comma between",
  "proto/extra-comma": "a comma with nothing before or after it",
  "proto/missing-name": "a place where a name must stand",
  "proto/missing-type": "a place where a type must stand",
  "proto/missing-number": "a field, value or range without its number",
  "proto/missing-value": "an option or a field in braces without its value",
  "proto/missing-string": "an `import`, `syntax` or `edition` without a string",
  "proto/missing-returns": "an `rpc` without `returns`",
  "proto/unknown-keyword": "a declaration that begins with an unknown keyword",
  "proto/misplaced-declaration":
    "a declaration in a place where others are expected",
  "proto/misplaced-label":
    "an `optional`, `required` or `repeated` before what takes none, or twice",
  "proto/mixed-reserved": "numbers and names reserved in one declaration",
  "proto/invalid-extension-name":
    "a name in brackets that is neither an extension's nor a type's URL",
  "proto/unexpected-token": "a token that fits nowhere",
  "proto/too-many-problems": "further problems that are not told",
} as const;

/** One of {@link codes}. */
export type Code = keyof typeof codes;

/** Where the problems of one Protocol Buffers file go. */
export type Problems = DiagnosticCollector<Code>;
