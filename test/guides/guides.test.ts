import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readSteps } from "../support/guides/blocks.ts";
import { runGuide } from "../support/guides/run.ts";
import { repository } from "../support/portolan.ts";

/**
 * Each guide is done as it says: its files are written, its commands run, what
 * they print is compared, and its programs are compiled as strictly as our own
 * code. `npx vitest run test/guides -t integers` does one. Budget: 90 s.
 */
const guides: readonly string[] = [
  "getting-started",
  "generated-code",
  "documents",
  "configuration",
  "podman-apidoc",
  "services",
  "streams",
  "sockets",
  "proxy",
  "engines",
  "integers",
  "errors",
  "envelope",
  "libpod",
  "embedded",
];

describe("guides", () => {
  test.each(guides)("docs/%s.md", { timeout: 180_000 }, async (name) => {
    const problems = await runGuide(`${repository}docs/${name}.md`);
    expect(problems.join("\n\n")).toBe("");
  });
});

test("no other document has a file to try", () => {
  const others = readdirSync(`${repository}docs`)
    .filter((name) => name.endsWith(".md"))
    .filter((name) => !guides.includes(name.slice(0, -".md".length)));
  expect(others).toContain("architecture.md");
  for (const name of others) {
    const { steps } = readSteps(
      readFileSync(`${repository}docs/${name}`, "utf8"),
    );
    const files = steps.filter(({ kind }) => kind === "file");
    expect(files, name).toEqual([]);
  }
});
