import type { Code } from "../../src/model/proto/all-codes.ts";
import type { Edit } from "./edit.ts";

/** An edit of all rules that read a declaration to its end. */
const endEdits: readonly Edit<Code>[] = [
  {
    in: "*",
    from: "misplaced",
    told: {
      "proto/unexpected-token": "enum A { B = 0; + }",
      "proto/misplaced-declaration": "enum A { B = 0; message C {} }",
      "proto/unknown-keyword": "struct A {}",
    },
  },
  {
    in: "*",
    from: "extras",
    told: { "proto/unexpected-token": "message A = {}" },
  },
  {
    in: "*",
    from: "no_block",
    told: { "proto/missing-brace": "message A;" },
  },
  {
    in: "*",
    from: "leftovers",
    told: { "proto/unexpected-token": "option (a + b) = 1;" },
  },
  {
    in: "*",
    from: '[ ";" | unfinished ]',
    to: '";"',
    told: {
      "proto/missing-semicolon": "package a",
      "proto/unexpected-token": "package a + b;",
    },
  },
  {
    in: "field",
    from: '[ message_block | ";" | unfinished ]',
    to: 'message_block | ";"',
    told: {
      "proto/missing-semicolon": "message A { string b = 1 }",
      "proto/unexpected-token": "message A { string b = 1 + 2; }",
    },
  },
  {
    in: "rpc",
    from: '[ rpc_block | ";" | unfinished ]',
    to: 'rpc_block | ";"',
    told: {
      "proto/missing-semicolon": "service S { rpc A (B) returns (C) }",
      "proto/unexpected-token": "service S { rpc A (B) returns (C) = 1; }",
    },
  },
  {
    in: "oneof_block",
    from: "no_empty",
    told: {
      "proto/unexpected-token": "message A { oneof b { int32 c = 1;; } }",
    },
  },
  {
    in: "extend_block",
    from: "no_empty",
    told: { "proto/unexpected-token": "extend A { int32 c = 1;; }" },
  },
];

/** Edits of what stands at the beginning of a declaration. */
const headEdits: readonly Edit<Code>[] = [
  {
    in: "file",
    from: "{ message | enum | service | extend | option_line | import | package | syntax | visible | empty }",
    to: "[ syntax ] { message | enum | service | extend | option_line | import | package | visible | empty }",
    told: { "proto/misplaced-syntax": 'package a;\nsyntax = "proto3";' },
  },
  {
    in: "syntax",
    from: '[ "=" ]',
    to: '"="',
    told: { "proto/missing-equals": 'syntax "proto3";' },
  },
  {
    in: "texts",
    from: '{ Text } { Word | Integer | "." | "/" }',
    to: "Text { Text }",
    told: { "proto/missing-string": "import a.proto;" },
  },
  {
    in: "visible",
    from: "[ message | enum ]",
    to: "message | enum",
    // What is marked as `export` stands before one of the two.
    told: {},
  },
  ...(
    [
      ["message", "message {}"],
      ["enum", "enum { A = 0; }"],
      ["service", "service {}"],
      ["oneof", "message A { oneof { int32 b = 1; } }"],
    ] as const
  ).map(([rule, example]) => ({
    in: rule,
    from: "[ Word ]",
    to: "Word",
    told: { "proto/missing-name": example },
  })),
  {
    in: "field",
    from: "[ Word ]",
    to: "Word",
    told: {
      "proto/missing-name": "message A { string = 1; }",
      "proto/missing-type": "message A { b = 1; }",
    },
  },
  {
    in: "field",
    from: '(map | "group" | qualified_name) Word number [ options ] (message_block | ";")',
    to: '((map | qualified_name) Word number [ options ] ";" | "group" Word number [ options ] message_block)',
    told: {
      "proto/unexpected-token": "message A { string b = 1 {} }",
      "proto/missing-brace": "message A { optional group B = 1; }",
      "proto/misplaced-label": "message A { string optional b = 1; }",
    },
  },
  {
    in: "map",
    from: '[ "," ]',
    to: '","',
    told: { "proto/missing-comma": "message A { map<string int32> b = 1; }" },
  },
  {
    in: "map",
    from: '[ ">" ]',
    to: '">"',
    told: { "proto/missing-bracket": "message A { map<string, int32 b = 1; }" },
  },
  {
    in: "rpc",
    from: '[ Word ] [ rpc_type ] [ "returns" ] [ rpc_type ]',
    to: 'Word rpc_type "returns" rpc_type',
    told: {
      "proto/missing-name": "service S { rpc (B) returns (C); }",
      "proto/missing-type": "service S { rpc A returns (C); }",
      "proto/missing-returns": "service S { rpc A (B); }",
    },
  },
];

/** Edits of numbers and ranges. */
const numberEdits: readonly Edit<Code>[] = [
  {
    in: "number",
    from: '[ "=" ] [ Integer | negative | Word | Float | Text ]',
    to: '"=" (Integer | negative)',
    told: {
      "proto/missing-equals": "message A { string b 1; }",
      "proto/missing-number": 'message A { string b = "1"; }',
    },
  },
  {
    in: "negative",
    from: '"-" [ Integer ]',
    to: '"-" Integer',
    told: { "proto/missing-number": "enum A { B = -; }" },
  },
  {
    in: "extensions",
    from: "Stray",
    told: { "proto/unexpected-token": "message A { extensions 100 + 1; }" },
  },
  {
    in: "extensions",
    from: '{ range_item | "," }',
    to: 'range_item { "," range_item }',
    told: {
      "proto/missing-number": "message A { extensions; }",
      "proto/missing-comma": "message A { extensions 100 200; }",
      "proto/extra-comma": "message A { extensions 100,; }",
    },
  },
  {
    in: "range",
    from: '[ "to" [ Integer | negative | "max" ] ]',
    to: '[ "to" (Integer | negative | "max") ]',
    told: { "proto/missing-number": "message A { reserved 1 to; }" },
  },
  {
    in: "reserved",
    from: "Stray",
    told: { "proto/unexpected-token": "message A { reserved 1 + 1; }" },
  },
  {
    in: "reserved",
    from: '{ range_item | Text { Text } | Word | "," }',
    to: '(range_item { "," range_item } | (Text { Text } | Word) { "," (Text { Text } | Word) })',
    told: {
      "proto/missing-number": "message A { reserved; }",
      "proto/missing-comma": "message A { reserved 1 2; }",
      "proto/extra-comma": "message A { reserved 1,; }",
      "proto/mixed-reserved": 'message A { reserved 1, "b"; }',
    },
  },
];

/** Edits of names and of the values of options. */
const valueEdits: readonly Edit<Code>[] = [
  {
    in: "qualified_name",
    from: '[ Word ] { "." [ Word ] }',
    to: '[ "." ] Word { "." Word }',
    told: {
      "proto/missing-name": "package a..b;",
      "proto/missing-type": "service S { rpc A () returns (C); }",
    },
  },
  {
    in: "package",
    from: "qualified_name",
    to: 'Word { "." Word }',
    told: { "proto/unexpected-token": "package .a;" },
  },
  {
    in: "assignment",
    from: '[ "=" [ scalar | braced ] | scalar ]',
    to: '"=" (scalar | braced)',
    told: {
      "proto/missing-equals": "option deprecated true;",
      "proto/missing-value": "option deprecated;",
    },
  },
  {
    in: "option_name",
    from: '[ option_name_part ] { "." [ option_name_part ] }',
    to: 'option_name_part { "." option_name_part }',
    told: {
      "proto/missing-name": "option (a). = 1;",
      "proto/unexpected-token": "option .deprecated = true;",
    },
  },
  {
    in: "options",
    from: "junk",
    told: {
      "proto/unexpected-token":
        "message A { string b = 1 [deprecated = true > 1]; }",
    },
  },
  {
    in: "options",
    from: '{ assignment | "," }',
    to: 'assignment { "," assignment }',
    told: {
      "proto/missing-name": "message A { string b = 1 []; }",
      "proto/missing-comma":
        "message A { string b = 1 [deprecated = true lazy = true]; }",
      "proto/extra-comma": "message A { string b = 1 [deprecated = true,]; }",
    },
  },
  {
    in: "scalar",
    from: '"-" [ plain_scalar ]',
    to: '"-" (Integer | Float | signed_name)',
    told: {
      "proto/missing-value": "option (a) = -;",
      "proto/unexpected-token": "option (a) = -b;",
    },
  },
  {
    in: "aggregate_fields",
    from: "Stray | rounds | braced | angled",
    told: { "proto/missing-name": "option (a) = { = 1 };" },
  },
  {
    in: "aggregate_fields",
    from: '{ aggregate_field | "," | ";" }',
    to: '{ aggregate_field [ "," | ";" ] }',
    told: { "proto/extra-comma": "option (a) = { b: 1,, c: 2 };" },
  },
  {
    in: "aggregate_field",
    from: '[ ":" | "=" ] [ scalar | braced | angled | list ]',
    to: '(":" (scalar | list) | [ ":" ] (braced | angled) | message_list)',
    told: {
      "proto/missing-colon": "option (a) = { b [1] };",
      "proto/missing-value": "option (a) = { b: };",
    },
  },
  {
    in: "bracketed",
    from: "{ Stray | junk }",
    to: '[ url_part { url_part } "/" ] Word { "." Word }',
    told: { "proto/invalid-extension-name": "option (a) = { [b.]: 1 };" },
  },
  {
    in: "list",
    from: "junk",
    told: { "proto/unexpected-token": "option (a) = { b: [1 (2)] };" },
  },
  {
    in: "list",
    from: '{ scalar | braced | angled | "," }',
    to: '[ (scalar | braced | angled) { "," (scalar | braced | angled) } ]',
    told: {
      "proto/missing-comma": "option (a) = { b: [1 2] };",
      "proto/extra-comma": "option (a) = { b: [1, 2,] };",
    },
  },
];

/** What makes the language's grammar of the parser's, in this order. */
export const protoEdits: readonly Edit<Code>[] = [
  ...endEdits,
  ...headEdits,
  ...numberEdits,
  ...valueEdits,
];
