import { format, util } from "prettier";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layOutTable } from "../../../src/emit/markdown/table.ts";
import { columnsOf } from "../../../src/emit/markdown/width.ts";

describe("columnsOf", () => {
  test("is Prettier's measure for every character that Unicode has assigned", () => {
    const differing: string[] = [];
    for (let point = 0x20; point <= 0x10ffff; point += 1) {
      const character = String.fromCodePoint(point);
      // What is assigned depends on the Unicode version of Node; emoji that are newer than it, too.
      if (/[\p{Unassigned}\p{Surrogate}\p{Private_Use}\u007f]/u.test(character))
        continue;
      if (columnsOf(character) !== util.getStringWidth(character))
        differing.push(character);
    }
    expect(differing).toEqual([]);
  });

  test.each([
    ["ASCII", "a | b", 5],
    ["East Asian", "漢字kana", 8],
    ["a mark on a letter", "e\u0301", 1],
    ["a joined emoji", "👩🏽‍🚒", 2],
    ["a flag", "🇩🇪", 2],
    ["a keycap", "1️⃣", 2],
    ["an emoji by variation", "❤️", 2],
    ["a text symbol", "❤", 1],
    ["nothing", "", 0],
  ])("measures %s", (_, text, columns) => {
    expect(columnsOf(text)).toBe(columns);
    expect(util.getStringWidth(text)).toBe(columns);
  });
});

describe("layOutTable", () => {
  test("aligns columns by their widest cell, three at least", () => {
    expect(layOutTable(["A", "Type"], [["x", "漢字"], ["longer"]])).toBe(
      [
        "| A      | Type |",
        "| ------ | ---- |",
        "| x      | 漢字 |",
        "| longer |      |",
      ].join("\n"),
    );
    expect(layOutTable(["A"], [])).toBe("| A   |\n| --- |");
  });

  test("is not padded where that would take more room than there is", () => {
    const wide = "x".repeat(1_000_000);
    const rows = Array.from({ length: 5_000 }, () => ["a", "b"]);
    const table = layOutTable(["One", "Two"], [["a", wide], ...rows]);
    expect(table.length).toBeLessThan(1_100_000);
    expect(table.split("\n").slice(0, 3)).toEqual([
      "| One | Two |",
      "| --- | --- |",
      `| a   | ${wide} |`,
    ]);
  });

  test("is what Prettier would write, with every alignment", async () => {
    const cell = fc.constantFrom(
      "",
      "a",
      "漢字",
      "👨‍👩‍👧",
      "a long cell of words",
      "`a\\|b`",
      "❤️ x",
    );
    const alignment = fc.constantFrom("none", "left", "center", "right");
    const columns = fc.integer({ min: 1, max: 4 });
    const table = columns.chain((count) => {
      const row = fc.array(cell, { minLength: count, maxLength: count });
      return fc.tuple(
        fc.array(fc.constantFrom("A", "Head"), {
          minLength: count,
          maxLength: count,
        }),
        fc.array(row, { maxLength: 4 }),
        fc.array(alignment, { minLength: count, maxLength: count }),
      );
    });
    await fc.assert(
      fc.asyncProperty(table, async ([header, rows, alignments]) => {
        const text = `${layOutTable(header, rows, alignments)}\n`;
        expect(await format(text, { parser: "markdown" })).toBe(text);
      }),
    );
  });
});
