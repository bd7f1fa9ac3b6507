import fc from "fast-check";
import * as prettier from "prettier";
import { describe, expect, test } from "vitest";
import type { Service } from "../../../src/model/api.ts";
import { emit } from "./emitted.ts";
import { servicesAtHand } from "./inputs.ts";
import { randomService } from "./random.ts";

/** Prettier is the oracle here, and nowhere else. */
async function expectFixpoint(service: Service): Promise<void> {
  for (const [name, text] of emit(service)) {
    // Codecs have a test of their own.
    if (name === "codec") continue;
    const theirs = await prettier.format(text, { parser: "typescript" });
    if (theirs !== text)
      expect(text.split("\n"), name).toEqual(theirs.split("\n"));
  }
}

describe("generated TypeScript is what Prettier makes of it", () => {
  for (const { name, service } of servicesAtHand())
    test(name, () => expectFixpoint(service));

  test("random interfaces", async () => {
    await fc.assert(fc.asyncProperty(randomService, expectFixpoint), {
      numRuns: 50,
    });
  });
});
