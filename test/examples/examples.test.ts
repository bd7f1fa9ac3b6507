import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { table } from "../../examples/table.ts";

/** Each example runs as its own process on `embedded:`. Budget: 30 s. */
const examples = fileURLToPath(new URL("../../examples", import.meta.url));

function start(...args: string[]) {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=portolan-source", ...args],
    { cwd: examples, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    stderr += chunk.toString();
  });
  // Not `exit`: what was written last comes in between.
  const ended = once(child, "close") as Promise<[number | null]>;
  return { child, ended, output: () => output, stderr: () => stderr };
}

describe("ps", () => {
  test("lists containers with what they use, once", async () => {
    const { ended, output } = start(path.join("ps", "main.ts"), "--once");
    const [code] = await ended;
    expect(code, output()).toBe(0);
    const [heading = "", ...rows] = output().trimEnd().split("\n");
    expect(heading).toMatch(/^ID +NAME +IMAGE +STATUS +CPU +MEMORY +PIDS$/);
    expect(rows).toHaveLength(3);
    expect(output()).toMatch(
      /^[0-9a-f]{12} +web +\S*httpd\S* +running +\d+\.\d % +\d+\.\d MiB +\d+$/m,
    );
    expect(output()).toMatch(/^[0-9a-f]{12} +idle +\S*httpd\S* +configured$/m);
  });

  test("draws again each second, until it is told to end", async () => {
    const { child, ended, output } = start(path.join("ps", "main.ts"));
    await expect
      .poll(() => output().match(/^ID/gm)?.length, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(2);
    child.kill("SIGINT");
    const [code] = await ended;
    expect(code, output()).toBe(0);
  });

  test("keeps what others wrote from driving the terminal", () => {
    expect(
      table([
        ["A", "B"],
        ["\u001B[2J", "\u202Eevil"],
      ]),
    ).toBe("A     B\n\u{FFFD}[2J  \u{FFFD}evil\n");
  });
});

describe("logs", () => {
  test.each([
    ["with an address", ["embedded:", "backup"]],
    ["of the default engine", ["backup"]],
  ])("follows one container %s to its end", async (_, words) => {
    const { ended, output } = start(path.join("logs", "main.ts"), ...words);
    const [code] = await ended;
    expect(code, output()).toBe(0);
    const lines = output().trimEnd().split("\n").toSorted();
    expect(lines).toEqual([
      "backup ended with 2",
      "backup | 1.2 GB copied",
      "backup | copying /data",
      "backup | no room for the index",
    ]);
  });

  test("follows all that run, until it is told to end", async () => {
    const { child, ended, output } = start(path.join("logs", "main.ts"));
    await expect
      .poll(output, { timeout: 20_000 })
      .toContain("web | web: GET /page/2 200");
    child.kill("SIGINT");
    const [code] = await ended;
    expect(code, output()).toBe(0);
  });
});

test("pod starts two containers, stops them and removes all", async () => {
  const { ended, output } = start(path.join("pod", "main.ts"));
  const [code] = await ended;
  expect(code, output()).toBe(0);
  expect(output().replaceAll(/site-\d+/g, "site")).toBe(
    "pod site is running\nsite-pages   running\nsite-server  running\n\npod site is exited\npod site is removed, with its containers\n",
  );
});

describe("every example", () => {
  const all = ["ps", "logs", "pod"].map((name) => ({
    name,
    file: path.join(name, "main.ts"),
  }));

  test.each(all)("$name says how it is used", async ({ file }) => {
    const { ended, output, stderr } = start(file, "--help");
    const [code] = await ended;
    expect(code, output()).toBe(0);
    expect(output()).toMatch(/^usage: \w+\/main\.ts \[ADDRESS\][^\n]*\n$/);
    expect(stderr()).toBe("");
  });

  test.each(all)("$name fails in one line", async ({ file }) => {
    for (const [word, said] of [
      ["podman:unix:/nonexistent/socket", /cannot connect/],
      ["docker:", /an engine is podman:ADDRESS/],
      ["--nonsense", /--nonsense/],
    ] as const) {
      const { ended, output, stderr } = start(file, word);
      const [code] = await ended;
      expect(code, output()).toBe(1);
      expect(output()).toBe(stderr());
      expect(stderr()).toMatch(/^[^\n]+\n$/);
      expect(stderr()).toMatch(said);
    }
  });

  test("logs fails in one line for a name that nothing has", async () => {
    const { ended, output } = start(path.join("logs", "main.ts"), "nobody");
    const [code] = await ended;
    expect(code, output()).toBe(1);
    expect(output()).toBe('there is no container "nobody"\n');
  });
});
