import { EventEmitter, once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { CommandCall } from "../../../../src/runtime/envelope/types.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { gate, until } from "../../server/support.ts";
import { failed, MiniError, ok, push, type RawPeer, serve } from "./support.ts";

interface WaitInput {
  readonly name: readonly string[];
  readonly timeout_ms?: number;
  readonly label: readonly string[];
}

/** A source that is fed from outside, as states of containers are. */
class Feed extends EventEmitter {
  /** Calls that are subscribed, with how often each was closed. */
  readonly calls: CommandCall[] = [];
  closed = 0;
  asked = 0;

  readonly handlers = {
    asyncWait: ({ name }: WaitInput, call: CommandCall) =>
      this.#items(name, call),
    version: () => ({ tag: "1" }),
  };

  tell(name: string, state: string): void {
    this.emit("state", { name, state });
  }

  async *#items(
    names: readonly string[],
    call: CommandCall,
  ): AsyncGenerator<object> {
    this.calls.push(call);
    try {
      for (const name of names) yield { name, state: "stopped" };
      for (;;) {
        this.asked += 1;
        const [item] = (await once(this, "state", {
          signal: call.signal,
        })) as [object];
        yield item;
      }
    } finally {
      this.closed += 1;
    }
  }
}

const version = ok({ Version: { tag: "1", revision: "" } });

async function subscribe(peer: RawPeer, ...name: string[]): Promise<void> {
  peer.send({ AsyncWait: { name } });
  expect(await peer.take(name.length + 1)).toEqual([
    ...name.map((one) => push(one, "stopped")),
    ok(),
  ]);
}

describe("a subscription", () => {
  it("pushes what there is, is acknowledged, and goes on between and during calls", async () => {
    const feed = new Feed();
    const held = gate();
    await using served = await serve({
      ...feed.handlers,
      wait: () => held.opened.then(() => ({ name: "a", state: "dead" })),
    });
    const peer = await served.connect();
    await subscribe(peer, "a", "b");
    feed.tell("a", "starting");
    expect(await peer.next()).toEqual(push("a", "starting"));
    expect(await peer.send({ Version: {} }).next()).toEqual(version);
    peer.send({ Wait: {} }, { Version: {} });
    await until(() => feed.asked === 2);
    feed.tell("a", "running");
    expect(await peer.next()).toEqual(push("a", "running"));
    held.open();
    expect(await peer.take(2)).toEqual([
      { error: 0, Wait: { name: "a", state: "dead" } },
      version,
    ]);
    await until(() => feed.asked === 3);
    feed.tell("a", "dead");
    expect(await peer.next()).toEqual(push("a", "dead"));
    expect(served.errors).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    [
      "a generator",
      function* () {
        yield { name: "a", state: "meta" };
        yield { name: "", state: "timeout" };
      },
    ],
    [
      "an async generator",
      async function* () {
        await Promise.resolve();
        yield { name: "a", state: "meta" };
        await Promise.resolve();
        yield { name: "", state: "timeout" };
      },
    ],
    [
      "an array",
      () => [
        { name: "a", state: "meta" },
        { name: "", state: "timeout" },
      ],
    ],
    [
      "an async function that takes its time to find a set",
      async () => {
        await turn();
        await turn();
        return new Set([
          { name: "a", state: "meta" },
          { name: "", state: "timeout" },
        ]);
      },
    ],
  ])(
    "that has all it will ever have at once (%s) is acknowledged behind it",
    async (_what, asyncWait) => {
      await using served = await serve({ asyncWait });
      const peer = await served.connect();
      peer.send({ AsyncWait: {} }, { StopAsyncWait: {} });
      expect(await peer.take(4)).toEqual([
        push("a", "meta"),
        push("", "timeout"),
        ok(),
        failed(7, "Waiter not found"),
      ]);
    },
  );

  it("of nothing takes the place of another: so clients unsubscribe", async () => {
    const feed = new Feed();
    await using served = await serve({
      asyncWait: (input: WaitInput, call) =>
        input.name.length === 0 ? [] : feed.handlers.asyncWait(input, call),
      version: feed.handlers.version,
    });
    const peer = await served.connect();
    await subscribe(peer, "a");
    expect(await peer.send({ AsyncWait: {} }).next()).toEqual(ok());
    await until(() => feed.closed === 1);
    feed.tell("a", "dead");
    expect(await peer.send({ Version: {} }).next()).toEqual(version);
  });

  it("is one a connection: a new one ends the old, and what it still has is dropped", async () => {
    const feed = new Feed();
    await using served = await serve(feed.handlers);
    const peer = await served.connect();
    await subscribe(peer, "a");
    await subscribe(peer, "b");
    await until(() => feed.closed === 1);
    const [first, second] = feed.calls;
    expect(first?.signal.reason).toMatchObject({ code: "ABORTED" });
    expect(first?.connection.signal.aborted).toBe(false);
    expect(second?.signal.aborted).toBe(false);
    feed.tell("b", "running");
    expect(await peer.next()).toEqual(push("b", "running"));
    expect(await peer.send({ Version: {} }).next()).toEqual(version);
    const other = await served.connect();
    await subscribe(other, "c");
    expect(second?.signal.aborted).toBe(false);
    expect(served.errors).toEqual([]);
  });

  it("that is refused leaves the one before as it is", async () => {
    const feed = new Feed();
    await using served = await serve({
      async asyncWait(input: WaitInput, call) {
        if (input.name[0] === "?") throw new MiniError(7, "no such name");
        return feed.handlers.asyncWait(input, call);
      },
    });
    const peer = await served.connect();
    await subscribe(peer, "a");
    expect(await peer.send({ AsyncWait: { name: ["?"] } }).next()).toEqual(
      failed(7, "no such name"),
    );
    feed.tell("a", "dead");
    expect(await peer.next()).toEqual(push("a", "dead"));
  });

  it("that fails before it was acknowledged is answered with the error", async () => {
    await using served = await serve({
      *asyncWait() {
        yield { name: "a", state: "running" };
        throw new MiniError(15, "busy");
      },
    });
    const peer = await served.connect();
    peer.send({ AsyncWait: {} }, { StopAsyncWait: {} });
    expect(await peer.take(3)).toEqual([
      push("a", "running"),
      failed(15, "busy"),
      failed(7, "Waiter not found"),
    ]);
    expect(served.errors).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["an error", new Error("broken pipe to the world")],
    ["an error of the service", new MiniError(15)],
  ])(
    "that fails later (%s) ends the connection, after what is being answered",
    async (_what, thrown) => {
      const held = gate();
      const begun = gate();
      const fail = gate();
      await using served = await serve({
        async *asyncWait() {
          yield { name: "a", state: "running" };
          await fail.opened;
          throw thrown;
        },
        wait() {
          begun.open();
          return held.opened.then(() => ({ name: "a" }));
        },
      });
      const peer = await served.connect();
      peer.send({ AsyncWait: {} }, { Wait: {} });
      expect(await peer.take(2)).toEqual([push("a", "running"), ok()]);
      await begun.opened;
      fail.open();
      await until(() => served.errors.length === 1);
      held.open();
      expect(await peer.rest()).toEqual([{ error: 0, Wait: { name: "a" } }]);
      expect(served.errors).toEqual([
        {
          error: thrown,
          context: { method: "Mini.AsyncWait", address: "memory:" },
        },
      ]);
    },
  );

  it.each<[string, unknown, string]>([
    ["no iterable", 7, "has to return an iterable"],
    ["items that do not fit", [{ name: 7 }], "name is no string"],
    ["items that are no messages", ["a"], "expected a message"],
  ])("of %s is the server's mistake", async (_what, items, problem) => {
    await using served = await serve({ asyncWait: () => items });
    const peer = await served.connect();
    expect(await peer.send({ AsyncWait: {} }).next()).toEqual(failed(1, ""));
    expect(served.errors).toMatchObject([
      {
        error: {
          code: "INVALID_REPLY",
          message: expect.stringContaining(problem) as string,
        },
      },
    ]);
  });
});

describe("a subscription ends", () => {
  it("when it is stopped with the same input, however long it was to last", async () => {
    const feed = new Feed();
    await using served = await serve(feed.handlers);
    const peer = await served.connect();
    peer.send({
      AsyncWait: { name: ["a", "b"], label: ["L.*"], timeout_ms: 9 },
    });
    await peer.take(3);
    for (const other of [
      {},
      { name: ["a"], label: ["L.*"] },
      { name: ["b", "a"], label: ["L.*"] },
      { name: ["a", "b"] },
    ])
      expect(await peer.send({ StopAsyncWait: other }).next()).toEqual(
        failed(7, "Waiter not found"),
      );
    expect(feed.closed).toBe(0);
    const same = { StopAsyncWait: { name: ["a", "b"], label: ["L.*"] } };
    expect(await peer.send(same).next()).toEqual(ok());
    await until(() => feed.closed === 1);
    expect(feed.calls[0]?.signal.reason).toMatchObject({ code: "ABORTED" });
    expect(await peer.send(same).next()).toEqual(failed(7, "Waiter not found"));
    expect(served.errors).toEqual([]);
  });

  it.each<[string, (peer: RawPeer) => void]>([
    ["goes away", (peer) => peer.stream.destroy()],
    ["ends its side", (peer) => peer.end()],
    ["breaks the protocol", (peer) => peer.raw("8000")],
  ])("when the client %s", async (_what, leave) => {
    const feed = new Feed();
    await using served = await serve(feed.handlers);
    const peer = await served.connect();
    await subscribe(peer, "a");
    leave(peer);
    await until(() => feed.closed === 1 && served.server.connections === 0);
    expect(feed.calls[0]?.signal.aborted).toBe(true);
    expect(feed.calls[0]?.connection.signal.aborted).toBe(true);
    expect(served.errors).toEqual([]);
  });

  it("when the client goes away while its first items are sent, or found", async () => {
    const found = gate();
    const asked: string[] = [];
    await using served = await serve(
      {
        async asyncWait({ name: [name] }: WaitInput) {
          if (name === "later") {
            asked.push(name);
            await found.opened;
          }
          return (function* () {
            try {
              for (;;) yield { name: "x".repeat(10_000), state: "" };
            } finally {
              asked.push(`${name} closed`);
            }
          })();
        },
      },
      {},
      memoryEndpoint({ highWaterMark: 1000 }),
    );
    const [one, other] = [await served.connect(), await served.connect()];
    one.send({ AsyncWait: { name: ["now"] } });
    await one.next();
    one.stream.destroy();
    other.send({ AsyncWait: { name: ["later"] } });
    await until(() => asked.includes("later"));
    other.stream.destroy();
    await until(() => served.server.connections === 0);
    found.open();
    // A generator that was never begun has nothing to clean up.
    await until(() => asked.includes("now closed"));
    expect(asked).not.toContain("later closed");
    expect(served.errors).toEqual([]);
  });

  it("by itself, and the connection stays", async () => {
    const last = gate();
    await using served = await serve({
      async *asyncWait() {
        await last.opened;
        yield { name: "", state: "timeout" };
      },
      version: () => ({ tag: "1" }),
    });
    const peer = await served.connect();
    expect(await peer.send({ AsyncWait: {} }).next()).toEqual(ok());
    last.open();
    expect(await peer.next()).toEqual(push("", "timeout"));
    peer.send({ StopAsyncWait: {} }, { Version: {} });
    expect(await peer.take(2)).toEqual([
      failed(7, "Waiter not found"),
      version,
    ]);
  });

  it("when the server is closed, without waiting for it", async () => {
    const feed = new Feed();
    await using served = await serve(feed.handlers);
    const peer = await served.connect();
    await subscribe(peer, "a");
    await served.server.close({ timeout: Infinity });
    expect(feed.closed).toBe(1);
    expect(feed.calls[0]?.signal.reason).toMatchObject({ code: "CLOSED" });
    expect(await peer.rest()).toEqual([]);
  });

  it.each(["rejects", "throws"])(
    "and what fails in closing it (its return %s) is reported",
    async (how) => {
      const failure = new Error("cannot let go");
      await using served = await serve({
        asyncWait: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise<never>(() => {}),
            return: () => {
              if (how === "throws") throw failure;
              return Promise.reject(failure);
            },
          }),
        }),
      });
      const peer = await served.connect();
      peer.send({ AsyncWait: {} }, { StopAsyncWait: {} });
      expect(await peer.take(2)).toEqual([ok(), ok()]);
      expect(served.errors.map(({ error }) => error)).toEqual([failure]);
    },
  );
});

describe("a client that reads slowly", () => {
  it("holds the source back, and gets everything in the end", async () => {
    let given = 0;
    const begin = gate();
    await using served = await serve(
      {
        async *asyncWait() {
          await begin.opened;
          for (; given < 500; given += 1)
            yield { name: String(given), state: "x".repeat(1000) };
        },
      },
      {},
      memoryEndpoint({ highWaterMark: 4000 }),
    );
    const peer = await served.connect();
    peer.send({ AsyncWait: {} });
    expect(await peer.next()).toEqual(ok());
    peer.stream.pause();
    begin.open();
    await until(() => given > 0);
    let before = -1;
    while (before !== given) {
      before = given;
      for (let index = 0; index < 20; index += 1) await turn();
    }
    // What is buffered on both sides, and a few: not all.
    expect(given).toBeLessThan(100);
    peer.stream.resume();
    const items = (await peer.take(500)) as { AsyncWait: { name: string } }[];
    expect(items.map((item) => item.AsyncWait.name)).toEqual(
      items.map((_, index) => String(index)),
    );
  });

  it("does not starve others while it reads as fast as it can", async () => {
    await using served = await serve({
      *asyncWait() {
        for (let index = 0; ; index += 1)
          yield { name: String(index), state: "x".repeat(5000) };
      },
      version: () => ({ tag: "1" }),
    });
    const [greedy, other] = [await served.connect(), await served.connect()];
    greedy.send({ AsyncWait: {} });
    await until(() => greedy.unread > 10);
    expect(await other.send({ Version: {} }).next()).toEqual(version);
    greedy.stream.destroy();
  });
});
