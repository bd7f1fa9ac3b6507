import { codes as syntaxCodes } from "../../grammar/proto/codes.ts";
import type { Code } from "../../src/model/proto/all-codes.ts";
import { type LinkCode, linkCodes } from "../../src/model/proto/codes.ts";
import type { Language } from "./edit.ts";
import { protoEdits } from "./proto-edits.ts";
import { conclusion, introduction, prose } from "./proto-prose.ts";

const checks: Language<Code>["checks"] = {
  field: { "proto/oneof": "message A { oneof b { optional int32 c = 1; } }" },
  oneof_block: { "proto/oneof": "message A { oneof b {} }" },
  extend_block: { "proto/extension": "extend A {}" },
  enum_block: { "proto/empty-enum": "enum A {}" },
};

/** Told where two declarations, or two files, are held against each other. */
const linkCodesElsewhere = (Object.keys(linkCodes) as LinkCode[]).filter(
  (code) =>
    ![...protoEdits.map(({ told }) => told), ...Object.values(checks)].some(
      (told) => code in told,
    ),
);

/** Protocol Buffers, of whose grammar docs/grammar/proto.md tells. */
export const proto: Language<Code> = {
  id: "proto",
  start: "file",
  spelled: {
    SyntaxKeyword: ["syntax", "edition"],
    ImportModifierKeyword: ["public", "weak", "option"],
    VisibilityKeyword: ["export", "local"],
    LabelKeyword: ["optional", "required", "repeated"],
  },
  defaults: {
    Word: "name",
    Integer: "integer",
    Float: "float",
    Text: "string",
  },
  added: {
    message_list: '"[" [ (braced | angled) { "," (braced | angled) } ] "]"',
    url_part:
      'Word | Integer | Float | "." | "-" | "/" | "," | ";" | "=" | url_character | "(" { url_part } ")"',
  },
  lexemes: {
    name: {
      token: "Word",
      pattern: /[A-Za-z_][A-Za-z0-9_]*/,
      words:
        "A letter or `_`, then letters, digits and `_`. Keywords are names wherever no keyword can stand.",
    },
    signed_name: {
      token: "Word",
      pattern: /[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN]/,
      words: "One of the names that are numbers, in capitals or not.",
    },
    integer: {
      token: "Integer",
      pattern: /0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*/,
      words:
        "Decimal, octal with a `0` before it, or hexadecimal with `0x`; never signed. No letter, digit, `_` or `.` may follow.",
    },
    float: {
      token: "Float",
      pattern:
        /(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?:0|[1-9][0-9]*)[eE][+-]?[0-9]+/,
      words:
        "A number with a point, an exponent or both; never signed. `inf` and `nan` are names.",
    },
    string: {
      token: "Text",
      pattern: /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/,
      words:
        "Text in single or double quotes, on one line, with the escapes of C. Several in a row are one string.",
    },
    url_character: {
      token: "UrlCharacter",
      pattern: /[%~!$&*+]/,
      words: "A sign that only the URL of a message's type may have.",
    },
  },
  edits: protoEdits,
  inlined: [
    "texts",
    "empty",
    "negative",
    "range_item",
    "plain_scalar",
    "aggregate_fields",
  ],
  checks,
  elsewhere: [
    "proto/illegal-character",
    "proto/invalid-number",
    "proto/unterminated-string",
    "proto/invalid-escape",
    "proto/unterminated-comment",
    "proto/nested-comment",
    "proto/nesting-too-deep",
    "proto/unopened-bracket",
    "proto/too-many-problems",
    ...linkCodesElsewhere,
  ],
  codes: { ...syntaxCodes, ...linkCodes },
  frame: (rule, example) =>
    rule === "file" || rule === "syntax"
      ? example
      : `syntax = "proto2";\n${example}`,
  title: "The grammar of Protocol Buffers files",
  introduction,
  prose,
  conclusion,
};
