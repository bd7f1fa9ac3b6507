import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as libpod from "../../src/libpod/index.ts";
import * as standard from "../../src/runtime/varlink/standard.ts";
import { repository } from "../support/portolan.ts";

/** The tables of docs/errors.md have what the sources have, no more and no less. */

const read = (name: string): string =>
  readFileSync(`${repository}${name}`, "utf8");

/** The rows of the table whose first title is given, as texts without backticks. */
function table(title: string): string[][] {
  const lines = read("docs/errors.md").split("\n");
  const at = lines.findIndex((line) =>
    new RegExp(`^\\| ${title} +\\|`).test(line),
  );
  expect(at).toBeGreaterThan(0);
  const rows = lines.slice(at + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith("|")),
    )
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

/** The codes of a union of literals in a source. */
function codesOf(source: string, type: string): string[] {
  const [, union = ""] =
    new RegExp(`export type ${type} =\n(.*?)\n\n`, "s").exec(read(source)) ??
    [];
  return [...union.matchAll(/\| "([A-Z_]+)"/g)].map(([, code = ""]) => code);
}

describe("docs/errors.md", () => {
  test("has every code of the runtime", () => {
    const codes = codesOf("src/runtime/errors.ts", "ErrorCode");
    expect(codes).toContain("ABORTED");
    expect(
      table("code")
        .map(([code = ""]) => code)
        .toSorted(),
    ).toEqual(codes.toSorted());
  });

  test("has every code of libpod with its class", () => {
    const lines = read("docs/errors.md").split("\n");
    const pairs = lines.flatMap((line) =>
      [...line.matchAll(/\| `([A-Z_]+)` +\| `([A-Z]\w+)` +(?=\|)/g)].map(
        ([, code = "", name = ""]): [string, string] => [code, name],
      ),
    );
    expect(pairs.map(([code]) => code).toSorted()).toEqual(
      codesOf("src/libpod/errors.ts", "LibpodErrorCode").toSorted(),
    );
    const made: Readonly<Record<string, readonly unknown[]>> = {
      NotSupported: ["podman", "flying"],
      PodOperationFailed: ["id", []],
      StateCorrupted: ["path", "why"],
    };
    for (const [code, name] of pairs) {
      const type: unknown = Reflect.get(libpod, name);
      expect(typeof type, name).toBe("function");
      expect(
        Reflect.construct(type as () => void, made[name] ?? ["why"]),
      ).toMatchObject({ code, name });
    }
  });

  test("has the seven errors of org.varlink.service", () => {
    const names = Object.entries(standard)
      .filter(([, value]) => typeof value === "function" && "error" in value)
      .map(([name]) => name);
    expect(names).toHaveLength(7);
    expect(
      table("class")
        .map(([name = ""]) => name)
        .toSorted(),
    ).toEqual(names.toSorted());
  });
});
