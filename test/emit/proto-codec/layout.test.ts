import { readFileSync } from "node:fs";
import fc from "fast-check";
import * as prettier from "prettier";
import { describe, expect, test } from "vitest";
import { describeCorpus, seed } from "../../support/corpus.ts";
import { codecText, serviceOf } from "./support.ts";

/** What is generated is what Prettier makes of it, whatever the length of names. */
async function isStable(text: string): Promise<void> {
  const theirs = await prettier.format(text, { parser: "typescript" });
  // Line by line, for a readable difference.
  expect(text.split("\n")).toEqual(theirs.split("\n"));
}

const template = readFileSync(new URL("all.proto", import.meta.url), "utf8");
const three = readFileSync(new URL("three.proto", import.meta.url), "utf8");

const letters = (count: number, first: string): string =>
  first + "abcdefghijklmnopqrstuvwxyz".repeat(3).slice(0, count - 1);

/** The fixture with its names lengthened: each of its words, to as many letters as `length` says. */
function stretched(text: string, length: (name: string) => number): string {
  const known = new Set(
    [
      ...text.matchAll(
        /\b(?:a_\w+|by_\w+|an_enum|choice|text|number|Scalars|Lists|Packed|Maps|Demand|Groups|Single|Many|Grouped|Choice|Defaults|Kind|Late|Implicit|Open|numbers|enums|name|inner)\b/g,
      ),
    ].map(([name]) => name),
  );
  const renamed = new Map(
    [...known].map((name) => {
      const wanted = length(name);
      const longer =
        wanted <= name.length
          ? name
          : name +
            letters(wanted - name.length, "q").slice(0, wanted - name.length);
      return [name, longer];
    }),
  );
  return text.replaceAll(/\b\w+\b/g, (word) => renamed.get(word) ?? word);
}

describe("the layout of codec.ts", () => {
  test.for(["bigint", "number", "string"] as const)(
    "is Prettier's, with integers of 64 bits as %s",
    async (int64) => {
      await isStable(codecText(serviceOf(template), int64));
      await isStable(codecText(serviceOf(three), int64));
    },
  );

  test(
    "is Prettier's for names of any length",
    { timeout: 60_000 },
    async () => {
      const lengths = fc.func(fc.integer({ min: 1, max: 60 }));
      for (const [index, length] of fc
        .sample(lengths, { numRuns: 8, seed: 7 })
        .entries()) {
        const text = index % 4 === 3 ? three : template;
        await isStable(codecText(serviceOf(stretched(text, length))));
      }
    },
  );

  test(
    "is Prettier's at every length around the end of a line",
    { timeout: 60_000 },
    async () => {
      for (let length = 12; length <= 60; length += 8) {
        await isStable(codecText(serviceOf(stretched(template, () => length))));
        await isStable(
          codecText(serviceOf(stretched(three, () => length - 3))),
        );
      }
    },
  );

  test("a file without messages is a module", async () => {
    const text = codecText(serviceOf('syntax = "proto2"; enum E { A = 0; }'));
    await isStable(text);
    expect(text).toContain("export {};");
  });
});

describeCorpus("the layout of real codecs", () => {
  test("is Prettier's", { timeout: 60_000 }, async () => {
    const text = readFileSync(seed("rpc.proto"), "utf8");
    await isStable(codecText(serviceOf(text, "rpc.proto")));
  });
});
