import { spawnSync, type StdioOptions } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exit } from "../../src/cli/exit.ts";
import { run } from "../../src/cli/program.ts";

const good = `# Counts things.
interface org.example.counter

# Adds to the count.
method Add(by: int) -> (count: int)

error TooMuch (limit: int)
`;
const bad = `interface org.example.bad

method A(x: Missing, x: int) -> ()
type t ()
`;

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "portolan-cli-"));
  writeFileSync(path.join(cwd, "org.example.counter.varlink"), good);
  writeFileSync(path.join(cwd, "bad.varlink"), bad);
  writeFileSync(path.join(cwd, ".varlink"), good);
  // Configurations are not looked for above it.
  writeFileSync(path.join(cwd, "package.json"), '{ "type": "module" }');
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

const files = (folder: string): string[] =>
  readdirSync(path.join(cwd, folder)).toSorted();

describe("generate", () => {
  const generate = ["generate", "org.example.counter.varlink", "-o", "gen"];

  test("writes a folder named by the file's stem", async () => {
    const { code, stdout, stderr } = await portolan(generate);
    expect({ code, stdout }).toEqual({ code: exit.ok, stdout: "" });
    expect(stderr).toContain(
      `created ${path.join("gen", "org.example.counter", "client.ts")}`,
    );
    expect(files("gen/org.example.counter")).toEqual([
      "API.md",
      "client.ts",
      "index.ts",
      "server.ts",
      "types.ts",
    ]);
  });

  test.each([
    [["--client"], ["client.ts", "index.ts", "types.ts"]],
    [["--server"], ["index.ts", "server.ts", "types.ts"]],
    [["--docs"], ["API.md", "index.ts", "types.ts"]],
    [
      ["--client", "--docs"],
      ["API.md", "client.ts", "index.ts", "types.ts"],
    ],
  ])("with %j writes that and the types only", async (flags, expected) => {
    await portolan([...generate, ...flags]);
    expect(files("gen/org.example.counter")).toEqual(expected);
  });

  test("removes what a former selection wrote", async () => {
    await portolan(generate);
    const { stderr } = await portolan([...generate, "--client"]);
    expect(stderr).toContain(
      `removed ${path.join("gen", "org.example.counter", "server.ts")}`,
    );
    expect(files("gen/org.example.counter")).toEqual([
      "client.ts",
      "index.ts",
      "types.ts",
    ]);
  });

  test("does not touch what is up to date", async () => {
    await portolan(generate);
    const file = path.join(cwd, "gen/org.example.counter/types.ts");
    const before = statSync(file).mtimeMs;
    const { code, stderr } = await portolan(generate);
    expect(code).toBe(exit.ok);
    expect(stderr).toContain("Nothing to do: 5 files up to date.");
    expect(statSync(file).mtimeMs).toBe(before);
  });

  test("writes nothing when one of several files has an error", async () => {
    const { code, stderr } = await portolan([...generate, "bad.varlink"]);
    expect(code).toBe(exit.problems);
    expect(stderr).toContain("bad.varlink:3:");
    expect(existsSync(path.join(cwd, "gen"))).toBe(false);
  });

  test("--check is quiet about fresh output and exits with 1 on stale", async () => {
    await portolan(generate);
    expect((await portolan([...generate, "--check"])).code).toBe(exit.ok);
    writeFileSync(
      path.join(cwd, "org.example.counter.varlink"),
      good.replace("by: int", "by: float"),
    );
    const stale = await portolan([...generate, "--check"]);
    expect(stale.code).toBe(exit.problems);
    expect(stale.stderr).toContain("The output is stale");
    await portolan(generate);
    expect((await portolan([...generate, "--check"])).code).toBe(exit.ok);
  });

  test("--check on an empty folder says what is missing and writes nothing", async () => {
    const { code, stderr } = await portolan([...generate, "--check"]);
    expect(code).toBe(exit.problems);
    expect(stderr).toContain(
      `missing ${path.join("gen", "org.example.counter", "types.ts")}`,
    );
    expect(existsSync(path.join(cwd, "gen"))).toBe(false);
  });

  test("does not overwrite a file that somebody wrote", async () => {
    await portolan(generate);
    const file = path.join(cwd, "gen/org.example.counter/client.ts");
    writeFileSync(file, "// mine\n");
    const { code, stderr } = await portolan(generate);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain("was not generated by Portolan");
    expect(readFileSync(file, "utf8")).toBe("// mine\n");
  });

  test.each([
    ["old/org.example.counter.varlink", "rename one of them"],
    ["./org.example.counter.varlink", "is named twice"],
  ])(
    "refuses %s besides, for both would share a folder",
    async (file, words) => {
      const other = path.join(cwd, "other");
      mkdirSync(path.join(cwd, "old"));
      writeFileSync(path.join(cwd, "old/org.example.counter.varlink"), good);
      const { code, stderr } = await portolan([
        "generate",
        "org.example.counter.varlink",
        file,
        "-o",
        other,
      ]);
      expect(code).toBe(exit.usage);
      expect(stderr).toContain(words);
    },
  );

  test("--name names client and service; --import-extension the imports", async () => {
    await portolan([
      ...generate,
      "--name",
      "Abacus",
      "--import-extension",
      ".ts",
    ]);
    const client = readFileSync(
      path.join(cwd, "gen/org.example.counter/client.ts"),
      "utf8",
    );
    expect(client).toContain("class AbacusClient");
    expect(client).toContain('"./types.ts"');
  });

  test("--json reports what was done, on standard output only", async () => {
    const { stdout, stderr } = await portolan([...generate, "--json"]);
    expect(stderr).toBe("");
    const report = JSON.parse(stdout) as { files: { created: string[] } };
    expect(report.files.created).toContain("org.example.counter/API.md");
  });
});

describe("docs", () => {
  test("prints the document, and nothing else, to standard output", async () => {
    const { code, stdout, stderr } = await portolan([
      "docs",
      "org.example.counter.varlink",
    ]);
    expect({ code, stderr }).toEqual({ code: exit.ok, stderr: "" });
    expect(stdout).toMatch(/^# /);
    expect(stdout).toContain("Adds to the count.");
  });

  test("reads standard input and writes a file", async () => {
    const { code, stdout } = await portolan(
      ["docs", "-", "-o", "API.md"],
      good,
    );
    expect({ code, stdout }).toEqual({ code: exit.ok, stdout: "" });
    expect(readFileSync(path.join(cwd, "API.md"), "utf8")).toContain(
      "org.example.counter",
    );
  });

  test("never puts the document in place of the interface file", async () => {
    const name = "org.example.counter.varlink";
    symlinkSync(name, path.join(cwd, "link.md"));
    for (const output of [name, `./${name}`, path.join(cwd, name), "link.md"]) {
      const { code, stderr } = await portolan(["docs", name, "-o", output]);
      expect({ output, code }).toEqual({ output, code: exit.usage });
      expect(stderr).toContain("is the interface file itself");
    }
    expect(readFileSync(path.join(cwd, name), "utf8")).toBe(good);
  });

  test("replaces an older document, keeps its mode, and leaves nothing beside it", async () => {
    const file = path.join(cwd, "API.md");
    writeFileSync(file, "old\n", { mode: 0o640 });
    await portolan(["docs", "-", "-o", "API.md"], good);
    expect(readFileSync(file, "utf8")).toContain("org.example.counter");
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(files(".").filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("does not touch a document that is right", async () => {
    await portolan(["docs", "-", "-o", "API.md"], good);
    utimesSync(path.join(cwd, "API.md"), 1, 1);
    await portolan(["docs", "-", "-o", "API.md"], good);
    expect(statSync(path.join(cwd, "API.md")).mtimeMs).toBe(1000);
  });

  test("does not replace a file that is no document", async () => {
    writeFileSync(path.join(cwd, "package.json"), "{}\n");
    const { code, stderr } = await portolan(
      ["docs", "-", "-o", "package.json"],
      good,
    );
    expect(code).toBe(exit.usage);
    expect(stderr).toContain("not named as a document");
    expect(readFileSync(path.join(cwd, "package.json"), "utf8")).toBe("{}\n");
  });

  test("writes to what is no file at all", async () => {
    const { code } = await portolan(["docs", "-", "-o", "/dev/null"], good);
    expect(code).toBe(exit.ok);
  });

  test("writes nothing for a file with errors", async () => {
    const { code, stdout } = await portolan([
      "docs",
      "bad.varlink",
      "-o",
      "API.md",
    ]);
    expect({ code, stdout }).toEqual({ code: exit.problems, stdout: "" });
    expect(existsSync(path.join(cwd, "API.md"))).toBe(false);
  });
});

describe("check", () => {
  test("is silent on standard output and exits with 0 without errors", async () => {
    const { code, stdout, stderr } = await portolan([
      "check",
      "org.example.counter.varlink",
    ]);
    expect({ code, stdout }).toEqual({ code: exit.ok, stdout: "" });
    expect(stderr).toContain("1 file read: 0 errors and 0 warnings.");
  });

  test("shows all errors of all files and exits with 1", async () => {
    const { code, stderr } = await portolan([
      "check",
      "bad.varlink",
      "org.example.counter.varlink",
    ]);
    expect(code).toBe(exit.problems);
    expect(stderr).toContain("Missing");
    expect(stderr).toContain("bad.varlink:3:");
    expect(stderr).toContain("bad.varlink:4:");
  });

  test("--json gives the problems as data", async () => {
    const { code, stdout, stderr } = await portolan([
      "check",
      "bad.varlink",
      "--json",
    ]);
    expect({ code, stderr }).toEqual({ code: exit.problems, stderr: "" });
    const report = JSON.parse(stdout) as {
      diagnostics: { path: string; severity: string; code: string }[];
    };
    expect(report.diagnostics.length).toBeGreaterThanOrEqual(3);
    expect(report.diagnostics[0]).toMatchObject({
      path: "bad.varlink",
      severity: "error",
      range: { start: { line: 3 } },
    });
  });

  test.each([
    ["# caf\xe9\ninterface a.b\n", 5],
    ["\xff", 0],
    ["# \xe2\x82", 2],
    ["# \xe2\x82\xac \x80", 6],
    [`# ${"\xc3\xa9".repeat(1000)}\xc3(`, 2002],
  ])(
    "a file that is not UTF-8 is a problem of the file: %j",
    async (bytes, offset) => {
      writeFileSync(
        path.join(cwd, "latin.varlink"),
        Buffer.from(bytes, "latin1"),
      );
      const { code, stderr } = await portolan(["check", "latin.varlink"]);
      expect(code).toBe(exit.problems);
      expect(stderr).toContain(`is at offset ${offset}\n`);
    },
  );
});

describe("what a terminal gets", () => {
  const escape = "\u001b]0;x\u0007";
  const name = `a${escape}b\u202e\nc.varlink`;

  test.each([
    ["check", name],
    ["check", `${escape}nowhere.varlink`],
    ["check", `${escape}nowhere.txt`],
    ["generate", name, "-o", `out${escape}`],
    ["generate", name, "-o", `out${escape}`, "--check"],
    ["generate", name, "-o", `${name}/x`],
    ["docs", name, "-o", `no${escape}/where`],
    [`no${escape}`],
    ["check", `--no${escape}`],
    ["generate", name, "-o", "x", "--inputs", escape],
  ])("holds nothing that drives it: %j", async (...args) => {
    writeFileSync(path.join(cwd, name), good);
    const { stderr } = await portolan(args);
    expect(stderr).not.toBe("");
    expect(stderr).not.toMatch(/[^\P{C}\n]/u);
  });
});

describe("the command itself", () => {
  const command = (args: readonly string[], stdio: StdioOptions) =>
    spawnSync(
      process.execPath,
      ["--import", "tsx", "--conditions=portolan-source", main, ...args],
      { stdio, encoding: "utf8" },
    );
  const input = (): string => path.join(cwd, "org.example.counter.varlink");

  test.skipIf(!existsSync("/dev/full"))(
    "says so when standard output takes nothing, without a stack",
    () => {
      const full = openSync("/dev/full", "w");
      try {
        const { status, stderr } = command(
          ["docs", input()],
          ["ignore", full, "pipe"],
        );
        expect(status).toBe(exit.usage);
        expect(stderr).toMatch(
          /^portolan: cannot write to standard output: ENOSPC.*\n$/,
        );
      } finally {
        closeSync(full);
      }
    },
  );

  test.skipIf(!existsSync("/dev/full"))(
    "exits as it would if nobody can read its messages",
    () => {
      const full = openSync("/dev/full", "w");
      try {
        const stdio: StdioOptions = ["ignore", "pipe", full];
        expect(command(["check", input()], stdio).status).toBe(exit.ok);
        expect(
          command(["check", path.join(cwd, "bad.varlink")], stdio).status,
        ).toBe(exit.problems);
      } finally {
        closeSync(full);
      }
    },
  );
});

describe("check of several files", () => {
  test("one that is not UTF-8 does not hide the others' problems", async () => {
    writeFileSync(path.join(cwd, "latin.varlink"), Buffer.from([0xff]));
    const plain = await portolan(["check", "latin.varlink", "bad.varlink"]);
    expect(plain.code).toBe(exit.problems);
    expect(plain.stderr).toContain("is not UTF-8");
    expect(plain.stderr).toContain("bad.varlink:3:");
    const json = await portolan([
      "check",
      "latin.varlink",
      "bad.varlink",
      "--json",
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      unreadable: [{ path: "latin.varlink" }],
      diagnostics: [{ path: "bad.varlink" }, {}, {}],
    });
  });
});

describe("usage", () => {
  test.each([
    [[], "Usage: portolan"],
    [["nonsense"], "unknown command"],
    [["check"], "there is no configuration"],
    [["generate"], "there is no configuration"],
    [["check", "nowhere.varlink"], "no such file"],
    [["check", "."], ".varlink"],
    [["check", "x.thrift"], ".varlink"],
    [["check", "bad.varlink", "--nonsense"], "unknown option"],
    [["generate", "bad.varlink"], "needs a folder for its output: -o DIR"],
    [["generate", "-", "-o", "x"], "needs files"],
    [
      ["generate", "bad.varlink", "-o", "x", "--inputs", "some"],
      "Allowed choices",
    ],
    [
      ["generate", "bad.varlink", "-o", "x", "--name", "a-b"],
      "letters and digits",
    ],
    [["generate", ".varlink", "-o", "x"], "cannot name an output folder"],
    [["serve", "bad.varlink"], "too many arguments"],
  ])("%j exits with 2 and says why", async (args, words) => {
    const { code, stdout, stderr } = await portolan(args);
    expect({ code, stdout }).toEqual({ code: exit.usage, stdout: "" });
    expect(stderr).toContain(words);
  });

  test.each([["--help"], ["help"], ["generate", "--help"]])(
    "%s prints to standard output",
    async (...args) => {
      const { code, stdout } = await portolan(args);
      expect(code).toBe(exit.ok);
      expect(stdout).toContain("Usage: portolan");
    },
  );

  test("--version is the package's", async () => {
    expect(await portolan(["--version"])).toMatchObject({
      code: exit.ok,
      stdout: "1.2.3\n",
    });
  });
});
