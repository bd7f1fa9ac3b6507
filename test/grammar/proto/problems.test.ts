import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { codes } from "../../../grammar/proto/codes.ts";
import { renderFrame } from "../../../grammar/source/render.ts";
import { type Reading, read } from "./support.ts";

/**
 * A test is a file: what is told of `problems/X.proto` stands in `problems/X.txt`,
 * word for word. Its name begins with the code that it is about.
 * `PORTOLAN_REFRESH=1` writes the texts anew, to be read before they are kept.
 */
const folder = fileURLToPath(new URL("problems", import.meta.url));
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".proto"))
  .map((name) => path.basename(name, ".proto"));

const readCase = (name: string): Reading =>
  read(
    readFileSync(path.join(folder, `${name}.proto`), "utf8"),
    `${name}.proto`,
  );

describe("problems", () => {
  it.each(cases)("%s", (name) => {
    const { diagnostics, source } = readCase(name);
    const told = diagnostics
      .map((each) => `${renderFrame(each, source)}\n`)
      .join("\n");
    const golden = path.join(folder, `${name}.txt`);
    if (process.env["PORTOLAN_REFRESH"] === "1") writeFileSync(golden, told);
    expect(told).toBe(readFileSync(golden, "utf8"));
    const about = Object.keys(codes).find((code) =>
      `proto/${name}`.startsWith(code),
    );
    expect(diagnostics.map(({ code }) => code)).toContain(about);
  });

  it("has every code", () => {
    const found = new Set(
      cases.flatMap((name) =>
        readCase(name).diagnostics.map(({ code }) => code),
      ),
    );
    const tooMany = read("@ ; ".repeat(200)).diagnostics.at(-1);
    expect(tooMany?.code).toBe("proto/too-many-problems");
    expect(found.add(tooMany?.code ?? "")).toEqual(new Set(Object.keys(codes)));
  });

  it("writes messages as one sentence without a full stop", () => {
    for (const { message, help = "" } of cases.flatMap(
      (name) => readCase(name).diagnostics,
    )) {
      expect(message).not.toMatch(/\.$|\n|^[A-Z]/);
      expect(help).not.toMatch(/\.$|\n|^[A-Z]/);
      // No names of tokens or rules.
      expect(message + help).not.toMatch(
        /[a-z](?:Parenthesis|Bracket|Brace|Keyword)|Word|EOF|-->/,
      );
    }
  });
});
