// What is generated from names that mean something to the language.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { planFiles } from "../../../src/emit/generate.ts";
import { harmless, hostileInterface, LEGAL } from "./names.ts";

const clashes = ["typescript/com.example.clash.varlink", "proto/clash.proto"];

/** Everything that is generated from a text, by path. */
function generate(path: string, text: string, options: object = {}): string[] {
  const { files, reports } = planFiles([{ path, text }], {
    root: "/generated",
    load: (name) =>
      name === "other.proto"
        ? { path: name, text: fixture("proto/other.proto") }
        : undefined,
    ...options,
  });
  expect(reports.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
  return files.map((file) => `${file.path}\n${file.text}`);
}

function fixture(name: string): string {
  return readFileSync(new URL(`../../emit/${name}`, import.meta.url), "utf8");
}

/** Members of object literals that set a prototype instead of a member, quoted or not. */
function prototypesSet(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAssignment(node) &&
      !ts.isComputedPropertyName(node.name) &&
      node.name.getText(file).replaceAll(/["']/g, "") === "__proto__"
    )
      found.push(node.parent.getText(file));
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile("a.ts", text, ts.ScriptTarget.Latest, true);
  visit(file);
  return found;
}

describe("generated code", () => {
  it("is looked at by a test that sees what sets a prototype", () => {
    expect(prototypesSet('({ __proto__: a, ["__proto__"]: b })')).toHaveLength(
      1,
    );
    expect(prototypesSet("f({ a: [{ '__proto__': 1 }] })")).toHaveLength(1);
    expect(prototypesSet("({ __proto__() {}, __proto__$: 1 })")).toEqual([]);
  });

  it.each([...clashes, "hostile.varlink"])("of %s sets none", (name) => {
    const text = clashes.includes(name) ? fixture(name) : hostileInterface();
    for (const int64 of ["bigint", "number"] as const)
      for (const generated of generate(name, text, { int64, docs: false }))
        expect(prototypesSet(generated)).toEqual([]);
  });
});

describe("documents", () => {
  /** Puts the harmless names in the places of the others. */
  const rename = (text: string): string =>
    LEGAL.reduce(
      (all, name) =>
        all.replaceAll(new RegExp(name, "gi"), (found) => harmless(found)),
      text,
    );

  it.each(["file", "sorted"] as const)(
    "are the same whether names mean something or not, sections %s",
    (sections) => {
      const options = { client: false, server: false, sections };
      const documentOf = (text: string): string =>
        (
          generate("org.example.hostile.varlink", text, options).at(-1) ?? ""
        ).replace(/sha256 [0-9a-f]+/, "");
      const text = hostileInterface();
      const other = documentOf(rename(text));
      expect(other).toContain("constructoq");
      expect(rename(documentOf(text))).toBe(other);
    },
  );
});
