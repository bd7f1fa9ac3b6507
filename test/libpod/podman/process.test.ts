import { describe, expect, it } from "vitest";
import type { ProcessStreams } from "../../../src/libpod/engine.ts";
import {
  channels,
  encodeFrame,
} from "../../../src/libpod/engines/podman/frames.ts";
import type { PeerConnection } from "../../support/peer.ts";
import {
  type Answer,
  collect,
  daemons,
  fails,
  type FakePodman,
  replies,
  type Script,
  withEngine,
} from "./fake.ts";

/** The daemon's end of an upgraded connection. */
class Wire {
  readonly #connection: PeerConnection;
  #received: Buffer = Buffer.alloc(0);

  constructor(connection: PeerConnection) {
    this.#connection = connection;
    connection.stream.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  get received(): string {
    return this.#received.toString("latin1");
  }

  send(to: number, data: string | Buffer): void {
    this.#connection.write(encodeFrame(to, Buffer.from(data)));
  }

  quit(code: number): void {
    const data = Buffer.alloc(4);
    data.writeUInt32BE(code);
    this.send(channels.quit, data);
  }

  hangUp(): void {
    this.#connection.destroy();
  }

  get ended(): Promise<void> {
    return this.#connection.ended;
  }
}

function frame(to: number, data: string): string {
  return encodeFrame(to, Buffer.from(data)).toString("latin1");
}

/** A process that the test plays the daemon of. */
async function withProcess(
  start: (
    engine: Parameters<Parameters<typeof withEngine>[2]>[0],
  ) => Promise<ProcessStreams>,
  use: (streams: ProcessStreams, wire: Wire, fake: FakePodman) => Promise<void>,
  script: Script = {},
): Promise<void> {
  let accepted: (wire: Wire) => void;
  const wire = new Promise<Wire>((resolve) => {
    accepted = resolve;
  });
  const upgrade: Answer = async (_call, connection) => {
    const taken = new Wire(connection);
    connection.send({});
    accepted(taken);
    // It speaks no Varlink any more.
    await connection.ended;
  };
  const all = { ExecContainer: upgrade, Attach: upgrade, ...script };
  await withEngine("io.podman (1.9)", all, async (engine, fake) => {
    const streams = await start(engine);
    await use(streams, await wire, fake);
    streams.close();
  });
}

async function textOf(streams: ProcessStreams): Promise<string> {
  const chunks = await collect(streams.stdout as AsyncIterable<Buffer>);
  return Buffer.concat(chunks).toString();
}

describe("executing a command", () => {
  it("tells the daemon how, and gives output and exit code", async () => {
    await withProcess(
      (engine) =>
        engine.execContainer("c", {
          command: ["ls", "-l"],
          env: ["A=b"],
          user: "me",
          workDir: "/srv",
          privileged: true,
        }),
      async (streams, wire, fake) => {
        const { opts } = fake.input("ExecContainer");
        expect(opts).toEqual({
          name: "c",
          tty: false,
          privileged: true,
          cmd: ["ls", "-l"],
          user: "me",
          workdir: "/srv",
          env: ["A=b"],
        });
        expect(fake.calls.at(-1)).toMatchObject({ upgrade: true });
        expect(streams.stdin).toBeUndefined();
        expect(streams.stderr).toBeUndefined();
        expect(streams.resize).toBeUndefined();
        wire.send(channels.stdout, "out ");
        wire.send(channels.stderr, "err");
        wire.quit(3);
        expect(await textOf(streams)).toBe("out err");
        expect(await streams.exitCode).toBe(3);
        await wire.ended;
      },
    );
  });

  it("sends input in frames, sizes as JSON, and the end of a terminal's input as its key", async () => {
    await withProcess(
      (engine) =>
        engine.execContainer("c", { command: ["sh"], tty: true, stdin: true }),
      async (streams, wire) => {
        streams.resize?.(80, 24);
        streams.stdin?.write("ls\n");
        streams.stdin?.end("half");
        const expected =
          frame(channels.resize, '{"Width":80,"Height":24}') +
          frame(channels.stdin, "ls\n") +
          frame(channels.stdin, "half") +
          // Once for the line, once for the end.
          frame(channels.stdin, "\x04\x04");
        await expect.poll(() => wire.received).toBe(expected);
        wire.quit(0);
        expect(await streams.exitCode).toBe(0);
      },
    );
  });

  it("does not pass the daemon's own code for the command's where it hung up on it", async () => {
    await withProcess(
      (engine) => engine.execContainer("c", { command: ["cat"], stdin: true }),
      async (streams, wire) => {
        streams.stdin?.end("x");
        await expect
          .poll(() => wire.received)
          .toBe(frame(channels.stdin, "x") + frame(channels.hangUp, "EOF"));
        wire.quit(125);
        await expect(streams.exitCode).rejects.toMatchObject({
          code: "ENGINE_ERROR",
        });
        expect(await textOf(streams)).toBe("");
      },
    );
  });

  it("keeps the code of a command that ended in time", async () => {
    await withProcess(
      (engine) => engine.execContainer("c", { command: ["cat"], stdin: true }),
      async (streams, wire) => {
        streams.stdin?.end();
        await expect.poll(() => wire.received).not.toBe("");
        wire.quit(1);
        expect(await streams.exitCode).toBe(1);
      },
    );
  });

  it("fails with those who read or wait where the connection breaks", async () => {
    await withProcess(
      (engine) => engine.execContainer("c", { command: ["cat"] }),
      async (streams, wire) => {
        wire.send(channels.stdout, "some");
        wire.hangUp();
        await expect(streams.exitCode).rejects.toMatchObject({
          code: "CONNECTION_LOST",
        });
        await expect(textOf(streams)).rejects.toThrow();
      },
    );
  });

  it("lets go of the process", async () => {
    await withProcess(
      (engine) => engine.execContainer("c", { command: ["cat"], stdin: true }),
      async (streams, wire) => {
        streams.close();
        await expect(streams.exitCode).rejects.toMatchObject({
          code: "CLOSED",
        });
        await wire.ended;
        expect(wire.received).toBe("");
      },
    );
  });

  it("makes a process wait that writes more than is read", async () => {
    await withProcess(
      (engine) => engine.execContainer("c", { command: ["yes"] }),
      async (streams, wire) => {
        const block = "y".repeat(100_000);
        for (let index = 0; index < 20; index++)
          wire.send(channels.stdout, block);
        wire.quit(0);
        await expect
          .poll(() => streams.stdout.readableLength)
          .toBeGreaterThan(0);
        expect(streams.stdout.readableLength).toBeLessThan(1_000_000);
        expect(await textOf(streams)).toHaveLength(2_000_000);
        expect(await streams.exitCode).toBe(0);
      },
    );
  });

  it("refuses a command of nothing, and says why a container has none", async () => {
    const reason = "exec requires a running container, c is exited";
    const script = { ExecContainer: fails("ErrorOccurred", { reason }) };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      await expect(
        engine.execContainer("c", { command: [] }),
      ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(fake.methods).toEqual([]);
      await expect(
        engine.execContainer("c", { command: ["ls"] }),
      ).rejects.toMatchObject({ code: "CONTAINER_STOPPED" });
    });
  });
});

describe("attaching", () => {
  const ended = {
    WaitContainer: replies({ exitcode: 9 }),
    GetContainer: replies({ container: { id: "c", status: "exited" } }),
  };

  it("starts the container where that is asked for", async () => {
    await withProcess(
      (engine) => engine.attachContainer("c", { start: true }),
      async (streams, wire, fake) => {
        expect(fake.input("Attach")).toEqual({
          name: "c",
          detachKeys: "",
          start: true,
        });
        wire.send(channels.stdout, "hi");
        wire.quit(2);
        expect(await textOf(streams)).toBe("hi");
        expect(await streams.exitCode).toBe(2);
      },
    );
  });

  it.each([
    ["it hung up", (wire: Wire) => wire.quit(125)],
    ["it says no code", (wire: Wire) => wire.send(channels.quit, "HANG-UP")],
  ])("asks how the container ended where %s", async (_, end) => {
    await withProcess(
      (engine) => engine.attachContainer("c", { stdin: true }),
      async (streams, wire) => {
        streams.stdin?.end();
        await expect.poll(() => wire.received).not.toBe("");
        end(wire);
        expect(await streams.exitCode).toBe(9);
      },
      ended,
    );
  });

  it("is known beforehand to be nothing that Podman 1.0 does", async () => {
    expect("AttachToContainer" in daemons["io.podman (1.0)"].methods).toBe(
      true,
    );
    await withEngine("io.podman (1.0)", {}, async (engine) => {
      expect(engine.attachContainer).toBeUndefined();
      expect(engine.execContainer).toBeUndefined();
    });
  });
});
