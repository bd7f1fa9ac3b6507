// Clients that do not read what they asked for. The clock is a false one here, so
// that a busy machine cannot decide what was in time.
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  VarlinkServer,
  type VarlinkServerOptions,
} from "../../src/runtime/varlink/server.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { serve as serveEnvelope } from "../runtime/envelope/server/support.ts";
import {
  ECHO,
  type FaultyServer,
  frame,
  LARGE,
  netPlace,
  serveFaults,
  temporaryPlace,
  until,
  WATCH,
} from "./support.ts";

const MB = 1024 * 1024;

describe("a client that does not read", () => {
  let served: FaultyServer;
  let friend: VarlinkClient;
  let remove: () => Promise<void>;
  const sockets: Socket[] = [];

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["setInterval", "clearInterval", "performance"],
    });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await friend.close();
    await served.server.close({ timeout: 100 });
    expect(served.server.connections).toBe(0);
    vi.useRealTimers();
    await remove();
  });

  async function start(
    options: Partial<VarlinkServerOptions> = {},
  ): Promise<void> {
    const place = await temporaryPlace();
    ({ remove } = place);
    served = await serveFaults(place.endpoint, options);
    friend = await VarlinkClient.connect(served.endpoint, {
      maxConnections: 1,
    });
    await friend.call(ECHO, { text: "" });
  }

  /** Connects, sends bytes, and does not read. */
  function open(bytes: string | Buffer): Socket {
    const socket = connect({
      path: netPlace(served.endpoint) as string,
      allowHalfOpen: true,
    });
    socket.pause();
    // As Node reads ahead otherwise.
    socket.on("readable", () => {});
    socket.on("error", () => {});
    socket.write(bytes);
    sockets.push(socket);
    return socket;
  }

  const large = (size: number): string =>
    frame({ method: LARGE, parameters: { size } });

  /** Milliseconds of the false clock, in steps as a server looks. */
  function pass(milliseconds: number): void {
    vi.advanceTimersByTime(milliseconds);
  }

  /** Calls so that whatever was sent before has been answered as far as it will be. */
  async function settle(): Promise<void> {
    for (let count = 0; count < 5; count += 1)
      await friend.call(ECHO, { text: "" });
  }

  it("a large reply is cut off after writeTimeout, 60 s by default, and others are not", async () => {
    await start();
    for (let count = 0; count < 5; count += 1) open(large(4 * MB));
    await until("the connections", () => served.server.connections === 6);
    await settle();
    pass(59_000);
    await settle();
    expect(served.server.connections).toBe(6);
    pass(30_000);
    await until("their end", () => served.server.connections === 1);
    expect(served.protocolErrors.map(({ code }) => code)).toEqual(
      Array.from({ length: 5 }, () => "TIMEOUT"),
    );
    expect(served.protocolErrors[0]?.message).toContain("writeTimeout");
    expect(await friend.call(ECHO, { text: "a" })).toEqual({ text: "a" });
    expect(served.errors).toEqual([]);
  });

  it("one that reads slowly is let read to the end, however long it takes", async () => {
    await start();
    const size = 4 * MB;
    const socket = open(large(size));
    let read = 0;
    // More than a buffer of the system holds, and then nothing for a long time.
    for (let next = MB / 2; next <= size; next += MB / 2) {
      await until("bytes", () => {
        read += (socket.read() as Buffer | null)?.length ?? 0;
        return read >= next;
      });
      await settle();
      pass(55_000);
    }
    expect(served.protocolErrors).toEqual([]);
    expect(served.server.connections).toBe(2);
  });

  it("a stream waits for it as long as it likes, and holds little", async () => {
    await start();
    open(frame({ method: WATCH, more: true }));
    await until("items", () => served.noticed.made > 100);
    let made = -1;
    for (let hours = 0; hours < 5 || made !== served.noticed.made; hours += 1) {
      made = served.noticed.made;
      pass(3_600_000);
      await settle();
    }
    // A kilobyte each: buffers of the system and of Node, and no more.
    expect(made).toBeLessThan(2000);
    expect(served.server.connections).toBe(2);
    expect(served.noticed.reasons).toEqual([]);
  });

  it("a stream of large items is cut off, and its handler told", async () => {
    await start({ writeTimeout: 1000 });
    open(frame({ method: WATCH, parameters: { size: 4 * MB }, more: true }));
    await until("an item", () => served.noticed.made > 0);
    await settle();
    pass(1000);
    await settle();
    pass(2000);
    await until("its end", () => served.server.connections === 1);
    await until("the generator's", () => served.noticed.closed === 1);
    expect(served.noticed.made).toBe(1);
    expect(served.noticed.reasons).toMatchObject([{ code: "TIMEOUT" }]);
    expect(served.errors).toEqual([]);
  });

  it("writeTimeout 0 cuts nobody off; closing the server does", async () => {
    await start({ writeTimeout: 0 });
    open(large(4 * MB));
    await until("the connection", () => served.server.connections === 2);
    await settle();
    pass(3_600_000);
    await settle();
    expect(served.server.connections).toBe(2);
  });

  it("one that has broken the protocol is cut off whatever it has not read", async () => {
    await start();
    // Behind the call something that is no text.
    const bytes = Buffer.concat([
      Buffer.from(large(MB / 2)),
      Buffer.of(0xff, 0),
    ]);
    open(bytes);
    const reader = open(bytes);
    await until("the connections", () => served.server.connections === 3);
    await settle();
    await until("the end of the one that reads", () => {
      reader.read();
      return reader.readableEnded;
    });
    expect(served.protocolErrors.map(({ code }) => code)).toEqual(["PROTOCOL"]);
    reader.destroy();
    await until("its end", () => served.server.connections === 2);
    pass(15_000);
    await settle();
    expect(served.server.connections).toBe(2);
    pass(60_000);
    await until("the other one's end", () => served.server.connections === 1);
    expect(served.protocolErrors.map(({ code }) => code)).toEqual([
      "PROTOCOL",
      "TIMEOUT",
    ]);
  });
});

it("a client of an envelope that reads nothing of a large reply is cut off, too", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  try {
    const name = ["x".repeat(4 * MB)];
    let asked = 0;
    await using enveloped = await serveEnvelope({
      list: () => {
        asked += 1;
        return { name };
      },
    });
    const [friend, silent] = [
      await enveloped.connect(),
      await enveloped.connect(),
    ];
    silent.stream.pause();
    silent.send({ List: {} });
    await until("the call", () => asked === 1);
    vi.advanceTimersByTime(59_000);
    expect(enveloped.server.connections).toBe(2);
    vi.advanceTimersByTime(30_000);
    await until("its end", () => enveloped.server.connections === 1);
    expect(enveloped.protocolErrors).toMatchObject([{ code: "TIMEOUT" }]);
    expect(await friend.send({ Version: {} }).next()).toBeDefined();
  } finally {
    vi.useRealTimers();
  }
});

it.each([-1, Number.NaN, 2 ** 31])(
  "writeTimeout %d is refused",
  (writeTimeout) => {
    const info = { vendor: "", product: "", version: "", url: "" };
    expect(() => new VarlinkServer({ ...info, writeTimeout })).toThrow(
      "writeTimeout",
    );
  },
);
