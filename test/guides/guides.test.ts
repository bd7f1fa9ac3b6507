import { describe, expect, test } from "vitest";
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
  "configuration",
  "podman-apidoc",
  "services",
  "streams",
  "sockets",
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
