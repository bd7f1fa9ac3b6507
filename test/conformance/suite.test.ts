import { describe, expect, it } from "vitest";
import { conformance } from "../../scripts/conformance.ts";
import { chapters, isTested, rules, unkeptMusts } from "./rules.ts";
import { SIDES } from "./rules/rule.ts";
import { ruleTests, testsIn } from "./tests.ts";

/** The tests that rules ask for, and those that there are. */
const wanted = [...rules].flatMap(([id, rule]) =>
  SIDES.filter((side) => isTested(rule, side)).map((side) => `${id} ${side}`),
);
const tests = ruleTests();

describe("the conformance suite", () => {
  it("has one test for each side of each rule that has something to test", () => {
    expect(tests.map(({ id, side }) => `${id} ${side}`).toSorted()).toEqual(
      wanted.toSorted(),
    );
  });

  it("has no test that may be left out", () => {
    expect(tests.filter(({ always }) => !always)).toEqual([]);
  });

  it("has rules that say whose they are, each by a name of its own", () => {
    const names = chapters.flatMap(([, chapter]) => Object.keys(chapter));
    expect(new Set(names).size).toBe(names.length);
    for (const [id, rule] of rules) {
      expect(
        SIDES.some((side) => rule[side] !== undefined),
        id,
      ).toBe(true);
      expect(rule.text, id).toMatch(/\.$/);
    }
  });

  it("keeps every MUST that Node can keep, but those told of here", () => {
    const broken = unkeptMusts.map(({ id, side }) => `${id} ${side}`);
    expect(broken).toEqual([
      "interface.line-breaks reader",
      "vendor.unknown-member client",
      "activation.pidfd server",
      "unix.place-of-descriptors client",
      "unix.place-of-descriptors server",
      "bridge.no-descriptors bridge",
      "http.accept client",
      "http.websocket client",
      "http.websocket server",
      "http.text-frames server",
      "http.raw-frames server",
    ]);
  });

  it("finds tests in a text, and those that may not run", () => {
    const text = `conform("a", "client", () => {});\nif (x) conform("b", side, () => {});\n// conform("c", "server")\n`;
    expect(testsIn("x.test.ts", text)).toEqual([
      { file: "x.test.ts", id: "a", side: "client", always: true },
      { file: "x.test.ts", id: "b", side: "", always: false },
    ]);
  });
});

describe("docs/conformance.md", () => {
  const document = conformance();

  it("tells of every rule", () => {
    for (const [id, { text, note }] of rules) {
      expect(document).toContain(`\`${id}\``);
      expect(document).toContain(text);
      if (note !== undefined) expect(document).toContain(note);
    }
  });

  it("tells what is done instead, and why not", () => {
    for (const [id, rule] of rules)
      for (const side of SIDES) {
        const standing = rule[side];
        if (standing === undefined || standing === "kept") continue;
        for (const why of Object.values(standing))
          expect(document, id).toContain(why);
      }
  });
});
