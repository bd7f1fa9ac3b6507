import type { DiagnosticCollector } from "../source/diagnostics.ts";

/**
 * The stable code of every problem that reading a Varlink file can find, with
 * what it means. Codes are only added: programs and suppressions name them.
 */
export const codes = {
  "varlink/illegal-character": "a character that the language does not use",
  "varlink/nesting-too-deep": "a type nested deeper than the reader follows",
  "varlink/missing-interface": "no `interface` line",
  "varlink/duplicate-interface": "a second `interface` line",
  "varlink/misplaced-interface": "an `interface` line after the first member",
  "varlink/empty-interface": "an interface without any member",
  "varlink/unknown-keyword": "a member that begins with an unknown keyword",
  "varlink/unexpected-token": "a token that fits nowhere",
  "varlink/missing-name": "an interface, member or field without a name",
  "varlink/invalid-interface-name":
    "an interface name that breaks the rules for names",
  "varlink/invalid-member-name":
    "a type, method or error name that breaks the rules for names",
  "varlink/invalid-field-name":
    "a field, parameter or enum value name that breaks the rules for names",
  "varlink/missing-parenthesis":
    "an opening or closing parenthesis that is missing",
  "varlink/missing-bracket": "a closing bracket that is missing",
  "varlink/missing-comma": "two fields or values without a comma between them",
  "varlink/extra-comma": "a comma with nothing before or after it",
  "varlink/missing-colon":
    "a field's name and type without a colon between them",
  "varlink/missing-type": "a place where a type must stand",
  "varlink/missing-arrow":
    "a method without `->` between parameters and results",
  "varlink/expected-struct":
    "something else where a struct in parentheses must stand",
  "varlink/mixed-fields":
    "fields with and without a type in one pair of parentheses",
  "varlink/nested-nullable": "a `?` directly before another",
  "varlink/invalid-map-key": "a map key other than `string`",
  "varlink/misplaced-modifier":
    "a `?` or `[]` after its type instead of before it",
  "varlink/same-line": "two members on one line",
  "varlink/duplicate-member": "two types, methods or errors of one name",
  "varlink/duplicate-field":
    "two fields, parameters or enum values of one name",
  "varlink/undefined-type": "a type that is not declared",
  "varlink/not-a-type": "a method or an error used as a type",
  "varlink/infinite-type":
    "a struct that contains itself, so that no value of it is finite",
  "varlink/too-many-problems": "further problems that are not told",
} as const;

/** One of {@link codes}. */
export type Code = keyof typeof codes;

/** Where the problems of one Varlink file go. */
export type Problems = DiagnosticCollector<Code>;
