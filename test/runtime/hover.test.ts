import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-5.4";
import { describe, expect, it } from "vitest";

/** What editors show where a command or method of a client is called. */

const repository = fileURLToPath(new URL("../../", import.meta.url));
const file = path.join(repository, "test/runtime/hover.virtual.ts");
const text = `
import type { Command, Subscription } from "../../src/runtime/envelope/types.ts";
import type { Method, StreamMethod, UpgradeMethod } from "../../src/runtime/varlink/types.ts";

interface Types {
  readonly input: { readonly name: string };
  readonly output: { readonly state: string };
  readonly response: object;
}

declare const client: {
  /** Makes a thing. */
  readonly create: Command<Types>;
  /** Tells of things. */
  readonly watch: Subscription<Types>;
  /** Asks for a thing. */
  readonly get: Method<Types>;
  /** Asks for all things. */
  readonly all: StreamMethod<Types>;
  /** Opens a shell. */
  readonly shell: UpgradeMethod<Types>;
};

void client.create({ name: "a" });
void client.create.reply({ name: "a" });
void client.watch({ name: "a" });
void client.get({ name: "a" });
void client.get.oneway({ name: "a" });
void client.get.more({ name: "a" });
void client.all.more({ name: "a" });
void client.get.upgrade({ name: "a" });
void client.shell.upgrade({ name: "a" });
`;

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  allowImportingTsExtensions: true,
};

const read = (name: string): string | undefined =>
  name === file ? text : ts.sys.readFile(name);

const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [file],
  getScriptVersion: () => "1",
  getScriptSnapshot: (name) => {
    const content = read(name);
    return content === undefined
      ? undefined
      : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => repository,
  getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
  fileExists: (name) => name === file || ts.sys.fileExists(name),
  readFile: read,
});

/** The documentation at the name before a call. */
function shownAt(call: string): string {
  const place = text.indexOf(`void ${call}(`) + `void ${call}`.length - 1;
  const { documentation } = service.getQuickInfoAtPosition(file, place) ?? {};
  return ts.displayPartsToString(documentation);
}

describe("at a call editors show the words of the interface", () => {
  it.each([
    ["client.create", "Makes a thing."],
    ["client.watch", "Tells of things."],
    ["client.get", "Asks for a thing."],
  ])("%s", (call, words) => {
    expect(shownAt(call)).toBe(words);
  });

  it.each([
    ["client.create.reply", "everything else that the response says"],
    ["client.get.oneway", "without asking for a reply"],
    ["client.get.more", "with the `more` flag"],
    ["client.all.more", "with the `more` flag"],
    ["client.get.upgrade", "with the `upgrade` flag"],
    ["client.shell.upgrade", "with the `upgrade` flag"],
  ])("and of %s what it does", (call, words) => {
    expect(shownAt(call)).toContain(words);
  });
});
