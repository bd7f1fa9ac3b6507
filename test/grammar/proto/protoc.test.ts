// protoc says which comments document what, where declarations begin and end, and what strings hold.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import type { Documentation } from "../../../grammar/proto/ast.ts";
import { describeCorpus, seed } from "../../support/corpus.ts";
import { protocDescriptors } from "../../support/protoc.ts";
import { read, walk } from "./support.ts";

/** Comments by the place of what they belong to: `line:column-line:column` as protoc counts. */
type Comments = Readonly<Record<string, Documentation>>;

/** Our places as protoc counts them: from 0, in bytes, with tabs to every eighth column. */
function protocPlaces(text: string): (offset: number) => string {
  const places: string[] = [];
  let line = 0;
  let column = 0;
  for (const character of text) {
    for (let unit = 0; unit < character.length; unit++)
      places.push(`${line}:${column}`);
    if (character === "\n") {
      line += 1;
      column = 0;
    } else if (character === "\t") column += 8 - (column % 8);
    else if (character !== "\ufeff" || places.length > 1)
      column += Buffer.byteLength(character);
  }
  places.push(`${line}:${column}`);
  return (offset) => places[offset] ?? "";
}

function ourComments(text: string): Comments {
  const { ast, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  const place = protocPlaces(text);
  const comments: Record<string, Documentation> = {};
  for (const { span, documentation } of walk(ast)) {
    const { leading, trailing, detached } = documentation;
    if (leading ?? trailing ?? detached[0] !== undefined)
      comments[`${place(span.start)}-${place(span.end)}`] = documentation;
  }
  return comments;
}

function protocComments(file: FileDescriptorProto): Comments {
  const comments: Record<string, Documentation> = {};
  for (const location of file.sourceCodeInfo?.location ?? []) {
    const { leadingComments, trailingComments, leadingDetachedComments } =
      location;
    if (
      leadingComments === "" &&
      trailingComments === "" &&
      leadingDetachedComments.length === 0
    )
      continue;
    const [line, column, ...end] = location.span;
    const [endLine, endColumn] = end.length === 1 ? [line, ...end] : end;
    comments[`${line}:${column}-${endLine}:${endColumn}`] = {
      leading: leadingComments === "" ? undefined : leadingComments,
      trailing: trailingComments === "" ? undefined : trailingComments,
      detached: leadingDetachedComments,
    };
  }
  return comments;
}

/** What protoc makes of texts, in one run. */
function compile(
  texts: Readonly<Record<string, string>>,
): ReadonlyMap<string, FileDescriptorProto> {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-comments-"));
  try {
    for (const [name, text] of Object.entries(texts))
      writeFileSync(path.join(folder, name), text);
    const { set } = protocDescriptors(Object.keys(texts), {
      includes: [folder, wellKnown],
    });
    return new Map(set.file.map((file) => [file.name, file]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const wellKnown = fileURLToPath(
  new URL("../../../node_modules/protoc/include", import.meta.url),
);

const tricky: Readonly<Record<string, string>> = {
  "declarations.proto": `// first

/* detached from syntax */

// above syntax
syntax = "proto2"; // behind syntax
// not above package

// above package
package a.b /* within */ . c; /* behind package
  * over
    * lines */ /* another */
// above option
option java_package = "x"; /* whose? */ import "google/protobuf/any.proto"; // behind import

/**/
message A { // behind the brace
  // below the brace

  // above a
  optional int32 a = 1; // behind a
  // more behind a?
  /* block */
  optional int32 b = 2;
  // below b

  // above c
  optional int32 c = 3 [ // in brackets
    deprecated = true // here too
  ]; /* behind c */ // and more
  optional group G = 4 { // behind the group
    // in the group
  } // behind its end
  // above the oneof
  oneof o { // behind oneof
    // above x
    int32 x = 5; // behind x
    /* at the end */
  }
  // above reserved
  reserved 6, 7; // behind reserved
  /* one */ /* two */ reserved "q"; // behind the name
  extensions 100 to 200 /* within */; // behind extensions
  // detached from map

  /* above map */
  map<string, int32> m = 8; /* behind map */

  // at the end of A
}
// above extend
extend A { // behind extend
  // above e
  optional int32 e = 100; // behind e
}
/* above enum
 ** two asterisks
   no asterisk
*/
enum E { // behind enum
  // above Z
  Z = 0; // behind Z
  // above reserved
  reserved 5; // behind reserved
  option deprecated = false; // behind option
}
service S { // behind service
  // above F
  rpc F (A) returns (A); // behind F
  // above G
  rpc G (stream A) returns (stream .a.b.c.A) { // behind G
    // above its option
    option deprecated = true; // behind its option
  } // behind the end of G
  ;
} // behind the end of S
// last
`,
  "empty.proto": `// a
;
// b

// c

; // d
// e

// f
;;
// g
message P { ; // h
  // i

  ; // j
  optional int32 a = 1; ; // k
  ; // l

  // m
} // n
; // o
message Q {}
`,
  "lines.proto":
    '// a\r\nsyntax = "proto2";\t// b\r\n\r\n// c\r\n/* d\r\n\t * e\r\n \v\f** f\r\n */\r\n' +
    "message L { /**/ optional int32 b = 1; /* g */ /* h */ optional int32 c = 2; /* i\n*/ optional int32 d = 3; // j\r\n" +
    "\toptional int32 e = 4; /* k */\n/* l */ optional int32 f = 5; //\n} //",
  "mark.proto":
    '\ufeff// with a mark\nsyntax = "proto2"; /* é */ // ü\n/*ü*/message Ä'.replace(
      "Ä",
      "A",
    ) +
    "{/*x*/\n/*y*/}/*z*/message N{}//t\nmessage O\n//m\n{//n\n}\n/*e\n\n\n*/ /*f*/",
};

describe("comments and places", () => {
  const files = compile(tricky);

  it.each(Object.keys(tricky))("of %s are those of protoc", (name) => {
    const file = files.get(name);
    expect(file).toBeDefined();
    const theirs = file === undefined ? {} : protocComments(file);
    expect(Object.keys(theirs).length).toBeGreaterThan(1);
    expect(ourComments(tricky[name] ?? "")).toEqual(theirs);
  });

  it("of protobuf's own files are those of protoc", () => {
    const folder = path.join(wellKnown, "google", "protobuf");
    const names = readdirSync(folder)
      .filter((name) => name.endsWith(".proto"))
      .map((name) => `google/protobuf/${name}`);
    const { set } = protocDescriptors(names, { includes: [wellKnown] });
    expect(set.file.length).toBeGreaterThan(10);
    for (const file of set.file) {
      const text = readFileSync(path.join(wellKnown, file.name), "utf8");
      expect(ourComments(text)).toEqual(protocComments(file));
    }
  });
});

describeCorpus("the seed", () => {
  it("has the comments and places of protoc", () => {
    const { set } = protocDescriptors(["rpc.proto"], { includes: [seed()] });
    const [file] = set.file;
    const theirs = file === undefined ? {} : protocComments(file);
    expect(Object.keys(theirs).length).toBeGreaterThan(300);
    expect(ourComments(readFileSync(seed("rpc.proto"), "utf8"))).toEqual(
      theirs,
    );
  });
});

describe("strings", () => {
  const literals = [
    String.raw`"\a\b\t\n\v\f\r\\\?\'\""`,
    String.raw`'\0\7\18\377\477\1234'`,
    String.raw`"\x4\X41\xfFg"`,
    String.raw`"\u00e9\ud83d\ude00\ud83dx\ude00\ud83d\u0041"`,
    String.raw`"\U0010ffff\U0000d83d\ude00\U0000d83d\U0000de00\U00110000"`,
    String.raw`"é😀" '"' /* between */ "'"`,
    `"a" // line\n 'b'\n"c"`,
    `"//" '/*'`,
  ];
  const text = `syntax = "proto2";\nmessage A {\n${literals
    .map(
      (literal, index) =>
        `optional bytes f${index} = ${index + 1} [default = ${literal}];`,
    )
    .join("\n")}\n}`;
  const defaults =
    compile({ "strings.proto": text })
      .get("strings.proto")
      ?.messageType[0]?.field.map(({ defaultValue }) => defaultValue) ?? [];

  /** The bytes of a default as a descriptor has them, in C's escapes. */
  const unescape = (value: string): Buffer =>
    Buffer.from(
      value
        .replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
          String.fromCharCode(Number.parseInt(octal, 8)),
        )
        .replaceAll(
          /\\([nrt"'\\])/g,
          (_, letter: string) =>
            ({ n: "\n", r: "\r", t: "\t" })[letter] ?? letter,
        ),
      "latin1",
    );

  it.each(literals.map((literal, index) => [literal, index] as const))(
    "%s holds the bytes it holds for protoc",
    (literal, index) => {
      const { ast } = read(`option x = ${literal};`);
      const [item] = ast.items;
      const value = item?.kind === "option" ? item.option.value : undefined;
      const bytes = value?.kind === "string" ? value.bytes : undefined;
      expect(bytes && Buffer.from(bytes)).toEqual(
        unescape(defaults[index] ?? ""),
      );
    },
  );
});
