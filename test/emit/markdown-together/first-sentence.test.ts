import { describe, expect, test } from "vitest";
import { firstSentence } from "../../../src/emit/markdown/first-sentence.ts";
import { frontMatterOf } from "../../../src/emit/markdown/front-matter.ts";

/** What indexes and front matters say of an interface. */
describe("the first sentence of docs", () => {
  test.each([
    ["", ""],
    ["Lamps of a house. Each has a name.", "Lamps of a house."],
    ["No full stop", "No full stop"],
    ["Is it on? Yes.", "Is it on?"],
    ["Two\nlines.\n\nMore.", "Two lines."],
    ["Lamps, e.g. Ann's. More.", "Lamps, e.g. Ann's."],
    ["Version 1.2 of it. More.", "Version 1.2 of it."],
    [
      "Lamps approx. as many as rooms. More.",
      "Lamps approx. as many as rooms.",
    ],
    ["ランプ。部屋。", "ランプ。"],
    ["Written in C# and 2 * 3. More.", "Written in C# and 2 * 3."],
    ["*All* `lamps`, [here](http://x.org/a_(b)). More.", "All lamps, here."],
    ["See [the list][1]. More.\n\n[1]: http://x.org", "See the list."],
    ["# Title\n\nText.", "Text."],
    ["- a list", ""],
  ])("of %j is %j", (docs, sentence) => {
    expect(firstSentence(docs)).toBe(sentence);
  });

  test("ends before a word where it is long, and never within a character", () => {
    const words = firstSentence("lamp ".repeat(100));
    expect(words).toBe(`${"lamp ".repeat(32).trim()}…`);
    expect(firstSentence("💡".repeat(200))).toBe(`${"💡".repeat(160)}…`);
  });

  test("costs no more than the docs are long", () => {
    // Quadratic, this would take a minute, and the test's time would be over.
    expect(firstSentence("[".repeat(300_000))).toHaveLength(161);
    expect(firstSentence("[a](".repeat(75_000))).toHaveLength(161);
  });
});

test("a front matter's fields are texts, whatever YAML reads in a name", () => {
  const fields = { layout: "a", on: "b", "a: b\n---": "c", __proto: "d" };
  expect(
    frontMatterOf({ title: "t", description: "" }, fields).frontMatter,
  ).toEqual([
    'title: "t"',
    'layout: "a"',
    '"on": "b"',
    '"a: b\\n---": "c"',
    '__proto: "d"',
  ]);
});
