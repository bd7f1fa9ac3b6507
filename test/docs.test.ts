import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../src/cli/program.ts";

/** What `docs/envelope.md` shows is generated, compiled and run. Budget: 15 s. */
const repository = fileURLToPath(new URL("../", import.meta.url));
const document = readFileSync(
  path.join(repository, "docs/envelope.md"),
  "utf8",
);
const work = path.join(repository, ".tmp", `docs-${process.pid}`);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function snippet(language: string): string {
  const [, code] =
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(document) ?? [];
  if (code === undefined) throw new Error(`no ${language} in the document`);
  return code;
}

describe("docs/envelope.md", () => {
  test("shows what works", async () => {
    mkdirSync(work, { recursive: true });
    writeFileSync(path.join(work, "lamp.proto"), snippet("proto"));
    writeFileSync(path.join(work, "lamp.envelope.json"), snippet("json"));
    writeFileSync(path.join(work, "lamp.ts"), snippet("ts"));
    writeFileSync(
      path.join(work, "tsconfig.json"),
      '{ "extends": "../../tsconfig.json", "include": ["."] }',
    );
    const [command = ""] = /portolan (generate [^`]*)/.exec(document) ?? [];
    let said = "";
    const write = (text: string): unknown => (said += text);
    const code = await run(command.split(" ").slice(1), "0", {
      stdout: { write, colour: false },
      stderr: { write, colour: false },
      stdin: (async function* none() {})(),
      cwd: work,
      toldToEnd: () => Promise.resolve(),
    });
    expect(code, said).toBe(0);

    const tsc = path.join(
      repository,
      "node_modules/@typescript/native/bin/tsc",
    );
    const compiled = spawnSync(process.execPath, [tsc, "-p", work], {
      encoding: "utf8",
    });
    expect(compiled.stdout).toBe("");

    const ran = spawnSync(
      process.execPath,
      ["--import", "tsx", "--conditions=portolan-source", "lamp.ts"],
      { cwd: work, encoding: "utf8" },
    );
    expect(ran.stdout + ran.stderr).toBe(
      "{ on: true, turned: 1n }\nBROKEN on or off?\n",
    );
  });

  test("has every setting of the largest configuration there is", () => {
    const config = JSON.parse(
      readFileSync(
        path.join(repository, "interfaces/porto.envelope.json"),
        "utf8",
      ),
    ) as object;
    const listed = [...document.matchAll(/^\| `(\w+)` +\|/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(listed)).toEqual(new Set(Object.keys(config)));
  });
});
