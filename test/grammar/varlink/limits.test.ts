import type { IToken } from "chevrotain";
import { describe, expect, it } from "vitest";
import { diagnosticLimit } from "../../../grammar/source/diagnostics.ts";
import { SourceText } from "../../../grammar/source/source-text.ts";
import { nestingLimit } from "../../../grammar/varlink/nesting.ts";
import { cutDeepBodies, cutTokens } from "../../../grammar/varlink/segments.ts";
import { tokenize } from "../../../grammar/varlink/tokens.ts";
import { listCodes, parse, parseMembers } from "../../support/varlink.ts";

const many = 100_000;

describe("nesting", () => {
  /** The depth of a type that is nested `levels` deep, each kind of nesting in turn. */
  const nested = (
    levels: number,
    kinds: readonly (readonly [string, string])[],
  ): string => {
    let text = "int";
    for (let level = levels - 1; level >= 0; level--) {
      const [before = "", behind = ""] = kinds[level % kinds.length] ?? [];
      text = before + text + behind;
    }
    return text;
  };
  const kinds: readonly (readonly [
    string,
    readonly (readonly [string, string])[],
  ])[] = [
    ["structs", [["(a: ", ")"]]],
    ["arrays", [["[]", ""]]],
    ["maps", [["[string]", ""]]],
    [
      "nullable arrays",
      [
        ["?", ""],
        ["[]", ""],
      ],
    ],
    [
      "all of them",
      [
        ["(a: ", ")"],
        ["?", ""],
        ["[string]", ""],
        ["[]", ""],
      ],
    ],
  ];

  it.each(kinds)(
    "of %s is read up to the limit, and told of beyond it",
    (_, kind) => {
      // The parameters of the method are one level.
      const right = parseMembers(
        `method M(a: ${nested(nestingLimit - 1, kind)}) -> ()`,
      );
      expect(right.diagnostics).toEqual([]);
      expect(right.service).toBeDefined();
      const wrong = parseMembers(
        `method M(a: ${nested(nestingLimit, kind)}) -> ()\ntype T (a: Nope)`,
      );
      expect(listCodes(wrong.diagnostics)).toEqual([
        "nesting-too-deep",
        "undefined-type",
      ]);
    },
  );

  it("reads every level, however the parser takes it apart", () => {
    for (const levels of [1, 23, 24, 25, 47, 48, 49, 50, 97, 200]) {
      const { ast, service } = parseMembers(
        `method M(${"a: int, b: (".repeat(levels)}${"), c: int".repeat(levels)}) -> (x: T)\ntype T ()`,
      );
      expect(ast.members).toHaveLength(2);
      expect(service?.types.filter(({ inline }) => inline)).toHaveLength(
        levels,
      );
      const fields = service?.types.flatMap((type) =>
        type.kind === "struct" ? type.fields : [],
      );
      expect(fields?.filter(({ name }) => name === "c")).toHaveLength(
        levels - 1,
      );
    }
  });

  it("keeps every token when deep bodies are cut out", () => {
    const restore = (all: readonly IToken[]): string[] =>
      all.flatMap((token, index) => {
        const inner = cutTokens(token);
        if (inner !== undefined) return restore(inner);
        // A `)` of what was cut out stands in both.
        const before = all[index - 1];
        const cut = before && cutTokens(before);
        return cut !== undefined && cut.at(-1) === token ? [] : [token.image];
      });
    for (const closed of [0, 10, 52, 60, 99, 100, 120]) {
      const { tokens } = tokenize(
        `x ${"( a ".repeat(100)}${") b ".repeat(closed)}`,
      );
      const cut = cutDeepBodies(tokens);
      expect(cut.length).toBeLessThan(tokens.length);
      expect(restore(cut)).toEqual(tokens.map(({ image }) => image));
    }
  });

  it.each(["(", "(a: ", "?", "[", "[]", "[string]", "[]?", "(((", "(a: ?[]"])(
    "of a hundred thousand %j is told of",
    (part) => {
      const { diagnostics } = parseMembers(
        `type T (a: ${part.repeat(many)}\nmethod M() -> ()`,
      );
      const expected: Partial<Record<string, string>> = {
        "?": "nested-nullable",
        "[": "missing-bracket",
      };
      expect(listCodes(diagnostics)).toContain(
        expected[part] ?? "missing-parenthesis",
      );
      expect(diagnostics.length).toBeLessThanOrEqual(diagnosticLimit + 1);
      parseMembers(`${part.repeat(many)}${")".repeat(many)}`);
    },
  );

  it("needs little stack, so that it can be read from deep in other calls", () => {
    const text = `type T ${nested(nestingLimit, [["(a: ", ")"]])}`;
    const below = (calls: number): number =>
      calls === 0 ? parseMembers(text).diagnostics.length : below(calls - 1);
    expect(below(2000)).toBe(0);
  });
});

describe("size", () => {
  it.each([
    [
      "members",
      "# doc\ntype T (a: int, b: ?[]string) # tail\nmethod M(a: T) -> (b: (one, two))\n",
    ],
    ["illegal characters", "@ "],
    ["strays", "] "],
    ["keywords", "type\n"],
    ["commas", "type T (,,,,"],
    ["comments", "# comment\n"],
    ["opened comments of another language", "/* "],
    ["unknown members", "foo Bar (a: int)\n"],
    ["bare names", "type T (a b c d e f\n"],
    ["line ends", "\r\n"],
  ])("of many %s makes no more than the limit of diagnostics", (_, part) => {
    const { diagnostics } = parseMembers(part.repeat(5000));
    expect(diagnostics.length).toBeLessThanOrEqual(diagnosticLimit + 1);
  });

  it("reads ten thousand members", () => {
    const members = Array.from(
      { length: 10_000 },
      (_, index) =>
        `# doc ${index}\ntype T${index} (next: ?T${index + 1}) # tail ${index}\n`,
    );
    const { service } = parseMembers(`${members.join("\n")}type T10000 ()`);
    expect(service?.types).toHaveLength(10_001);
    expect(service?.types.at(-2)?.docs).toBe("doc 9999\ntail 9999");
  });

  it("finds circles through ten thousand types without a deep stack", () => {
    const types = Array.from(
      { length: 10_000 },
      (_, index) => `type T${index} (n: T${(index + 1) % 10_000})`,
    );
    const { diagnostics } = parseMembers(types.join("\n"));
    expect(listCodes(diagnostics)).toEqual(["infinite-type"]);
    expect(diagnostics[0]?.message).toMatch(
      /^`T0` contains itself.* → 9992 more → `T9999\.n` → `T0`$/,
    );
  });

  it("reads names of a million characters, and clips them in messages", () => {
    const name = "a".repeat(1_000_000);
    for (const text of [
      `interface ${name}`,
      `interface a.b\ntype ${name} (${name}: ${name})`,
    ]) {
      for (const { message, help = "" } of parse(text).diagnostics) {
        expect(message.length + help.length).toBeLessThan(400);
      }
    }
  });

  it("looks for what wrong names were meant to be only as long as that is quick", () => {
    const name = (index: number, end: string): string =>
      `Type${String(index).padStart(56, "0")}${end}`;
    const text = (types: number): string =>
      Array.from(
        { length: types },
        (_, index) => `type ${name(index, "")} (a: ${name(index, "x")})`,
      ).join("\n");
    const helps = (types: number): boolean[] =>
      parseMembers(text(types)).diagnostics.map(
        ({ help }) => help !== undefined,
      );
    expect(helps(50)).toEqual(Array.from({ length: 50 }, () => true));
    // Every wrong name compared with every type would be 4 · 10⁸ pairs of letters.
    const [first, ...others] = helps(1_000).slice(0, 100);
    expect(first).toBe(true);
    expect(others.filter(Boolean).length).toBeLessThan(20);
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
        parseMembers("# doc\ntype T (a: int, # x\nb: int)\n\n".repeat(members));
      } finally {
        Object.defineProperty(SourceText.prototype, "lineAt", original ?? {});
      }
      return count;
    };
    const once = lookups(500);
    expect(once).toBeGreaterThan(500);
    expect(lookups(1000)).toBeLessThan(once * 2.1);
  });
});
