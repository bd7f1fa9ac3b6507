import * as fc from "fast-check";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { formatJson } from "../../../src/emit/markdown/json.ts";

/** JSON text of many layouts, whose numbers have one spelling. */
const json: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const gap = fc.constantFrom("", "", " ", "\n", "\n\n  ");
  const scalar = fc.oneof(
    fc.constantFrom("true", "false", "null", '"漢字"', '"\\u0041\\n"', '""'),
    fc.integer({ min: -99_999_999, max: 99_999_999 }).map(String),
    fc.constantFrom("1.5", "-0", "2e10", "1.25e-8"),
    fc.nat(50).map((length) => JSON.stringify("x".repeat(length))),
  );
  const numbers = fc
    .array(fc.integer({ min: -9_999_999, max: 9_999_999 }), { maxLength: 30 })
    .map((all) => JSON.stringify(all));
  const list = fc
    .tuple(gap, fc.array(tie("value"), { maxLength: 4 }))
    .map(([blank, items]) => `[${blank}${items.join(`,${blank}`)}${blank}]`);
  const object = fc
    .tuple(
      gap,
      fc.uniqueArray(fc.constantFrom("a", "bb", "c_c", "long key of words"), {
        maxLength: 4,
      }),
      fc.array(tie("value"), { minLength: 4, maxLength: 4 }),
    )
    .map(([blank, keys, values]) => {
      const parts = keys.map((key, at) => `"${key}":${values[at] ?? "null"}`);
      return `{${blank}${parts.join(`,${blank}`)}${blank}}`;
    });
  return {
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      scalar,
      numbers,
      list,
      object,
    ),
  };
}).value;

test("JSON is laid out as Prettier would, and stays the same value", async () => {
  await fc.assert(
    fc.asyncProperty(json, async (text) => {
      const formatted = formatJson(text);
      expect(formatted).toBeDefined();
      expect(JSON.parse(formatted ?? "")).toEqual(JSON.parse(text));
      expect(await format(formatted ?? "", { parser: "json" })).toBe(
        `${formatted ?? ""}\n`,
      );
    }),
    { numRuns: 300 },
  );
});

describe("what is not JSON to the letter is left alone", () => {
  test.each([
    [""],
    ["{} {}"],
    ["{'a': 1}"],
    ["{a: 1}"],
    ['{"a": 1,}'],
    ["[1,]"],
    ['{"a": 1'],
    ['{"a" 1}'],
    ['"\n"'],
    ['"\\x"'],
    ["01"],
    [".5"],
    ["undefined"],
    ["// no\n1"],
    // Prettier would spell these otherwise.
    ["1.50"],
    ["1E5"],
    ["1e+5"],
    ["1e08"],
    ["[".repeat(40) + "]".repeat(40)],
  ])("%j", (text) => {
    expect(formatJson(text)).toBeUndefined();
  });
});
