import type { DiagnosticCollector } from "../../../grammar/source/diagnostics.ts";

/**
 * The stable code of every problem that linking and checking a file of Protocol
 * Buffers can find, with what it means; those of its syntax stand in
 * `grammar/proto/codes.ts`. Codes are only added: programs and suppressions name
 * them.
 */
export const linkCodes = {
  // Files
  "proto/import-not-found": "an imported file that does not exist",
  "proto/import-with-errors": "an imported file that has errors itself",
  "proto/import-cycle":
    "a file that imports itself, by way of others or directly",
  "proto/duplicate-import": "a file imported twice",
  "proto/lite": "a file for full runtimes that builds on one for small ones",
  "proto/unused-import": "an imported file of which nothing is used",
  "proto/import-kind": "a kind of import that the edition does not have",
  "proto/unknown-syntax": "a syntax or edition that does not exist",
  "proto/misplaced-syntax":
    "a `syntax` or `edition` that is not the file's first declaration",
  "proto/duplicate-package": "a second `package`",
  // Names
  "proto/duplicate-name": "two declarations of one full name",
  "proto/undefined-name": "a name that nothing declares",
  "proto/not-imported": "a name that a file declares which is not imported",
  "proto/shadowed-name":
    "a name whose first part means something nearer that lacks the rest",
  "proto/wrong-kind": "a name of something that cannot stand in this place",
  "proto/json-name-conflict": "two fields or enum values with one name in JSON",
  "proto/json-name": "a `json_name` that may not be",
  // Numbers
  "proto/field-number": "a field number that may not be",
  "proto/duplicate-number": "a number that is given twice",
  "proto/number-range": "a range of numbers that may not be",
  "proto/overlapping-range": "ranges of numbers that overlap",
  "proto/reserved-number": "a number that is reserved",
  "proto/reserved-name": "a name that is reserved, or reserved twice",
  "proto/visibility": "an `export` or `local` that the edition does not have",
  // Fields
  "proto/field-label": "a label that is missing or may not be",
  "proto/group": "a group that may not be, or a name that is none of a group's",
  "proto/map": "a map that may not be in this place or of these types",
  "proto/oneof": "a `oneof` without fields, or fields that may not be in one",
  "proto/default-value": "a default that the field may not have",
  // Enums
  "proto/empty-enum": "an enum without values",
  "proto/enum-number": "a number that no enum value may have",
  "proto/enum-first-value": "an open enum whose first value is not zero",
  "proto/enum-alias":
    "two enum values of one number, or none where they are allowed",
  "proto/closed-enum": "a closed enum where only an open one may stand",
  // Extensions
  "proto/extension": "an extension that may not be, or an `extend` without any",
  "proto/extension-number":
    "an extension's number that the message does not declare, or not for it",
  "proto/extension-range": "extension numbers where there may be none",
  "proto/message-set": "what a message set may not hold",
  // Options
  "proto/unknown-option": "an option that does not exist",
  "proto/option-value": "a value that the option cannot hold",
  "proto/duplicate-option": "an option that was set already",
  "proto/misplaced-option": "an option that may not stand in this place",
  "proto/feature": "a feature that the edition or place does not have",
} as const;

export type LinkCode = keyof typeof linkCodes;

/** Where the problems of one file go. */
export type LinkProblems = DiagnosticCollector<LinkCode>;
