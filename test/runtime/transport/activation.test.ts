import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { link, mkdtemp, rename, rm, stat } from "node:fs/promises";
import {
  type AddressInfo,
  connect,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activatedEndpoints } from "../../../src/runtime/transport/activation.ts";
import { descriptorEndpoint } from "../../../src/runtime/transport/descriptor.ts";
import { onceEndpoint } from "../../../src/runtime/transport/once.ts";
import { memoryPair } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { failure } from "../../support/peer.ts";
import { spyOnWarnings } from "../server/support.ts";
import { SERVICE } from "./programs.ts";
import { ends } from "./timers.ts";

let folder: string;
let cleanups: (() => unknown)[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "active-"));
  cleanups = [() => rm(folder, { recursive: true, force: true })];
});

afterEach(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
});

const info = { vendor: "", product: "", version: "", url: "" };

/** A listening socket, as a service manager has it. */
async function listening(at: string | number): Promise<Server> {
  const server = createServer();
  if (typeof at === "number") server.listen(at, "127.0.0.1");
  else server.listen(at);
  await once(server, "listening");
  cleanups.push(() => server.close());
  return server;
}

/** Leaves accepting to whom the socket was handed over. */
async function leave(server: Server): Promise<void> {
  const at = server.address();
  if (typeof at === "string") await link(at, `${at}-kept`);
  server.close();
  await once(server, "close");
  // Closing has removed the name.
  if (typeof at === "string") await rename(`${at}-kept`, at);
}

/** Node does not tell it, and hands over no listening socket but by number. */
function descriptorOf(socket: Server | Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const { fd } = handle as { fd: number };
  expect(fd).toBeGreaterThan(2);
  return fd;
}

/** Starts our service, as a service manager does. */
function start(
  descriptors: readonly (number | "pipe")[],
  env: NodeJS.ProcessEnv,
  pid: string = "$$",
): ChildProcess {
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      `export LISTEN_PID=${pid}; exec "$@"`,
      "sh",
      process.execPath,
      ...SERVICE,
    ],
    {
      stdio: ["ignore", "inherit", "inherit", ...descriptors],
      env: { ...process.env, LISTEN_FDS: String(descriptors.length), ...env },
    },
  );
  cleanups.push(() => child.kill("SIGKILL"));
  return child;
}

async function state(address: string): Promise<unknown> {
  const client = await VarlinkClient.connect(address);
  try {
    return await client.call("org.example.started.State");
  } finally {
    await client.close();
  }
}

describe("activatedEndpoints", () => {
  it("are the listening sockets that a service is started with", async () => {
    const file = path.join(folder, "one");
    const unix = await listening(file);
    const tcp = await listening(0);
    const { port } = tcp.address() as AddressInfo;
    start([descriptorOf(unix), descriptorOf(tcp)], {});
    await leave(unix);
    await leave(tcp);
    const places = [`unix:${file}`, `tcp:127.0.0.1:${port}`];
    // The kernel keeps who connects before the service is there.
    for (const place of places)
      expect(await state(place)).toMatchObject({ places, inherited: [] });
  });

  it.runIf(process.platform === "linux")(
    "have the system ask whether a peer at TCP is still there",
    async () => {
      const tcp = await listening(0);
      const { port } = tcp.address() as AddressInfo;
      const accepted = once(tcp, "connection");
      const early = connect(port, "127.0.0.1");
      const [handed] = (await accepted) as [Socket];
      start([descriptorOf(tcp), descriptorOf(handed)], {});
      // So that not this process accepts.
      tcp.close();
      const late = connect(port, "127.0.0.1");
      cleanups.push(
        () => early.destroy(),
        () => late.destroy(),
        () => handed.destroy(),
      );
      await expect
        .poll(
          async () =>
            (await ends(port))
              .filter(({ local }) => local === port)
              .map(({ timer }) => timer),
          { timeout: 20_000 },
        )
        .toEqual(["02", "02"]);
    },
  );

  it("are picked by the name varlink, if one has it", async () => {
    const [one, two] = [path.join(folder, "one"), path.join(folder, "two")];
    const servers = [await listening(one), await listening(two)];
    start(servers.map(descriptorOf), { LISTEN_FDNAMES: "http:varlink" });
    for (const server of servers) await leave(server);
    expect(await state(`unix:${two}`)).toMatchObject({
      places: [`unix:${two}`],
      inherited: [],
    });
  });

  it("may be connected sockets", async () => {
    const child = start(["pipe", "pipe"], { LISTEN_FDNAMES: "a:b" });
    for (const index of [3, 4]) {
      const endpoint = onceEndpoint(
        "given:",
        () => child.stdio[index] as Duplex,
      );
      expect(endpoint.single).toBe(true);
      const client = await VarlinkClient.connect(endpoint);
      expect(await client.call("org.example.started.State")).toMatchObject({
        places: ["fd:3", "fd:4"],
      });
      await client.close();
    }
    // Nothing is left to serve, and nothing keeps it alive.
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("leave the socket to who has made it", async () => {
    const file = path.join(folder, "one");
    const server = await listening(file);
    const child = start([descriptorOf(server)], {});
    await leave(server);
    await state(`unix:${file}`);
    child.kill("SIGTERM");
    await once(child, "exit");
    expect((await stat(file)).isSocket()).toBe(true);
  });

  it("are none where another process was meant", async () => {
    const server = await listening(path.join(folder, "one"));
    const child = start([descriptorOf(server)], {}, "1");
    expect(await once(child, "exit")).toEqual([9, null]);
  });

  it("are where SYSTEMD_VARLINK_LISTEN says", async () => {
    const file = path.join(folder, "one");
    const env: NodeJS.ProcessEnv = {
      SYSTEMD_VARLINK_LISTEN: file,
      LISTEN_FDS: "1",
    };
    const [endpoint, ...others] = activatedEndpoints({ env });
    expect(others).toEqual([]);
    expect(endpoint?.address).toBe(`unix:${file}`);
    expect(env).toEqual({});
    expect(activatedEndpoints({ env })).toEqual([]);
    const found = activatedEndpoints({ env: { SYSTEMD_VARLINK_LISTEN: "-" } });
    expect(found.map(({ address, single }) => [address, single])).toEqual([
      ["stdio:", true],
    ]);
  });

  const pid = String(process.pid);

  it.each<[NodeJS.ProcessEnv]>([
    [{}],
    [{ LISTEN_PID: pid }],
    [{ LISTEN_FDS: "1" }],
    [{ LISTEN_FDS: "1", LISTEN_PID: `${pid}0`, LISTEN_FDNAMES: "a:b" }],
    [{ LISTEN_FDS: "1", LISTEN_PID: "" }],
    [{ SYSTEMD_VARLINK_LISTEN: "" }],
  ])("are none for %j, which is removed", (given) => {
    using _ = spyOnWarnings();
    const env = { ...given, LISTEN_PIDFDID: "5", OTHER: "1" };
    expect(activatedEndpoints({ env })).toEqual([]);
    expect(env).toEqual({ OTHER: "1" });
  });

  it("are not taken where they are another process's, which a warning tells", () => {
    using warnings = spyOnWarnings();
    const other = `${pid}0`;
    for (const given of [
      {},
      { LISTEN_PID: other },
      { LISTEN_FDS: "1" },
      { LISTEN_FDS: "1", LISTEN_PID: "" },
    ])
      activatedEndpoints({ env: { ...given } });
    expect(warnings.texts).toEqual([]);
    const env = { LISTEN_FDS: "2", LISTEN_PID: other };
    expect(activatedEndpoints({ env })).toEqual([]);
    expect(warnings.texts).toEqual([
      expect.stringMatching(
        `LISTEN_FDS=2 .*LISTEN_PID=${other} .* this one is ${pid}\\. .*node --import tsx server\\.ts`,
      ),
    ]);
    // They are removed: told once.
    expect(activatedEndpoints({ env })).toEqual([]);
    expect(warnings.texts).toHaveLength(1);
  });

  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [{ LISTEN_FDS: "x" }, /LISTEN_FDS=x is no number/],
    [{ LISTEN_FDS: "0" }, /no number/],
    [{ LISTEN_FDS: "-1" }, /no number/],
    [{ LISTEN_FDS: "9999999" }, /no number/],
    [{ LISTEN_FDS: "2", LISTEN_FDNAMES: "a" }, /1 names, and LISTEN_FDS=2/],
  ])("refuse %j", (given, words) => {
    const env = { ...given, LISTEN_PID: pid };
    let error: unknown;
    try {
      activatedEndpoints({ env });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(words) as unknown,
    });
    expect(env).toEqual({});
  });
});

describe("descriptorEndpoint", () => {
  it("knows a listening from a connected socket, and where it is", async () => {
    const file = path.join(folder, "a b");
    const server = await listening(file);
    const fd = descriptorOf(server);
    expect(descriptorEndpoint(fd)).toMatchObject({ address: `unix:${file}` });
    expect(descriptorEndpoint(fd).single).toBeUndefined();
    const accepted = once(server, "connection");
    const client = connect(file);
    const [peer] = (await accepted) as [Duplex];
    const other = descriptorOf(client);
    expect(descriptorEndpoint(other).single).toBe(true);
    expect(descriptorEndpoint(other, { address: "mine:" }).address).toBe(
      "mine:",
    );
    client.destroy();
    peer.destroy();
    expect(
      await failure(VarlinkClient.connect(descriptorEndpoint(fd))),
    ).toMatchObject({ code: "CONNECT_FAILED" });
  });

  it("knows TCP of both kinds", async () => {
    const server = createServer();
    server.listen(0, "::1");
    await once(server, "listening");
    cleanups.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { address } = descriptorEndpoint(descriptorOf(server));
    expect(address).toBe(
      `tcp:[0000:0000:0000:0000:0000:0000:0000:0001]:${port}`,
    );
  });

  it("refuses what is no socket", () => {
    expect(() => descriptorEndpoint(1 << 20)).toThrow(/EBADF/);
    expect(() => descriptorEndpoint(-1)).toThrow();
  });
});

describe("onceEndpoint", () => {
  it("is served once", async () => {
    const [near, far] = memoryPair();
    const endpoint = onceEndpoint("once:", () => far);
    const server = new VarlinkServer(info);
    const listener = await server.listen(endpoint);
    expect(listener.address).toBe("once:");
    expect(await failure(server.listen(endpoint))).toMatchObject({
      code: "LISTEN_FAILED",
    });
    const client = await VarlinkClient.connect(
      onceEndpoint("near:", () => near),
    );
    expect(await client.getInfo()).toMatchObject(info);
    // What is connected stays.
    await listener.close();
    expect(await client.getInfo()).toMatchObject(info);
    await client.close();
    await server.close();
  });

  it("connects once, and fails calls when that is over", async () => {
    const [near, far] = memoryPair();
    const endpoint = onceEndpoint("once:", () => near);
    const client = await VarlinkClient.connect(endpoint);
    expect(await failure(VarlinkClient.connect(endpoint))).toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringMatching(/used already/) as unknown,
    });
    const pending = failure(client.getInfo());
    await once(far, "data");
    far.on("error", () => {}).destroy();
    expect(await pending).toMatchObject({ code: "CONNECTION_LOST" });
    expect(await failure(client.getInfo())).toMatchObject({
      code: "CONNECT_FAILED",
    });
    await client.close();
  });

  it("is over when listening is, before it came to anybody", async () => {
    const [near, far] = memoryPair();
    const given: unknown[] = [];
    const listener = await onceEndpoint("once:", () => far).listen(
      (connection) => given.push(connection),
    );
    await listener.close();
    near.resume();
    await once(near, "end");
    expect(given).toEqual([]);
  });

  it("comes as what it is if it has failed before it came to anybody", async () => {
    const [, far] = memoryPair();
    const given: Duplex[] = [];
    await onceEndpoint("once:", () => far).listen((connection) =>
      given.push(connection),
    );
    far.destroy(new Error("reset"));
    await expect.poll(() => given).toEqual([far]);
    expect(far.destroyed).toBe(true);
  });

  it("is still there where opening has failed", async () => {
    let broken = true;
    const endpoint = onceEndpoint("once:", () => {
      if (broken) throw new Error("not yet");
      return memoryPair()[0];
    });
    expect(await failure(endpoint.connect({}))).toMatchObject({
      message: "not yet",
    });
    expect(await failure(endpoint.listen(() => {}))).toMatchObject({
      code: "LISTEN_FAILED",
    });
    broken = false;
    (await endpoint.connect({})).destroy();
  });
});
