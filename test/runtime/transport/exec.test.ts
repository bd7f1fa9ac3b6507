import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { existsSync } from "node:fs";
import {
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandFailed } from "../../../src/runtime/transport/command.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import {
  execEndpoint,
  type ExecOptions,
} from "../../../src/runtime/transport/exec.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { failure } from "../../support/peer.ts";
import { answering, answeringFd3, script, SERVICE } from "./programs.ts";

let folder: string;
let clients: VarlinkClient[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "exec-"));
  clients = [];
});

afterEach(async () => {
  for (const client of clients) await client.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(endpoint: Endpoint | string): Promise<VarlinkClient> {
  const client = await VarlinkClient.connect(endpoint, { allow: ["exec"] });
  clients.push(client);
  return client;
}

function node(code: string, options: ExecOptions = {}): Endpoint {
  return execEndpoint(process.execPath, { ...options, args: ["-e", code] });
}

function isAlive(pid: unknown): boolean {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
}

/** Waits, however busy the machine is, until a process has ended. */
async function gone(pid: unknown): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
}

describe("execEndpoint", () => {
  it("hands over a connected socket as systemd does", async () => {
    const client = await open(
      node(
        answeringFd3(
          `{
            pid: process.pid,
            listen: [process.env.LISTEN_FDS, process.env.LISTEN_FDNAMES, process.env.LISTEN_PID],
            pidfd: process.env.LISTEN_PIDFDID ?? null,
            own: process.env.OWN ?? null,
            path: process.cwd(),
            socket: require("fs").fstatSync(3).isSocket(),
            stdin: require("fs").readFileSync(0, "utf8"),
          }`,
        ),
        {
          env: {
            ...process.env,
            OWN: "1",
            LISTEN_FDS: "7",
            LISTEN_PIDFDID: "5",
          },
          cwd: "/",
        },
      ),
    );
    const { pid, ...state } = await client.call("org.example.State");
    expect(state).toEqual({
      listen: ["1", "varlink", `${pid as number}`],
      pidfd: null,
      own: "1",
      path: "/",
      socket: true,
      stdin: "",
    });
  });

  it("passes arguments as they are, to no shell", async () => {
    const args = [
      "$HOME",
      "a b",
      "'\"`\\",
      "$(touch x); exit 1",
      "",
      "-n",
      "é\n",
    ];
    const client = await open(
      execEndpoint(process.execPath, {
        args: [
          "-e",
          answeringFd3("{ args: process.argv.slice(1) }"),
          "--",
          ...args,
        ],
      }),
    );
    expect(await client.call("org.example.Args")).toEqual({ args });
  });

  it("finds a program from the working directory it is given", async () => {
    await script(
      folder,
      "here",
      `exec '${process.execPath}' -e '${answeringFd3("{ cwd: process.cwd() }").replaceAll("'", `'\\''`)}'`,
    );
    const env = { ...process.env, PATH: `:${process.env["PATH"] ?? ""}` };
    for (const command of ["./here", "here"]) {
      const client = await open(execEndpoint(command, { cwd: folder, env }));
      expect(await client.call("org.example.Here")).toEqual({ cwd: folder });
    }
  });

  it("takes an address, whose path may hold anything", async () => {
    const file = await script(
      folder,
      "a b'$(c)\"",
      `exec '${process.execPath}' -e '${answeringFd3("{ ok: process.argv.length }").replaceAll("'", `'\\''`)}'`,
    );
    const client = await open(`exec:${file};ignored=1`);
    expect(await client.call("org.example.Ok")).toEqual({ ok: 1 });
  });

  it("serves what is started, which leaves nothing to its children", async () => {
    const client = await open(
      execEndpoint(process.execPath, { args: SERVICE }),
    );
    const state = await client.call("org.example.started.State");
    expect(state).toMatchObject({ inherited: [], places: ["fd:3"] });
    expect(isAlive(state["pid"])).toBe(true);
    await client.close();
    await gone(state["pid"]);
  });

  it("queues calls on one process, which a stream has to itself", async () => {
    const client = await open(
      execEndpoint(process.execPath, { args: SERVICE }),
    );
    const states = await Promise.all(
      [1, 2, 3].map(() => client.call("org.example.started.State")),
    );
    expect(new Set(states.map(({ pid }) => pid)).size).toBe(1);
    const stream = client.more("org.example.started.Count");
    expect(await stream.next()).toEqual({ done: false, value: { n: 0 } });
    expect(
      await failure(client.call("org.example.started.State")),
    ).toMatchObject({
      code: "CONNECTION_BUSY",
    });
    await stream.return();
    // The stream took its connection, and so its process, with it.
    const after = await client.call("org.example.started.State");
    expect(after["pid"]).not.toBe(states[0]?.["pid"]);
  });

  it("has a process for each connection where that is asked for", async () => {
    const client = await open(
      node(answeringFd3("{ pid: process.pid }"), { single: false }),
    );
    const states = await Promise.all([
      client.call("org.example.Pid"),
      client.call("org.example.Pid"),
    ]);
    expect(new Set(states.map(({ pid }) => pid)).size).toBe(2);
  });
});

describe("a listening socket", () => {
  /** Accepts at descriptor 3 with nothing of ours. */
  const accepting = `
    const kind = require("fs").fstatSync(3).isSocket();
    require("net").createServer((connection) => {
      ${answering("connection", "connection", "{ pid: process.pid, kind, address: process.env.VARLINK_ADDRESS, listen: [process.env.LISTEN_FDS, process.env.LISTEN_FDNAMES, process.env.LISTEN_PID] }")}
    }).listen({ fd: 3 });`;

  it("is for one program that accepts all connections", async () => {
    const endpoint = node(accepting, { socket: "listening" });
    expect(endpoint.single).toBe(false);
    const client = await open(endpoint);
    const [one, two] = await Promise.all([
      client.call("org.example.State"),
      client.call("org.example.State"),
    ]);
    expect(two).toEqual(one);
    expect(one).toMatchObject({
      kind: true,
      listen: ["1", "varlink", `${one["pid"] as number}`],
    });
    const file = (one["address"] as string).replace("unix:", "");
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    await client.close();
    await gone(one["pid"]);
    await expect
      .poll(() => existsSync(path.dirname(file)), { timeout: 20_000 })
      .toBe(false);
    // The endpoint is good for another client.
    const again = await (await open(endpoint)).call("org.example.State");
    expect(again["pid"]).not.toBe(one["pid"]);
  });

  it("serves a stream and calls beside it, by a service of ours", async () => {
    const client = await open(
      execEndpoint(process.execPath, { args: SERVICE, socket: "listening" }),
    );
    const stream = client.more("org.example.started.Count");
    expect(await stream.next()).toEqual({ done: false, value: { n: 0 } });
    expect(await client.call("org.example.started.State")).toMatchObject({
      inherited: [],
    });
    await stream.return();
  });

  it("is made anew when the program has ended, which fails its calls", async () => {
    const client = await open(
      execEndpoint(process.execPath, { args: SERVICE, socket: "listening" }),
    );
    const { pid } = await client.call("org.example.started.State");
    const endless = async (): Promise<never> => {
      const stream = client.more("org.example.started.Count");
      for (;;) await stream.next();
    };
    const errors = await Promise.all([
      failure(endless()),
      failure(client.call("org.example.started.Exit", { code: 3 })),
    ]);
    for (const error of errors)
      expect(error).toMatchObject({
        code: "CONNECTION_LOST",
        cause: { code: "COMMAND_FAILED", exitCode: 3 },
      });
    const after = await client.call("org.example.started.State");
    expect(after["pid"]).not.toBe(pid);
  });

  it("may be that of many clients at once", async () => {
    const before = process.listenerCount("exit");
    const warnings: Error[] = [];
    const warn = (warning: Error): unknown => warnings.push(warning);
    process.on("warning", warn);
    const streams = await Promise.all(
      Array.from({ length: 12 }, () =>
        execEndpoint("sleep", { args: ["60"], socket: "listening" }).connect(
          {},
        ),
      ),
    );
    for (const stream of streams) stream.on("error", () => {}).destroy();
    await expect
      .poll(() => process.listenerCount("exit"), { timeout: 20_000 })
      .toBe(before);
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("leaves nothing behind where there is no program", async () => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = folder;
    const endpoint = execEndpoint(path.join(folder, "none"), {
      socket: "listening",
    });
    for (let count = 0; count < 2; count++)
      expect(await failure(VarlinkClient.connect(endpoint))).toMatchObject({
        code: "CONNECT_FAILED",
        cause: { code: "ENOENT" },
      });
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the end of a command", () => {
  it("is the cause of what calls fail with, and the next call starts it anew", async () => {
    const client = await open(
      execEndpoint(process.execPath, { args: SERVICE }),
    );
    const error = await failure(
      client.call("org.example.started.Exit", { code: 3 }),
    );
    expect(error).toMatchObject({
      code: "CONNECTION_LOST",
      cause: { code: "COMMAND_FAILED", exitCode: 3, signal: null },
    });
    const cause = (error as Error).cause;
    expect(CommandFailed.is(cause)).toBe(true);
    expect(cause).toBeInstanceOf(CommandFailed);
    expect(String(cause)).toMatch(
      /^CommandFailed: the command .* ended with exit code 3: with 3$/,
    );
    expect((cause as CommandFailed).stderr).toBe("leaving\nwith 3\n");
    expect(await client.call("org.example.started.State")).toMatchObject({
      places: ["fd:3"],
    });
  });

  it("is a cause where it is a good one too, but comes before the answer", async () => {
    const client = await open(
      execEndpoint(process.execPath, { args: SERVICE }),
    );
    const error = await failure(
      client.call("org.example.started.Exit", { code: 0 }),
    );
    expect(error).toMatchObject({
      code: "CONNECTION_LOST",
      message: expect.stringMatching(/before .*Exit was answered$/) as unknown,
      cause: { code: "COMMAND_FAILED", exitCode: 0, signal: null },
    });
    const { cause } = error as Error;
    expect(String(cause)).toMatch(/ ended with exit code 0: with 0$/);
    expect((cause as Error).cause).toBeUndefined();
  });

  it("is told instead of the connection that breaks by it", async () => {
    const client = await open(
      execEndpoint("sh", { args: ["-c", "head -c 1 <&3 >&2"] }),
    );
    expect(await failure(client.call("org.example.Any"))).toMatchObject({
      code: "CONNECTION_LOST",
      cause: { exitCode: 0, stderr: "{", cause: { code: "ECONNRESET" } },
    });
  });

  it("is nobody's concern where it is a good one and no call waits", async () => {
    const channel = "portolan:connection:close";
    const closed: { error?: unknown }[] = [];
    const note = (event: unknown): void => {
      closed.push(event as { error?: unknown });
    };
    subscribe(channel, note);
    try {
      const client = await open(
        node(`
          ${answeringFd3("{ pid: process.pid }")}
          input.once("data", () => setImmediate(() => input.end()));`),
      );
      const { pid } = await client.call("org.example.Pid");
      await expect.poll(() => closed.length, { timeout: 20_000 }).toBe(1);
      expect(closed[0]?.error).toBeUndefined();
      expect((await client.call("org.example.Pid"))["pid"]).not.toBe(pid);
    } finally {
      unsubscribe(channel, note);
    }
  });

  it("may be a signal", async () => {
    const client = await open(
      execEndpoint("sh", {
        args: ["-c", "echo bye >&2; head -c 1 <&3 >&2; kill -9 $$"],
      }),
    );
    const answer = client.call("org.example.Any");
    expect(await failure(answer)).toMatchObject({
      code: "CONNECTION_LOST",
      cause: {
        exitCode: null,
        signal: "SIGKILL",
        stderr: "bye\n{",
        message: expect.stringMatching(/the signal SIGKILL: \{$/) as unknown,
      },
    });
  });

  it("tells standard error to whoever asks for it", async () => {
    const told: string[] = [];
    const client = await open(
      execEndpoint("sh", {
        args: ["-c", "head -c 1 <&3; printf 'one\\033[1m\\n' >&2; exit 4"],
        stderr: (chunk) => told.push(String(chunk)),
      }),
    );
    const error = await failure(client.call("org.example.Any"));
    expect(error).toMatchObject({ cause: { exitCode: 4, stderr: "" } });
    expect(told.join("")).toBe("one\u001b[1m\n");
  });

  it("keeps control characters, and most of a long text, out of the message", async () => {
    const client = await open(
      execEndpoint("sh", {
        args: [
          "-c",
          `head -c 1 <&3; i=0; while [ $i -lt 900 ]; do printf 'line %d\\033[1m\\007\\n' $i >&2; i=$((i+1)); done; exit 4`,
        ],
      }),
    );
    const { cause } = (await failure(client.call("org.example.Any"))) as Error;
    expect((cause as CommandFailed).message).toMatch(
      /exit code 4: line 899 \[1m$/,
    );
    expect((cause as CommandFailed).stderr).toHaveLength(4096);
  });

  it.each([
    ["not there", "none", "ENOENT"],
    ["not a program", "file", "EACCES"],
    ["a folder", "", "EACCES"],
  ])("of one that is %s is that nobody connects", async (_, name, code) => {
    await writeFile(path.join(folder, "file"), "");
    const endpoint = execEndpoint(path.join(folder, name));
    const error = await failure(VarlinkClient.connect(endpoint));
    expect(error).toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringMatching(
        /: the command cannot be started/,
      ) as unknown,
      cause: { code },
    });
    // Once is enough.
    expect(String(error).split(code)).toHaveLength(2);
  });

  it("comes by force for one that does not look at its connection", async () => {
    const client = await open(
      node(`
        process.on("SIGTERM", () => process.exit());
        setInterval(() => {}, 1e6);
        ${answeringFd3("{ pid: process.pid }")}`),
    );
    const { pid } = await client.call("org.example.Pid");
    await client.close();
    await gone(pid);
  });

  it("lets oneway calls arrive before", async () => {
    const file = path.join(folder, "came");
    const client = await open(
      node(
        answeringFd3(
          `require("fs").writeFileSync(${JSON.stringify(file)}, call.method)`,
        ),
      ),
    );
    await client.oneway("org.example.Last");
    await client.close();
    await expect
      .poll(() => readFile(file, "utf8").catch(() => ""), { timeout: 20_000 })
      .toBe("org.example.Last");
  });

  it("is no listening", async () => {
    expect(await failure(execEndpoint("sh").listen(() => {}))).toMatchObject({
      code: "LISTEN_FAILED",
    });
  });
});
