// Services that do not answer, answer bit by bit, or are not really there.
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import {
  ECHO,
  frame,
  HANG,
  netPlace,
  outcome,
  outcomes,
  PeerProcess,
  readAll,
  TAKE,
  temporaryPlace,
  until,
  WATCH,
} from "./support.ts";

let endpoint: Endpoint;
let remove: () => Promise<void>;
let service: Server | undefined;
const sockets: Socket[] = [];

beforeEach(async () => {
  ({ endpoint, remove } = await temporaryPlace());
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  service?.close();
  service = undefined;
  await remove();
});

/** A service of bytes. */
async function listen(onConnection: (socket: Socket) => void): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    onConnection(socket);
  });
  service = server;
  await new Promise<void>((resolve) => {
    server.listen(netPlace(endpoint) as string, resolve);
  });
}

describe("a service that never answers", () => {
  it("makes calls, streams and upgrades time out, and gets new connections for new calls", async () => {
    await listen((socket) => socket.resume());
    await using client = await VarlinkClient.connect(endpoint);
    const short = { timeout: 50 };
    const ended = await outcomes([
      client.call(HANG, {}, short),
      client.upgrade(TAKE, {}, short),
      client.more(WATCH, {}, short).next(),
      client.pipeline((pipeline) => pipeline.call(HANG, {}, short)),
    ]);
    expect(ended).toEqual(["TIMEOUT", "TIMEOUT", "TIMEOUT", "TIMEOUT"]);
    expect(await outcome(client.call(HANG, {}, short))).toBe("TIMEOUT");
  });

  it("any more makes a stream time out by its idleTimeout", async () => {
    await listen((socket) => {
      socket.once("data", () =>
        socket.write(frame({ parameters: { number: 1 }, continues: true })),
      );
    });
    await using client = await VarlinkClient.connect(endpoint);
    const stream = client.more(WATCH, {}, { idleTimeout: 50 });
    expect(await readAll(stream)).toEqual({
      items: [{ number: 1 }],
      end: "TIMEOUT",
    });
  });

  it("does not keep a client from closing, whatever is under way", async () => {
    await listen((socket) => socket.resume());
    const client = await VarlinkClient.connect(endpoint, { maxConnections: 4 });
    const stream = client.more(WATCH);
    const underWay = [
      client.call(HANG),
      client.upgrade(TAKE),
      stream.next(),
      client.pipeline((pipeline) =>
        Promise.all([pipeline.call(HANG), pipeline.call(HANG)]),
      ),
      // Waiting for a connection.
      client.call(HANG),
      client.upgrade(TAKE),
      client.more(WATCH).next(),
    ];
    const ended = outcomes(underWay);
    await until("four connections", () => sockets.length === 4);
    await client.close();
    expect(new Set(await ended)).toEqual(new Set(["CLOSED"]));
    expect(await outcome(client.call(HANG))).toBe("CLOSED");
  });

  it("nor reads: a oneway call that nobody takes does not keep a client from closing either", async () => {
    await listen((socket) => socket.pause());
    const client = await VarlinkClient.connect(endpoint);
    const oneway = outcome(
      client.oneway(ECHO, { text: "x".repeat(8 * 1024 * 1024) }),
    );
    await until("the connection", () => sockets.length === 1);
    await client.close();
    expect(await oneway).toBe("CLOSED");
  });

  it("nor reads: a large call times out", async () => {
    await listen((socket) => socket.pause());
    await using client = await VarlinkClient.connect(endpoint);
    const text = "x".repeat(8 * 1024 * 1024);
    expect(await outcome(client.call(ECHO, { text }, { timeout: 100 }))).toBe(
      "TIMEOUT",
    );
  });
});

it("a service that answers byte by byte is understood, whatever it sends", async () => {
  const text = "é€😀 \\u0000";
  await listen((socket) => {
    const replies = [
      frame({ parameters: { text } }),
      frame({ parameters: { number: 1, text }, continues: true }) +
        frame({ parameters: { number: 2, text } }),
      frame({ error: "com.example.faults.Odd", parameters: { text } }),
      `${frame({ parameters: {} })}raw`,
    ];
    const queue: number[] = [];
    const send = (): void => {
      const byte = queue.shift();
      if (byte === undefined || socket.destroyed) return;
      socket.write(Buffer.of(byte));
      setImmediate(send);
    };
    socket.on("data", (chunk) => {
      for (const value of chunk)
        if (value === 0) queue.push(...Buffer.from(replies.shift() ?? ""));
      send();
    });
  });
  // One connection, and so the replies in their order.
  await using client = await VarlinkClient.connect(endpoint, {
    maxConnections: 1,
  });
  expect(await client.call(ECHO, { text })).toEqual({ text });
  expect((await readAll(client.more(WATCH))).items).toEqual([
    { number: 1, text },
    { number: 2, text },
  ]);
  await expect(client.call(ECHO, { text })).rejects.toMatchObject({
    error: "com.example.faults.Odd",
    parameters: { text },
  });
  const { stream } = await client.upgrade(TAKE);
  let raw = "";
  stream.on("data", (chunk: Buffer) => (raw += chunk.toString()));
  await until("the raw bytes", () => raw === "raw");
});

describe("a service that accepts and closes at once", () => {
  it.each(["end", "destroy"] as const)(
    "by %s: every call fails, and none is repeated without end",
    async (how) => {
      await listen((socket) => {
        socket[how]();
        socket.resume();
      });
      await using client = await VarlinkClient.connect(endpoint);
      const calls = await outcomes([
        ...Array.from({ length: 20 }, () => client.call(HANG)),
        ...Array.from({ length: 20 }, () =>
          client.call(HANG, {}, { idempotent: true }),
        ),
        client.more(WATCH).next(),
        client.upgrade(TAKE),
        client.pipeline((pipeline) =>
          Promise.all([pipeline.call(HANG), pipeline.call(HANG)]),
        ),
      ]);
      expect(new Set(calls)).toEqual(new Set(["CONNECTION_LOST"]));
      // One each, and one more for what may be repeated.
      expect(sockets.length).toBeLessThanOrEqual(1 + 2 * calls.length);
    },
  );
});

describe("a service too busy to accept", () => {
  /** More than the 511 that Node lets the system keep for it. */
  const many = 700;
  const answer = frame({ parameters: { text: "at last" } });

  /** Waits until the system refuses connections, as nobody accepts them. */
  async function backlogFull(): Promise<void> {
    let code: unknown;
    await until("a full backlog", () => {
      const socket = connect(netPlace(endpoint) as string);
      sockets.push(socket);
      socket.on("error", (error: NodeJS.ErrnoException) => {
        ({ code } = error);
      });
      return code === "EAGAIN";
    });
  }

  it("gets more connections than fit its backlog, and all calls are answered in the end", async () => {
    await using peer = new PeerProcess();
    await peer.listen(
      endpoint,
      Array.from({ length: many }, () => answer),
    );
    const client = await VarlinkClient.connect(endpoint, {
      maxConnections: many,
      connectTimeout: 20_000,
    });
    await peer.told("accepted");
    peer.signal("SIGSTOP");
    const calls = Array.from({ length: many }, () =>
      client.call(ECHO, { text: "" }),
    );
    await backlogFull();
    peer.signal("SIGCONT");
    for (const reply of await Promise.all(calls))
      expect(reply).toEqual({ text: "at last" });
    await client.close();
  });

  it("for ever: who finds no room is told so, and those who wait can close", async () => {
    await using peer = new PeerProcess();
    await peer.listen(endpoint);
    const client = await VarlinkClient.connect(endpoint, {
      maxConnections: many,
      connectTimeout: Infinity,
    });
    await peer.told("accepted");
    peer.signal("SIGSTOP");
    const ended = outcomes(
      Array.from({ length: many }, () => client.call(HANG)),
    );
    await backlogFull();
    expect(
      await outcome(VarlinkClient.connect(endpoint, { connectTimeout: 100 })),
    ).toBe("TIMEOUT");
    await client.close();
    expect(new Set(await ended)).toEqual(new Set(["CLOSED"]));
  });
});
