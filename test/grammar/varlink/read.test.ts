import { describe, expect, it } from "vitest";
import { listCodes, parse, parseMembers } from "../../support/varlink.ts";
import { showMember } from "../../support/varlink-text.ts";

const members = (text: string): string[] => {
  const { ast, diagnostics } = parseMembers(text);
  expect(diagnostics).toEqual([]);
  return ast.members.map(showMember);
};
const accepts = (text: string): void => {
  expect(listCodes(parse(text).diagnostics)).toEqual([]);
};
const codesOf = (text: string): string[] => listCodes(parse(text).diagnostics);

describe("types", () => {
  it.each([
    "type T (a: bool, b: int, c: float, d: string, e: object, f: any)",
    "type T ()",
    "type T (one)",
    "type T (one, two, three)",
    "type T (a: ?int, b: []int, c: [string]int, d: ?[]int, e: ?[string]int)",
    "type T (a: [][]int, b: []?int, c: [string]?[]?T, d: ?[]?[string](x, y))",
    "type T (a: (b: (c: int), d: (one, two)), e: [](), f: [string]())",
    "type T (t: []T)",
    "method M(a: int, b: (x: int)) -> (c: ?(one, two))",
    "error E (reason: string)",
    "method M() -> ()",
  ])("%s", (text) => {
    expect(members(text)).toEqual([text]);
  });

  it("keeps the order of members and fields", () => {
    const text =
      "error Z ()\nmethod B() -> (z: A, a: int)\ntype A (z: int, a: int)\nerror A2 ()";
    expect(members(text)).toEqual(text.split("\n"));
  });

  it("takes the keywords for names of fields and values", () => {
    const names = [
      "type",
      "method",
      "error",
      "interface",
      "bool",
      "int",
      "string",
      "any",
      "object",
    ];
    const fields = names.map((name) => `${name}: string`).join(", ");
    expect(members(`type T (${fields})\ntype E (${names.join(", ")})`)).toEqual(
      [`type T (${fields})`, `type E (${names.join(", ")})`],
    );
    const lines = names.map((name) => `\n  ${name} : string`).join(",");
    accepts(`interface a.b\nmethod M(${lines}\n) -> (\n${lines}\n)\n`);
  });

  it("takes names that begin like keywords, and upper-case fields", () => {
    members(
      "type Tstring (a: Tstring2, typeT: int)\ntype Tstring2 (methodM, errorE, Abc, aB9, a_b)",
    );
  });
});

describe("white space and comments", () => {
  const blanks =
    " \t\u00a0\ufeff\u1680\u180e\u2000\u2005\u200a\u202f\u205f\u3000";

  it.each(blanks.split(""))("takes %j for a blank everywhere", (blank) => {
    const text =
      "interface@a.b@\n@type@T@(@a@:@?@[@]@int@,@b@:@[@string@]@T@)@\n@method@M@(@)@->@(@)@\n@";
    accepts(text.replaceAll("@", blank));
  });

  it.each(["\n", "\r\n", "\r", "\u2028", "\u2029"])(
    "takes %j for a line end",
    (end) => {
      const text =
        "# doc@interface a.b@# doc@type T (@a: int,@b: int # x@)@@method M()@->@()@";
      const { ast, diagnostics } = parse(text.replaceAll("@", end));
      expect(diagnostics).toEqual([]);
      expect(ast.comments.map((comment) => comment.text)).toEqual([
        "doc",
        "doc",
        "x",
      ]);
      expect(ast.members[1]?.blankLinesBefore).toBe(1);
    },
  );

  it("takes comments wherever white space may be", () => {
    const text =
      "interface a.b\ntype T ( a : ?[] int , b : [ string ] T )\nmethod M ( ) -> ( )\n";
    const everywhere = text.replaceAll(/ (?!a\.b|[TM] )/g, " # c\n ");
    accepts(everywhere);
    accepts("# a\ninterface # b\na.b # c\n# d\nmethod # e\nM() -> () # f");
  });

  it.each([
    ["no line end at the end", "interface a.b\nmethod M() -> ()"],
    [
      "a comment as the last line without a line end",
      "interface a.b\nmethod M() -> ()\n# end",
    ],
    ["a bare # at the end", "interface a.b\nmethod M() -> ()\n#"],
    [
      "a comment right behind the interface name",
      "interface a.b# x\nmethod M() -> ()",
    ],
    ["a byte order mark", "\ufeffinterface a.b\nmethod M() -> ()"],
    [
      "no blanks at all",
      "interface a.b\ntype T(a:int,b:?[]string)\nmethod M()->()",
    ],
    ["an interface of errors alone", "interface a.b\nerror E ()"],
    ["an interface of types alone", "interface a.b\ntype T ()"],
    [
      "any letter in a comment",
      "interface a.b\n# ☃ é \u0007 \u202e\nmethod M() -> ()",
    ],
  ])("takes %s", (_, text) => accepts(text));

  it.each(["\v", "\f", "\u0000", "\u0085"])(
    "does not take %j for white space",
    (character) => {
      expect(codesOf(`interface a.b\n${character}method M() -> ()`)).toEqual([
        "illegal-character",
      ]);
    },
  );

  it("tells of members that share a line, and still takes them", () => {
    const { diagnostics, service } = parse(
      "interface a.b type T () method M() -> ()",
    );
    expect(diagnostics.map(({ severity, code }) => [severity, code])).toEqual([
      ["warning", "varlink/same-line"],
      ["warning", "varlink/same-line"],
    ]);
    expect(service?.members).toHaveLength(2);
  });
});

describe("names", () => {
  it.each([
    "a.b",
    "org.varlink.service",
    "xn--lgbbat1ad8j.example",
    "a.0b-c.1",
    "Com.Example.Foo",
    "a.b--c",
  ])("takes interface %s", (name) =>
    accepts(`interface ${name}\nmethod M() -> ()`),
  );

  it.each([
    "a",
    "a.",
    ".a.b",
    "a..b",
    "-a.b",
    "a-.b",
    "a.-b",
    "a.b-",
    "1a.b",
    "a_b.c",
  ])("refuses interface %s", (name) => {
    const [first, ...more] = codesOf(`interface ${name}\nmethod M() -> ()`);
    expect(["invalid-interface-name", "illegal-character"]).toContain(first);
    expect(more.length).toBeLessThanOrEqual(1);
  });

  it.each(["a", "A", "a1", "aB", "a_b", "a_b_c", "a1_2"])(
    "takes field %s",
    (name) => accepts(`interface a.b\ntype T (${name}: int)\ntype E (${name})`),
  );

  it.each(["_a", "a_", "a__b", "1a", "a-b", "a.b", "_", "0"])(
    "refuses field %s",
    (name) => {
      expect(
        codesOf(`interface a.b\ntype T (${name}: int)\ntype E (${name})`),
      ).toEqual(["invalid-field-name", "invalid-field-name"]);
    },
  );

  it.each(["A", "Abc", "A1", "ABC", "AbC9"])("takes member %s", (name) =>
    accepts(`interface a.b\nmethod ${name}() -> ()`),
  );

  it.each(["a", "a1", "9x", "A_b", "_A", "A-b", "A.b"])(
    "refuses member %s",
    (name) => {
      expect(codesOf(`interface a.b\nmethod ${name}() -> ()`)).toEqual([
        "invalid-member-name",
      ]);
    },
  );
});

describe("spans", () => {
  const text =
    "\ufeffinterface a.b\r\n\r\ntype T (a: ?[]int, e: (x, y)) # t\r\nmethod M(b: T) -> ()";
  const { ast } = parse(text);
  const at = ({
    span,
  }: {
    readonly span: { readonly start: number; readonly end: number };
  }): string => text.slice(span.start, span.end);

  it("are offsets into the text as given, for members, names, types, values and comments", () => {
    const [type, method] = ast.members;
    if (
      type?.kind !== "type" ||
      type.body.kind !== "struct" ||
      method?.kind !== "method"
    ) {
      throw new Error("not what was written");
    }
    const [a, e] = type.body.fields;
    if (a?.type.kind !== "nullable" || e?.type.kind !== "enum")
      throw new Error("not these fields");
    expect(
      ast.declaration && [at(ast.declaration), at(ast.declaration.name)],
    ).toEqual(["interface a.b", "a.b"]);
    expect([at(type), at(type.name), at(type.body)]).toEqual([
      "type T (a: ?[]int, e: (x, y))",
      "T",
      "(a: ?[]int, e: (x, y))",
    ]);
    expect([at(a), at(a.name), at(a.type), at(a.type.type)]).toEqual([
      "a: ?[]int",
      "a",
      "?[]int",
      "[]int",
    ]);
    expect([at(e), at(e.type), ...e.type.values.map(at)]).toEqual([
      "e: (x, y)",
      "(x, y)",
      "x",
      "y",
    ]);
    expect([at(method), at(method.input), at(method.output)]).toEqual([
      "method M(b: T) -> ()",
      "(b: T)",
      "()",
    ]);
    expect(ast.comments.map(at)).toEqual(["# t"]);
  });
});

describe("comments and blank lines", () => {
  it("are kept with their places", () => {
    const text =
      "# licence\n# of it\n\n\n# about\ninterface a.b # tail\n\n\nmethod M( # open\n\n  a: int,\n\n  # own\n  b: int # b\n) -> ()\ntype T ()\n# end";
    const { ast } = parse(text);
    expect(
      ast.comments.map(({ text: words, placement, blankLinesBefore }) => [
        words,
        placement,
        blankLinesBefore,
      ]),
    ).toEqual([
      ["licence", "own-line", 0],
      ["of it", "own-line", 0],
      ["about", "own-line", 2],
      ["tail", "trailing", 0],
      ["open", "trailing", 0],
      ["own", "own-line", 1],
      ["b", "trailing", 0],
      ["end", "own-line", 0],
    ]);
    const [method, type] = ast.members;
    if (method?.kind !== "method") throw new Error("not a method");
    const [a, b] = method.input.fields;
    expect(
      [ast.declaration, method, a, b, type].map((node) => [
        node?.blankLinesBefore,
        node?.documentation.map((comment) => comment.text),
      ]),
    ).toEqual([
      [0, ["about", "tail"]],
      [2, ["open"]],
      [1, []],
      [0, ["own", "b"]],
      [0, []],
    ]);
    // The very objects of the list, so that a formatter can tell which are left.
    for (const comment of method.documentation)
      expect(ast.comments).toContain(comment);
  });
});
