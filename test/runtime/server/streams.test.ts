import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { PortolanError, VarlinkError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { INTERNAL_ERROR } from "../../../src/runtime/varlink/server.ts";
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
const ExpectedMore = { error: "org.varlink.service.ExpectedMore" };

afterAll(removeFolders);

const item = (number: number): object => ({
  parameters: { number },
  continues: true,
});
const last = (number: number): object => ({ parameters: { number } });

async function replies(count: TestHandler): Promise<readonly unknown[]> {
  await using served = await serve({ count });
  const peer = await served.connect();
  const found = await peer.call("Count", {}, more).end().rest();
  expect(served.errors).toEqual([]);
  return found;
}

async function* asyncNumbers(
  to: number,
): AsyncGenerator<{ number: number }, void, undefined> {
  for (let number = 1; number <= to; number += 1) {
    await turn();
    yield { number };
  }
}

function* numbers(to: number): Generator<{ number: number }, void, undefined> {
  for (let number = 1; number <= to; number += 1) yield { number };
}

describe("generators", () => {
  it.each<[string, TestHandler]>([
    [
      "sync",
      function* () {
        yield { number: 1 };
        yield { number: 2 };
        return { number: 3 };
      },
    ],
    [
      "async",
      async function* () {
        yield { number: 1 };
        await turn();
        yield { number: 2 };
        return { number: 3 };
      },
    ],
  ])(
    "%s: yields continue and the return value is the last reply",
    async (_name, handler) => {
      expect(await replies(handler)).toEqual([item(1), item(2), last(3)]);
    },
  );
  it("that return nothing end with an empty reply", async () => {
    expect(await replies(() => numbers(2))).toEqual([item(1), item(2), {}]);
    expect(await replies(() => asyncNumbers(1))).toEqual([item(1), {}]);
    expect(await replies(() => numbers(0))).toEqual([{}]);
  });
  it("send what they yield at once", async () => {
    const held = gate();
    await using served = await serve({
      async *count() {
        yield { number: 1 };
        await held.opened;
        yield { number: 2 };
      },
    });
    const peer = await served.connect();
    expect(await peer.call("Count", {}, more).next()).toEqual(item(1));
    held.open();
    expect(await peer.take(2)).toEqual([item(2), {}]);
  });
  it("never start without `more`", async () => {
    let started = 0;
    await using served = await serve({
      *count() {
        started += 1;
        yield { number: 1 };
      },
      async *nothing() {
        started += 1;
        yield {};
      },
    });
    const peer = await served.connect();
    expect(await peer.call("Count").call("Nothing").take(2)).toEqual([
      ExpectedMore,
      ExpectedMore,
    ]);
    expect(await peer.call("Count", {}, { oneway: true }).end().rest()).toEqual(
      [],
    );
    expect(started).toBe(0);
  });
  it("that throw a declared error end with it, after what they yielded", async () => {
    expect(
      await replies(function* () {
        yield { number: 1 };
        throw new VarlinkError("org.example.test.Silent", {});
      }),
    ).toEqual([item(1), { error: "org.example.test.Silent" }]);
  });
  it("that throw anything else end with an internal error", async () => {
    const thrown = new Error("secret");
    await using served = await serve({
      async *count() {
        yield { number: 1 };
        throw thrown;
      },
    });
    const peer = await served.connect();
    expect(await peer.call("Count", {}, more).end().rest()).toEqual([
      item(1),
      { error: INTERNAL_ERROR },
    ]);
    expect(served.errors.map(({ error }) => error)).toEqual([thrown]);
  });
  it("that yield what does not fit are closed, and end with an internal error", async () => {
    let closed = false;
    await using served = await serve({
      *count() {
        try {
          yield { number: 1 };
          yield { number: "two" };
          yield { number: 3 };
        } finally {
          closed = true;
        }
      },
    });
    const peer = await served.connect();
    expect(
      await peer.call("Count", {}, more).call("Count", {}, more).end().rest(),
    ).toEqual([
      item(1),
      { error: INTERNAL_ERROR },
      item(1),
      { error: INTERNAL_ERROR },
    ]);
    expect(closed).toBe(true);
    expect(served.errors).toHaveLength(2);
  });
  it("whose last reply does not fit end with an internal error", async () => {
    await using served = await serve({
      async *count() {
        yield { number: 1 };
        return { number: "two" };
      },
    });
    const peer = await served.connect();
    expect(await peer.call("Count", {}, more).end().rest()).toEqual([
      item(1),
      { error: INTERNAL_ERROR },
    ]);
  });
  it("hold up the calls behind them", async () => {
    await using served = await serve({
      count: () => asyncNumbers(3),
      nothing: () => {},
    });
    const peer = await served.connect();
    expect(
      await peer.call("Count", {}, more).call("Nothing").end().rest(),
    ).toEqual([item(1), item(2), item(3), {}, {}]);
  });
});

describe("arrays", () => {
  it("are sent item by item, the last one without continues", async () => {
    expect(await replies(() => [{ number: 1 }, { number: 2 }])).toEqual([
      item(1),
      last(2),
    ]);
    expect(
      await replies(async () => await Promise.resolve([{ number: 1 }])),
    ).toEqual([last(1)]);
  });
  it("without items end with an empty reply", async () => {
    expect(await replies(() => [])).toEqual([{}]);
  });
  it("need `more`", async () => {
    await using served = await serve({ count: () => [{ number: 1 }] });
    const peer = await served.connect();
    expect(await peer.call("Count").next()).toEqual(ExpectedMore);
  });
  it("with an item that does not fit end there with an internal error", async () => {
    await using served = await serve({
      count: () => [{ number: 1 }, { number: "x" }, { number: 3 }],
    });
    const peer = await served.connect();
    expect(await peer.call("Count", {}, more).end().rest()).toEqual([
      item(1),
      { error: INTERNAL_ERROR },
    ]);
  });
});

describe("call.stream", () => {
  const streaming =
    (items: () => Iterable<object> | AsyncIterable<object>): TestHandler =>
    (_input, call: Call) =>
      call.stream(items());
  it.each<[string, (to: number) => Iterable<object> | AsyncIterable<object>]>([
    ["iterables", numbers],
    ["async iterables", asyncNumbers],
    ["sets", (to) => new Set(numbers(to))],
  ])("marks the last item of %s", async (_name, items) => {
    expect(await replies(streaming(() => items(3)))).toEqual([
      item(1),
      item(2),
      last(3),
    ]);
    expect(await replies(streaming(() => items(1)))).toEqual([last(1)]);
    expect(await replies(streaming(() => items(0)))).toEqual([{}]);
  });
  it("may be returned by an async handler", async () => {
    expect(
      await replies(
        async (_input, call) => await Promise.resolve(call.stream(numbers(2))),
      ),
    ).toEqual([item(1), last(2)]);
  });
  it("needs `more`, and closes what it was given", async () => {
    let closed = 0;
    const items: Iterable<object> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: {} }),
        return: () => {
          closed += 1;
          return { done: true, value: undefined };
        },
      }),
    };
    await using served = await serve({ count: streaming(() => items) });
    const peer = await served.connect();
    expect(await peer.call("Count").next()).toEqual(ExpectedMore);
    expect(closed).toBe(1);
  });
  it("sends the item that was held back before the failure of its source", async () => {
    await using served = await serve({
      count: streaming(function* () {
        yield { number: 1 };
        yield { number: 2 };
        throw new VarlinkError("org.example.test.Silent", {});
      }),
    });
    const peer = await served.connect();
    expect(await peer.call("Count", {}, more).end().rest()).toEqual([
      item(1),
      item(2),
      { error: "org.example.test.Silent" },
    ]);
  });
  it("reports both failures where the item held back does not fit either", async () => {
    const failure = new Error("source");
    await using served = await serve({
      count: streaming(function* () {
        yield { number: "x" };
        throw failure;
      }),
    });
    const peer = await served.connect();
    expect(await peer.call("Count", {}, more).end().rest()).toEqual([
      { error: INTERNAL_ERROR },
    ]);
    expect(served.errors.map(({ error }) => error)).toContain(failure);
    expect(served.errors).toHaveLength(2);
  });
  it("takes an iterable whose iterator cannot be made as a failure of the handler", async () => {
    await using served = await serve({
      count: streaming(() => ({}) as Iterable<object>),
    });
    const peer = await served.connect();
    expect(await peer.call("Count", {}, more).next()).toEqual({
      error: INTERNAL_ERROR,
    });
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

describe("a slow reader", () => {
  it.each(transports)(
    "over $name stops the generator, and gets everything in the end",
    async ({ open }) => {
      const total = 60_000;
      const padding = "x".repeat(100);
      let made = 0;
      await using served = await serve(
        {
          *echo() {
            for (; made < total; made += 1) yield { text: padding };
          },
        },
        await open(),
      );
      const peer = await served.connect();
      peer.stream.pause();
      peer.call("Echo", { text: "" }, more);
      await until(() => made > 0);
      // It stops making items: for as many turns as we care to wait nothing changes.
      let before = -1;
      for (let calm = 0; calm < 50;) {
        await turn();
        calm = made === before ? calm + 1 : 0;
        before = made;
      }
      // 60 000 replies are 8 MB; buffers on the way hold a part of that.
      expect(made).toBeLessThan(total / 2);
      const stopped = made;
      peer.stream.resume();
      expect(await peer.end().rest()).toHaveLength(total + 1);
      expect(made).toBeGreaterThan(stopped);
    },
  );
  it("that pipelines calls without reading stops the server from reading", async () => {
    let answered = 0;
    const text = "y".repeat(10_000);
    await using served = await serve(
      {
        echo: () => {
          answered += 1;
          return { text };
        },
      },
      memoryEndpoint(),
      { maxPipelinedCalls: 10 },
    );
    const peer = await served.connect();
    peer.stream.pause();
    const call = { method: "org.example.test.Echo", parameters: { text: "" } };
    // As many calls a chunk as a busy client would send.
    const chunk = `${JSON.stringify(call)}\0`.repeat(50);
    let written = 0;
    // Write until the transport says stop, as a well-behaved client does.
    const write = (): void => {
      while (written < 5000) {
        written += 50;
        if (!peer.stream.write(chunk)) {
          peer.stream.once("drain", write);
          return;
        }
      }
    };
    write();
    let before = -1;
    for (let calm = 0; calm < 50;) {
      await turn();
      calm = answered === before && answered > 0 ? calm + 1 : 0;
      before = answered;
    }
    expect(answered).toBeLessThan(100);
    expect(written).toBeLessThan(5000);
    peer.stream.resume();
    expect(await peer.take(5000)).toHaveLength(5000);
    expect(answered).toBe(5000);
  });
  it("does not starve other connections, nor does a fast one", async () => {
    await using served = await serve({
      *count(): Generator<object> {
        for (;;) yield { number: 1 };
      },
      nothing: () => {},
    });
    const [greedy, other] = [await served.connect(), await served.connect()];
    greedy.stream.removeAllListeners("data");
    greedy.stream.resume();
    greedy.call("Count", {}, more);
    for (let index = 0; index < 20; index += 1) {
      expect(await other.call("Nothing").next()).toEqual({});
    }
  });
  it("does not keep the event loop to itself even where writing takes no time at all", async () => {
    let turns = 0;
    let made = 0;
    const instant = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    await using served = await serve({
      *count() {
        // Bounded, for without a turn of the event loop no test timeout fires.
        for (; made < 500_000; made += 1) yield { number: 1 };
      },
    });
    served.server.accept(instant);
    instant.push('{"method":"org.example.test.Count","more":true}\0');
    await until(() => {
      turns += 1;
      return made === 500_000;
    });
    expect(turns).toBeGreaterThan(10);
  });
});
