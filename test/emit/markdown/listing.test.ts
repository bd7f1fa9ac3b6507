import * as fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { anchorsOf } from "../../../src/emit/markdown/anchors.ts";
import { descriptionOf } from "../../../src/emit/markdown/fields.ts";
import {
  type Entry,
  layOutListing,
} from "../../../src/emit/markdown/listing.ts";
import { plainDocs } from "./arbitraries.ts";
import { plainText } from "./document.ts";
import { serviceOf } from "./support.ts";

const anchors = anchorsOf(serviceOf([{ kind: "method", name: "Foo" }]), "");

function entry(docs: string, ...cells: string[]): Entry {
  const description = descriptionOf({ docs, deprecated: false }, anchors);
  return { cells: () => cells, description };
}

const columns = ["Field", "Type", "Description"];

describe("a listing", () => {
  test("is a table as long as its lines are no longer than 120 columns", () => {
    const line = (length: number): string =>
      layOutListing([entry("x".repeat(length), "`a`", "`int`")], { columns });
    const [widest = ""] = line(100).split("\n");
    expect(widest).toHaveLength(120);
    expect(widest).toMatch(/^\| Field/);
    expect(line(101)).toBe(`- \`a\` (\`int\`):\n  ${"x".repeat(101)}`);
  });

  test("has no column that would be empty, but always the first", () => {
    expect(layOutListing([entry("", "`a`", "")], { columns })).toBe(
      "| Field |\n| ----- |\n| `a`   |",
    );
    expect(layOutListing([entry("Told.", "", "")], { columns })).toBe(
      "| Field | Description |\n| ----- | ----------- |\n|       | Told.       |",
    );
    expect(layOutListing([], { columns })).toBe("");
  });

  const long = "word ".repeat(30).trim();

  test("as a list keeps paragraphs, lists and code", () => {
    const list = layOutListing(
      [
        entry(`${long}\n\nSecond.\n\n- one\n- two`, "`a`", "`int`"),
        entry("", "`b`", "`bool`"),
        entry("```\ncode\n```", "`c`", ""),
        entry("# Title\n\ntext", "`d`", ""),
      ],
      { columns, label: "Fields" },
    );
    expect(list).toBe(`**Fields**

- \`a\` (\`int\`): word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word

  Second.

  - one
  - two

- \`b\` (\`bool\`)

- \`c\`:

  \`\`\`
  code
  \`\`\`

- \`d\`:

  **Title**

  text`);
  });

  test("as a list says first what it is told to", () => {
    const list = layOutListing([entry(long, "1", "`a`", "`int`")], {
      columns: ["No.", "Field", "Type", "Description"],
      head: ([number = "", name = "", type = ""]) =>
        `${name} = ${number} (${type})`,
    });
    expect(list).toMatch(/^- `a` = 1 \(`int`\): word word/);
  });

  test("breaks no line before what would begin a block, nor in code, links and titles", () => {
    const pad = "x".repeat(60);
    const docs = [
      `${pad} and - not a bullet, 1. no number, # no title, > no quote, + x`,
      `${pad} \`${"code with blanks ".repeat(3)}\` end`,
      `${pad} [${"text of a link ".repeat(3)}](https://x.example "a (long title) of words") end`,
      `${pad} back\\ slash and \\`,
    ];
    const list = layOutListing(
      docs.map((text) => entry(text, "`a`")),
      { columns: ["Field", "Description"] },
    );
    const [root] = fromMarkdown(list).children;
    expect(root?.type === "list" && root.children.length).toBe(4);
    for (const [at, item] of (root?.type === "list"
      ? root.children
      : []
    ).entries()) {
      expect(item.children).toHaveLength(1);
      expect(plainText(item).replaceAll("\n", " ")).toBe(
        `a: ${plainText(fromMarkdown(docs[at] ?? ""))}`,
      );
    }
  });

  test("a hard break stays one, and what follows it is text", () => {
    const list = layOutListing([entry(`${long}\\\n2. b`, "`a`")], {
      columns: ["Field", "Description"],
    });
    expect(list.endsWith("word\\\n  2\\. b")).toBe(true);
  });

  test("is laid out as Prettier would, and shows the same text in either form", async () => {
    const width = fc.constantFrom("", " and more".repeat(20));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(plainDocs, width), { minLength: 1, maxLength: 4 }),
        async (parts) => {
          const entries = parts.map(([docs, more]) =>
            entry(docs + more, "`name`", "`[]string`"),
          );
          const text = `${layOutListing(entries, { columns })}\n`;
          expect(await format(text, { parser: "markdown" })).toBe(text);
          const words = (markdown: string): string =>
            plainText(fromMarkdown(markdown)).replaceAll(/[\s|]+/g, "");
          for (const { description } of entries) {
            const { lead, rest } = description.item;
            expect(words([lead.join("\n"), ...rest].join("\n\n"))).toBe(
              words(description.cell.replaceAll("<br>", "\n\n")),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
