import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * What the documents show compiles and runs. Budget: 30 s.
 *
 * The snippets of `docs/libpod.md` are one program, in their order; those of
 * `docs/embedded.md` have a name each, as in ```ts clock, and are programs of their own.
 */
const repository = fileURLToPath(new URL("../../../", import.meta.url));
const work = path.join(repository, ".tmp", `libpod-docs-${process.pid}`);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function node(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: work,
    encoding: "utf8",
  });
  const lines = stdout.trimEnd().split("\n");
  return { status, lines, stdout, stderr };
}

function snippets(document: string): { name: string; code: string }[] {
  const text = readFileSync(path.join(repository, "docs", document), "utf8");
  return [...text.matchAll(/^```ts(?: (\w+))?\n(.*?)^```$/gms)].map(
    ([, name = "", code = ""]) => ({ name, code }),
  );
}

function write(programs: Readonly<Record<string, string>>): void {
  mkdirSync(work, { recursive: true });
  for (const [name, code] of Object.entries(programs))
    writeFileSync(path.join(work, `${name}.ts`), `${code}\nexport {};\n`);
  writeFileSync(
    path.join(work, "tsconfig.json"),
    '{ "extends": "../../tsconfig.json", "include": ["."] }',
  );
}

/** What the compiler says of the programs. */
function problems(): string[] {
  const tsc = path.join(repository, "node_modules/@typescript/native/bin/tsc");
  const { lines } = node(tsc, "-p", work);
  // What they import is checked with everything else.
  return lines.filter((line) => /^\w+\.ts\(/.test(line));
}

function run(name: string) {
  return node(
    "--import",
    "tsx",
    "--conditions=portolan-source",
    path.join(work, `${name}.ts`),
  );
}

test("the snippets of docs/libpod.md are a program", () => {
  const all = snippets("libpod.md");
  expect(all.length).toBeGreaterThan(2);
  write({ program: all.map(({ code }) => code).join("\n") });
  expect(problems()).toEqual([]);
  const { status, lines, stderr } = run("program");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(lines[0]).toBe("[ 'web' ]");
  expect(lines[1]).toBe("it does not run");
  expect(lines.at(-3)).toMatch(/^[0-9a-f]{64}$/);
  expect(lines.slice(-2)).toEqual(["hello", "0"]);
});

describe("docs/embedded.md", () => {
  const printed: Readonly<Record<string, readonly string[]>> = {
    programs: [
      "to the program and back",
      "cat: 0",
      "stdout web listens on 8080",
      "stderr signal 15",
      "web: 3",
      "broken: 1 out of memory",
    ],
    clock: [
      "0001 running",
      "2030-01-01T00:00:00.000Z one",
      "2030-01-01T00:01:00.000Z two",
      "NO_SUCH_IMAGE",
    ],
    state: ["no space left true", "0"],
    folder: [
      "at the same time: true",
      "exited 255 the engine went away while it ran",
    ],
  };
  const all = snippets("embedded.md");
  beforeAll(() =>
    write(Object.fromEntries(all.map(({ name, code }) => [name, code]))),
  );

  test("every snippet compiles, and is run below", () => {
    expect(all.map(({ name }) => name).toSorted()).toEqual(
      ["test", ...Object.keys(printed)].toSorted(),
    );
    expect(problems()).toEqual([]);
  });

  test.each(Object.entries(printed))("%s prints what it says", (name, said) => {
    const { status, lines, stderr } = run(name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(lines).toEqual(said);
  });

  test("its tests pass, all of them", () => {
    const { status, stdout } = run("test");
    expect(stdout).toMatch(/^\S+ pass 3$/m);
    expect(stdout).toMatch(/^\S+ fail 0$/m);
    expect(status).toBe(0);
  });
});
