import { describe, expect, it } from "vitest";
import type {
  MessageDeclaration,
  MessageItem,
  OptionValue,
} from "../../../grammar/proto/ast.ts";
import { type Reading, read } from "./support.ts";

/** Reads a text that must be right. */
function readRight(text: string): Reading["ast"] {
  const { ast, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  return ast;
}

function members(text: string): readonly MessageItem[] {
  const [item] = readRight(`message M { ${text} }`).items;
  return (item as MessageDeclaration).body;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A tree without its places and comments. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "span" && key !== "documentation")
      .map(([key, each]) => [key, plain(each)]),
  );
}

describe("a file", () => {
  it("has a syntax or an edition, or none", () => {
    const { syntax, items } = readRight('syntax = "proto" "3";');
    expect(syntax).toMatchObject({
      kind: "syntax",
      value: { bytes: bytes("proto3") },
    });
    expect(items).toEqual([syntax]);
    expect(readRight("edition = '2023';").syntax?.kind).toBe("edition");
    expect(readRight("").syntax).toBeUndefined();
  });

  it("has packages and imports", () => {
    const { items } = readRight(
      'package a . /* x */ b // y\n.c; import "d.proto"; import public "e"; import weak "f"; import option "g";',
    );
    expect(items.map(plain)).toMatchObject([
      { kind: "package", name: { text: "a.b.c" } },
      { kind: "import", modifier: undefined, path: { bytes: "d.proto" } },
      { modifier: "public" },
      { modifier: "weak" },
      { modifier: "option" },
    ]);
  });

  it("has messages, enums, services, extensions, options and lone semicolons in order", () => {
    const { items } = readRight(
      "; message A {} enum B { C = 0; } service D {} extend .E { optional int32 f = 1; } option g = 1;;",
    );
    expect(items.map(({ kind }) => kind)).toEqual(
      "empty message enum service extend option empty".split(" "),
    );
  });

  it("marks what is exported and what is local", () => {
    const { items } = readRight(
      "export message A { local enum B { C = 0; } export message D {} } local enum E { F = 0; } message G {}",
    );
    expect(items).toMatchObject([
      {
        visibility: "export",
        body: [
          { kind: "enum", visibility: "local" },
          { kind: "message", visibility: "export" },
        ],
        span: { start: 0 },
      },
      { visibility: "local" },
      { visibility: undefined },
    ]);
  });

  it("may begin with a byte order mark and have any line ends", () => {
    const { items } = readRight(
      '\ufeffsyntax = "proto3";\r\nmessage A {\r}\v\f\n\tmessage B {}',
    );
    expect(items.map(({ span }) => span.start)).toEqual([1, 21, 38]);
  });

  it("keeps every comment, wherever it stands", () => {
    const { comments } = readRight(
      "/**/ message /* a */ A { // b\n optional /*c*/ a./*d*/b e = /*\n*/ 1; } //",
    );
    expect(comments.map(({ kind }) => kind)).toEqual(
      "block block line block block block line".split(" "),
    );
  });
});

describe("a message", () => {
  it("has fields of every label and type", () => {
    expect(
      members(
        "optional int32 a = 1; required .b.C d = 2; repeated e.F g = 0x3; string h = 04;",
      ),
    ).toMatchObject([
      {
        kind: "field",
        label: { text: "optional" },
        type: { text: "int32" },
        name: { text: "a" },
        number: { kind: "integer", value: 1n },
        options: [],
      },
      { label: { text: "required" }, type: { text: ".b.C" } },
      { label: { text: "repeated" }, number: { value: 3n } },
      { label: undefined, number: { value: 4n } },
    ]);
  });

  it("has maps and groups", () => {
    expect(
      members(
        "map<string, .a.B> c = 1 [deprecated = true]; optional group D = 2 [x = 1] { optional int32 e = 1; } repeated map<int32, map> f = 3; group G = 4 {}",
      ),
    ).toMatchObject([
      {
        kind: "map",
        label: undefined,
        keyType: { text: "string" },
        valueType: { text: ".a.B" },
        options: [{}],
      },
      {
        kind: "group",
        label: { text: "optional" },
        name: { text: "D" },
        options: [{}],
        body: [{ kind: "field" }],
      },
      { kind: "map", label: { text: "repeated" }, valueType: { text: "map" } },
      { kind: "group", label: undefined },
    ]);
  });

  it("has oneofs, extensions and nested declarations", () => {
    expect(
      members(
        "oneof a { option b = 1; int32 c = 1; group D = 2 {} } extend E { repeated group F = 3 {} } message G {} enum H {} option i = 2; ;",
      ),
    ).toMatchObject([
      { kind: "oneof", body: [{}, { kind: "field" }, { kind: "group" }] },
      { kind: "extend", extendee: { text: "E" }, body: [{ kind: "group" }] },
      { kind: "message" },
      { kind: "enum", body: [] },
      { kind: "option" },
      { kind: "empty" },
    ]);
  });

  it("has ranges", () => {
    expect(
      members(
        'extensions 100 to 199, 500 to max [declaration = { number: 100 }, verification = DECLARATION]; reserved 1, 3 to 5, -2 to - 1; reserved "a" \'b\', "c"; reserved to, max, d;',
      ).map(plain),
    ).toMatchObject([
      {
        kind: "extensions",
        ranges: [
          { start: { value: 100n }, end: { value: 199n } },
          { start: { value: 500n }, end: { kind: "max" } },
        ],
        options: [{}, {}],
      },
      {
        kind: "reserved",
        ranges: [
          { start: { value: 1n }, end: { value: 1n } },
          { start: { value: 3n }, end: { value: 5n } },
          { start: { value: -2n }, end: { value: -1n } },
        ],
      },
      { names: [{ bytes: "ab" }, { bytes: "c" }] },
      { names: [{ text: "to" }, { text: "max" }, { text: "d" }] },
    ]);
  });
});

describe("words of the grammar", () => {
  const words =
    "syntax edition package import public weak option export local message enum extend service rpc stream returns oneof extensions reserved to max optional required repeated group map inf nan true".split(
      " ",
    );

  it.each(words)("%s is a legal name of everything", (word) => {
    const { items } = readRight(
      `package ${word}.${word}; message ${word} { optional .${word}.${word} ${word} = 1 [${word} = ${word}, (${word}).${word} = { ${word}: ${word} ${word} {} [${word}]: 1 }]; oneof ${word} { string ${word} = 2; } reserved ${word}; map<${word}, ${word}> ${word} = 3; }
       service ${word} { rpc ${word} (.${word}) returns (.${word}); } extend ${word} { optional string ${word} = 4; }`,
    );
    expect(items).toHaveLength(4);
    expect(items[1]).toMatchObject({ name: { text: word } });
    expect(items[2]).toMatchObject({
      name: { text: word },
      body: [{ name: { text: word } }],
    });
  });

  it.each(words.filter((word) => word !== "group"))(
    "%s is a type behind a label",
    (word) => {
      expect(members(`optional ${word} ${word} = 1;`)).toMatchObject([
        { kind: "field", type: { text: word }, name: { text: word } },
      ]);
    },
  );

  it.each(words.filter((word) => word !== "option" && word !== "reserved"))(
    "%s names a value of an enum",
    (word) => {
      expect(readRight(`enum E { ${word} = 0; }`).items).toMatchObject([
        { body: [{ name: { text: word } }] },
      ]);
    },
  );

  it("begin the types of fields where no declaration of theirs follows", () => {
    expect(
      members(
        "service.A a = 1; rpc b = 2; map c = 3; export d = 4; export message = 5; to e = 6; stream.B f = 7; syntax g = 8;",
      ).map((item) => (item.kind === "field" ? item.type.text : "")),
    ).toEqual("service.A rpc map export export to stream.B syntax".split(" "));
    expect(
      readRight("message M { oneof o { message a = 1; enum b = 2; } }").items,
    ).toMatchObject([
      {
        body: [
          { body: [{ type: { text: "message" } }, { type: { text: "enum" } }] },
        ],
      },
    ]);
  });
});

describe("a service", () => {
  it("has methods with streams and options", () => {
    const { items } = readRight(
      "service S { option a = 1; rpc B (C) returns (.d.E); rpc F (stream G) returns (stream .H) { option i = 1; ; } ; rpc J (stream) returns (K) {}; }".replace(
        "(stream) ",
        "(stream stream) ",
      ),
    );
    expect(items).toMatchObject([
      {
        body: [
          { kind: "option" },
          {
            name: { text: "B" },
            input: { stream: false, type: { text: "C" } },
            output: { stream: false, type: { text: ".d.E" } },
            body: [],
          },
          {
            input: { stream: true, type: { text: "G" } },
            output: { stream: true, type: { text: ".H" } },
            body: [{ kind: "option" }, { kind: "empty" }],
          },
          { kind: "empty" },
          { input: { stream: true, type: { text: "stream" } } },
          { kind: "empty" },
        ],
      },
    ]);
  });
});

/** The value of an option as it was read. */
function valueOf(text: string): OptionValue {
  const [item] = readRight(`option x = ${text};`).items;
  if (item?.kind !== "option") throw new Error("no option");
  return item.option.value;
}

describe("an option", () => {
  it("has a name of simple parts and extensions", () => {
    const { items } = readRight(
      "option a.(b.c). /* x */ d.(.e . f) = 1; option (g) = 2;",
    );
    expect(items.map(plain)).toMatchObject([
      {
        option: {
          name: {
            parts: [
              { text: "a", extension: false },
              { text: "b.c", extension: true },
              { text: "d", extension: false },
              { text: ".e.f", extension: true },
            ],
          },
        },
      },
      { option: { name: { parts: [{ text: "g", extension: true }] } } },
    ]);
  });

  it.each<readonly [string, object]>([
    ["0", { kind: "integer", value: 0n, negative: false }],
    ["- 0", { kind: "integer", value: 0n, negative: true }],
    ["18446744073709551616", { value: 18446744073709551616n }],
    ["-0xFFFFFFFFFFFFFFFFF", { value: -0xfffffffffffffffffn }],
    ["0777", { value: 511n }],
    ["00", { value: 0n }],
    ["0X1f", { value: 31n }],
    ["1.", { kind: "float", value: 1, negative: false }],
    ["-.5", { kind: "float", value: -0.5, negative: true }],
    ["1e5", { kind: "float", value: 100000 }],
    ["0e0", { kind: "float", value: 0 }],
    ["1.5E-3", { value: 0.0015 }],
    ["1e999", { value: Infinity }],
    ["-0.0", { kind: "float", value: -0, negative: true }],
    ["true", { kind: "identifier", text: "true", negative: false }],
    ["-inf", { kind: "identifier", text: "inf", negative: true }],
    ["- nan", { kind: "identifier", text: "nan", negative: true }],
    ['"a" \'b\' "\\n"', { kind: "string", bytes: bytes("ab\n") }],
  ])("has the value %s", (text, value) => {
    expect(valueOf(text)).toMatchObject(value);
  });

  it("has a message in text format", () => {
    expect(
      plain(
        valueOf(
          "{ a: 1, b: \"x\" 'y'; c { d: -inf } e < f: .5 > g: { } h: [1, -2] i [{}, <j: k>] l: [] [m.n]: true, [type.googleapis.com/o.P] { q: 0x1 } [ a-b.c%20~/1/r.S ]: {}; }",
        ),
      ),
    ).toEqual({
      kind: "aggregate",
      fields: [
        field("a", { kind: "integer", value: 1n, negative: false }),
        field("b", { kind: "string", bytes: "xy" }),
        field("c", aggregate(field("d", word("inf", true)))),
        field(
          "e",
          aggregate(field("f", { kind: "float", value: 0.5, negative: false })),
        ),
        field("g", aggregate()),
        field("h", {
          kind: "list",
          elements: [
            { kind: "integer", value: 1n, negative: false },
            { kind: "integer", value: -2n, negative: true },
          ],
        }),
        field("i", {
          kind: "list",
          elements: [aggregate(), aggregate(field("j", word("k")))],
        }),
        field("l", { kind: "list", elements: [] }),
        { name: { kind: "extension", text: "m.n" }, value: word("true") },
        {
          name: { kind: "any", url: "type.googleapis.com/o.P" },
          value: aggregate(
            field("q", { kind: "integer", value: 1n, negative: false }),
          ),
        },
        { name: { kind: "any", url: "a-b.c%20~/1/r.S" }, value: aggregate() },
      ],
    });
  });

  const field = (text: string, value: unknown): unknown => ({
    name: { kind: "field", text },
    value,
  });
  const aggregate = (...fields: unknown[]): unknown => ({
    kind: "aggregate",
    fields,
  });
  const word = (text: string, negative = false): unknown => ({
    kind: "identifier",
    text,
    negative,
  });
});

describe("spans", () => {
  it("go from the first token to the last", () => {
    const text =
      "message A { optional a.B c = - 1 [(d . e).f = { g: 1 }]; /* x */ } // y";
    const { ast, source } = read(text);
    const [message] = ast.items as [MessageDeclaration];
    const [item] = message.body;
    if (item?.kind !== "field") throw new Error("no field");
    const spans = [
      message.span,
      message.name.span,
      item.span,
      item.label?.span,
      item.type.span,
      item.number.span,
      item.options[0]?.span,
      item.options[0]?.name.span,
      item.options[0]?.name.parts[0]?.span,
      item.options[0]?.value.span,
    ];
    expect(spans.map((span) => span && source.slice(span))).toEqual([
      "message A { optional a.B c = - 1 [(d . e).f = { g: 1 }]; /* x */ }",
      "A",
      "optional a.B c = - 1 [(d . e).f = { g: 1 }];",
      "optional",
      "a.B",
      "- 1",
      "(d . e).f = { g: 1 }",
      "(d . e).f",
      "(d . e)",
      "{ g: 1 }",
    ]);
  });
});
