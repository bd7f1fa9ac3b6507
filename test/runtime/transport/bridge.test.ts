import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import { bridgeEndpoint } from "../../../src/runtime/transport/bridge.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import {
  helperEndpoint,
  pathEndpoint,
} from "../../../src/runtime/transport/path.ts";
import {
  sshExecEndpoint,
  sshUnixEndpoint,
} from "../../../src/runtime/transport/ssh.ts";
import { unixEndpoint } from "../../../src/runtime/transport/unix.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { failure } from "../../support/peer.ts";
import { answeringFd3, answeringStdio, script, SERVICE } from "./programs.ts";

let folder: string;
let cleanups: (() => unknown)[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "bridge-"));
  cleanups = [() => rm(folder, { recursive: true, force: true })];
});

afterEach(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
});

async function open(
  endpoint: Endpoint | string,
  allow?: string[],
): Promise<VarlinkClient> {
  const client = await VarlinkClient.connect(endpoint, { allow });
  cleanups.push(() => client.close());
  return client;
}

/** Bytes of a stream to its end. */
async function all(stream: Duplex): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** Node with code, as an executable file. */
function program(name: string, code: string): Promise<string> {
  const quoted = `'${code.replaceAll("'", String.raw`'\''`)}'`;
  return script(
    folder,
    name,
    `exec '${process.execPath}' -e ${quoted} -- "$@"`,
  );
}

/** A server of ours on a socket, with its product's name. */
async function served(product: string): Promise<string> {
  const server = new VarlinkServer({
    vendor: "Test",
    product,
    version: "1",
    url: "https://example.org",
  });
  const file = path.join(folder, `${product}.socket`);
  await server.listen(unixEndpoint(file));
  cleanups.push(() => server.close());
  return file;
}

describe("bridgeEndpoint", () => {
  it("speaks on standard input and output", async () => {
    const client = await open(
      bridgeEndpoint([
        process.execPath,
        "-e",
        answeringStdio(
          "{ args: process.argv.slice(1), fds: process.env.LISTEN_FDS ?? null }",
        ),
        "$x",
        "a b",
      ]),
    );
    expect(await client.call("org.example.Args")).toEqual({
      args: ["$x", "a b"],
      fds: null,
    });
    expect(client.address).toMatch(/^bridge:.* '\$x' 'a b'$/s);
  });

  it("is an address, split into words", async () => {
    const file = await program(
      "with blank",
      answeringStdio("{ args: process.argv.slice(1) }"),
    );
    const client = await open(`bridge:'${file}' one "t w o"; a=b`, ["bridge"]);
    expect(await client.call("org.example.Args")).toEqual({
      args: ["one", "t w o;", "a=b"],
    });
  });

  it("passes the end of one side, and reads on", async () => {
    const stream = await bridgeEndpoint([
      "sh",
      "-c",
      "x=$(cat); printf '%s' \"got $x\"",
    ]).connect({});
    stream.end("all of it");
    expect(await all(stream)).toBe("got all of it");
  });

  it("holds back who writes faster than is read", async () => {
    const stream = await bridgeEndpoint(["cat"]).connect({});
    const chunk = Buffer.alloc(65_536, 1);
    const total = 1024;
    let written = 0;
    const writing = (async () => {
      for (; written < total; written++) {
        if (!stream.write(chunk))
          await new Promise((resolve) => stream.once("drain", resolve));
      }
      stream.end();
    })();
    // Nobody reads: what is under way fits into a few buffers of the system.
    await expect
      .poll(
        async () => {
          const before = written;
          await new Promise((resolve) => setTimeout(resolve, 50));
          return written === before && written > 0;
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    expect(written).toBeLessThan(64);
    let read = 0;
    for await (const bytes of stream) read += (bytes as Buffer).length;
    await writing;
    expect(read).toBe(total * chunk.length);
  });

  it("is not there where its command is not", async () => {
    const endpoint = bridgeEndpoint([path.join(folder, "none")]);
    expect(await failure(VarlinkClient.connect(endpoint))).toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringMatching(
        /: the command cannot be started/,
      ) as unknown,
      cause: { code: "ENOENT" },
    });
  });

  it("says why its command has failed", async () => {
    const client = await open(
      bridgeEndpoint(["sh", "-c", "echo no route >&2; exit 255"]),
    );
    expect(await failure(client.call("org.example.Any"))).toMatchObject({
      code: "CONNECTION_LOST",
      cause: {
        code: "COMMAND_FAILED",
        exitCode: 255,
        message: expect.stringMatching(/255: no route$/) as unknown,
      },
    });
  });

  it("reaches a service of ours on its standard input and output", async () => {
    const client = await open(
      bridgeEndpoint([process.execPath, ...SERVICE], {
        env: { ...process.env, SYSTEMD_VARLINK_LISTEN: "-" },
      }),
    );
    expect(await client.call("org.example.started.State")).toMatchObject({
      inherited: [],
      places: ["stdio:"],
    });
    const stream = client.more("org.example.started.Count");
    for (let n = 0; n < 100; n++)
      expect(await stream.next()).toEqual({ done: false, value: { n } });
    await stream.return();
  });
});

/** What OpenSSH does with what we ask of it, and nothing else. */
async function fakeSsh(): Promise<{ file: string; args: string }> {
  const args = path.join(folder, "args");
  const connect = String.raw`const s = require("net").connect(process.argv[1].replace(/\\(.)/g, "$1")); process.stdin.pipe(s).pipe(process.stdout)`;
  const file = await script(
    folder,
    "ssh",
    `printf '%s\\n' "$@" > '${args}'
if [ "$1" = -W ]; then exec '${process.execPath}' -e '${connect}' "$2"; fi
test "$1 $2 $3" = "-e none -T" || exit 250
shift 4
exec sh -c "$*"`,
  );
  return { file, args };
}

async function lines(file: string): Promise<string[]> {
  return (await readFile(file, "utf8")).split("\n").slice(0, -1);
}

describe("ssh", () => {
  it("reaches a socket of another machine", async () => {
    const socket = await served("far");
    const ssh = await fakeSsh();
    const client = await open(
      sshUnixEndpoint("me@host.example", socket, { ssh: ssh.file }),
    );
    expect(await client.getInfo()).toMatchObject({ product: "far" });
    expect(await lines(ssh.args)).toEqual(["-W", socket, "me@host.example"]);
    expect(client.address).toBe(`ssh-unix:me@host.example:${socket}`);
  });

  it("reaches one whose path has what is more than a letter to SSH", async () => {
    const socket = await served(String.raw`a:80\b`);
    const ssh = await fakeSsh();
    const client = await open(
      sshUnixEndpoint("host", socket, { ssh: ssh.file }),
    );
    expect(await client.getInfo()).toMatchObject({ vendor: "Test" });
    // Anything else would be a host and a port.
    expect((await lines(ssh.args))[1]).toMatch(/\/a\\:80\\\\b\.socket$/);
    expect(client.address).toBe(`ssh-unix:host:${socket}`);
  });

  it("opens further connections to it beside a stream", () => {
    expect(sshUnixEndpoint("host", "/x").single).toBe(false);
    expect(sshExecEndpoint("host", ["x"]).single).toBe(true);
  });

  it.each(["ssh", "ssh-unix"])(
    "is what SYSTEMD_SSH names, for %s:",
    async (scheme) => {
      const socket = await served("far");
      const ssh = await fakeSsh();
      const before = process.env["SYSTEMD_SSH"];
      process.env["SYSTEMD_SSH"] = ssh.file;
      cleanups.push(() => {
        if (before === undefined) delete process.env["SYSTEMD_SSH"];
        else process.env["SYSTEMD_SSH"] = before;
      });
      const client = await open(`${scheme}:[fe80::1]:${socket};x=y`, [scheme]);
      expect(await client.getInfo()).toMatchObject({ product: "far" });
      expect(await lines(ssh.args)).toEqual(["-W", socket, "fe80::1"]);
    },
  );

  it("starts a service over there, with its words as they are", async () => {
    const file = await program(
      "demo",
      answeringStdio(
        "{ args: process.argv.slice(1), listen: process.env.SYSTEMD_VARLINK_LISTEN }",
      ),
    );
    const ssh = await fakeSsh();
    const args = ["a b", "$(exit 1)", "'", "; exit 1", "*"];
    const client = await open(
      sshExecEndpoint("host", [file, ...args], { ssh: ssh.file }),
    );
    expect(await client.call("org.example.Args")).toEqual({
      args,
      listen: "-",
    });
    expect((await lines(ssh.args)).slice(0, 4)).toEqual([
      "-e",
      "none",
      "-T",
      "host",
    ]);
  });

  it("starts one of ours over there", async () => {
    const ssh = await fakeSsh();
    const client = await open(
      sshExecEndpoint("host", [process.execPath, ...SERVICE], {
        ssh: ssh.file,
      }),
    );
    expect(await client.call("org.example.started.State")).toMatchObject({
      places: ["stdio:"],
    });
  });

  it.each([
    "-oProxyCommand=x",
    "me@-x",
    "-",
    "",
    "me@",
    "a b",
    "a\nb",
    "$(x)",
    "`x`",
    "a;b",
    "a/b",
  ])("takes no %j for a host", (host) => {
    for (const make of [
      () => sshUnixEndpoint(host, "/run/x"),
      () => sshExecEndpoint(host, ["x"]),
    ])
      expect(make).toThrow(/host/);
  });
});

describe("helperEndpoint", () => {
  it("gives the address to the helper of its kind", async () => {
    await program("http", answeringFd3("{ args: process.argv.slice(1) }"));
    const env = { ...process.env, SYSTEMD_VARLINK_BRIDGES_DIR: folder };
    const url = "http://localhost:1031/a;b?c=d#e f";
    const client = await open(helperEndpoint(url, { env }));
    expect(await client.call("org.example.Args")).toEqual({ args: [url] });
    expect(client.address).toBe(url);
    expect(
      await failure(VarlinkClient.connect(helperEndpoint("ws://x", { env }))),
    ).toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringMatching(
        /no helper for .*"ws:".*\/ws\)/,
      ) as unknown,
    });
  });

  it.each(["no-scheme", "../x:y", ":x", ""])("is none for %j", (url) => {
    expect(() => helperEndpoint(url)).toThrow(/kind of address/);
  });

  it("serves kinds that are allowed by name", async () => {
    expect(
      await failure(
        VarlinkClient.connect("none-such:x", { allow: ["none-such"] }),
      ),
    ).toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining(
        "/usr/lib/systemd/varlink-bridges/none-such",
      ) as unknown,
    });
  });
});

describe("pathEndpoint", () => {
  it("connects to a socket", async () => {
    const socket = await served("near");
    const client = await open(socket);
    expect(await client.getInfo()).toMatchObject({ product: "near" });
    expect(client.address).toBe(socket);
  });

  it("starts a program only where that is allowed", async () => {
    const file = await program("demo", answeringFd3("{ ok: true }"));
    const client = await open(file, ["unix", "exec"]);
    expect(await client.call("org.example.Ok")).toEqual({ ok: true });
    expect(await failure(VarlinkClient.connect(file))).toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringMatching(/not a socket; allow "exec"/) as unknown,
    });
    const relative = path.relative(process.cwd(), file);
    const other = await open(pathEndpoint(relative, { exec: true }));
    expect(await other.call("org.example.Ok")).toEqual({ ok: true });
  });

  it("is nothing where there is nothing, or neither", async () => {
    const text = path.join(folder, "text");
    await writeFile(text, "");
    for (const [place, code] of [
      [text, "EACCES"],
      [path.join(folder, "none"), "ENOENT"],
      [folder, undefined],
    ]) {
      const endpoint = pathEndpoint(place ?? "", { exec: true });
      const error = await failure(VarlinkClient.connect(endpoint));
      expect(error).toMatchObject({ code: "CONNECT_FAILED" });
      if (code !== undefined) expect(error).toMatchObject({ cause: { code } });
    }
  });

  it("listens as a Unix socket", async () => {
    const file = path.join(folder, "new");
    const server = new VarlinkServer({
      vendor: "",
      product: "",
      version: "",
      url: "",
    });
    cleanups.push(() => server.close());
    const listener = await server.listen(`${file};mode=0640`);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    (await parseAddress(listener.address).connect({})).destroy();
  });
});
