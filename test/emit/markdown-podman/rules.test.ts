import { describe, expect, test } from "vitest";
import { nestingLimit } from "../../../src/emit/markdown/podman/types.ts";
import { documentOf } from "./support.ts";

/** The docs of a method `M` that ends this piece of a file. */
function docsOf(before: string, member = "method M() -> ()"): string {
  const text = documentOf(`interface a.b\n${before}${member}\n`);
  const docs = /func M\n<div [^>]*>\n\nmethod M\(\) <\/div>\n([^]*)\n## Types/;
  return docs.exec(text)?.[1] ?? "no method M";
}

/** How the document shows a field of a type, with its link. */
function shown(type: string): string {
  const text = documentOf(
    `interface a.b\nmethod M() -> ()\ntype T (f: ${type})`,
  );
  return /\nf (.*)\n## Errors\n$/.exec(text)?.[1] ?? "no field f";
}

test("a whole document", () => {
  expect(
    documentOf(`# About it.
# Two lines.
interface org.example.lamp

# An error.
error Broken (why: string)

# How bright.
type Light (level: int, names: []string)

# Turns it on.
method On(light: Light, at: ?float) -> (was: bool, now: Light)
method Off() -> ()
`),
  ).toBe(`# org.example.lamp
About it.
Two lines.
## Index

[func Off() ](#Off)

[func On(light: Light, at: ?float) bool, Light](#On)

[type Light](#Light)

[error Broken](#Broken)

## Methods
### <a name="Off"></a>func Off
<div style="background-color: #E8E8E8; padding: 15px; margin: 10px; border-radius: 10px;">

method Off() </div>

### <a name="On"></a>func On
<div style="background-color: #E8E8E8; padding: 15px; margin: 10px; border-radius: 10px;">

method On(light: [Light](#Light), at: [?float](#?float)) [bool](https://godoc.org/builtin#bool), [Light](#Light)</div>
Turns it on.
## Types
### <a name="Light"></a>type Light

How bright.

level [int](https://godoc.org/builtin#int)

names [[]string](#[]string)
## Errors
### <a name="Broken"></a>type Broken

An error.
`);
});

describe("types", () => {
  test.each([
    ["string", "[string](https://godoc.org/builtin#string)"],
    ["int", "[int](https://godoc.org/builtin#int)"],
    ["bool", "[bool](https://godoc.org/builtin#bool)"],
    ["float", "[float](https://golang.org/src/builtin/builtin.go#L58)"],
    ["T", "[T](#T)"],
    ["0thing", "[0thing](#0thing)"],
    // No name is looked up.
    ["Nothing", "[Nothing](#Nothing)"],
    // Lists of named types lose their brackets, and only these.
    ["[]T", "[T](#T)"],
    ["[][]T", "[[]T](#[]T)"],
    ["[][][]T", "[[][]T](#[][]T)"],
    ["[]?T", "[[]?T](#[]?T)"],
    ["?[]T", "[?T](#?T)"],
    ["[]string", "[[]string](#[]string)"],
    ["?string", "[?string](#?string)"],
    ["?[]?[]T", "[?[]?T](#?[]?T)"],
    // Maps lose the type of their values.
    ["[string]T", "[map[string]](#map[string])"],
    ["[string][string]int", "[map[string]](#map[string])"],
    ["[][string]int", "[[]map[string]](#[]map[string])"],
    ["?[string]int", "[?map[string]](#?map[string])"],
    // What has no name has no text.
    ["object", "[](#)"],
    ["[]object", "[[]](#[])"],
    ["?object", "[?](#?)"],
    ["()", "[](#)"],
    ["(a: int, b: (c: T))", "[](#)"],
    ["(one, two)", "[](#)"],
    ["(a: int, b)", "[](#)"],
    ["?(one)", "[?](#?)"],
    ["[](x: int)", "[[]](#[])"],
  ])("%s", (type, expected) => {
    expect(shown(type)).toBe(expected);
  });

  test("any number of brackets, and parentheses up to the limit", () => {
    const many = 100_000;
    const brackets = "[]".repeat(many);
    expect(shown(`${brackets}int`)).toBe(`[${brackets}int](#${brackets}int)`);
    const inner = nestingLimit - 1;
    expect(shown(`${"(a: ".repeat(inner)}int${")".repeat(inner)}`)).toBe(
      "[](#)",
    );
  });

  test("only a struct itself has fields to show", () => {
    const text = documentOf(
      "interface a.b\nmethod M T -> [](x: int)\nmethod N string -> ?(one)\ntype T []U\ntype V (a: int, a: bool)",
    );
    expect(text).toContain("\nmethod M() </div>\n");
    expect(text).toContain("\n[func N() ](#N)\n");
    expect(text).toContain('<a name="T"></a>type T\n\n\n### ');
    expect(text).toMatch(/\na \[int\]\(.*\)\n\na \[bool\]\(.*\)\n## Errors/);
  });
});

describe("the text of comments", () => {
  test.each([
    ["one byte after `#` is lost", "#x\n#yz\n", "z"],
    ["more blanks are kept", "#  two\n# end \t\n", " two\nend \t"],
    ["a tab is one byte", "#\ta\n", "a"],
    ["of a character two bytes long, half", "#\u00c3\u00a9t\n", "\u00a9t"],
    ["a bare `#` takes the next line", "#\n# a\n# b\n", "# a\nb"],
    ["whatever that line is", "#\nmethod X() -> ()\n", "method X() -> ()"],
    ["an empty line too", "# a\n#\n\n", "a\n"],
    ["an empty one at the beginning is none", "# \n# \n# a\n", "a"],
    ["one in the middle is a line", "# a\n# \n# b\n", "a\n\nb"],
    [
      "nothing is escaped",
      "# <b>&amp; *x* `|` </div>\n",
      "<b>&amp; *x* `|` </div>",
    ],
    ["a carriage return is text", "# a\r\n", "a\r"],
    ["a NUL is text", "# a\0b\n", "a\0b"],
  ])("%s", (_, before, expected) => {
    expect(docsOf(before)).toBe(expected);
  });
});

describe("the place of comments", () => {
  test.each([
    ["an empty line ends the docs", "# lost\n\n# kept\n", "kept"],
    ["so does a line of blanks", "# lost\n \t\n", ""],
    ["indented comments count", "   # in\n\t# tab\n", "in\ntab"],
    ["the end of a line of code ends them", "# of T\ntype T ()\n", ""],
    [
      "but not that of a comment behind code",
      "type T () # tail\n# own\n",
      "tail\nown",
    ],
    ["which goes on", "error A # 1\nerror B # 2\n", "1\n2"],
    [
      "inside of a struct too, without a line end",
      "type T (a: int # in\n) ",
      "in",
    ],
    ["which there mostly is", "type T (\n# in\na: int # in\n)\n", ""],
    ["without any there are none", "", ""],
  ])("%s", (_, before, expected) => {
    expect(docsOf(before)).toBe(expected);
  });

  test("behind a keyword they are docs as well", () => {
    expect(docsOf("# one\n", "method # two\n # three\n M() -> ()")).toBe(
      "one\ntwo\nthree",
    );
    expect(docsOf("# one\n", "method\nM() -> ()")).toBe("");
    expect(documentOf("# a\ninterface # b\na.b method M()->()")).toMatch(
      /^# a\.b\na\nb\n## Index\n/,
    );
  });
});

describe("the order of members", () => {
  test("is that of bytes, in each section", () => {
    const names = ["b", "B", "a10", "a2", "9", "AB", "Aa"];
    const members = names.map((name) => `method ${name}() -> ()\n`).join("");
    const text = documentOf(
      `interface a.b\nerror z\nerror Z\ntype y ()\ntype Y ()\n${members}`,
    );
    const index = [...text.matchAll(/^\[(.*)\]/gm)].map(([, name]) => name);
    expect(index).toEqual([
      "func 9() ",
      "func AB() ",
      "func Aa() ",
      "func B() ",
      "func a10() ",
      "func a2() ",
      "func b() ",
      "type Y",
      "type y",
      "error Z",
      "error z",
    ]);
  });
});

describe("what is read leniently", () => {
  test("keywords need no space, and members no line of their own", () => {
    const text = documentOf(
      "interface\ta.b typeT(a:int)errorE\nmethodM()->()methodN\t# \n(\n#x\na\n:\n#y\nint\n,\nb : T)#z\n->#x\n()",
    );
    expect(text).toContain("\n[func M() ](#M)\n");
    expect(text).toContain("\n[func N(a: int, b: T) ](#N)\n");
  });

  test("an error has parameters behind spaces, or none", () => {
    const text = documentOf(
      "interface a.b\nmethod M() -> ()\nerror A\nerror B   (a: int)\nerror C(one, two)\nerror D string\nerror E ()",
    );
    expect(text.match(/^\[error .\]/gm)).toHaveLength(5);
  });

  test("what is wrong with an error's parameters goes, as far as it was read", () => {
    const wrong = [
      "unknown",
      "??int",
      "?",
      "[A",
      "[int",
      "[]",
      "(a: int",
      "(a: int,",
      "(a",
      "(a # to the end",
      "",
    ];
    for (const parameters of wrong) {
      expect(
        documentOf(`interface a.b method M()->() error E ${parameters}`),
        parameters,
      ).toContain('\n### <a name="E"></a>type E\n');
    }
    expect(
      documentOf("interface a.b method M()->() error E [Atype T()"),
    ).toContain("[type T](#T)");
  });

  test.each(["a.0", "a.0b-c.1", "a.b-c-d", "xn--0a.b", `a.${"b".repeat(253)}`])(
    "the name %s",
    (name) => {
      expect(documentOf(`interface ${name} method M()->()`)).toContain(
        `# ${name}\n`,
      );
    },
  );
});
