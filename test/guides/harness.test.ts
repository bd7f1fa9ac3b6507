import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isPrinted } from "../support/guides/output.ts";
import { runGuide } from "../support/guides/run.ts";
import { repository } from "../support/portolan.ts";

/** What a guide can be wrong in is found, with its line. Budget: 25 s. */
const folder = mkdtempSync(path.join(tmpdir(), "portolan-guides-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function problems(...lines: readonly string[]): Promise<string[]> {
  const file = path.join(folder, "guide.md");
  writeFileSync(file, `${lines.join("\n")}\n`);
  const found = await runGuide(file);
  return found.map((problem) => problem.slice(problem.indexOf("guide.md")));
}

const fence = (info: string, ...code: readonly string[]): string =>
  ["```" + info, ...code, "```", ""].join("\n");

/** A block of a file, and its name for readers. */
const named = (name: string, ...code: readonly string[]): string =>
  [
    `\`${name}\`:`,
    "",
    fence(`${path.extname(name).slice(1)} ${name}`, ...code),
  ].join("\n");

const server = named(
  "server.ts",
  'import { createServer } from "node:net";',
  'const server = createServer((socket) => socket.end("well\\n"));',
  'server.listen("/tmp/well.sock", () => console.log("listens at /tmp/well.sock"));',
);
const client = named(
  "client.ts",
  'import { connect } from "node:net";',
  'for await (const chunk of connect("/tmp/well.sock")) console.log(String(chunk));',
);

describe("a guide", () => {
  test("that is right has no problem", async () => {
    expect(
      await problems(
        "# Guide",
        fence("sh skip", "npm install portolan"),
        fence(
          "varlink org.example.counter.varlink",
          "# org.example.counter.varlink: counts.",
          "interface org.example.counter",
          "",
          "method Add(by: int) -> (count: int)",
        ),
        fence(
          "sh",
          "# Twice, the second time for nothing.",
          "npx portolan generate org.example.counter.varlink -o src \\",
          "  --client",
          "npx portolan generate org.example.counter.varlink -o src --client --check",
        ),
        fence("text", "… up to date: … files."),
        server,
        fence("sh", "node server.ts &"),
        fence("text", "listens at /tmp/well.sock"),
        client,
        "And `client.ts` goes on:",
        fence("ts client.ts", 'console.log("and", "on");'),
        fence("sh", "node client.ts | tr a-z A-Z"),
        fence("text", "WELL", "…", "AND ON"),
        "A command may fail:",
        fence("sh", "npx portolan check none.varlink # exits with 2"),
        fence("text", 'portolan: … "none.varlink"…'),
        fence("md", "an illustration"),
      ),
    ).toEqual([]);
  });

  test("whose program prints something else tells both", async () => {
    const [problem = "", ...others] = await problems(
      "# Guide",
      "",
      named("a.ts", "console.log(1 + 1, import.meta.url.slice(0, 4));"),
      fence("sh", "node a.ts"),
      fence("text", "3 file"),
    );
    expect(others).toEqual([]);
    expect(problem).toBe(
      "guide.md:10: `node a.ts` does not print what stands in line 14:\n    3 file\n  it prints\n    2 file",
    );
  });

  test("whose program has the wrong type tells the guide's line", async () => {
    const found = await problems(
      named("a.ts", "const one = 1;"),
      "Between, in `a.ts`:",
      "",
      fence(
        "ts a.ts",
        "",
        'const two: string = "2";',
        "const n: number = two;",
      ),
      fence("sh", "node a.ts"),
    );
    expect(found.join("\n")).toMatch(/^guide\.md:4: a\.ts: error TS6133.*$/m);
    expect(found.join("\n")).toMatch(/^guide\.md:12: a\.ts: error TS2322.*$/m);
  });

  test.each([
    ["ts without a file name", fence("ts", "export {};"), /3: a ts block has/],
    ["a file outside", fence("ts ../a.ts", ""), /3: "\.\.\/a\.ts" is no path/],
    ["a file elsewhere", fence("ts /a.ts", ""), /3: "\/a\.ts" is no path/],
    ["many names", fence("ts a.ts b.ts", ""), /3: "a\.ts b\.ts" is no path/],
    ["a misspelt skip", fence("sh skipp", "false"), /3: a sh block has/],
    ["a nameless block", fence("", "?"), /3: a nameless block has/],
    ["a hidden name", fence("ts a.ts", ""), /3: no reader sees .* "a\.ts"/],
    [
      "another name",
      `\`ba.ts\`, a.ts:\n\n${fence("ts a.ts", "// ba.ts")}`,
      /5: no reader sees .* "a\.ts"/,
    ],
    [
      "a name before another block",
      `\`a.ts\`\n\n${fence("text")}\n${fence("ts a.ts", "")}`,
      /8: no reader sees .* "a\.ts"/,
    ],
  ])("with %s is refused", async (_, block, expected) => {
    const found = await problems("# Guide", "", block);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  test("whose command fails ends there", async () => {
    const [problem = "", ...others] = await problems(
      fence("sh", "npx portolan check none.varlink", "touch never"),
      fence("sh", "false"),
    );
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^guide\.md:2: `npx portolan check none\.varlink` exits with 2, not with 0; it prints\n {4}portolan: .*none\.varlink/,
    );
  });

  test("whose command does not fail though it should says so", async () => {
    const found = await problems(fence("sh", "true # exits with 3"));
    expect(found[0]).toMatch(/`true` exits with 0, not with 3/);
  });

  test.each([
    ["at once", "node server.ts --now &", /server\.ts --now &` ended with 7/],
    ["later", "node server.ts &", /server\.ts &` ended with 7[^]*and down/],
  ])("whose server dies %s tells which", async (_, command, expected) => {
    const found = await problems(
      named(
        "server.ts",
        'import { writeFileSync } from "node:fs";',
        'writeFileSync("pid", String(process.pid));',
        'if (process.argv[2] === "--now") process.exit(7);',
        'console.log("up");',
        'setTimeout(() => { console.log("and down"); process.exit(7); }, 10);',
      ),
      fence("sh", command),
      fence("sh", "while kill -0 $(cat pid) 2>&-; do sleep 0.01; done"),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});

test("nothing that was started outlives its starter, whatever ends that", async () => {
  const at = path.join(repository, "test/support/guides/background.ts");
  writeFileSync(
    path.join(folder, "starter.mts"),
    `import { start } from ${JSON.stringify(at)};
     const program = start(process.argv[2] ?? "", ${JSON.stringify(folder)}, process.env);
     await program.change();
     console.log(program.output());`,
  );
  const listens = `node -e 'process.on("SIGTERM", () => {}); net.createServer(() => {}).listen("alive.sock", () => console.log("up"))'`;
  const starter = spawn(
    process.execPath,
    ["--import", "tsx", path.join(folder, "starter.mts"), `${listens} & wait`],
    { cwd: repository, stdio: ["ignore", "pipe", "inherit"] },
  );
  const [printed] = (await once(starter.stdout, "data")) as [Buffer];
  expect(String(printed)).toContain("up");
  const connection = connect(path.join(folder, "alive.sock"));
  await once(connection, "connect");
  // Its end may be told as an error, for it was killed.
  connection.on("error", () => undefined);
  const closed = new Promise((resolve) => connection.once("close", resolve));
  starter.kill("SIGKILL");
  await closed;
});

test("an ellipsis stands for a part of a line, or for lines", () => {
  expect(isPrinted("a…c\n…\nd", "abc\nx\ny\nd\n")).toBe(true);
  expect(isPrinted("a…c\n…\nd", "ac\nd")).toBe(true);
  expect(isPrinted("a…c", "a\nc")).toBe(false);
  expect(isPrinted("…", "")).toBe(true);
  expect(isPrinted("a", "ab")).toBe(false);
  expect(isPrinted("a.c $^ [x]", "a.c $^ [x]")).toBe(true);
  expect(isPrinted("a.c", "abc")).toBe(false);
});
