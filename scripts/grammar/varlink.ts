import { type Code, codes } from "../../grammar/varlink/codes.ts";
import { builtinNames } from "../../grammar/varlink/names.ts";
import type { Edit, Language } from "./edit.ts";

/** What the three kinds of members have in common. */
function memberEdits(rule: string, keyword: string): readonly Edit<Code>[] {
  const results = keyword === "method" ? " -> ()" : "";
  return [
    {
      in: rule,
      from: "[ Word ]",
      to: "Word",
      told: { "varlink/missing-name": `${keyword} ()${results}` },
    },
    {
      in: rule,
      from: "Word",
      to: "member_name",
      told: { "varlink/invalid-member-name": `${keyword} ping ()${results}` },
    },
    {
      in: rule,
      from: "[ type ]",
      to: "body",
      told: { "varlink/expected-struct": `${keyword} Ping string${results}` },
    },
  ];
}

/** Varlink, of whose grammar docs/grammar/varlink.md tells. */
export const varlink: Language<Code> = {
  id: "varlink",
  start: "file",
  spelled: {},
  defaults: {},
  added: {},
  lexemes: {
    interface_name: {
      token: "Word",
      pattern:
        /[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+/,
      words:
        "A domain name read backwards: two or more parts with dots between, each of letters, digits and inner dashes. The first character is a letter.",
    },
    member_name: {
      token: "Word",
      pattern: /[A-Z][A-Za-z0-9]*/,
      words: "An upper-case letter, then letters and digits.",
    },
    field_name: {
      token: "Word",
      pattern: /[A-Za-z](?:_?[A-Za-z0-9])*/,
      words:
        "A letter, then letters and digits, with single underscores between. Keywords and the names of built-in types are names like any other here.",
    },
    type_name: {
      token: "Word",
      pattern: new RegExp(`(?:${builtinNames.join("|")})|[A-Z][A-Za-z0-9]*`),
      words:
        "A built-in type, or the name of a type that the same file declares, before or after. `any` came with UAPI.20: older readers refuse it.",
    },
    map_key: {
      token: "Word",
      pattern: /string/,
      words: "The word `string`, for the keys of maps are strings.",
    },
  },
  edits: [
    {
      in: "file",
      from: "unknown",
      told: {
        "varlink/unknown-keyword":
          "interface org.example.a\nsignal Changed (name: string)",
      },
    },
    {
      in: "file",
      from: "strays",
      told: {
        "varlink/unexpected-token": "interface org.example.a\ntype A () )",
      },
    },
    {
      in: "file",
      from: "{ interface | type_alias | method | error }",
      to: "{ interface } { type_alias | method | error }",
      told: {
        "varlink/misplaced-interface": "type A ()\ninterface org.example.a",
      },
    },
    {
      in: "file",
      from: "{ interface }",
      to: "[ interface ]",
      told: {
        "varlink/duplicate-interface":
          "interface org.example.a\ninterface org.example.b\ntype A ()",
      },
    },
    {
      in: "file",
      from: "[ interface ]",
      to: "interface",
      told: { "varlink/missing-interface": "type A ()" },
    },
    {
      in: "file",
      from: "{ type_alias | method | error }",
      to: "(type_alias | method | error) { type_alias | method | error }",
      told: { "varlink/empty-interface": "interface org.example.a" },
    },
    {
      in: "interface",
      from: "[ Word ]",
      to: "Word",
      told: { "varlink/missing-name": "interface\ntype A ()" },
    },
    {
      in: "interface",
      from: "Word",
      to: "interface_name",
      told: {
        "varlink/invalid-interface-name": "interface example\ntype A ()",
      },
    },
    ...memberEdits("type_alias", "type"),
    ...memberEdits("method", "method"),
    ...memberEdits("error", "error"),
    {
      in: "method",
      from: '[ "->" ]',
      to: '"->"',
      told: { "varlink/missing-arrow": "method Ping () ()" },
    },
    {
      in: "body",
      from: '"]" | "->"',
      told: { "varlink/unexpected-token": "type A (a: int])" },
    },
    {
      in: "body",
      from: '{ field | "," }',
      to: '[ field { [ "," ] field } ]',
      told: { "varlink/extra-comma": "type A (a: int,)" },
    },
    {
      in: "body",
      from: 'field { [ "," ] field }',
      to: 'field { "," field }',
      told: { "varlink/missing-comma": "type A (a: int b: int)" },
    },
    {
      in: "body",
      from: '[ ")" ]',
      to: '")"',
      told: { "varlink/missing-parenthesis": "type A (a: int" },
    },
    {
      in: "field",
      from: "field_type",
      told: {
        "varlink/missing-name": "type A (: int)",
        "varlink/misplaced-modifier": "type A (a: int[])",
      },
    },
    {
      in: "field",
      from: "Word",
      to: "field_name",
      told: { "varlink/invalid-field-name": "type A (a-b: int)" },
    },
    {
      in: "field_type",
      from: "compound_type",
      told: { "varlink/missing-colon": "type A (a ?int)" },
    },
    {
      in: "field_type",
      from: "[ type ]",
      to: "type",
      told: { "varlink/missing-type": "type A (a:)" },
    },
    {
      in: "compound_type",
      from: "[ element_type ]",
      to: "element_type",
      told: { "varlink/missing-type": "type A (a: ?)" },
    },
    {
      in: "named_type",
      from: "Word",
      to: "type_name",
      told: { "varlink/undefined-type": "type A (a: integer)" },
    },
    {
      in: "element_type",
      from: "Word",
      to: "type_name",
      told: { "varlink/undefined-type": "type A (a: []integer)" },
    },
    {
      in: "modifier",
      from: '[ "]" ]',
      to: '"]"',
      told: { "varlink/missing-bracket": "type A (a: [int)" },
    },
    {
      in: "modifier",
      from: "Word",
      to: "map_key",
      told: { "varlink/invalid-map-key": "type A (a: [int]string)" },
    },
  ],
  inlined: ["named_type", "element_type", "compound_type", "field_type"],
  checks: {
    file: {
      "varlink/duplicate-member":
        "interface org.example.a\ntype A ()\nerror A ()",
      "varlink/same-line": "interface org.example.a\ntype A () type B ()",
    },
    method: { "varlink/expected-struct": "method Ping (a, b) -> ()" },
    error: { "varlink/expected-struct": "error Refused (a, b)" },
    body: {
      "varlink/mixed-fields": "type A (a: int, b)",
      "varlink/duplicate-field": "type A (a: int, a: string)",
    },
    type: {
      "varlink/undefined-type": "type A (b: B)",
      "varlink/not-a-type": "error E ()\ntype A (e: E)",
      "varlink/infinite-type": "type A (a: A)",
      "varlink/nested-nullable": "type A (a: ??int)",
    },
  },
  elsewhere: [
    "varlink/illegal-character",
    "varlink/nesting-too-deep",
    "varlink/too-many-problems",
  ],
  codes,
  frame: (rule, example) =>
    rule === "file" || rule === "interface"
      ? example
      : `interface org.example.a\n${example}`,
  title: "The grammar of Varlink interface files",
  introduction: `What an interface file may be (UAPI.20), as \`grammar/varlink/parser.ts\` reads it.
[How to read this page](README.md).

White space and comments may stand between any two tokens. A comment begins with
\`#\` and ends with its line; comments right above a declaration are its
documentation. Every member begins on a line of its own.

No word is reserved: \`type\`, \`method\`, \`error\` and \`interface\` are keywords only
where a name follows, which \`grammar/varlink/keywords.ts\` decides before the
parser sees them. A field may be called \`type\`.`,
  prose: {
    file: "One interface: its name, then what it has, in any order. Types may be used before they are declared.",
    interface:
      "The name that clients ask for. It is the first thing in the file.",
    type_alias:
      "Gives a struct or an enum a name. Nothing else can have one: an alias of `int` is no declaration.",
    method:
      "A call: parameters and results are structs, and an empty one is `()`.",
    error: "What a method may answer with instead of its results.",
    body: "A struct if its fields have types, an enum if none has; the two cannot be mixed. Empty parentheses are an empty struct.",
    field:
      "A field of a struct with its type, or a value of an enum without one.",
    type: "`?` makes what follows nullable, `[]` a list of it, `[string]` a map with strings as keys; they are read from left to right: `?[]int` is a list that may be null. Structs and enums need no name where they are used once.",
    modifier: "What stands before a type. Behind a type it is refused.",
  },
  conclusion: `Characters outside names, signs and comments are told and left out before the
parser runs (\`grammar/varlink/illegal.ts\`), and so is what nests deeper than 256
levels, each pair of parentheses, \`?\`, \`[]\` and \`[string]\` counting one
(\`grammar/varlink/nesting.ts\`). Of more than a hundred problems the first are
told.`,
};
