import { symlinkSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filesOf, isPattern } from "../../src/config/patterns.ts";
import { folderWith } from "./folder.ts";

const tree = {
  "a.proto": "",
  "b.proto": "",
  "b.proto.bak": "",
  "x/a.proto": "",
  "x/y/a.proto": "",
  "x/y/z/c.varlink": "",
  ".hidden/a.proto": "",
  ".a.proto": "",
  "node_modules/p/a.proto": "",
  "x/[1]+(2).proto": "",
};

async function found(pattern: string, files: object = tree): Promise<string[]> {
  const folder = folderWith(files as Record<string, string>);
  const all = await filesOf(pattern, folder);
  return all.map((file) => path.relative(folder, file));
}

describe("patterns", () => {
  test.each([
    ["*.proto", ["a.proto", "b.proto"]],
    ["b.*", ["b.proto", "b.proto.bak"]],
    ["*", ["a.proto", "b.proto", "b.proto.bak"]],
    ["x/*", ["x/[1]+(2).proto", "x/a.proto"]],
    ["*/a.proto", ["x/a.proto"]],
    ["x/*/a.proto", ["x/y/a.proto"]],
    ["**/a.proto", ["a.proto", "x/a.proto", "x/y/a.proto"]],
    ["x/**/*.varlink", ["x/y/z/c.varlink"]],
    ["x/y/**", ["x/y/a.proto", "x/y/z/c.varlink"]],
    ["**/y/**/c.varlink", ["x/y/z/c.varlink"]],
    ["./x/../*.proto", ["a.proto", "b.proto"]],
    [".*", [".a.proto"]],
    [".hidden/*", [".hidden/a.proto"]],
    ["node_modules/**/*.proto", ["node_modules/p/a.proto"]],
    ["x/[1]*.proto", ["x/[1]+(2).proto"]],
    ["x/*+(*).proto", ["x/[1]+(2).proto"]],
    ["nowhere/*.proto", []],
    ["a.proto/*", []],
    ["**a.proto", ["a.proto"]],
    ["a.p*.proto", []],
    ["b*.*r*o.*", ["b.proto.bak"]],
    ["x/**/**/**/c.*", ["x/y/z/c.varlink"]],
  ])("%s stands for %j", async (pattern, expected) => {
    expect(await found(pattern)).toEqual(expected);
  });

  test("one may be absolute", async () => {
    const folder = folderWith(tree);
    expect(await filesOf(`${folder}/*.proto`, "/nowhere")).toEqual([
      path.join(folder, "a.proto"),
      path.join(folder, "b.proto"),
    ]);
  });

  test("links to files are files; to folders, `**` does not follow them, and ends", async () => {
    const folder = folderWith({ "x/a.proto": "" });
    symlinkSync(folder, path.join(folder, "x/up"));
    symlinkSync(path.join(folder, "x/a.proto"), path.join(folder, "l.proto"));
    symlinkSync("nowhere", path.join(folder, "dead.proto"));
    symlinkSync("self.proto", path.join(folder, "self.proto"));
    const names = async (pattern: string): Promise<string[]> =>
      (await filesOf(pattern, folder)).map((file) =>
        path.relative(folder, file),
      );
    expect(await names("**/*.proto")).toEqual(["l.proto", "x/a.proto"]);
    expect(await names("x/*/l.proto")).toEqual(["x/up/l.proto"]);
  });

  test("many stars take no longer than one", async () => {
    const long = "a".repeat(200);
    const deep = Array.from({ length: 12 }, () => "d").join("/");
    const files = { [long]: "", [`${deep}/b`]: "" };
    expect(await found(`${"*a".repeat(40)}b`, files)).toEqual([]);
    expect(await found(`${"**/".repeat(40)}b`, files)).toEqual([`${deep}/b`]);
  });

  test("a path is what it is: brackets and the like have no meaning", () => {
    for (const text of ["a.proto", "a[1].proto", "a?.proto", "{a,b}.proto"])
      expect(isPattern(text)).toBe(false);
    expect(isPattern("a*.proto")).toBe(true);
  });

  /** The rule once more, the slow way: a pattern's parts against a path's. */
  function matches(pattern: string[], parts: string[]): boolean {
    const [first, ...rest] = pattern;
    if (first === undefined) return parts.length === 0;
    if (first === "**") {
      if (matches(rest, parts)) return true;
      return parts.length > 1 && matches(pattern, parts.slice(1));
    }
    const [name, ...below] = parts;
    if (name === undefined) return false;
    const [start = "", end] = first.split("*");
    const isSame =
      end === undefined
        ? name === first
        : name.length >= start.length + end.length &&
          name.startsWith(start) &&
          name.endsWith(end);
    return isSame && matches(rest, below);
  }

  test("every file below is found exactly where the pattern fits it", async () => {
    const name = fc.constantFrom("a", "b", "ab", "a.p", "b.p");
    const file = fc.array(name, { minLength: 1, maxLength: 3 });
    const part = fc.constantFrom("a", "b", "*", "a*", "*.p", "*b", "**");
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { minLength: 1, maxLength: 6 }),
        fc.array(part, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("a", "*", "*.p"),
        async (paths, parts, last) => {
          // Files end in `f`, so that none is a folder as well.
          const files = paths.map((one) => [...one, `${one.at(-1) ?? ""}.f`]);
          const pattern = [...parts, `${last}.f`];
          const there = Object.fromEntries(
            files.map((one) => [one.join("/"), ""]),
          );
          const expected = files
            .filter((one) => matches(pattern, one))
            .map((one) => one.join("/"));
          expect(await found(pattern.join("/"), there)).toEqual(
            [...new Set(expected)].toSorted(),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
