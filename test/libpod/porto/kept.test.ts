import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readKept,
  splitLabels,
  writeKept,
} from "../../../src/libpod/engines/porto/kept.ts";
import {
  isPortoLabel,
  nameProblem,
} from "../../../src/libpod/engines/porto/names.ts";
import {
  quoteCommand,
  splitCommand,
} from "../../../src/libpod/engines/porto/words.ts";

const text = fc.string({ unit: "grapheme" });

describe("a command line", () => {
  it("splits into what was quoted", () => {
    fc.assert(
      fc.property(fc.array(text), (argv) => {
        expect(splitCommand(quoteCommand(argv))).toEqual(argv);
      }),
    );
  });

  it.each([
    ["", []],
    ["  a\tb\n c ", ["a", "b", "c"]],
    ["bash -c 'echo out; sleep 1000'", ["bash", "-c", "echo out; sleep 1000"]],
    [
      String.raw`a\ b "c \" \d \\ \$x" 'e\'f`,
      ["a b", String.raw`c " \d \ $x`, String.raw`e\f`],
    ],
    [`"" '' a''b`, ["", "", "ab"]],
    ["$HOME/*.c", ["$HOME/*.c"]],
    ["'open", ["open"]],
    ["a\\", ["a\\"]],
    [`a"'"b`, ["a'b"]],
  ])("%j is %j", (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });
});

describe("names", () => {
  const part = fc
    .stringMatching(/^[A-Za-z0-9_@:-][A-Za-z0-9_@:.-]{0,19}$/)
    .filter((name) => name !== "self");

  it("are what Porto takes", () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 10 }), (parts) => {
        expect(nameProblem(parts.join("/"))).toBeUndefined();
      }),
    );
  });

  it("have no other characters", () => {
    fc.assert(
      fc.property(
        part,
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
        part,
        (before, character, after) => {
          const problem = nameProblem(before + character + after);
          const fits = /^[A-Za-z0-9_\-@:./]$/.test(character);
          expect(
            problem === undefined ||
              /^(self|\.\.?)$/.test(`${before}${character}${after}`),
          ).toBe(fits);
        },
      ),
    );
  });

  it("are neither too long nor too deep", () => {
    expect(nameProblem(`${"x".repeat(128)}/${"y".repeat(91)}`)).toBeUndefined();
    expect(nameProblem(`${"x".repeat(128)}/${"y".repeat(92)}`)).toContain(
      "220",
    );
    expect(nameProblem(Array(16).fill("a").join("/"))).toBeUndefined();
    expect(nameProblem(Array(17).fill("a").join("/"))).toContain("16");
  });
});

describe("labels", () => {
  it.each([
    ["AB.x", "1", true],
    ["ABCDEFGHIJKLMNOP.a-b_c@d:e.f", "v", true],
    ["AB.", "v", true],
    ["A.x", "1", false],
    ["ABCDEFGHIJKLMNOPQ.x", "1", false],
    ["PORTO.x", "1", false],
    ["PORTOLAN.pod", "1", false],
    ["app.tier", "1", false],
    ["AB", "1", false],
    ["AB.x y", "1", false],
    ["AB.x/y", "1", false],
    ["AB.x", "", false],
    ["AB.x", "two words", false],
    ["AB.x", "x".repeat(257), false],
    [`AB.${"x".repeat(126)}`, "1", false],
  ])("%s: %j fits: %s", (name, value, fits) => {
    expect(isPortoLabel(name, value)).toBe(fits);
  });

  it("are all kept, those of Porto's and the rest", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(text, fc.stringMatching(/^[A-Z]{1,4}\.[a-z]{0,3}$/)),
          fc.oneof(text, fc.constant("v")),
        ),
        (labels) => {
          const { porto, rest } = splitLabels(labels);
          const own = Object.fromEntries(
            porto.map(({ key, val }) => [key, val]),
          );
          expect({ ...own, ...rest }).toEqual({ ...labels });
          expect(porto.every(({ key, val }) => isPortoLabel(key, val))).toBe(
            true,
          );
        },
      ),
    );
  });

  it("beyond those that Porto takes are kept beside them", () => {
    const labels = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`AB.n${index}`, "1"]),
    );
    const { porto, rest } = splitLabels(labels);
    expect([porto.length, Object.keys(rest).length]).toEqual([99, 51]);
  });

  it("are read back", () => {
    fc.assert(
      fc.property(
        fc.record({
          labels: fc.dictionary(text, text, { maxKeys: 5 }),
          annotations: fc.dictionary(text, text, { maxKeys: 5 }),
          stopSignal: fc.option(fc.integer({ min: 1, max: 64 }), {
            nil: undefined,
          }),
          image: fc.option(text, { nil: undefined }),
          imageId: fc.option(text, { nil: undefined }),
        }),
        (kept) => {
          const written = writeKept(kept);
          const empty =
            Object.keys(kept.labels).length +
              Object.keys(kept.annotations).length ===
            0;
          if (
            empty &&
            (kept.stopSignal ?? kept.image ?? kept.imageId) === undefined
          )
            expect(written).toBeUndefined();
          else
            expect(readKept(written)).toEqual({
              ...kept,
              labels: { ...kept.labels },
              annotations: { ...kept.annotations },
            });
        },
      ),
    );
  });

  it("never fail on a text of somebody else's", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.json(),
          fc.json().map((json) => `{"libpod":${json}}`),
        ),
        (foreign) => {
          const {
            labels = {},
            annotations = {},
            stopSignal,
            image,
          } = readKept(foreign);
          for (const value of [
            ...Object.values(labels),
            ...Object.values(annotations),
          ])
            expect(value).toBeTypeOf("string");
          expect(["number", "undefined"]).toContain(typeof stopSignal);
          expect(["string", "undefined"]).toContain(typeof image);
        },
      ),
    );
  });
});
