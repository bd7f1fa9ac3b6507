import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { corpus, hasCorpus } from "../support/corpus.ts";
import { repository } from "../support/portolan.ts";
import { type Dictionary, dictionary } from "./mutate.ts";

/** Words of Varlink's interface language, and names that every object has. */
export const varlinkWords: Dictionary = dictionary(
  "interface ",
  "type ",
  "method ",
  "error ",
  "\nmethod A() -> ()\n",
  "\nerror E (toString: string)\n",
  "\ntype T (a, b)\n",
  "interface org.example.fuzz\n",
  "interface xn--a.b--c\n",
  "->",
  "(",
  ")",
  ",",
  ":",
  "?",
  "[]",
  "[string]",
  "??",
  "a: (",
  "[string]?[]",
  "bool",
  "int",
  "string",
  "object",
  "any",
  "# doc\n",
  "#",
  "# [Supports 'more' flag]\n",
  "# [Requires 'upgrade' flag]\n",
  "# ```\n",
  "# */ @ts-ignore <script>\n",
  "# [a](javascript:alert(1)) | `x` \\\n",
  "\r\n",
  "\r",
  "\n",
  " ",
  "\u2028",
  "\ufeff",
  "\u202e",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "then",
  "Then",
  "Constructor",
  "a__b",
  "A".repeat(300),
  "\ue000",
);

/** Words of Protocol Buffers, of all editions. */
export const protoWords: Dictionary = dictionary(
  'syntax = "proto2";',
  'syntax = "proto3";',
  'edition = "2023";',
  'import "google/protobuf/any.proto";',
  "package a.b;",
  "message M {",
  "enum E { A = 0; }",
  "oneof choice {",
  "extend M {",
  "extensions 100 to max;",
  "reserved 1 to 5;",
  "group G = 3 {",
  "map<string, M> m = 7;",
  "service S { rpc R (M) returns (stream M); }",
  "optional int32 __proto__ = 1;",
  "repeated string constructor = 2 [packed = true];",
  "option java_package = ",
  "[default = ",
  "{",
  "}",
  "<",
  ">",
  "[",
  "]",
  "(",
  ")",
  ";",
  "=",
  ",",
  ".",
  "-",
  "0x7fffffffffffffffff",
  "536870911",
  "1e999",
  "nan",
  "-inf",
  '"\\x00\\777\\u{110000}"',
  "'",
  '"',
  "//",
  "/*",
  "*/",
  "// */ @ts-ignore\n",
  "\n",
  "\ue000",
  "google.protobuf.Any",
);

const OWN_VARLINK = [
  "interface org.example.fuzz\n\nmethod Ping(text: string) -> (text: string)\n",
  `# Things of every kind.
interface org.example.fuzz

# A thing. It has \`code\`, a [link](https://example.org) and a list:
# - one
# - two
type Thing (
  # How it is called.
  name: string,
  size: ?int,
  parts: []Part,
  by_name: [string]?Thing,
  colour: (red, green),
  anything: ?any
)

type Part (of: ?Thing, weight: float, extra: object)
type State (up, down, constructor)

# [Supports 'more' flag]
method List(state: ?State, deep: ?[]?[string](a: bool)) -> (thing: ?Thing)
# [Requires 'upgrade' flag]
method Attach(name: string) -> ()
method Then(constructor: int, toString: string) -> (hasOwnProperty: bool)

# There is no such thing.
error NoSuchThing (name: string)
error Busy ()
`,
];

const OWN_PROTO = [
  'syntax = "proto3";\npackage example;\nmessage Ping { string text = 1; }\n',
  `syntax = "proto2";
package org.example;

// A request.
message Request {
  optional Create Create = 1;
  optional Empty constructor = 2;
  extensions 100 to 200;
}
message Empty {}
message Create {
  required string name = 1;
  repeated int32 numbers = 2 [packed = true];
  map<string, Part> parts = 3;
  oneof choice { string text = 4; bytes raw = 5; }
  enum State { UP = 0; DOWN = -1; }
  optional State state = 6 [default = DOWN];
  reserved 10 to 12, 20;
  message Part { optional double weight = 1 [deprecated = true]; }
}
extend Request { optional int64 extra = 100; }
service Things { rpc Make (Request) returns (stream Create); }
`,
];

/** Longer texts are cut into pieces, of which many are tried in the time of one. */
const MAX_PIECE = 800;

/** Interface files: ours, those of tests, and the corpus's where it is at hand. */
export function varlinkTexts(): Buffer[] {
  const files = [
    ...filesIn("test/model/problems", ".varlink"),
    ...filesIn("test/emit/typescript", ".varlink"),
    ...filesIn("interfaces", ".varlink"),
    ...corpusFiles("systemd"),
    ...corpusFiles("podman", "quirks"),
  ];
  const pieces = files.flatMap((file) =>
    inPieces(readFileSync(file, "utf8"), "interface org.example.pieces\n\n"),
  );
  return [...OWN_VARLINK, ...pieces].map((text) => Buffer.from(text));
}

/** The same for Protocol Buffers. */
export function protoTexts(): Buffer[] {
  const files = [
    ...filesIn("test/grammar/proto/problems", ".proto"),
    ...filesIn("test/model/proto/files", ".proto"),
    ...filesIn("test/emit/proto", ".proto"),
    ...filesIn("interfaces", ".proto"),
  ];
  const pieces = files.flatMap((file) =>
    inPieces(readFileSync(file, "utf8"), 'syntax = "proto2";\n\n'),
  );
  return [...OWN_PROTO, ...pieces].map((text) => Buffer.from(text));
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(path.join(repository, folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => path.join(repository, folder, name));
}

function corpusFiles(...segments: readonly string[]): string[] {
  const folder = corpus(...segments);
  if (!hasCorpus || !existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".varlink"))
    .sort()
    .map((name) => path.join(folder, name));
}

/** A long text as several, cut at empty lines; those behind the first get a heading of their own. */
function inPieces(text: string, heading: string): string[] {
  if (text.length <= MAX_PIECE) return [text];
  const pieces: string[] = [];
  let piece = "";
  for (const block of text.split(/\n(?=\r?\n)/)) {
    if (piece !== "" && piece.length + block.length > MAX_PIECE) {
      pieces.push(piece);
      piece = heading;
    }
    piece += `${block}\n`;
  }
  return [...pieces, piece];
}
