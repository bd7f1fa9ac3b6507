import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { renderFrame } from "../../../src/model/diagnostics.ts";
import { linkCodes } from "../../../src/model/proto/codes.ts";
import { parseProto } from "../../../src/model/proto.ts";

/**
 * A test is a file: what is told of `problems/X.proto` stands in `problems/X.txt`,
 * word for word. Its name begins with the code that it is about.
 * `PORTOLAN_REFRESH=1` writes the texts anew, to be read before they are kept.
 */
const folder = fileURLToPath(new URL("problems", import.meta.url));
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".proto"))
  .map((name) => path.basename(name, ".proto"));

const load = (name: string) => {
  const file = path.join(folder, name);
  return existsSync(file)
    ? { path: name, text: readFileSync(file, "utf8") }
    : undefined;
};

const parse = (name: string) => {
  const file = `${name}.proto`;
  const text = readFileSync(path.join(folder, file), "utf8");
  return parseProto(text, { path: file, load });
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
    const about = Object.keys(linkCodes)
      .filter((code) => `proto/${name}`.startsWith(code))
      .toSorted((left, right) => right.length - left.length)[0];
    expect(diagnostics.map(({ code }) => code)).toContain(about);
  });

  it("has every code", () => {
    const found = new Set(
      cases.flatMap((name) => parse(name).diagnostics.map(({ code }) => code)),
    );
    expect([...found].toSorted()).toEqual(Object.keys(linkCodes).toSorted());
  });

  it("gives no descriptor and no model exactly if there is an error", () => {
    for (const name of cases) {
      const { diagnostics, file, service } = parse(name);
      const hasErrors = diagnostics.some(
        ({ severity }) => severity === "error",
      );
      expect([name, file === undefined, service === undefined]).toEqual([
        name,
        hasErrors,
        hasErrors,
      ]);
    }
  });

  it("writes messages as one sentence without a full stop", () => {
    for (const { message, help = "" } of cases.flatMap(
      (name) => parse(name).diagnostics,
    )) {
      expect(message).not.toMatch(/\.$|\n|^[A-Z]/);
      expect(help).not.toMatch(/\.$|\n|^[A-Z]/);
    }
  });
});
