import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import path from "node:path";
import type { Duplex } from "node:stream";
import { expect } from "vitest";
import { parseAddress } from "../../src/runtime/transport/address.ts";
import { descriptorEndpoint } from "../../src/runtime/transport/descriptor.ts";
import { execEndpoint } from "../../src/runtime/transport/exec.ts";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../src/runtime/transport/memory.ts";
import { registerScheme } from "../../src/runtime/transport/schemes.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { VarlinkServer } from "../../src/runtime/varlink/server.ts";
import { info, RawPeer } from "../runtime/server/support.ts";
import { answeringFd3, SERVICE } from "../runtime/transport/programs.ts";
import { startPeer, unixPlace } from "../support/peer.ts";
import { conform } from "./conform.ts";

const GET_INFO = { method: "org.varlink.service.GetInfo" };

/** Listens at an address, and asks as a plain socket would. */
async function answersAt(
  address: string,
  socket: (listening: string) => Socket,
): Promise<void> {
  await using server = new VarlinkServer(info);
  const listener = await server.listen(address);
  const peer = new RawPeer(socket(listener.address));
  expect(await peer.send(GET_INFO).next()).toMatchObject({ parameters: info });
  peer.stream.destroy();
}

/** Connects by an address to a peer that is none of ours. */
async function reaches(
  address: string,
  endpoint: Endpoint = parseAddress(address),
): Promise<void> {
  const peer = await startPeer(endpoint);
  await using client = await VarlinkClient.connect(address);
  const reply = client.call("a.b.C");
  await (await peer.accept()).answer({ here: true });
  expect(await reply).toEqual({ here: true });
  await client.close();
  await peer.close();
}

/** Does something with a path where a socket can be. */
async function withPath(use: (file: string) => Promise<void>): Promise<void> {
  const place = await unixPlace();
  try {
    await use(path.join(place.folder, "socket"));
  } finally {
    await place.remove();
  }
}

conform("address.unix", "server", () =>
  withPath((file) => answersAt(`unix:${file}`, () => connect(file))),
);

conform("address.unix", "client", () =>
  withPath((file) => reaches(`unix:${file}`)),
);

/** Node 20 does not know how long such a name is. */
const ABSTRACT =
  process.platform === "linux" &&
  Number.parseInt(process.versions.node, 10) >= 22;
const NAME = `org.example.conformance-${process.pid}`;

conform("address.abstract", "server", async () => {
  if (ABSTRACT) await answersAt(`unix:@${NAME}`, () => connect(`\0${NAME}`));
  else
    await expect(
      answersAt(`unix:@${NAME}`, () => connect(`\0${NAME}`)),
    ).rejects.toMatchObject({ code: "INVALID_ADDRESS" });
});

conform("address.abstract", "client", async () => {
  if (ABSTRACT) await reaches(`unix:@${NAME}`);
  else
    await expect(VarlinkClient.connect(`unix:@${NAME}`)).rejects.toMatchObject({
      code: "INVALID_ADDRESS",
    });
});

const HOSTS = ["localhost", "127.0.0.1", "[::1]"];

conform("address.tcp", "server", async () => {
  for (const host of HOSTS)
    await answersAt(`tcp:${host}:0`, (address) => {
      const [, bound = "", port] =
        /^tcp:\[?([^\]]*?)\]?:(\d+)$/.exec(address) ?? [];
      return connect(Number(port), bound);
    });
});

conform("address.tcp", "client", async () => {
  for (const host of HOSTS) {
    // A free port, found by the system.
    const listener = await parseAddress(`tcp:${host}:0`).listen(() => {});
    const port = /\d+$/.exec(listener.address)?.[0];
    await listener.close();
    await reaches(`tcp:${host}:${port}`);
  }
});

conform("address.properties", "server", () =>
  withPath((file) =>
    answersAt(`unix:${file};unheard=of;flag;mode=0600`, () => connect(file)),
  ),
);

conform("address.properties", "client", () =>
  withPath((file) =>
    reaches(`unix:${file};unheard=of;flag`, parseAddress(`unix:${file}`)),
  ),
);

conform("address.schemes", "server", async () => {
  const endpoint = memoryEndpoint();
  registerScheme("conform-listen", () => endpoint);
  await using server = new VarlinkServer(info);
  await server.listen("conform-listen:there");
  const peer = new RawPeer(await endpoint.connect({}));
  expect(await peer.send(GET_INFO).next()).toMatchObject({ parameters: info });
});

conform("address.schemes", "client", async () => {
  const endpoint = memoryEndpoint();
  registerScheme("conform-connect", () => endpoint);
  await reaches("conform-connect:there", endpoint);
});

/** What a program is told that a client starts. */
async function told(): Promise<{ readonly [name: string]: unknown }> {
  const endpoint = execEndpoint(process.execPath, {
    args: [
      "-e",
      answeringFd3(
        `{ fds: process.env.LISTEN_FDS, names: process.env.LISTEN_FDNAMES, pid: Number(process.env.LISTEN_PID), own: process.pid }`,
      ),
    ],
  });
  await using client = await VarlinkClient.connect(endpoint);
  return await client.call("a.b.C");
}

/** Our service, started with connected sockets from descriptor 3 on. */
function started(
  count: number,
  env: NodeJS.ProcessEnv,
  pid = "$$",
): { readonly child: ChildProcess; readonly peers: RawPeer[] } & Disposable {
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
      stdio: [
        "ignore",
        "inherit",
        "inherit",
        ...Array.from({ length: count }, () => "pipe" as const),
      ],
      env: { ...process.env, LISTEN_FDS: String(count), ...env },
    },
  );
  const peers = child.stdio
    .slice(3)
    .map((stream) => new RawPeer(stream as Duplex));
  return { child, peers, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

const STATE = { method: "org.example.started.State" };

conform("activation.descriptors", "server", async () => {
  using service = started(2, {});
  for (const peer of service.peers)
    expect(await peer.send(STATE).next()).toMatchObject({
      parameters: { places: ["fd:3", "fd:4"] },
    });
});

conform("activation.descriptors", "client", async () => {
  expect(await told()).toMatchObject({ fds: "1" });
});

conform("activation.names", "server", async () => {
  using service = started(2, { LISTEN_FDNAMES: "other:varlink" });
  const [, peer] = service.peers;
  expect(await peer?.send(STATE).next()).toMatchObject({
    parameters: { places: ["fd:4"] },
  });
  using odd = started(2, { LISTEN_FDNAMES: "some:other" });
  expect(await odd.peers[0]?.send(STATE).next()).toMatchObject({
    parameters: { places: ["fd:3", "fd:4"] },
  });
});

conform("activation.names", "client", async () => {
  expect(await told()).toMatchObject({ names: "varlink" });
});

conform("activation.pid", "server", async () => {
  using service = started(1, {}, "1");
  // As it says that it does where it finds nothing.
  expect(await once(service.child, "exit")).toEqual([9, null]);
});

conform("activation.pid", "client", async () => {
  const { pid, own } = await told();
  expect(pid).toBe(own);
});

const BOTH = ["connected", "listening"] as const;

conform("activation.kinds", "server", async () => {
  for (const socket of BOTH) {
    const endpoint = execEndpoint(process.execPath, { args: SERVICE, socket });
    await using client = await VarlinkClient.connect(endpoint);
    const { places } = await client.call(STATE.method);
    expect(places).toEqual([
      expect.stringMatching(socket === "connected" ? /^fd:3$/ : /^unix:\//),
    ]);
  }
  const file = openSync(process.execPath, "r");
  expect(() => descriptorEndpoint(file)).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT" }),
  );
  closeSync(file);
});

const REPLY = String.raw`input.once("data", () => input.write('{"parameters":{"here":true}}\0'))`;

conform("activation.kinds", "client", async () => {
  const net = 'require("net")';
  const programs = {
    connected: `const input = new (${net}.Socket)({ fd: 3 }); ${REPLY}`,
    listening: `${net}.createServer((input) => ${REPLY}).listen({ fd: 3 })`,
  };
  for (const socket of BOTH) {
    const endpoint = execEndpoint(process.execPath, {
      args: ["-e", programs[socket]],
      socket,
    });
    await using client = await VarlinkClient.connect(endpoint);
    expect(await client.call("a.b.C")).toEqual({ here: true });
  }
});

conform("older.device", "client", () => {
  expect(() => parseAddress("device:/dev/varlink")).toThrow(
    expect.objectContaining({ code: "INVALID_ADDRESS" }),
  );
});

conform("older.resolver", "client", async () => {
  // An interface is no address: nobody is asked where it is.
  await expect(
    VarlinkClient.connect("org.example.specimen"),
  ).rejects.toMatchObject({ code: "INVALID_ADDRESS" });
});
