// Clients that begin and do not end, and those that only take a place.
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import type { VarlinkServerOptions } from "../../src/runtime/varlink/server.ts";
import {
  ECHO,
  type FaultyServer,
  frame,
  HANG,
  netPlace,
  outcome,
  serveFaults,
  temporaryPlace,
  until,
} from "./support.ts";

const hello = frame({ method: ECHO, parameters: { text: "hello" } });

let endpoint: Endpoint;
let remove: () => Promise<void>;
let served: FaultyServer;
const sockets: Socket[] = [];

beforeEach(async () => {
  ({ endpoint, remove } = await temporaryPlace());
});

afterEach(async () => {
  // With all of them still there.
  await served.server.close({ timeout: 100 });
  expect(served.server.connections).toBe(0);
  for (const socket of sockets.splice(0)) socket.destroy();
  await remove();
});

async function start(options: Partial<VarlinkServerOptions>): Promise<void> {
  served = await serveFaults(endpoint, options);
}

interface Opened {
  readonly socket: Socket;
  text: string;
  closed: boolean;
}

function open(): Opened {
  const socket = connect(netPlace(endpoint) as string);
  sockets.push(socket);
  const opened: Opened = { socket, text: "", closed: false };
  socket.on("data", (chunk) => {
    opened.text += chunk.toString();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    opened.closed = true;
  });
  return opened;
}

describe("a client that never completes a message", () => {
  it("is cut off, however busily it sends byte after byte; others are served meanwhile", async () => {
    await start({ frameTimeout: 200 });
    await using friend = await VarlinkClient.connect(endpoint);
    const slow = Array.from({ length: 50 }, open);
    const calls: Promise<object>[] = [];
    await until("the end of all of them", () => {
      for (const { socket, closed } of slow) if (!closed) socket.write("x");
      calls.push(friend.call(ECHO, { text: "still" }));
      return slow.every(({ closed }) => closed);
    });
    for (const reply of await Promise.all(calls))
      expect(reply).toEqual({ text: "still" });
    expect(served.protocolErrors.map(({ code }) => code)).toEqual(
      Array.from(slow, () => "TIMEOUT"),
    );
    // What is left is the other client's.
    await until("their places", () => served.server.connections <= 16);
  });

  it("and has called before is answered first", async () => {
    await start({ frameTimeout: 50 });
    const opened = open();
    opened.socket.write(`${hello}{`);
    await until("the end", () => opened.closed);
    expect(opened.text).toBe(frame({ parameters: { text: "hello" } }));
  });

  it("keeps its place without a frameTimeout, until the server is closed", async () => {
    await start({ frameTimeout: 0 });
    const slow = open();
    slow.socket.write("{");
    await using friend = await VarlinkClient.connect(endpoint);
    await until("both", () => served.server.connections === 2);
    for (let count = 0; count < 20; count += 1)
      await friend.call(ECHO, { text: "" });
    expect(slow.closed).toBe(false);
    await friend.close();
    // A message that was begun is not waited for.
    await served.server.close();
    await until("its end", () => slow.closed);
    expect(slow.text).toBe("");
  });
});

describe("clients that take all places", () => {
  it("and do nothing: further ones are turned away at once, and told nothing", async () => {
    await start({ maxConnections: 3 });
    const idle = Array.from({ length: 3 }, open);
    await until("them", () => served.server.connections === 3);
    const surplus = await VarlinkClient.connect(endpoint);
    expect(await outcome(surplus.call(ECHO, { text: "" }))).toBe(
      "CONNECTION_LOST",
    );
    expect(served.errors).toMatchObject([{ code: "LIMIT_EXCEEDED" }]);
    // One that leaves makes room.
    idle[0]?.socket.destroy();
    await until("room", () => served.server.connections === 2);
    expect(await surplus.call(ECHO, { text: "now" })).toEqual({ text: "now" });
    await surplus.close();
  });

  it("lose them by idleTimeout, but not those whose call is being answered", async () => {
    await start({ maxConnections: 3, idleTimeout: 100 });
    const idle = [open(), open()];
    const busy = open();
    busy.socket.write(frame({ method: HANG }));
    await until("the call", () => served.noticed.begun === 1);
    await until("the end of the idle ones", () =>
      idle.every(({ closed }) => closed),
    );
    expect(busy.closed).toBe(false);
    await using friend = await VarlinkClient.connect(endpoint);
    expect(await friend.call(ECHO, { text: "now" })).toEqual({ text: "now" });
  });
});
