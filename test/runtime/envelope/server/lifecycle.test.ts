import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { CommandCall } from "../../../../src/runtime/envelope/types.ts";
import {
  memoryEndpoint,
  memoryPair,
} from "../../../../src/runtime/transport/memory.ts";
import {
  gate,
  removeFolders,
  spyOnWarnings,
  transports,
  until,
} from "../../server/support.ts";
import {
  failed,
  ok,
  push,
  RawPeer,
  serve,
  type TestHandlers,
} from "./support.ts";

afterAll(removeFolders);

const version = ok({ Version: { tag: "1", revision: "" } });

/** Handlers of which one is held, and what they saw. */
function held(): {
  readonly handlers: TestHandlers;
  readonly open: () => void;
  readonly signals: AbortSignal[];
} {
  const { opened, open } = gate();
  const signals: AbortSignal[] = [];
  return {
    open,
    signals,
    handlers: {
      wait: (_input: object, call) => {
        signals.push(call.signal);
        return opened.then(() => ({ name: "a", state: "dead" }));
      },
      version: () => ({ tag: "1" }),
      async *asyncWait() {
        yield { name: "a", state: "running" };
        await opened;
        yield { name: "a", state: "dead" };
      },
    },
  };
}

const dead = { error: 0, Wait: { name: "a", state: "dead" } };

describe.each(transports)("over $name", ({ name, open }) => {
  it("requests, a subscription and large replies come through", async () => {
    const names = Array.from({ length: 3000 }, (_, index) =>
      `c${index}`.repeat(9),
    );
    const { handlers, open: openGate } = held();
    await using served = await serve(
      { ...handlers, list: () => ({ name: names }) },
      {},
      await open(),
    );
    const peer = await served.connect();
    peer.send({ AsyncWait: {} }, { List: {} }, { Version: {} });
    expect(await peer.take(4)).toEqual([
      push("a", "running"),
      ok(),
      ok({ List: { name: names } }),
      version,
    ]);
    openGate();
    expect(await peer.next()).toEqual(push("a", "dead"));
    peer.end();
    expect(await peer.rest()).toEqual([]);
  });

  it("a client that goes away while it is answered aborts the call, and nothing else", async () => {
    const { handlers, open: openGate, signals } = held();
    await using served = await serve(handlers, {}, await open());
    const [one, other] = [await served.connect(), await served.connect()];
    one.send({ Wait: {} });
    other.send({ Wait: {} });
    await until(() => signals.length === 2);
    // A TCP connection that is closed in order looks like one that is half open.
    if (name === "tcp") (one.stream as Socket).resetAndDestroy();
    else one.stream.destroy();
    await until(() => served.server.connections === 1);
    expect(signals.filter(({ aborted }) => aborted)).toHaveLength(1);
    openGate();
    expect(await other.next()).toEqual(dead);
    expect(served.errors).toEqual([]);
  });

  it("a client that went away leaves handlers nothing to fail in", async () => {
    const gone = gate();
    let failing = 0;
    const fail = async (): Promise<never> => {
      await gone.opened;
      failing += 1;
      throw new Error("nobody is there any more");
    };
    await using served = await serve(
      {
        wait: fail,
        create: fail,
        async *asyncWait() {
          yield { name: "a", state: "running" };
          await fail();
        },
      },
      {},
      await open(),
    );
    const peers = [
      (await served.connect()).send({ Wait: {} }),
      (await served.connect()).send({ Create: {} }),
      (await served.connect()).send({ AsyncWait: {} }),
    ];
    await peers[2]?.take(2);
    for (const { stream } of peers) {
      if (name === "tcp") (stream as Socket).resetAndDestroy();
      else stream.destroy();
    }
    await until(() => served.server.connections === 0);
    gone.open();
    await until(() => failing === 3);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(served.errors).toEqual([]);
  });

  it("a client that only ended its side is answered", async () => {
    const { handlers, open: openGate, signals } = held();
    await using served = await serve(handlers, {}, await open());
    const peer = await served.connect();
    peer.send({ Wait: {} }, { Version: {} }).end();
    await until(() => signals.length === 1);
    openGate();
    expect(await peer.rest()).toEqual([dead, version]);
    await until(() => served.server.connections === 0);
  });

  it("a server that is closed answers what has arrived whole", async () => {
    const { handlers, open: openGate, signals } = held();
    await using served = await serve(handlers, {}, await open());
    const peer = await served.connect();
    const idle = await served.connect();
    const half = await served.connect();
    half.raw("0572");
    peer.send({ AsyncWait: {} });
    await peer.take(2);
    peer.send({ Wait: {} }, { Version: {} }).raw("0a0b");
    await until(() => signals.length === 1 && served.server.connections === 3);
    const closed = served.server.close({ timeout: Infinity });
    expect(await idle.rest()).toEqual([]);
    expect(await half.rest()).toEqual([]);
    openGate();
    expect(await peer.rest()).toEqual([dead, version]);
    await closed;
    expect(signals[0]?.aborted).toBe(false);
    expect(served.protocolErrors).toEqual([]);
    await expect(served.server.listen("tcp:127.0.0.1:0")).rejects.toMatchObject(
      { code: "CLOSED" },
    );
  });

  it("a server that is closed by force aborts what it answers", async () => {
    const { handlers, signals } = held();
    await using served = await serve(handlers, {}, await open());
    const peer = await served.connect();
    peer.send({ Wait: {} });
    await until(() => signals.length === 1);
    await served.server.close({ timeout: 0 });
    expect(signals[0]?.reason).toMatchObject({ code: "CLOSED" });
    expect(await peer.rest()).toEqual([]);
  });
});

describe("a subscription that a closing server ends before it was acknowledged", () => {
  // Else the reply to the request behind it would pass for its own.
  it.each([
    [
      "items without end",
      function* endless() {
        for (;;) yield { name: "a", state: "x".repeat(5000) };
      },
    ],
    [
      "items that take notice",
      async function* careful(_input: object, { signal }: CommandCall) {
        for (;;) {
          yield { name: "a", state: "x".repeat(5000) };
          signal.throwIfAborted();
        }
      },
    ],
  ])("is so: %s", async (_what, asyncWait) => {
    await using served = await serve(
      { asyncWait, version: () => ({ tag: "1" }) },
      {},
      memoryEndpoint({ highWaterMark: 1000 }),
    );
    const peer = await served.connect();
    peer.stream.pause();
    peer.send({ AsyncWait: {} }, { Version: {} });
    for (let index = 0; index < 20; index += 1) await turn();
    const closed = served.server.close({ timeout: Infinity });
    peer.stream.resume();
    const replies = (await peer.rest()).filter(
      (message) => !("AsyncWait" in message),
    );
    expect(replies).toEqual([ok(), version]);
    await closed;
    expect(served.errors).toEqual([]);
  });
});

describe("a connection that was handed over", () => {
  it("is served, with what it had read already", async () => {
    await using served = await serve({ version: () => ({ tag: "1" }) });
    const [client, accepted] = memoryPair();
    const peer = new RawPeer(client);
    peer.send({ Version: {} });
    await until(() => accepted.readableLength > 0);
    served.server.accept(accepted, "handed over");
    expect(await peer.next()).toEqual(version);
  });

  it("and is closed by now is dropped", async () => {
    await using served = await serve({});
    const [, accepted] = memoryPair();
    accepted.destroy();
    served.server.accept(accepted);
    expect(served.server.connections).toBe(0);
  });
});

describe("limits", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("refuse further connections, and say so once until there is room", async () => {
    await using served = await serve(
      { version: () => ({ tag: "1" }) },
      { maxConnections: 1 },
    );
    const first = await served.connect();
    expect(await first.send({ Version: {} }).next()).toEqual(version);
    const refused = [await served.connect(), await served.connect()];
    for (const peer of refused) expect(await peer.rest()).toEqual([]);
    expect(served.errors).toMatchObject([
      { error: { code: "LIMIT_EXCEEDED" } },
    ]);
    first.end();
    await until(() => served.server.connections === 0);
    const next = await served.connect();
    expect(await next.send({ Version: {} }).next()).toEqual(version);
  });

  it("stop reading ahead, and go on when there is room", async () => {
    const { handlers, open, signals } = held();
    await using served = await serve(handlers, { maxPipelinedRequests: 4 });
    const [client, accepted] = memoryPair({ highWaterMark: 100 });
    served.server.accept(accepted);
    const peer = new RawPeer(client);
    peer.send({ Wait: {} });
    for (let index = 0; index < 100; index += 1) peer.send({ Version: {} });
    await until(() => signals.length === 1 && accepted.isPaused());
    expect(client.writableLength).toBeGreaterThan(100);
    open();
    expect(await peer.take(101)).toEqual([
      dead,
      ...Array.from({ length: 100 }, () => version),
    ]);
  });

  it("end a connection on which a request was begun and not completed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await using served = await serve({ version: () => ({ tag: "1" }) });
    const [peer, idle] = [await served.connect(), await served.connect()];
    peer.send({ Version: {} }).raw("05");
    expect(await peer.next()).toEqual(version);
    await until(() => vi.getTimerCount() === 1);
    vi.advanceTimersByTime(29_999);
    expect(served.protocolErrors).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(served.protocolErrors).toMatchObject([{ code: "TIMEOUT" }]);
    expect(await peer.rest()).toEqual([]);
    expect(await idle.send({ Version: {} }).next()).toEqual(version);
    vi.useRealTimers();
  });

  it("end idle connections, but not those with a subscription", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { handlers, open } = held();
    await using served = await serve(handlers, { idleTimeout: 1000 });
    const [idle, subscribed] = [await served.connect(), await served.connect()];
    subscribed.send({ AsyncWait: {} });
    idle.send({ Version: {} });
    await subscribed.take(2);
    await idle.next();
    vi.advanceTimersByTime(1000);
    expect(await idle.rest()).toEqual([]);
    expect(served.server.connections).toBeGreaterThan(0);
    vi.advanceTimersByTime(5000);
    open();
    expect(await subscribed.next()).toEqual(push("a", "dead"));
    vi.advanceTimersByTime(1000);
    expect(await subscribed.rest()).toEqual([]);
    vi.useRealTimers();
  });
});

describe("hooks", () => {
  it("that are missing warn of mistakes, and that fail harm nobody", async () => {
    using warnings = spyOnWarnings();
    const broken = (): void => {
      throw new Error("a broken hook");
    };
    await using silent = await serve(
      {
        create() {
          throw new Error("no");
        },
      },
      { onError: undefined, onProtocolError: broken },
    );
    const peer = await silent.connect();
    expect(await peer.send({ Create: {} }).next()).toEqual(failed(1, ""));
    peer.raw("8000");
    expect(await peer.rest()).toEqual([]);
    expect(warnings.texts).toMatchObject([
      expect.stringContaining("Mini.Create (memory:): Error: no"),
      expect.stringContaining("a broken hook"),
    ]);
  });
});
