/** What docs/grammar/proto.md says before the rules of Protocol Buffers. */
export const introduction = `What a \`.proto\` file may be, of any syntax or edition, as
\`grammar/proto/parser.ts\` reads it. [How to read this page](README.md).

White space and comments may stand between any two tokens. A comment begins with
\`//\` and ends with its line, or stands between \`/*\` and \`*/\`.

No word is reserved. \`grammar/proto/keywords.ts\` decides before the parser runs,
by where a word stands, whether it is a keyword: where a declaration begins, the
keywords of declarations that can stand there, and some words behind others, as
\`stream\` behind the parenthesis of an \`rpc\`. So a field may be called \`message\`,
and its type too if it has a label before it or a dot.

One grammar is read for all syntaxes: what one of them lacks (groups, labels,
extension ranges, \`export\`) is judged when the file is linked, under the codes
at the end of this page.`;

/** By rule, what the page says of it. */
export const prose: Readonly<Record<string, string>> = {
  file: "Declarations in any order behind the line that says which syntax they have. Without that line a file is read as proto2. A `;` alone is a declaration of nothing.",
  syntax:
    'Says which rules hold for the file: `syntax = "proto2"`, `syntax = "proto3"` or an edition, `edition = "2023"`.',
  package: "The name that all names of the file have before them.",
  import:
    "Makes the declarations of another file known. `public` hands them on to who imports this file; `weak` and `option` are for protoc's own uses.",
  visible:
    "Says whether other files may use a declaration, since edition 2024.",
  message: "A message: its fields, and what is declared in it.",
  message_block: "What a message holds, in any order; a group holds the same.",
  field:
    "A field of a message, an extension in `extend`, or a member of a `oneof`. A group is a field and a message in one. Members of a `oneof` have no label.",
  map: "A field that is a map; as a type it can stand in a field only.",
  number:
    "The number of a field or of an enum's value. Only the latter may be negative; the range is checked when the file is linked.",
  oneof: "Fields of which at most one is set.",
  oneof_block:
    "What a `oneof` holds. Unlike in other blocks a `;` alone is none of it.",
  extend: "Adds fields to a message that has declared numbers for them.",
  extend_block: "The fields that are added. A `;` alone is none of it.",
  extensions: "Numbers of a message that others may use for extensions.",
  reserved:
    "Numbers or names that nobody may use again. Names are strings before the editions, and names themselves since.",
  range:
    "One number, or all from one to another; `max` is the greatest there is.",
  enum: "An enum: its values.",
  enum_block: "What an enum holds, in any order.",
  enum_value: "A name and its number.",
  service: "A service: its rpcs.",
  service_block: "What a service holds, in any order.",
  rpc: "A call: one request or a stream of them, one response or a stream.",
  rpc_type: "What is sent: a message, or a stream of messages.",
  rpc_block: "The options of an rpc; empty braces are as good as a `;`.",
  option_line: "Sets an option of what it stands in.",
  options:
    "Sets options of what it stands behind. There is no empty pair of brackets.",
  assignment: "An option and its value.",
  option_name:
    "The path to an option, from the options' message inwards. Options that others have defined are named in parentheses.",
  option_name_part: "A field of the options, or an extension of them.",
  qualified_name:
    "A name, looked for from the innermost scope outwards; with a dot before it, from the outermost alone.",
  scalar:
    "A value that is no message. Names are `true`, `false`, `inf`, `nan` and the values of enums.",
  braced: "A message, in the text format of Protocol Buffers.",
  angled:
    "The same in other brackets. It cannot be the value of an option itself, only within one.",
  aggregate_field:
    "A field of a message in text format. The colon may be left out before a message or a list of messages.",
  message_list:
    "A list before which no colon stands; no rule of the parser's, which reads a list and looks at what is in it.",
  bracketed:
    "An extension, or the message that a `google.protobuf.Any` holds, by the URL of its type. The parser takes what stands in the brackets as it is, and the URL is looked at as text: white space counts for nothing there, inside of a name too, which the picture does not show.",
  url_part:
    "A piece of a URL; no rule of the parser's, but what `grammar/proto/build-values.ts` accepts there. A slash parts it from the name.",
  list: "The values of a repeated field. Here, too, no comma may stand at the end.",
};

/** What the page says of the codes that belong to no rule. */
export const conclusion = `Tokens that are none are told before the parser runs (\`grammar/proto/illegal.ts\`);
brackets that do not fit are put right by \`grammar/proto/repair.ts\`, which tells
of them, for the parser reads only what fits. Brackets may nest 100 levels deep.
What a file means is checked when it is linked (\`src/model/proto/\`).`;
