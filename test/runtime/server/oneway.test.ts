import {
  setImmediate as turn,
  setTimeout as delay,
} from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import {
  gate,
  removeFolders,
  serve,
  type Served,
  transports,
  until,
} from "./support.ts";

const oneway = { oneway: true };

afterAll(removeFolders);

/** A server whose Echo takes its time; what it has begun, and what it has done. */
async function slow(
  ...args: Parameters<typeof serve> extends [unknown, ...infer R] ? R : never
): Promise<{
  readonly served: Served;
  readonly begun: string[];
  readonly done: string[];
  readonly signals: AbortSignal[];
  readonly open: () => void;
}> {
  const { opened, open } = gate();
  const begun: string[] = [];
  const done: string[] = [];
  const signals: AbortSignal[] = [];
  const handlers = {
    async echo({ text }: { readonly text: string }, { signal }: Call) {
      begun.push(text);
      signals.push(signal);
      await opened;
      await turn();
      if (!signal.aborted) done.push(text);
      return { text };
    },
    nothing: () => {
      done.push("nothing");
    },
  };
  const served = await serve(handlers, ...args);
  return { served, begun, done, signals, open };
}

describe.each(transports)("oneway calls over $name", ({ open: place }) => {
  it("are done in order although their client goes at once", async () => {
    const { served, begun, done, signals, open } = await slow(await place());
    await using _ = served;
    const peer = await served.connect();
    peer
      .call("Echo", { text: "1" }, oneway)
      .call("Nothing", {}, oneway)
      .call("Echo", { text: "2" }, oneway);
    await until(() => begun.length === 1);
    // A transport may drop what has not arrived.
    for (let turns = 0; turns < 20; turns += 1) await turn();
    peer.stream.destroy();
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(signals[0]?.aborted).toBe(false);
    expect(served.server.connections).toBe(1);
    open();
    await until(() => served.server.connections === 0);
    expect(done).toEqual(["1", "nothing", "2"]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect(served.errors).toEqual([]);
    expect(served.protocolErrors).toEqual([]);
  });

  it("of our client are done, too, when it closes behind them", async () => {
    const { served, done, open } = await slow(await place());
    await using _ = served;
    const client = await VarlinkClient.connect(served.endpoint);
    const method = "org.example.test.Echo";
    for (const text of ["1", "2", "3"])
      void client.oneway(method, { text }).catch(() => {});
    await client.close();
    open();
    await until(() => done.length === 3);
    expect(done).toEqual(["1", "2", "3"]);
    await until(() => served.server.connections === 0);
  });
});

const local = transports.filter(({ name }) => name !== "tcp");

describe.each(local)(
  "a client that has left, over $name",
  ({ open: place }) => {
    it("has no call done that waits for a reply, and none behind it", async () => {
      const { served, begun, done, open } = await slow(await place());
      await using _ = served;
      const peer = await served.connect();
      peer
        .call("Echo", { text: "1" }, oneway)
        .call("Echo", { text: "2" })
        .call("Echo", { text: "3" }, oneway);
      await until(() => begun.length === 1);
      peer.stream.destroy();
      for (let turns = 0; turns < 20; turns += 1) await turn();
      open();
      await until(() => served.server.connections === 0);
      for (let turns = 0; turns < 5; turns += 1) await turn();
      expect(begun).toEqual(["1"]);
      expect(done).toEqual(["1"]);
    });

    it("leaves nothing that is done when it waited for a reply itself", async () => {
      const { served, begun, done, open } = await slow(await place());
      await using _ = served;
      const peer = await served.connect();
      peer.call("Echo", { text: "1" }).call("Nothing", {}, oneway);
      await until(() => begun.length === 1);
      peer.stream.destroy();
      await until(() => served.server.connections === 0);
      open();
      for (let turns = 0; turns < 5; turns += 1) await turn();
      expect(done).toEqual([]);
    });

    it("is told of when it leaves something malformed", async () => {
      const { served, begun, done, open } = await slow(await place());
      await using _ = served;
      const peer = await served.connect();
      peer
        .call("Echo", { text: "1" }, oneway)
        .send("{")
        .call("Nothing", {}, oneway);
      await until(() => begun.length === 1);
      peer.stream.destroy();
      for (let turns = 0; turns < 20; turns += 1) await turn();
      open();
      await until(() => served.server.connections === 0);
      expect(done).toEqual(["1"]);
      expect(served.protocolErrors).toHaveLength(1);
    });
  },
);

describe("a client that leaves more than is read ahead", () => {
  it.each([
    { when: "all of it", maxPipelinedCalls: undefined, size: 1 },
    { when: "many calls", maxPipelinedCalls: 8, size: 1 },
    { when: "much text", maxPipelinedCalls: undefined, size: 2000 },
  ])("has it done: $when", async ({ maxPipelinedCalls, size }) => {
    const unix = transports.find(({ name }) => name === "unix");
    const { served, begun, done, open } = await slow(await unix?.open(), {
      maxPipelinedCalls,
    });
    await using _ = served;
    const peer = await served.connect();
    const text = "x".repeat(size);
    for (let calls = 0; calls < 1000; calls += 1)
      peer.call("Echo", { text }, oneway);
    const written = new Promise<void>((resolve) => {
      peer.stream.end(resolve);
    });
    await until(() => begun.length === 1);
    open();
    await written;
    // Gone, with what it has written on the way or waiting.
    peer.stream.destroy();
    await until(() => served.server.connections === 0);
    expect(done).toHaveLength(1000);
    expect(served.protocolErrors).toEqual([]);
  });
});

describe("a client that has left calls that are not even read", () => {
  it("has them done, however long the first takes", async () => {
    const unix = transports.find(({ name }) => name === "unix");
    const { served, begun, done, open } = await slow(await unix?.open(), {
      maxPipelinedCalls: 8,
    });
    await using _ = served;
    const peer = await served.connect();
    const text = "x".repeat(1000);
    for (let calls = 0; calls < 200; calls += 1)
      peer.call("Echo", { text }, oneway);
    await new Promise<void>((resolve) => {
      peer.stream.end(resolve);
    });
    await until(() => begun.length === 1);
    peer.stream.destroy();
    // Clients are asked once a second whether they are there.
    await delay(1200);
    open();
    await until(() => served.server.connections === 0);
    expect(done).toHaveLength(200);
  });
});

describe("closing the server", () => {
  it("waits for the oneway calls that were left", async () => {
    const { served, begun, done, open } = await slow();
    const peer = await served.connect();
    peer.call("Echo", { text: "1" }, oneway).call("Nothing", {}, oneway);
    await until(() => begun.length === 1);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    peer.stream.destroy();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    const closing = served.server.close({ timeout: Infinity });
    open();
    await closing;
    expect(done).toEqual(["1", "nothing"]);
  });

  it("aborts them where there is no time, and does none that waits", async () => {
    const { served, begun, done, signals, open } = await slow();
    const peer = await served.connect();
    peer.call("Echo", { text: "1" }, oneway).call("Nothing", {}, oneway);
    await until(() => begun.length === 1);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    peer.stream.destroy();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(signals[0]?.aborted).toBe(false);
    await served.server.close({ timeout: 0 });
    expect(signals[0]?.reason).toMatchObject({ code: "CLOSED" });
    open();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(done).toEqual([]);
    expect(begun).toEqual(["1"]);
  });

  it("aborts one whose client is still there as well", async () => {
    const { served, begun, signals } = await slow();
    const peer = await served.connect();
    peer.call("Echo", { text: "1" }, oneway);
    await until(() => begun.length === 1);
    await served.server.close({ timeout: 0 });
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe("what is left of a client", () => {
  it("counts as its connection, so that nobody can leave more than that", async () => {
    const { served, begun, done, open } = await slow(undefined, {
      maxConnections: 1,
    });
    await using _ = served;
    const peer = await served.connect();
    peer.call("Echo", { text: "1" }, oneway);
    await until(() => begun.length === 1);
    peer.stream.destroy();
    const refused = await served.connect();
    await refused.ended;
    expect(served.errors.map(({ error }) => error)).toMatchObject([
      { code: "LIMIT_EXCEEDED" },
    ]);
    open();
    await until(() => served.server.connections === 0);
    const welcome = await served.connect();
    expect(await welcome.call("Nothing").next()).toEqual({});
    expect(done).toEqual(["1", "nothing"]);
  });
});
