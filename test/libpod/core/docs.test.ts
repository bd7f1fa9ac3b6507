import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

/** What `docs/libpod.md` shows, in its order, is one program that compiles and runs. Budget: 15 s. */
const repository = fileURLToPath(new URL("../../../", import.meta.url));
const work = path.join(repository, ".tmp", `libpod-docs-${process.pid}`);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function node(...args: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: work,
    encoding: "utf8",
  });
  return stdout + stderr;
}

test("the snippets of docs/libpod.md are a program", () => {
  const document = readFileSync(
    path.join(repository, "docs/libpod.md"),
    "utf8",
  );
  const snippets = [...document.matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, code = ""]) => code,
  );
  expect(snippets.length).toBeGreaterThan(2);
  mkdirSync(work, { recursive: true });
  writeFileSync(path.join(work, "program.ts"), snippets.join("\n"));
  writeFileSync(
    path.join(work, "tsconfig.json"),
    '{ "extends": "../../tsconfig.json", "include": ["."] }',
  );
  const tsc = path.join(repository, "node_modules/@typescript/native/bin/tsc");
  const problems = node(tsc, "-p", work).split("\n");
  // What it imports is checked with everything else.
  expect(problems.filter((line) => line.startsWith("program.ts"))).toEqual([]);

  const ran = node(
    "--import",
    "tsx",
    "--conditions=portolan-source",
    "program.ts",
  );
  const lines = ran.trimEnd().split("\n");
  expect(lines[0]).toBe("[ 'web' ]");
  expect(lines[1]).toBe("it does not run");
  expect(lines.at(-2)).toMatch(/^[0-9a-f]{64}$/);
  // Nothing there is called cat: the last line is the code of a shell that finds nothing.
  expect(lines.at(-1)).toBe("127");
});
