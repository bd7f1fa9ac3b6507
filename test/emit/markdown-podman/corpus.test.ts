import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { podmanDocument } from "../../../src/emit/markdown/podman/document.ts";
import type { PodmanCode } from "../../../src/emit/markdown/podman/problem.ts";
import { corpus, describeCorpus, hasCorpus } from "../../support/corpus.ts";
import { documentOf } from "./support.ts";

/** The folders of one kind that have a file. */
function casesOf(kind: string, file: string): (readonly [string, string])[] {
  if (!hasCorpus) return [];
  const folder = corpus("podman", kind);
  return readdirSync(folder)
    .map((name) => [name, path.join(folder, name)] as const)
    .filter(([, one]) => existsSync(path.join(one, file)));
}

/** What Podman's generator says, or crashes with, and how we call it. */
const reasons: readonly (readonly [RegExp, PodmanCode])[] = [
  [/missing interface keyword/, "podman/missing-interface"],
  [/error: interface name/, "podman/invalid-interface-name"],
  [/unknown keyword/, "podman/unknown-keyword"],
  [/missing type declaration/, "podman/invalid-type"],
  [/missing method '->' operator/, "podman/missing-arrow"],
  [/already defined/, "podman/duplicate-member"],
  [/no methods defined/, "podman/no-method"],
  [/nil pointer dereference/, "podman/enum"],
  [/slice bounds out of range/, "podman/ends-in-comment"],
];

describeCorpus("Podman's own generator", () => {
  // What it could not do we refuse too: there are no bytes to be equal to.
  const failures = casesOf("quirks", "FAIL.txt");
  const quirks = casesOf("quirks", "API.md");
  const pairs = casesOf("pairs", "API.md");

  test("left real files to compare with", () => {
    expect(pairs.length).toBeGreaterThanOrEqual(8);
    expect(quirks.length).toBeGreaterThanOrEqual(46);
    expect(failures.length).toBeGreaterThanOrEqual(27);
  });

  describe("makes the same bytes", () => {
    test.each([...pairs, ...quirks])("%s", (_, folder) => {
      const { bytes, problem } = podmanDocument(
        readFileSync(path.join(folder, "in.varlink")),
      );
      expect(problem).toBeUndefined();
      const expected = readFileSync(path.join(folder, "API.md"));
      expect(Buffer.from(bytes ?? []).toString("latin1")).toBe(
        expected.toString("latin1"),
      );
    });
  });

  describe("fails on the same files", () => {
    test.each(failures)("%s", (_, folder) => {
      const { problem } = podmanDocument(
        readFileSync(path.join(folder, "in.varlink")),
      );
      const said = readFileSync(path.join(folder, "FAIL.txt"), "utf8");
      const known = reasons.find(([pattern]) => pattern.test(said))?.[1];
      expect(problem?.code).toBe(known);
      expect(known).toBeDefined();
    });
  });

  test("reads every interface of Podman that there is", () => {
    const text = readFileSync(
      corpus("podman", "io.podman-1.9.3.varlink"),
      "latin1",
    );
    expect(documentOf(text)).toMatch(/^# io\.podman\n/);
  });
});
