import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { codes } from "../../grammar/varlink/codes.ts";
import { renderFrame } from "../../src/model/diagnostics.ts";
import { parseVarlink } from "../../src/model/varlink.ts";

/**
 * A test is a file: what is told of `problems/X.varlink` stands in `problems/X.txt`,
 * word for word. Its name begins with the code that it is about.
 * `PORTOLAN_REFRESH=1` writes the texts anew, to be read before they are kept.
 */
const folder = fileURLToPath(new URL("problems", import.meta.url));
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".varlink"))
  .map((name) => path.basename(name, ".varlink"));

const parse = (name: string) => {
  const text = readFileSync(path.join(folder, `${name}.varlink`), "utf8");
  return parseVarlink(text, { path: `${name}.varlink` });
};

describe("problems", () => {
  it.each(cases)("%s", (name) => {
    const { diagnostics, source } = parse(name);
    const told = diagnostics
      .map((each) => `${renderFrame(each, source)}\n`)
      .join("\n");
    const golden = path.join(folder, `${name}.txt`);
    if (process.env["PORTOLAN_REFRESH"] === "1") writeFileSync(golden, told);
    expect(told).toBe(readFileSync(golden, "utf8"));
    const about = Object.keys(codes).find((code) =>
      `varlink/${name}`.startsWith(code),
    );
    expect(diagnostics.map(({ code }) => code)).toContain(about);
  });

  it("has every code", () => {
    const found = new Set(
      cases.flatMap((name) => parse(name).diagnostics.map(({ code }) => code)),
    );
    const tooMany = parseVarlink("@ ".repeat(200), {
      path: "x",
    }).diagnostics.at(-1);
    expect(tooMany?.code).toBe("varlink/too-many-problems");
    expect(found.add(tooMany?.code ?? "")).toEqual(new Set(Object.keys(codes)));
  });

  it("gives no model exactly if there is an error", () => {
    for (const name of cases) {
      const { diagnostics, service } = parse(name);
      const hasErrors = diagnostics.some(
        ({ severity }) => severity === "error",
      );
      expect([name, service === undefined]).toEqual([name, hasErrors]);
    }
  });

  it("writes messages as one sentence without a full stop", () => {
    for (const { message, help = "" } of cases.flatMap(
      (name) => parse(name).diagnostics,
    )) {
      expect(message).not.toMatch(/\.$|\n|^[A-Z]/);
      expect(help).not.toMatch(/\.$|\n|^[A-Z]/);
      // No names of tokens or rules.
      expect(message + help).not.toMatch(
        /[a-z](?:Parenthesis|Bracket|Keyword)|Word|EOF|-->/,
      );
    }
  });
});
