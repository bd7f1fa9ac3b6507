import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import { INTERNAL_ERROR } from "../../../src/runtime/varlink/server.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import { gate, serve, type TestHandler } from "./support.ts";

const more = { more: true };
const ExpectedMore = { error: "org.varlink.service.ExpectedMore" };

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
  it("keep the nulls of a last reply that would be empty without: it would be no item", async () => {
    const silent = { number: null };
    const kept = { parameters: silent };
    expect(
      await replies(function* () {
        yield silent;
        return silent;
      }),
    ).toEqual([{ continues: true }, kept]);
    expect(await replies(() => [{ number: 1 }, silent])).toEqual([
      item(1),
      kept,
    ]);
    expect(await replies((_, call) => call.stream([silent]))).toEqual([kept]);
    expect(await replies(() => silent)).toEqual([kept]);
    // What had no member has none.
    expect(await replies(() => [{}])).toEqual([{}]);
    expect(await replies(() => ({ number: undefined }))).toEqual([{}]);
    await using served = await serve({ count: () => silent });
    const peer = await served.connect();
    expect(await peer.call("Count").next()).toEqual({});
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
