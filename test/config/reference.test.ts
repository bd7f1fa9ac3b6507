import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withTables } from "../../scripts/reference.ts";
import { interfacesOf } from "../../scripts/reference/interfaces.ts";
import { templateTexts } from "../../src/emit/templates/texts.ts";
import { wordsOf } from "../../src/emit/templates/syntax.ts";
import { repository } from "../support/portolan.ts";
import { folderWith } from "./folder.ts";

const document = readFileSync(`${repository}docs/configuration.md`, "utf8");

describe("docs/configuration.md", () => {
  test("has the tables of today's types: `npx tsx scripts/reference.ts` writes them", async () => {
    expect(await withTables(document)).toBe(document);
  });

  test("tells what every option and every name in a view means", () => {
    const rows = document
      .split("\n")
      .filter((line) => /^\| `\w+` /.test(line))
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter((row) => row[3] === "").map((row) => row[1])).toEqual(
      [],
    );
  });

  test("has every built-in template, and every name that it shows", () => {
    for (const [name, text] of templateTexts) {
      if (name === "typescript/opening") continue;
      const [, section = ""] = document.split(`### ${name}\n`);
      const [own = ""] = section.split("\n### ");
      for (const word of wordsOf([text]).names) {
        // Partials are included with the view that is at hand: `member` has its own section.
        expect(own, `${name} shows ${word}`).toContain(`\`${word}\``);
      }
    }
  });
});

test("the tables' source: interfaces with what they extend, and unions", () => {
  const folder = folderWith({
    "base.ts": "export interface Base { readonly a: string }",
    "own.ts": `import type { Base } from "./base.ts";
interface Middle extends Base {
  /** B,
   * see {@link Base}. */
  readonly b?: readonly string[];
}
export interface Own extends Middle { readonly c: Readonly<Record<string, number>> }
export type Form =
  | {
      /** One. */
      readonly isOne: true;
      readonly x: string;
    }
  | { readonly isTwo: true; readonly x: string; readonly y: number };
`,
  });
  const { propertiesOf } = interfacesOf(`${folder}/own.ts`);
  const plain = { docs: "", forms: [] };
  expect(propertiesOf("Own")).toEqual([
    { ...plain, name: "a", type: "string" },
    {
      ...plain,
      name: "b",
      type: "string[]",
      docs: "B, see `Base`.",
    },
    { ...plain, name: "c", type: "Record<string, number>" },
  ]);
  expect(propertiesOf("Form")).toEqual([
    { ...plain, name: "isOne", type: "true", docs: "One." },
    { ...plain, name: "x", type: "string" },
    { ...plain, name: "isTwo", type: "true" },
    { ...plain, name: "y", type: "number", forms: ["isTwo"] },
  ]);
  expect(() => propertiesOf("Nothing")).toThrow("has no interface Nothing");
});
