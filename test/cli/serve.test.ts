import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { Runtime } from "portolan/libpod";
import { PodmanClient } from "portolan/podman";
import { PodmanClient as Podman19Client } from "portolan/podman/1.9";
import { PodmanClient as ProjectatomicClient } from "portolan/podman/projectatomic";
import { PortoClient } from "portolan/porto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exit } from "../../src/cli/exit.ts";
import { run } from "../../src/cli/program.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "portolan-serve-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs `portolan serve …` while `use` runs; without it, what is refused at once. */
async function serve(
  args: readonly string[],
  use: () => Promise<void> = () => Promise.reject(new Error("it came up")),
) {
  let stdout = "";
  let stderr = "";
  let failure: unknown;
  const code = await run(["serve", ...args], "1.2.3", {
    stdout: { write: (text) => (stdout += text), colour: false },
    stderr: { write: (text) => (stderr += text), colour: false },
    stdin: (async function* none() {})(),
    cwd,
    async toldToEnd() {
      try {
        await use();
      } catch (error) {
        failure = error;
      }
    },
  });
  if (failure !== undefined) throw failure;
  return { code, stdout, stderr };
}

/** What `portolan serve --help` says. */
const help = () => serve(["--help"]);

const at = (name: string): string => path.join(cwd, name);

describe("serve", () => {
  test("needs something to serve", async () => {
    const { code, stderr } = await serve([]);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain("--podman");
  });

  test("offers three interfaces over one engine", async () => {
    const podmanAt = `unix:${at("io.podman")}`;
    const { code, stdout, stderr } = await serve(
      ["--podman", podmanAt, "--porto", at("porto")],
      async () => {
        const podman = await PodmanClient.connect(podmanAt);
        await podman.pullImage({ name: "alpine" });
        await podman.createContainer({
          create: { name: "web", image: "alpine" },
        });
        const ancestor = new ProjectatomicClient(podman.$connection);
        const { containers } = await ancestor.listContainers();
        expect(containers.map(({ names }) => names)).toEqual(["web"]);
        await podman.$close();

        const porto = await PortoClient.connect(`unix:${at("porto")}`);
        expect((await porto.list()).name).toEqual(["web"]);
        await porto.$close();
        expect(statSync(at("io.podman")).mode & 0o777).toBe(0o600);
      },
    );
    expect({ code, stdout }).toEqual({ code: exit.ok, stdout: "" });
    expect(stderr).toContain(
      `Serving io.podman (1.0) and io.projectatomic.podman at ${podmanAt}`,
    );
    expect(stderr).toContain("no process is started");
    await expect(PodmanClient.connect(podmanAt)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
  });

  test("serves the io.podman of 1.9 where asked", async () => {
    const podmanAt = `unix:${at("io.podman")}`;
    await serve(["--podman", podmanAt, "--podman-api", "1.9"], async () => {
      const podman = await Podman19Client.connect(podmanAt);
      // By it clients choose what they may ask for.
      expect((await podman.getVersion()).version).toBe("1.9.3");
      const { info } = await podman.getInfo();
      expect(info.podman.podman_version).toBe("1.9.3");
      await podman.$close();
    });
  });

  test("keeps everything in a folder", async () => {
    const args = ["--podman", `unix:${at("s")}`, "--state", "kept"];
    const open = () => Runtime.open(`podman:unix:${at("s")}`);
    await serve(args, async () => {
      const runtime = await open();
      await runtime.pullImage("alpine");
      await runtime.newContainer(
        { process: { args: ["sleep", "1"] } },
        { name: "kept", rootfs: { image: "alpine" } },
      );
      await runtime.close();
    });
    await serve(args, async () => {
      const runtime = await open();
      expect((await runtime.lookupContainer("kept")).name).toBe("kept");
      await runtime.close();
    });
  });

  test("says where it listens as JSON", async () => {
    const { stdout, stderr } = await serve(
      ["--porto", `unix:${at("porto")}`, "--json"],
      () => Promise.resolve(),
    );
    expect(JSON.parse(stdout)).toEqual({
      listening: [{ what: "Porto's protocol", address: `unix:${at("porto")}` }],
    });
    expect(stderr).toBe("");
  });

  test("runs the programs of a file", async () => {
    writeFileSync(
      at("programs.json"),
      '{ "greet": { "output": ["hello"], "exitCode": 4 } }',
    );
    const args = ["--podman", `unix:${at("s")}`, "--programs", "programs.json"];
    await serve(args, async () => {
      const runtime = await Runtime.open(`podman:unix:${at("s")}`);
      await runtime.pullImage("alpine");
      const greet = await runtime.newContainer(
        { process: { args: ["greet"] } },
        { rootfs: { image: "alpine" } },
      );
      await greet.start();
      expect(await greet.wait()).toBe(4);
      await runtime.close();
    });
  });

  test("takes a path for the unix socket there", async () => {
    await serve(["--podman", at("s")], async () => {
      const podman = await PodmanClient.connect(`unix:${at("s")}`);
      expect((await podman.ping()).ping.message).toBe("OK");
      await podman.$close();
    });
  });

  test("warns of addresses that are no unix sockets, and of no others", async () => {
    const { stderr } = await serve(
      ["--podman", "tcp:127.0.0.1:0", "--porto", at("porto")],
      () => Promise.resolve(),
    );
    expect(stderr.match(/^Warning: .*$/gm)).toEqual([
      expect.stringMatching(
        /who can reach tcp:127\.0\.0\.1:\d+ may read and write files/,
      ),
    ]);
    const { stdout } = await help();
    expect(stdout).not.toContain("tcp:");
  });

  test("tells of clients that break the protocol, and goes on", async () => {
    const { stderr } = await serve(
      ["--podman", at("podman"), "--porto", at("porto")],
      async () => {
        for (const [name, bytes] of [
          ["podman", "not JSON\0"],
          ["porto", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"],
        ] as const) {
          const socket = connect(at(name)).resume();
          socket.write(bytes, "latin1");
          await once(socket, "close");
        }
        const porto = await PortoClient.connect(`unix:${at("porto")}`);
        expect((await porto.list()).name).toEqual([]);
        await porto.$close();
      },
    );
    const told = stderr
      .split("\n")
      .filter((line) => line.startsWith("A client broke the protocol"));
    expect(told).toEqual([
      expect.stringContaining(at("podman")),
      expect.stringContaining(at("porto")),
    ]);
  });

  test.each([
    [
      '{ "web": { "outptu": [] } }',
      /"p\.json": programs\.web\.outptu: there is no such member/,
    ],
    [
      '{ "web": { "ignores": ["SIGTREM"] } }',
      /"p\.json": programs\.web\.ignores\[0\]: .*SIGTREM/,
    ],
  ])("refuses the programs %s", async (text, message) => {
    writeFileSync(at("p.json"), text);
    const { code, stderr } = await serve([
      "--porto",
      at("s"),
      "--programs",
      "p.json",
    ]);
    expect(code).toBe(exit.usage);
    expect(stderr).toMatch(message);
  });

  test("says where a module of programs threw", async () => {
    writeFileSync(
      at("thrower.mjs"),
      "export default {};\nfunction deep() {\n  throw new Error('boom');\n}\ndeep();\n",
    );
    const { code, stderr } = await serve([
      "--porto",
      at("s"),
      "--programs",
      "thrower.mjs",
    ]);
    expect(code).toBe(exit.usage);
    expect(stderr).toMatch(
      /thrower\.mjs": boom\n +at deep \(.*thrower\.mjs:3:/,
    );
  });

  test.each(["s", "unix:s;mode=0660"])(
    "refuses one address (%s) for both",
    async (address) => {
      const text = address === "s" ? `./${address}` : address;
      const { code, stderr } = await serve([
        "--podman",
        text,
        "--porto",
        "unix:" + text.replace(/^unix:|;.*$/g, ""),
      ]);
      expect(code).toBe(exit.usage);
      expect(stderr).toMatch(/--podman and --porto/);
    },
  );

  test.each([
    [
      "an address that is none",
      ["--podman", "carrier-pigeon:home"],
      "carrier-pigeon",
    ],
    [
      "a folder that cannot be",
      ["--porto", "/nowhere/at/all/porto"],
      "/nowhere/at/all",
    ],
    [
      "programs that are not there",
      ["--porto", "tcp:127.0.0.1:0", "--programs", "none.json"],
      "none.json",
    ],
    [
      "programs that are no object",
      ["--porto", "tcp:127.0.0.1:0", "--programs", "list.json"],
      "list.json",
    ],
    [
      "a version that is none",
      ["--podman", "tcp:127.0.0.1:0", "--podman-api", "2.0"],
      "2.0",
    ],
  ])("refuses %s", async (_name, args, word) => {
    writeFileSync(at("list.json"), "[]");
    const { code, stderr } = await serve(args);
    expect(code).toBe(exit.usage);
    expect(stderr).toContain(word);
  });
});
