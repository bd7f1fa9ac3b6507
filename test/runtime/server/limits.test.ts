import { describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { info, gate, serve, until } from "./support.ts";

const echo = ({ text }: { readonly text: string }): object => ({ text });
const nothing = (): void => {};
const Nothing = "org.example.test.Nothing";

describe("limits", () => {
  it("frameTimeout: a message that was begun must be completed, an idle connection may stay", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      frameTimeout: 20,
    });
    const [idle, slow] = [await served.connect(), await served.connect()];
    slow.call("Nothing");
    slow.stream.write('{"method":');
    expect(await slow.rest()).toEqual([{}]);
    expect(served.protocolErrors[0]?.code).toBe("TIMEOUT");
    expect(served.protocolErrors[0]?.message).toContain("frameTimeout");
    expect(await idle.call("Nothing").next()).toEqual({});
  });
  it("frameTimeout: a message in pieces is fine when it is in time", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      frameTimeout: 2000,
    });
    const peer = await served.connect();
    for (const byte of Buffer.from(`{"method":"${Nothing}"}\0`)) {
      peer.stream.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    expect(await peer.next()).toEqual({});
    expect(served.protocolErrors).toEqual([]);
  });
  it("frameTimeout: the time of a message does not count against what follows", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      frameTimeout: 500,
    });
    const peer = await served.connect();
    peer.stream.write('{"method":');
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
    peer.stream.write(`"${Nothing}"}\0`);
    expect(await peer.next()).toEqual({});
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(served.protocolErrors).toEqual([]);
    expect(await peer.call("Nothing").next()).toEqual({});
  });
  it("frameTimeout: a call being answered is answered before the connection ends", async () => {
    const held = gate();
    await using served = await serve(
      {
        nothing: async () => {
          await held.opened;
        },
      },
      memoryEndpoint(),
      { frameTimeout: 10 },
    );
    const peer = await served.connect();
    peer.call("Nothing");
    peer.stream.write("{");
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(served.protocolErrors).toEqual([]);
    held.open();
    expect(await peer.rest()).toEqual([{}]);
    expect(served.protocolErrors.map((error) => error.code)).toEqual([
      "TIMEOUT",
    ]);
  });
  it("idleTimeout: ends a connection without a call, and not one with a call", async () => {
    const held = gate();
    await using served = await serve(
      {
        nothing: async () => {
          await held.opened;
        },
      },
      memoryEndpoint(),
      { idleTimeout: 300 },
    );
    const [idle, busy] = [await served.connect(), await served.connect()];
    busy.call("Nothing");
    expect(await idle.rest()).toEqual([]);
    expect(served.protocolErrors).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    held.open();
    expect(await busy.rest()).toEqual([{}]);
  });
  it("maxConnections: one too many is closed, and reported", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      maxConnections: 2,
    });
    const [one, two] = [await served.connect(), await served.connect()];
    await one.call("Nothing").next();
    await two.call("Nothing").next();
    for (let surplus = 0; surplus < 3; surplus += 1) {
      expect(await (await served.connect()).rest()).toEqual([]);
    }
    // Said once, for it may be a flood.
    expect(served.errors.map(({ error }) => error)).toMatchObject([
      { code: "LIMIT_EXCEEDED" },
    ]);
    one.stream.destroy();
    await until(() => served.server.connections === 1);
    const again = await served.connect();
    await again.call("Nothing").next();
    expect(await (await served.connect()).rest()).toEqual([]);
    expect(served.errors).toHaveLength(2);
    again.stream.destroy();
    await until(() => served.server.connections === 1);
    expect(await (await served.connect()).call("Nothing").next()).toEqual({});
  });
  it.each([
    ["by number", 3, 20_000],
    ["by size", undefined, 300_000],
  ])(
    "maxPipelinedCalls: reading pauses, %s, and nothing is lost",
    async (_name, maxPipelinedCalls, size) => {
      const held = gate();
      await using served = await serve(
        {
          async echo(input: { readonly text: string }) {
            await held.opened;
            return echo(input);
          },
        },
        memoryEndpoint(),
        { maxPipelinedCalls },
      );
      const peer = await served.connect();
      const texts = Array.from({ length: 20 }, (_, index) =>
        String(index).padEnd(size),
      );
      for (const text of texts) peer.call("Echo", { text });
      // The server has stopped to read, so the transport is full, and stays so.
      let before = -1;
      for (let calm = 0; calm < 100;) {
        await new Promise(setImmediate);
        calm = peer.stream.writableLength === before ? calm + 1 : 0;
        before = peer.stream.writableLength;
      }
      expect(before).toBeGreaterThan(0);
      held.open();
      const replies = await peer.take(20);
      expect(replies.map((reply) => reply?.parameters?.["text"])).toEqual(
        texts,
      );
    },
  );
  it("maxPipelinedCalls: reading goes on when half of them are answered, not only when all are", async () => {
    const held = Array.from({ length: 30 }, gate);
    await using served = await serve(
      {
        async echo(input: { readonly text: string }) {
          await held[Number(input.text)]?.opened;
          return echo(input);
        },
      },
      memoryEndpoint(),
      { maxPipelinedCalls: 20 },
    );
    const peer = await served.connect();
    for (let index = 0; index < 30; index += 1)
      // More in ten of them than any Node's streams hold by themselves.
      peer.call("Echo", { text: String(index).padEnd(20_000) });
    for (let turns = 0; turns < 100; turns += 1)
      await new Promise(setImmediate);
    expect(peer.stream.writableLength).toBeGreaterThan(0);
    for (const { open } of held.slice(0, 15)) open();
    await until(() => peer.stream.writableLength === 0);
    for (const { open } of held) open();
    expect(await peer.take(30)).toHaveLength(30);
  });
  it.each([
    { maxMessageSize: 0 },
    { maxMessageSize: 1.5 },
    { maxConnections: -1 },
    { maxPipelinedCalls: Number.NaN },
    { frameTimeout: -1 },
    { idleTimeout: 2 ** 31 },
    { frameTimeout: Number.NaN },
  ])("%j is refused", (options) => {
    expect(() => new VarlinkServer({ ...info, ...options })).toThrow(
      Object.keys(options)[0],
    );
  });
});
