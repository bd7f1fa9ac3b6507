import * as fc from "fast-check";
import type { FieldSpec, MemberSpec, PartSpec, TypeSpec } from "./support.ts";

/** What Markdown, HTML and their dialects give a meaning to. */
const SPECIALS = [
  "\\`*_{}[]()<>#+-.!|~:;=&$\"'^@%/,?".split(""),
  [
    "\n",
    "\n\n",
    "\n\n\n",
    "\r\n",
    "\r",
    "\t",
    "  ",
    "    ",
    "  \n",
    "\\\n",
    "\u2028",
    "\u2029",
  ],
  [
    "\0",
    "\u0007",
    "\u001b",
    "\u0085",
    "\ufeff",
    "\u00a0",
    "\u3000",
    "\ud800",
    "\udc00",
  ],
  ["```", "````", "~~~", "~~~~", "```json", "~~~ sh `", "`` ` ``", "``"],
  [
    "# ",
    "## ",
    "#### ",
    "####### ",
    "#",
    "===",
    "---",
    "- - -",
    "***",
    "___",
    "+++",
    "--",
  ],
  [
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "10. ",
    "123456789. ",
    "- [ ] ",
    "- [x] ",
    "> ",
    ">",
    "> > ",
  ],
  [
    "<!--",
    "-->",
    "<image>:<tag>",
    "</script>",
    "<script>",
    "<div>",
    "</div>",
    "<pre>",
    "<![CDATA[",
  ],
  [
    "<?php",
    '<a id="Foo"></a>',
    "<br>",
    "<https://example.org/a_b>",
    "<a@b.example>",
    "<style>",
  ],
  [
    "&amp;",
    "&lt;",
    "&#60;",
    "&#x3c;",
    "&nbsp;",
    "&",
    "&notanentity;",
    "&NewLine;",
  ],
  [
    "[Foo](#Foo)",
    "[Foo](Foo)",
    "(Foo)[#Foo]",
    "[GetId](#GetId)",
    "[x](#getid)",
    "[x](#Missing)",
  ],
  [
    "[x](Missing)",
    "[x](javascript:alert)",
    "[x](https://example.org/)",
    "[x](<a b.md> 'ti\"tle')",
  ],
  [
    "[x][ref]",
    "[ref]",
    "[ref]: https://example.org 'title'",
    "[x]: #Foo",
    "[^1]",
    "[^1]: note",
  ],
  [
    "![alt](https://example.org/a.png)",
    "![[",
    "!",
    "[",
    "](",
    "]: ",
    "[[wiki]]",
    "[](x)",
    "[]",
  ],
  [
    "| a | b |",
    "| --- | --- |",
    "|---|",
    "a | b",
    "--- | :-:",
    "\n| a | b |\n|---|---|\n| c | d |\n",
  ],
  [
    "**bold**",
    "*em*",
    "_em_",
    "__strong__",
    "***",
    "~~gone~~",
    "snake_case",
    "a*b*c",
    "**a*",
    "_a__",
  ],
  [
    "http://example.org/a_b_(c)",
    "www.example.org",
    "https://",
    "{{x}}",
    "{% raw %}",
    "$$",
    "$a$",
  ],
  [
    "---\ntitle: x\n---",
    "[!NOTE]",
    "\\*",
    "\\[",
    "\\|",
    "\\\\|",
    "\\`",
    "\\<",
    "\\",
  ],
  [
    "## Methods",
    "### Foo",
    "**Input**",
    "**Output:** none",
    "漢字",
    "é",
    "👨‍👩‍👧",
    "🇩🇪",
    "❤️",
  ],
].flat();

const WORDS = [
  "the",
  "Container",
  "name",
  "of",
  "a",
  "pod",
  "ID",
  "is",
  "returned",
  "x",
  "42",
  "it's",
];

/** Text meant to break out of its place. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SPECIALS),
      fc.constantFrom(...WORDS),
      fc.constant(" "),
    ),
    {
      maxLength: 24,
    },
  )
  .map((pieces) => pieces.join(""));

/** Punctuation that is common in comments. */
const MARKS = [
  "[]string",
  "?int",
  "[string]T",
  "<image>",
  "a_b",
  "_x",
  "y_",
  "*",
  "2*3",
  "#1",
  "--all",
];
const MORE_MARKS = [
  "(s)",
  "'quoted'",
  '"so"',
  "e.g.",
  "a/b",
  "~/dir",
  "$HOME",
  "50%",
  "a & b",
  "x|y",
];

const sentence: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...WORDS,
      ...MARKS,
      ...MORE_MARKS,
      "`code`",
      "漢字",
      "naïve",
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((words) => words.join(" "));

/** Docs as people write them: words and the odd mark, in lines and paragraphs. */
export const plainDocs: fc.Arbitrary<string> = fc
  .array(fc.tuple(sentence, fc.constantFrom("\n", "\n\n", " ", "  ")), {
    maxLength: 5,
  })
  .map((lines) => lines.map(([line, end]) => line + end).join(""));

/** Docs with lists, code and what looks like it, in paragraphs of their own or below a line. */
export const richDocs: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.oneof(
        sentence,
        fc.constantFrom(
          "- one\n- two",
          "- one\n\n  two\n- three",
          "1. one\n2. two",
          "> quoted",
          "Example:",
          '{"a": [1, 2], "b": {"c": null}}',
          '{\n  "a": "b",\n}',
          "$ varlink call unix:/run/x/a.b.C\n{}",
          '~~~json\n[{"a":1}]\n~~~',
          "~~~yaml\na:   1\n~~~",
          "# Title",
          "| a | b |\n|---|---|\n| c | d |",
          "See `Foo` and [Foo].",
        ),
      ),
      fc.constantFrom("\n", "\n\n", "\n\n"),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.map(([part, end]) => part + end).join(""));

/** Names that are alike, or mean something to a document. */
const NAMES = [
  "Foo",
  "Bar",
  "GetId",
  "GetID",
  "Methods",
  "Types",
  "Errors",
  "Index",
  "Example",
  "X1",
];
const FIELDS = ["name", "id", "a_b", "Id", "type", "x", "labels"];

/** Members whose docs are taken from `docs`. */
export function membersWith(
  docs: fc.Arbitrary<string>,
): fc.Arbitrary<MemberSpec[]> {
  return fc
    .uniqueArray(fc.constantFrom(...NAMES), { maxLength: 7 })
    .chain((names) =>
      fc.tuple(...names.map((name) => memberOf(name, docs, names))),
    );
}

function partsOf(
  names: readonly string[],
  docs: fc.Arbitrary<string>,
): fc.Arbitrary<PartSpec[]> {
  return fc
    .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((name) =>
          fc.record({
            name: fc.constant(name),
            docs: fc.oneof(fc.constant(""), docs),
            deprecated: fc.boolean(),
          }),
        ),
      ),
    );
}

function withType(named: PartSpec, type: TypeSpec): FieldSpec {
  return { ...named, type };
}

function memberOf(
  name: string,
  docs: fc.Arbitrary<string>,
  names: readonly string[],
): fc.Arbitrary<MemberSpec> {
  const { fields } = fc.letrec<{ fields: FieldSpec[]; type: TypeSpec }>(
    (tie) => ({
      fields: fc.oneof(
        { maxDepth: 2 },
        fc.constant<FieldSpec[]>([]),
        partsOf(FIELDS, docs).chain((parts) =>
          fc.tuple(
            ...parts.map((one) =>
              tie("type").map((type) => withType(one, type)),
            ),
          ),
        ),
      ),
      type: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(
          "bool",
          "int",
          "float",
          "string",
          "object",
          "any",
          ...names,
        ),
        tie("type").map((list) => ({ list })),
        tie("type").map((map) => ({ map })),
        tie("type").map((type) =>
          typeof type === "object" && "nullable" in type
            ? type
            : { nullable: type },
        ),
        tie("fields").map((inner) => ({ fields: inner })),
        partsOf(["one", "two", "three", "a_rather_long_value_name"], docs).map(
          (values) => ({ values }),
        ),
      ),
    }),
  );
  const base = { name: fc.constant(name), docs, deprecated: fc.boolean() };
  const form = fc.constantFrom("unknown", "supported", "required");
  return fc.oneof(
    fc.record({
      ...base,
      kind: fc.constant("method"),
      input: fields,
      output: fields,
      forms: fc.record({ more: form, upgrade: form }),
    }),
    fc.record({ ...base, kind: fc.constantFrom("struct", "error"), fields }),
    fc.record({
      ...base,
      kind: fc.constant("enum"),
      values: partsOf(["one", "two", "three"], docs),
    }),
  );
}
