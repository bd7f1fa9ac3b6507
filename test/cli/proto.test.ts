import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exit } from "../../src/cli/exit.ts";
import { run } from "../../src/cli/program.ts";

/** What the command does with files of Protocol Buffers. Budget: 5 s. */

const shop = `syntax = "proto2";
package shop;

import "money/amount.proto";

// One thing for sale.
message Item {
  required string name = 1;
  optional money.Amount price = 2;
  optional uint64 sold = 3;
}
`;
const amount = `syntax = "proto3";
package money;

message Amount {
  int64 cents = 1;
}
`;
const lamp = `syntax = "proto2";
package lamp;

enum Code { OK = 0; BROKEN = 1; }
message Switch { optional bool on = 1; }
message State { optional bool on = 1; }
message Request { optional Switch Turn = 1; }
message Response { optional Code code = 1; optional string text = 2; optional State Turn = 3; }
`;
const envelope = {
  label: "Lamp",
  request: "lamp.Request",
  response: "lamp.Response",
  error: { field: "code", message: "text", success: "OK", absent: "BROKEN" },
};

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "portolan-cli-proto-"));
  mkdirSync(path.join(cwd, "include/money"), { recursive: true });
  writeFileSync(path.join(cwd, "shop.proto"), shop);
  writeFileSync(path.join(cwd, "include/money/amount.proto"), amount);
  writeFileSync(path.join(cwd, "lamp.proto"), lamp);
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function portolan(args: readonly string[], stdin = "") {
  let stdout = "";
  let stderr = "";
  const code = await run(args, "1.2.3", {
    stdout: { write: (text) => (stdout += text), colour: false },
    stderr: { write: (text) => (stderr += text), colour: false },
    stdin: (async function* input() {
      yield Buffer.from(stdin);
    })(),
    cwd,
    toldToEnd: () => Promise.resolve(),
  });
  return { code, stdout, stderr };
}

const read = (file: string): string =>
  readFileSync(path.join(cwd, file), "utf8");
const writeEnvelope = (name: string, config: object = envelope): void =>
  writeFileSync(path.join(cwd, name), JSON.stringify(config));

describe("imports", () => {
  const generate = ["generate", "shop.proto", "-o", "gen"];

  test("are found in the folders of -I, and their types come along", async () => {
    const { code, stderr } = await portolan([...generate, "-I", "include"]);
    expect({ code, stderr }).toMatchObject({ code: exit.ok });
    expect(readdirSync(path.join(cwd, "gen/shop")).toSorted()).toEqual([
      "API.md",
      "codec.ts",
      "index.ts",
      "types.ts",
    ]);
    expect(read("gen/shop/types.ts")).toContain("interface Amount");
  });

  test("are found beside the file without -I", async () => {
    symlinkSync("include/money", path.join(cwd, "money"));
    expect((await portolan(generate)).code).toBe(exit.ok);
  });

  test("that are not found are told with their place, and nothing is written", async () => {
    const { code, stderr } = await portolan(generate);
    expect(code).toBe(exit.problems);
    expect(stderr).toContain("shop.proto:4:");
    expect(stderr).toContain("money/amount.proto");
    expect(existsSync(path.join(cwd, "gen"))).toBe(false);
  });

  test.each([
    "../money.proto",
    "/money.proto",
    "a/../money.proto",
    "./money.proto",
  ])("never lead out of their folder: %s", async (name) => {
    writeFileSync(path.join(cwd, "money.proto"), amount);
    mkdirSync(path.join(cwd, "inner"));
    writeFileSync(
      path.join(cwd, "inner/shop.proto"),
      shop.replace("money/amount.proto", name),
    );
    const { code } = await portolan(["check", "inner/shop.proto"]);
    expect(code).toBe(exit.problems);
  });

  test("with errors are told by their own path", async () => {
    writeFileSync(
      path.join(cwd, "include/money/amount.proto"),
      amount.replace("int64", "Missing"),
    );
    const { code, stderr } = await portolan([
      "check",
      "shop.proto",
      "-I",
      "include",
    ]);
    expect(code).toBe(exit.problems);
    expect(stderr).toContain(
      `${path.join("include", "money/amount.proto")}:5:`,
    );
  });

  test("of -I may be several", async () => {
    mkdirSync(path.join(cwd, "empty"));
    const { code } = await portolan([
      "check",
      "-I",
      "empty",
      "-I",
      "include",
      "shop.proto",
    ]);
    expect(code).toBe(exit.ok);
  });
});

describe("an envelope", () => {
  const generate = ["generate", "lamp.proto", "-o", "gen"];

  test("beside the file makes client and server", async () => {
    writeEnvelope("lamp.envelope.json");
    expect((await portolan(generate)).code).toBe(exit.ok);
    expect(read("gen/lamp/client.ts")).toContain("class LampClient");
    expect(read("gen/lamp/server.ts")).toContain("lampService");
    expect(read("gen/lamp/API.md")).toContain("Turn");
  });

  test("may be named", async () => {
    writeEnvelope("other.json");
    const { code } = await portolan([...generate, "--envelope", "other.json"]);
    expect(code).toBe(exit.ok);
    expect(existsSync(path.join(cwd, "gen/lamp/client.ts"))).toBe(true);
  });

  test("is for one file", async () => {
    writeEnvelope("other.json");
    const { code, stderr } = await portolan([
      "generate",
      "lamp.proto",
      "shop.proto",
      "-o",
      "gen",
      "--envelope",
      "other.json",
    ]);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain("--envelope fits one interface file");
  });

  test("that does not fit names the setting", async () => {
    writeEnvelope("lamp.envelope.json", {
      ...envelope,
      request: "lamp.Reqest",
    });
    const { code, stderr } = await portolan(generate);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain("request");
    expect(stderr).toContain("lamp.Reqest");
    expect(existsSync(path.join(cwd, "gen"))).toBe(false);
  });

  test("that is no JSON is told", async () => {
    writeFileSync(path.join(cwd, "lamp.envelope.json"), "{ nope");
    const { code, stderr } = await portolan(generate);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain("lamp.envelope.json");
  });

  test.each([["check"], ["generate", "-o", "gen"]])(
    "that does not fit is data too: %s --json",
    async (...command) => {
      writeEnvelope("lamp.envelope.json", { ...envelope, request: "lamp.R" });
      const { code, stdout } = await portolan([
        ...command,
        "lamp.proto",
        "--json",
      ]);
      expect(code).toBe(exit.usage);
      const { diagnostics } = JSON.parse(stdout) as { diagnostics: unknown };
      expect(diagnostics).toEqual([
        {
          path: "lamp.envelope.json",
          severity: "error",
          code: "proto/envelope",
          message: 'request: lamp.proto has no message "lamp.R"',
        },
      ]);
    },
  );

  test("that does not fit hides no problem of other files", async () => {
    writeEnvelope("lamp.envelope.json", { ...envelope, request: "lamp.R" });
    const { code, stderr } = await portolan([
      "check",
      "lamp.proto",
      "shop.proto",
    ]);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain("lamp.envelope.json: request:");
    expect(stderr).toContain("shop.proto:4:");
    expect(stderr).toContain("-I DIR");
  });

  test("that is missing leaves messages and their codec", async () => {
    expect((await portolan(generate)).code).toBe(exit.ok);
    expect(existsSync(path.join(cwd, "gen/lamp/client.ts"))).toBe(false);
    expect(read("gen/lamp/codec.ts")).toContain("lamp.Switch");
  });
});

describe("options", () => {
  test.each([
    ["bigint", "bigint"],
    ["number", "number"],
    ["string", "string"],
  ])("--int64 %s", async (option, type) => {
    await portolan([
      "generate",
      "shop.proto",
      "-I",
      "include",
      "-o",
      "gen",
      "--int64",
      option,
    ]);
    expect(read("gen/shop/types.ts")).toContain(
      `readonly sold?: ${type} | undefined;`,
    );
  });

  test("--language says what standard input is", async () => {
    const proto = ["--language", "proto"];
    expect((await portolan(["check", "-", ...proto], amount)).code).toBe(
      exit.ok,
    );
    const other = ["check", "-", "--language", "varlink"];
    expect((await portolan(other, amount)).code).toBe(exit.problems);
    const { stdout } = await portolan(["docs", "-", ...proto], amount);
    expect(stdout).toContain("Amount");
  });

  test.each([
    ["", exit.ok],
    ["// One.\n/* Two\n * */ /**/", exit.ok],
    ["\ufeff\n", exit.ok],
    ["# No comment of this language.\n", exit.problems],
  ])(
    "standard input is known by its first word, after %j",
    async (start, code) => {
      expect((await portolan(["check", "-"], start + amount)).code).toBe(code);
    },
  );

  test.each([["--client"], ["--server"], ["--name", "Shop"]])(
    "%s needs to be told how calls are carried",
    async (...option) => {
      const { code, stderr } = await portolan([
        "generate",
        "lamp.proto",
        "-o",
        "gen",
        "--docs",
        ...option,
      ]);
      expect(code).toBe(exit.usage);
      expect(stderr).toContain(`${option[0]} means nothing for "lamp.proto"`);
      expect(stderr).toContain('"lamp.envelope.json"');
      expect(stderr).toContain("--envelope");
      expect(existsSync(path.join(cwd, "gen"))).toBe(false);
    },
  );

  test("--inputs partial is for Varlink, among others too", async () => {
    const generate = ["generate", "-o", "gen", "--inputs", "partial"];
    const alone = await portolan([...generate, "lamp.proto"]);
    expect(alone.code).toBe(exit.usage);
    expect(alone.stderr).toContain("--inputs partial means nothing for .proto");
    writeFileSync(
      path.join(cwd, "a.varlink"),
      "interface a.b\nmethod A() -> ()\n",
    );
    const both = await portolan([...generate, "lamp.proto", "a.varlink"]);
    expect(both.code).toBe(exit.ok);
  });

  test("--int64 bigint is for Varlink too, string is not", async () => {
    writeFileSync(
      path.join(cwd, "a.varlink"),
      "interface a.b\nmethod A(n: int) -> ()\n",
    );
    const types = (): string =>
      readFileSync(path.join(cwd, "gen/a/types.ts"), "utf8");
    const generate = ["generate", "-o", "gen", "a.varlink"];
    expect((await portolan(generate)).code).toBe(exit.ok);
    expect(types()).toContain("readonly n: number;");
    expect((await portolan([...generate, "--int64", "number"])).code).toBe(
      exit.ok,
    );
    expect(types()).not.toContain("bigint");
    expect((await portolan([...generate, "--int64", "bigint"])).code).toBe(
      exit.ok,
    );
    expect(types()).toContain("readonly n: bigint;");
    expect(types()).toContain(`  int: "bigint",\n`);
    const text = [...generate, "--int64", "string"];
    const alone = await portolan(text);
    expect(alone.code).toBe(exit.usage);
    expect(alone.stderr).toContain("--int64 string means nothing for .varlink");
    expect((await portolan([...text, "lamp.proto"])).code).toBe(exit.ok);
    expect(types()).toContain("readonly n: number;");
  });

  test.each([
    ["nowhere", "does not exist"],
    ["lamp.proto", "is not a folder"],
  ])("-I %s is wrong", async (folder, reason) => {
    const args = ["check", "lamp.proto", "-I", folder];
    const { code, stderr } = await portolan(args);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain(`"${folder}"`);
    expect(stderr).toContain(reason);
  });

  test("two files of one name are not generated into one folder", async () => {
    for (const folder of ["one", "two"]) {
      mkdirSync(path.join(cwd, folder));
      writeFileSync(path.join(cwd, folder, "money.proto"), amount);
    }
    const into = ["-o", "gen"];
    await portolan(["generate", "one/money.proto", ...into]);
    const { code, stderr } = await portolan([
      "generate",
      "two/money.proto",
      ...into,
    ]);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain('"../../one/money.proto", which still exists');
    rmSync(path.join(cwd, "one"), { recursive: true });
    const moved = await portolan(["generate", "two/money.proto", ...into]);
    expect(moved.code).toBe(exit.ok);
  });

  test("--check notices a change of the envelope's configuration", async () => {
    const generate = ["generate", "lamp.proto", "-o", "gen"];
    writeEnvelope("lamp.envelope.json");
    await portolan(generate);
    expect((await portolan([...generate, "--check"])).code).toBe(exit.ok);
    writeEnvelope("lamp.envelope.json", { ...envelope, label: "Light" });
    expect((await portolan([...generate, "--check"])).code).toBe(exit.problems);
  });
});
