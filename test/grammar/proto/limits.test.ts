import { describe, expect, it } from "vitest";
import { diagnosticLimit } from "../../../grammar/source/diagnostics.ts";
import { nestingLimit } from "../../../grammar/proto/keywords.ts";
import { SourceText } from "../../../grammar/source/source-text.ts";
import { codesOf, read } from "./support.ts";

const many = 100_000;

describe("nesting", () => {
  const kinds: readonly (readonly [string, string, string, string])[] = [
    ["messages", "message A { ", "", "} "],
    ["groups", "message A { optional group B = 1 { ", "", "} ".repeat(2)],
    ["aggregates", "option a = { a { ", "", "} };"],
  ];

  it.each(kinds)("of %s is read up to the limit", (_, begin, middle, end) => {
    const inner = begin.startsWith("option")
      ? ["a { ", "} "]
      : begin.includes("group")
        ? ["optional group C = 1 { ", "} "]
        : ["message B { ", "} "];
    const own = begin.split("{").length - 1;
    const nested = (levels: number): string =>
      begin +
      inner[0]?.repeat(levels - own) +
      middle +
      inner[1]?.repeat(levels - own) +
      end;
    expect(codesOf(nested(nestingLimit))).toEqual([]);
    expect(codesOf(`${nested(nestingLimit + 1)} message Z {`)).toEqual([
      "nesting-too-deep",
      "missing-brace",
    ]);
  });

  it.each([
    "{",
    "message A {",
    "option a = {",
    "option a = { b {",
    "option a = { b: [",
    "option a = { b <",
    "message A { optional group B = 1 {",
    "message A { optional int32 b = 1 [",
    "[",
    "(",
    "<",
    "x = {",
    "oneof a {",
    "service S { rpc (",
  ])("of a hundred thousand %j is told of", (part) => {
    for (const text of [
      part.repeat(many),
      `message A { ${part.repeat(many / 10)}`,
      `option a = { b ${part.repeat(many / 10)}`,
    ]) {
      const { diagnostics } = read(text);
      expect(diagnostics.length).toBeGreaterThan(0);
      expect(diagnostics.length).toBeLessThanOrEqual(diagnosticLimit + 1);
    }
  });

  it("needs little stack, so that it can be read from deep in other calls", () => {
    const text = `${"message A { ".repeat(nestingLimit - 1)}option a = {}; ${"} ".repeat(nestingLimit - 1)}`;
    const below = (calls: number): number =>
      calls === 0 ? read(text).diagnostics.length : below(calls - 1);
    expect(below(2000)).toBe(0);
  });
});

describe("size", () => {
  it.each([
    "message T { optional string a = 1; // tail\n }\n",
    "@ ",
    "] ",
    "} ",
    "message\n",
    "message T {\n",
    ";// x\n\n",
    "// comment\n",
    "/* comment */",
    "/* ",
    "'",
    '"\\\n',
    "# x\n",
    "foo Bar { x }\n",
    "a b c d e f\n",
    "\r\n",
    "1.2.3 ",
    "option a = 1 option b\n",
    "import a.b.c\n",
    "reserved 1,,",
    "a.",
    "(a",
    "enum E { A = 0 }\n",
    "service S { rpc A (B returns (C) }\n",
  ])("of many %j makes no more than the limit of diagnostics", (part) => {
    const { diagnostics } = read(part.repeat(5000));
    expect(diagnostics.length).toBeLessThanOrEqual(diagnosticLimit + 1);
  });

  it("reads ten thousand messages and a hundred thousand fields", () => {
    const messages = Array.from(
      { length: 10_000 },
      (_, index) => `// doc\nmessage M${index} { int32 a = 1; }`,
    );
    expect(read(messages.join("\n")).ast.items).toHaveLength(10_000);
    const fields = "repeated string a = 1 [packed = true];\n".repeat(many);
    expect(read(`message M {\n${fields}}`).ast.items).toMatchObject([
      { body: { length: many } },
    ]);
  });

  it("reads words, strings, comments and numbers of a million characters, and clips them in messages", () => {
    const word = "a".repeat(1_000_000);
    for (const text of [
      `message ${word} {`,
      `option a = "${word}" ${word};`,
      `option a = '${"\\n".repeat(500_000)}`,
      `/* ${"*".repeat(1_000_000)}/ ${word}`,
      `// ${word}\n${word} ${word} { }`,
      `option a = ${"7".repeat(1_000_000)};`,
      `option a = 1.${"7".repeat(1_000_000)}`,
      `option a = 0${"8".repeat(1_000_000)}`,
      "(".repeat(100_000),
      `message A { ${"a.".repeat(100_000)} b = 1 }`,
      `option a = { [${word}/] {} }`,
    ]) {
      const { diagnostics } = read(text);
      expect(diagnostics.length).toBeGreaterThan(0);
      for (const { message, help = "" } of diagnostics)
        expect(message.length + help.length).toBeLessThan(400);
    }
  });

  it("hands the comments over a hundred thousand lone semicolons", () => {
    const { ast } = read(`${"\n\n// x\n\n;".repeat(many)}\nmessage M {}`);
    expect(ast.items.at(-1)?.documentation.detached).toHaveLength(many);
  });

  it("takes a number of steps that grows with the text: line lookups, counted", () => {
    const original = Object.getOwnPropertyDescriptor(
      SourceText.prototype,
      "lineAt",
    );
    const lookups = (members: number): number => {
      let count = 0;
      const lineAt = original?.value as (
        this: SourceText,
        offset: number,
      ) => number;
      Object.defineProperty(SourceText.prototype, "lineAt", {
        ...original,
        value(this: SourceText, offset: number): number {
          count += 1;
          return lineAt.call(this, offset);
        },
      });
      try {
        read("message T { int32 a = 1\n int32 b = 2; \n\n".repeat(members));
      } finally {
        Object.defineProperty(SourceText.prototype, "lineAt", original ?? {});
      }
      return count;
    };
    const once = lookups(20);
    expect(once).toBeGreaterThan(20);
    expect(lookups(40)).toBeLessThan(once * 2.1);
  });
});
