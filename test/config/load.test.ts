import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/config/error.ts";
import { importModule } from "../../src/config/import-module.ts";
import { loadConfig } from "../../src/config/load.ts";
import { repository } from "../support/portolan.ts";
import { folderWith } from "./folder.ts";

/** What Node 20 answers to TypeScript. */
function unknownExtension(): Promise<unknown> {
  const error = new TypeError('Unknown file extension ".ts" for /c.ts');
  return Promise.reject(
    Object.assign(error, { code: "ERR_UNKNOWN_FILE_EXTENSION" }),
  );
}

async function load(name: string, text: string) {
  return loadConfig(path.join(folderWith({ [name]: text }), name));
}

describe("a configuration", () => {
  test.each([
    ["portolan.config.json", '{ "output": "x" }'],
    ["schema.json", '{ "$schema": "./s.json", "output": "x" }'],
    ["bom.json", '\uFEFF{ "output": "x" }'],
    ["portolan.config.mjs", 'export default { output: "x" };'],
    ["portolan.config.ts", 'export default { output: "x" as string };'],
    ["portolan.config.mts", 'export default { output: "x" as string };'],
    ["other.js", 'await 0; export default { output: "x" };'],
    // As TypeScript that was made CommonJS is seen.
    ["deeper.mjs", 'export default { default: { output: "x" } };'],
  ])("may be %s", async (name, text) => {
    expect(await load(name, text)).toEqual({ output: "x" });
  });

  test.each([
    ["a.json", "{ output: 1 }", /^the configuration "a.json" is not JSON: .+/],
    ["a.json", "", /is not JSON/],
    ["a.mjs", "export const output = 1;", /has no default export: write/],
    [
      "a.mjs",
      '\nthrow new Error("no luck");',
      /^the configuration "a.mjs" could not be run: no luck \(a.mjs:2:\d+\)$/,
    ],
    ["a.mjs", "throw 7;", /could not be run: 7$/],
    ["a.mts", "throw null;", /could not be run: null$/],
    ["a.mjs", 'import "./nowhere.mjs";', /could not be run: .*nowhere.mjs/],
    ["a.mjs", "export default { output: };", /could not be run: /],
    [
      "a.json",
      '{ "docs": { "$schema": "x" } }',
      /docs\["\$schema"\] is no option/,
    ],
    ["a.json", "[]", /it is an empty list, but must be an object/],
    ["a.mjs", "export default { outptu: 1 };", /did you mean "output"\?$/],
  ])("that is wrong is told of: %s %j", async (name, text, message) => {
    const loaded = load(name, text);
    await expect(loaded).rejects.toThrow(ConfigError);
    await expect(loaded).rejects.toThrow(message);
  });

  test.each(["a.json", "a.mjs"])("that is not there: %s", async (name) => {
    const file = path.join(folderWith({}), name);
    await expect(loadConfig(file)).rejects.toThrow(
      `cannot read the configuration "${file}": there is no such file`,
    );
  });
});

describe("TypeScript that Node does not read", () => {
  const source = {
    "c.ts": 'enum A { X = "x" }\nexport default { output: A.X as string };',
  };

  test("is not tried twice where it is read", async () => {
    const file = path.join(folderWith(source), "c.ts");
    const module = { default: 1 };
    const native = (): Promise<unknown> => Promise.resolve(module);
    expect(await importModule(file, native)).toBe(module);
  });

  test("is an error that names the ways out", async () => {
    const file = path.join(folderWith(source), "c.ts");
    const imported = importModule(file, unknownExtension);
    await expect(imported).rejects.toThrow(ConfigError);
    await expect(imported).rejects.toThrow(
      `"c.ts" is TypeScript, which this Node (${process.version}) does not read: use Node 22.18 or later, or add jiti or tsx to your project (npm install --save-dev tsx), or write c.mjs or portolan.config.json`,
    );
  });

  test("in part only is an error that says which", async () => {
    const file = path.join(folderWith(source), "c.ts");
    const refused = (): Promise<unknown> =>
      Promise.reject(
        Object.assign(new SyntaxError("enum is not supported"), {
          code: "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
        }),
      );
    await expect(importModule(file, refused)).rejects.toThrow(
      '"c.ts" has TypeScript that Node cannot run by leaving out types (enum is not supported): write it in another way, or add jiti or tsx',
    );
  });

  test("a module that imports such a file fails with its own error", async () => {
    const file = path.join(folderWith({ "c.mjs": "" }), "c.mjs");
    await expect(importModule(file, unknownExtension)).rejects.toThrow(
      "Unknown file extension",
    );
  });

  test("one that imports what nobody reads fails with its own error", async () => {
    const file = path.join(folderWith(source), "c.ts");
    const style = new TypeError('Unknown file extension ".css" for /c.css');
    Object.assign(style, { code: "ERR_UNKNOWN_FILE_EXTENSION" });
    const native = (): Promise<unknown> => Promise.reject(style);
    await expect(importModule(file, native)).rejects.toBe(style);
  });

  test("is left to jiti, if the project has it", async () => {
    const folder = folderWith({
      ...source,
      "node_modules/jiti/package.json": '{ "main": "jiti.js" }',
      // As jiti 2: it makes a reader for a file, which imports.
      "node_modules/jiti/jiti.js":
        "exports.createJiti = (from) => ({ import: async (url) => ({ default: { from, url } }) });",
    });
    const file = path.join(folder, "c.ts");
    expect(await importModule(file, unknownExtension)).toEqual({
      default: { from: file, url: pathToFileURL(file).href },
    });
  });

  test("a jiti of another kind is passed over", async () => {
    const folder = folderWith({
      ...source,
      "node_modules/jiti/package.json": '{ "main": "jiti.js" }',
      "node_modules/jiti/jiti.js": "module.exports = () => undefined;",
    });
    const file = path.join(folder, "c.ts");
    await expect(importModule(file, unknownExtension)).rejects.toThrow(
      "add jiti or tsx",
    );
  });

  test.each(["module", "commonjs"])(
    "is left to tsx, in a %s package too",
    (type) => {
      const ours = pathToFileURL(
        path.join(repository, "src/config/import-module.ts"),
      ).href;
      const folder = folderWith({
        ...source,
        "package.json": JSON.stringify({ type }),
        "run.mjs": `import { importModule } from ${JSON.stringify(ours)};
const refuse = () => Promise.reject(Object.assign(new Error('extension ".ts"'), { code: "ERR_UNKNOWN_FILE_EXTENSION" }));
const { default: config } = await importModule(process.argv[2], refuse);
console.log((config.default ?? config).output);`,
        "node_modules/.keep": "",
      });
      symlinkSync(
        path.join(repository, "node_modules/tsx"),
        path.join(folder, "node_modules/tsx"),
      );
      const ran = spawnSync(
        process.execPath,
        [
          "--import",
          "tsx",
          path.join(folder, "run.mjs"),
          path.join(folder, "c.ts"),
        ],
        { cwd: repository, encoding: "utf8" },
      );
      expect(ran).toMatchObject({ stdout: "x\n", stderr: "" });
    },
  );
});
