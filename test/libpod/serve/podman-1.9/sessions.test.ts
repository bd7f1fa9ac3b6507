import { connect, type Socket } from "node:net";
import { Runtime } from "portolan/libpod";
import { ContainerNotFound, ErrorOccurred } from "portolan/podman/1.9";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  channels,
  encodeFrame,
  FrameReader,
} from "../../../../src/libpod/engines/podman/frames.ts";
import type { ProgramFunction } from "../../../../src/libpod/engines/embedded/index.ts";
import { failure } from "../../../support/peer.ts";
import { type Bench, create, openBench, run } from "./support.ts";

/** Says back what it reads, and tells at the end what that was. */
const cat: ProgramFunction = async function* ({ stdin }) {
  for await (const data of stdin) yield { stdout: data };
};

/** Reads to the end and ends with the number of bytes. */
const count: ProgramFunction = async function* ({ stdin }) {
  let bytes = 0;
  for await (const data of stdin) bytes += data.length;
  yield `${bytes}\n`;
  return bytes % 256;
};

const speaks: ProgramFunction = async function* ({ sleep }) {
  await sleep(10);
  yield "one\n";
  yield { stderr: "two\n" };
  yield "three\n";
  return 3;
};

let bench: Bench;

beforeEach(async () => {
  bench = await openBench({
    programs: { cat, count, speaks, deaf: { runsFor: "forever" } },
  });
  await run(bench, "web");
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

const exec = (
  cmd: readonly string[],
  more: object = {},
): ReturnType<typeof bench.podman.execContainer.upgrade> =>
  bench.podman.execContainer.upgrade({
    opts: { name: "web", tty: false, privileged: false, cmd, ...more },
  });

/** All that comes until the other side ends: data, joined as long as it is for one channel. */
async function frames(
  stream: AsyncIterable<Buffer>,
): Promise<readonly (readonly [to: number, text: string])[]> {
  const reader = new FrameReader();
  const found: [number, string][] = [];
  for await (const chunk of stream) {
    for (const { to, data } of reader.push(chunk)) {
      const last = found.at(-1);
      if (last !== undefined && last[0] === to)
        last[1] += data.toString("latin1");
      else found.push([to, data.toString("latin1")]);
    }
  }
  return found;
}

const exit = (code: number): readonly [number, string] => [
  channels.quit,
  `\0\0\0${String.fromCodePoint(code)}`,
];

describe("exec", () => {
  it("has both streams apart, in the order in which they are written, and the exit code last", async () => {
    const { stream } = await exec(["speaks"]);
    const said = frames(stream);
    await bench.clock.advance(10);
    expect(await said).toEqual([
      [channels.stdout, "one\n"],
      [channels.stderr, "two\n"],
      [channels.stdout, "three\n"],
      exit(3),
    ]);
  });

  it("has one stream with a terminal, whose size may change", async () => {
    const { stream } = await exec(["speaks"], { tty: true });
    const size = JSON.stringify({ Width: 80, Height: 24 });
    stream.write(encodeFrame(channels.resize, Buffer.from(size)));
    const said = frames(stream);
    await bench.clock.advance(10);
    expect(await said).toEqual([
      [channels.stdout, "one\ntwo\nthree\n"],
      exit(3),
    ]);
  });

  it("takes input until the client hangs up, and tells how it went on", async () => {
    const { stream } = await exec(["count"]);
    for (let index = 0; index < 3; index += 1)
      stream.write(encodeFrame(channels.stdin, Buffer.alloc(100_000)));
    stream.write(encodeFrame(channels.hangUp, Buffer.from("EOF")));
    // What comes after is for nobody.
    stream.write(encodeFrame(channels.stdin, Buffer.from("more")));
    expect(await frames(stream)).toEqual([
      [channels.stdout, "300000\n"],
      exit(300_000 % 256),
    ]);
  });

  it("of what is not there ends with 127", async () => {
    const { stream } = await exec(["nothing"]);
    expect((await frames(stream)).at(-1)).toEqual(exit(127));
  });

  it("is refused where nothing runs", async () => {
    await create(bench, "idle");
    const { podman } = bench;
    const opts = { tty: false, privileged: false, cmd: ["cat"] };
    const idle = podman.execContainer.upgrade({
      opts: { ...opts, name: "idle" },
    });
    expect(await failure(idle)).toBeInstanceOf(ErrorOccurred);
    const nope = podman.execContainer.upgrade({
      opts: { ...opts, name: "nope" },
    });
    expect(await failure(nope)).toMatchObject({ parameters: { id: "nope" } });
    expect(await failure(nope)).toBeInstanceOf(ContainerNotFound);
    const empty = podman.execContainer.upgrade({
      opts: { ...opts, name: "web", cmd: [] },
    });
    expect(await failure(empty)).toBeInstanceOf(ErrorOccurred);
  });

  it.each([
    ["a frame for a channel that there is not", encodeFrame(9, Buffer.of(1))],
    [
      "a frame that only the daemon sends",
      encodeFrame(channels.quit, Buffer.alloc(4)),
    ],
    [
      "a size that is no JSON",
      encodeFrame(channels.resize, Buffer.from("80x24")),
    ],
    ["a size of nothing", encodeFrame(channels.resize, Buffer.from("null"))],
    [
      "a size that is too long to be one",
      Buffer.from([channels.resize, 0, 0, 0, 255, 255, 255, 255]),
    ],
  ])("is broken off by %s", async (_what, bytes) => {
    const { stream } = await exec(["deaf"]);
    stream.write(bytes);
    // Not even an exit code.
    expect(await frames(stream)).toEqual([]);
    expect(await status("web")).toBe("running");
  });

  it("is not heard by a client that was killed, and the container goes on", async () => {
    const socket = await rawCall("ExecContainer", {
      opts: { name: "web", tty: false, privileged: false, cmd: ["cat"] },
    });
    socket.destroy();
    // Its end of the session is let go: what it ran reads the end of its input.
    for (;;) {
      const { container } = await bench.podman.getContainerStats({
        name: "web",
      });
      if (container.pids === 1) break;
    }
    expect(await status("web")).toBe("running");
  });

  it("ends with its container", async () => {
    const { stream } = await exec(["deaf"]);
    const said = frames(stream);
    await bench.podman.killContainer({ name: "web", signal: 9 });
    expect((await said).at(-1)).toEqual(exit(137));
  });
});

describe("attach", () => {
  it("starts what does not run, and has all it says", async () => {
    await create(bench, "told", ["speaks"]);
    const { stream } = await bench.podman.attach.upgrade({
      name: "told",
      detachKeys: "",
      start: true,
    });
    const said = frames(stream);
    await bench.clock.advance(10);
    expect(await said).toEqual([
      [channels.stdout, "one\ntwo\nthree\n"],
      exit(3),
    ]);
  });

  it("of what runs gives its input and takes its output", async () => {
    await run(bench, "parrot", ["deaf"]);
    const name = "echo";
    await create(bench, name, ["cat"]);
    const { stream } = await bench.podman.attach.upgrade({
      name,
      detachKeys: "",
      start: true,
    });
    stream.write(encodeFrame(channels.stdin, Buffer.from("hello")));
    stream.write(encodeFrame(channels.hangUp, Buffer.from("EOF")));
    expect(await frames(stream)).toEqual([[channels.stdout, "hello"], exit(0)]);
  });

  it("is refused before any frame where nothing runs or is", async () => {
    await create(bench, "idle");
    for (const name of ["idle", "nope"]) {
      const attached = bench.podman.attach.upgrade({
        name,
        detachKeys: "",
        start: false,
      });
      expect(await failure(attached)).toBeInstanceOf(ErrorOccurred);
    }
  });
});

describe("through the podman engine", () => {
  it("exec goes both ways, and tells the exit code", async () => {
    const runtime = await Runtime.open(`podman:${bench.address}`);
    try {
      const container = await runtime.lookupContainer("web");
      const session = await container.exec(["count"], { stdin: true });
      session.end(Buffer.alloc(5));
      const output = await session.setEncoding("utf8").toArray();
      expect(output.join("")).toBe("5\n");
      expect(await session.exitCode).toBe(5);
    } finally {
      await runtime.close();
    }
  });

  it("attach starts, and a session that is left leaves the container alone", async () => {
    await create(bench, "parrot", ["cat"]);
    const runtime = await Runtime.open(`podman:${bench.address}`);
    try {
      const web = await runtime.lookupContainer("web");
      (await web.attach({ stdin: true })).destroy();
      const parrot = await runtime.lookupContainer("parrot");
      const session = await parrot.attach({ start: true, stdin: true });
      session.end("over there");
      const output = await session.setEncoding("utf8").toArray();
      expect(output.join("")).toBe("over there");
      expect(await session.exitCode).toBe(0);
      expect((await web.status()).state).toBe("running");
    } finally {
      await runtime.close();
    }
  });
});

async function status(id: string): Promise<string> {
  return (await bench.podman.getContainer({ id })).container.status;
}

/** Calls with `upgrade` over a socket of the test's own, up to the reply. */
async function rawCall(method: string, parameters: object): Promise<Socket> {
  const socket = connect(bench.address.slice("unix:".length));
  const message = { method: `io.podman.${method}`, parameters, upgrade: true };
  socket.write(`${JSON.stringify(message)}\0`);
  await new Promise((resolve) => {
    socket.once("data", resolve);
  });
  return socket;
}
