import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { PortolanError } from "../../../src/runtime/errors.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import {
  gate,
  removeFolders,
  serve,
  type TestHandler,
  transports,
  until,
} from "./support.ts";

const more = { more: true };

afterAll(removeFolders);

describe("a client that goes away while it is not read from", () => {
  it("aborts a later call than the one at which reading paused", async () => {
    const unix = transports.find(({ name }) => name === "unix");
    const signals: AbortSignal[] = [];
    const steps = [gate(), gate()];
    await using served = await serve(
      {
        echo: async (_input: never, { signal }: Call) => {
          const step = steps[signals.length];
          signals.push(signal);
          await step?.opened;
          return { text: "" };
        },
      },
      await unix?.open(),
      { maxPipelinedCalls: 4 },
    );
    const peer = await served.connect();
    // More than the system and the stream hold without being read from.
    const text = "x".repeat(10_000);
    for (let calls = 0; calls < 100; calls += 1) peer.call("Echo", { text });
    await until(() => signals.length === 1);
    steps[0]?.open();
    // Nothing of what was sent may be unread here: that resets the connection.
    await peer.next();
    await until(() => signals.length === 2);
    peer.stream.destroy();
    await until(() => signals[1]?.aborted === true);
    expect(signals).toHaveLength(2);
    await until(() => served.server.connections === 0);
    expect(served.errors).toEqual([]);
  });
});

describe.each(transports)("a client that goes away, over $name", ({ open }) => {
  it("aborts the signal of its call", async () => {
    const started = gate();
    let seen: AbortSignal | undefined;
    await using served = await serve(
      {
        nothing: async (_input: never, call: Call) => {
          seen = call.signal;
          started.open();
          await new Promise((_resolve, reject) => {
            call.signal.addEventListener("abort", () =>
              reject(call.signal.reason as Error),
            );
          });
        },
        // TCP tells of a closed peer only when something is written to it.
        async *count(_input: never, call: Call) {
          seen = call.signal;
          started.open();
          while (!call.signal.aborted) {
            yield { number: 1 };
            await turn();
          }
        },
      },
      await open(),
    );
    const peer = await served.connect();
    if (served.endpoint.address.startsWith("tcp:"))
      peer.call("Count", {}, more);
    else peer.call("Nothing");
    await started.opened;
    peer.stream.destroy();
    await until(() => seen?.aborted === true);
    expect(seen?.reason).toBeInstanceOf(PortolanError);
    expect(seen?.reason).toMatchObject({ code: "CONNECTION_LOST" });
    await until(() => served.server.connections === 0);
    // An abort passed on is no error of the handler.
    expect(served.errors).toEqual([]);
  });

  it("has its generator closed, waiting for room or not", async () => {
    let closed = 0;
    const endless: TestHandler = async function* () {
      try {
        for (;;) {
          yield { number: 1 };
          await turn();
        }
      } finally {
        closed += 1;
      }
    };
    const flood: TestHandler = function* () {
      try {
        for (;;) yield { number: 1 };
      } finally {
        closed += 1;
      }
    };
    await using served = await serve(
      { count: endless, watch: flood },
      await open(),
    );
    const [one, other] = [await served.connect(), await served.connect()];
    await one.call("Count", {}, more).take(3);
    await other.call("Watch", {}, more).take(3);
    one.stream.destroy();
    other.stream.pause();
    other.stream.destroy();
    await until(() => closed === 2);
    await until(() => served.server.connections === 0);
    expect(served.errors).toEqual([]);
  });

  it("does not run calls that were waiting behind", async () => {
    let ran = false;
    const held = gate();
    await using served = await serve(
      {
        async *count() {
          for (;;) {
            yield { number: 1 };
            await turn();
          }
        },
        nothing: () => {
          ran = true;
        },
      },
      await open(),
    );
    const peer = await served.connect();
    await peer.call("Count", {}, more).call("Nothing").next();
    peer.stream.destroy();
    await until(() => served.server.connections === 0);
    held.open();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(ran).toBe(false);
  });
});

describe.each(transports.filter(({ name }) => name !== "tcp"))(
  "a client that first ends its side and then goes away, over $name",
  ({ open }) => {
    it("is noticed in the call after the one that was being answered, too", async () => {
      const held = gate();
      let signal: AbortSignal | undefined;
      await using served = await serve(
        {
          nothing: () => held.opened,
          echo: (_input: never, call: Call) => {
            signal = call.signal;
            return new Promise(() => {});
          },
        },
        await open(),
      );
      const peer = await served.connect();
      peer.call("Nothing").call("Echo", { text: "" }).end();
      for (let turns = 0; turns < 5; turns += 1) await turn();
      held.open();
      expect(await peer.next()).toEqual({});
      await until(() => signal !== undefined);
      expect(signal?.aborted).toBe(false);
      peer.stream.destroy();
      await until(() => signal?.aborted === true);
    });
  },
);

describe("abort", () => {
  it("wakes an async iterator that waits for its next item, by return()", async () => {
    let wake: ((result: IteratorResult<object, undefined>) => void) | undefined;
    let returned = 0;
    const waiting: AsyncIterable<object> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((resolve) => {
            wake = resolve;
          }),
        return: () => {
          returned += 1;
          wake?.({ done: true, value: undefined });
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    await using served = await serve({
      count: (_input: never, call: Call) => call.stream(waiting),
    });
    const peer = await served.connect();
    peer.call("Count", {}, more);
    await until(() => wake !== undefined);
    peer.stream.destroy();
    await until(() => returned === 1);
  });
  it("is reason enough for a handler to fail in its own way", async () => {
    const held = gate();
    let failing = 0;
    await using served = await serve({
      nothing: async (_input: never, call: Call) => {
        await held.opened;
        failing += 1;
        throw new Error(`${call.method} found nobody`);
      },
      async *count() {
        yield { number: 1 };
        await held.opened;
        failing += 1;
        throw new Error("nobody listens");
      },
      echo: async () => {
        await held.opened;
        failing += 1;
        return { not: "a reply" };
      },
    });
    const peers = [
      (await served.connect()).call("Nothing"),
      (await served.connect()).call("Count", {}, more),
      (await served.connect()).call("Echo", { text: "" }),
    ];
    for (let turns = 0; turns < 5; turns += 1) await turn();
    for (const peer of peers) peer.stream.destroy();
    await until(() => served.server.connections === 0);
    held.open();
    await until(() => failing === 3);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(served.errors).toEqual([]);
  });
  it("hides no failure of a oneway call, whose client need not stay", async () => {
    const held = gate();
    const thrown = new Error("on its own");
    await using served = await serve({
      nothing: async () => {
        await held.opened;
        throw thrown;
      },
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, { oneway: true });
    for (let turns = 0; turns < 5; turns += 1) await turn();
    peer.stream.destroy();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    held.open();
    await until(() => served.errors.length > 0);
    expect(served.errors.map(({ error }) => error)).toEqual([thrown]);
  });
  it("reports what a generator throws while it is closed", async () => {
    const thrown = new Error("in finally");
    await using served = await serve({
      async *count() {
        try {
          for (;;) {
            yield { number: 1 };
            await turn();
          }
        } finally {
          // eslint-disable-next-line no-unsafe-finally -- the very thing under test
          throw thrown;
        }
      },
    });
    const peer = await served.connect();
    await peer.call("Count", {}, more).next();
    peer.stream.destroy();
    await until(() => served.errors.length > 0);
    expect(served.errors.map(({ error }) => error)).toEqual([thrown]);
  });
  it("closes a generator that aborts its own call, by closing the server from inside", async () => {
    let closed = false;
    const closing = gate();
    await using served = await serve({
      *count(): Generator<object> {
        try {
          yield { number: 1 };
          void served.server.close({ timeout: 0 }).then(closing.open);
          yield { number: 2 };
        } finally {
          closed = true;
        }
      },
    });
    const peer = await served.connect();
    peer.call("Count", {}, more);
    await closing.opened;
    await until(() => closed);
    expect(served.errors).toEqual([]);
  });
  it("does not come after the call was answered", async () => {
    let signal: AbortSignal | undefined;
    await using served = await serve({
      nothing: (_input: never, call: Call) => {
        signal = call.signal;
      },
    });
    const peer = await served.connect();
    await peer.call("Nothing").next();
    peer.stream.destroy();
    await until(() => served.server.connections === 0);
    expect(signal?.aborted).toBe(false);
  });
  it("is there at once for a handler that asks too late", async () => {
    const started = gate();
    let late: AbortSignal | undefined;
    await using served = await serve({
      nothing: async (_input: never, call: Call) => {
        started.open();
        await until(() => served.server.connections === 0);
        late = call.signal;
      },
    });
    const peer = await served.connect();
    peer.call("Nothing");
    await started.opened;
    peer.stream.destroy();
    await until(() => late !== undefined);
    expect(late?.aborted).toBe(true);
  });
});
