import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { JsonObject, Stream } from "../../../src/runtime/varlink/types.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  type Place,
  startPeer,
  transports,
  turns,
} from "../../support/peer.ts";

const DONE = { done: true, value: undefined };

async function collect(stream: Stream<JsonObject>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe.each(transports)("streams over %s", (_name, make) => {
  let place: Place;
  let peer: Peer;
  let client: VarlinkClient;
  let connection: PeerConnection;

  beforeEach(async () => {
    place = await make();
    peer = await startPeer(place.endpoint);
    client = await VarlinkClient.connect(place.endpoint);
    connection = await peer.accept();
  });

  afterEach(async () => {
    await client.close();
    await peer.close();
    await place.remove();
  });

  it("give every reply as an item, the last included", async () => {
    const items = collect(client.more("a.b.Count", { to: 3 }));
    expect(await connection.text()).toBe(
      '{"method":"a.b.Count","parameters":{"to":3},"more":true}',
    );
    connection.send(
      { parameters: { n: 1 }, continues: true },
      { parameters: { n: 2 }, continues: true },
      { parameters: { n: 3 } },
    );
    expect(await items).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    // Its connection is free for the next call.
    const reply = client.call("a.b.C");
    await connection.answer({});
    await reply;
    expect(peer.accepted).toBe(1);
  });

  it("end with a last reply that says nothing; empty ones before are items", async () => {
    for (const last of [
      {},
      { parameters: {} },
      { parameters: null },
      { continues: false },
    ]) {
      const items = collect(client.more("a.b.Count"));
      await connection.call();
      connection.send(
        { continues: true },
        { parameters: { n: 1 }, continues: true },
        last,
      );
      expect(await items).toEqual([{}, { n: 1 }]);
    }
  });

  it("are one item long where the service replies once", async () => {
    const items = collect(client.more("a.b.Get"));
    await connection.answer({ only: true });
    expect(await items).toEqual([{ only: true }]);
  });

  it("end in an error, after the items before it", async () => {
    const stream = client.more("a.b.Pull");
    const first = stream.next();
    await connection.call();
    connection.send(
      { parameters: { n: 1 }, continues: true },
      { parameters: { n: 2 }, continues: true },
      { error: "a.b.Failed", parameters: { reason: "x" } },
    );
    expect(await first).toEqual({ done: false, value: { n: 1 } });
    expect(await stream.next()).toEqual({ done: false, value: { n: 2 } });
    expect(await failure(stream.next())).toMatchObject({ error: "a.b.Failed" });
    expect(await stream.next()).toEqual(DONE);
    // An error reply ends the call, not the connection.
    const reply = client.call("a.b.C");
    await connection.answer({});
    await reply;
  });

  it("close their connection when the program leaves them, and only theirs", async () => {
    const other = client.call("a.b.Other");
    await connection.call();
    const stream = client.more("a.b.Follow");
    const loop = (async () => {
      for await (const item of stream) return item;
      return undefined;
    })();
    const streaming = await peer.accept();
    await streaming.call();
    streaming.send(
      { parameters: { n: 1 }, continues: true },
      { parameters: { n: 2 }, continues: true },
    );
    expect(await loop).toEqual({ n: 1 });
    await streaming.ended;
    expect(await stream.next()).toEqual(DONE);
    connection.reply({ fine: true });
    expect(await other).toEqual({ fine: true });
  });

  it("give what arrived before the peer went away, then say so", async () => {
    for (const bytes of [
      "",
      '{"param',
      '{"parameters":{"n":3},"continues":true}',
    ]) {
      const stream = client.more("a.b.Follow");
      const first = stream.next();
      await connection.call();
      connection.send(
        { parameters: { n: 1 }, continues: true },
        { parameters: { n: 2 }, continues: true },
      );
      connection.stream.end(bytes);
      expect((await first).value).toEqual({ n: 1 });
      expect((await stream.next()).value).toEqual({ n: 2 });
      expect(await failure(stream.next())).toMatchObject({
        code: "CONNECTION_LOST",
        message: matching(
          bytes === ""
            ? /before the stream of a\.b\.Follow was complete$/
            : /middle of a message/,
        ),
      });
      expect(await stream.next()).toEqual(DONE);
      const next = client.call("a.b.C");
      connection = await peer.accept();
      await connection.answer({});
      await next;
    }
  });

  it("slow the peer down when nobody reads, and lose nothing", async () => {
    if (_name === "memory, byte by byte") return;
    const stream = client.more("a.b.Flood");
    const first = stream.next();
    await connection.call();
    const total = 60_000;
    let sent = 0;
    let blocked = false;
    // The peer sends as fast as it may.
    const flood = (async () => {
      while (sent < total) {
        const message = {
          parameters: { n: sent, pad: "x".repeat(100) },
          continues: sent < total - 1,
        };
        sent++;
        if (connection.stream.write(`${JSON.stringify(message)}\0`)) continue;
        blocked = true;
        await new Promise((resolve) => {
          connection.stream.once("drain", resolve);
        });
      }
    })();
    expect((await first).value).toMatchObject({ n: 0 });
    await expect.poll(() => blocked).toBe(true);
    // Nobody reads: the peer does not get further, however long one waits.
    let before = -1;
    await expect
      .poll(() => {
        const still = before === sent;
        before = sent;
        return still;
      })
      .toBe(true);
    expect(sent).toBeLessThan(total);
    let expected = 1;
    for await (const item of stream) {
      expect(item["n"]).toBe(expected);
      expected++;
    }
    expect(expected).toBe(total);
    await flood;
  });
});

describe("streams", () => {
  let peer: Peer;
  let client: VarlinkClient;
  let connection: PeerConnection;

  beforeEach(async () => {
    peer = await startPeer(memoryEndpoint());
    client = await VarlinkClient.connect(peer.endpoint);
    connection = await peer.accept();
  });

  afterEach(async () => {
    vi.useRealTimers();
    await client.close();
    await peer.close();
  });

  it("send nothing before the first next()", async () => {
    const stream = client.more("a.b.C");
    await turns(5);
    expect(connection.unread).toBe(0);
    expect(await stream.return()).toEqual(DONE);
    expect(await stream.next()).toEqual(DONE);
    await turns(5);
    expect(connection.unread).toBe(0);
  });

  it("hold few replies for a slow consumer where they are large", async () => {
    const stream = client.more("a.b.C");
    const first = stream.next();
    await connection.call();
    connection.send({ parameters: { n: 0 }, continues: true });
    await first;
    const total = 40;
    const text = "x".repeat(512 * 1024);
    let taken = 0;
    const flood = (async () => {
      for (let n = 1; n <= total; n++) {
        const message = { parameters: { n, text }, continues: n < total };
        await new Promise<void>((resolve) => {
          connection.stream.write(`${JSON.stringify(message)}\0`, () => {
            taken++;
            resolve();
          });
        });
      }
    })();
    await expect.poll(() => taken).toBeGreaterThanOrEqual(2);
    await turns(1000);
    expect(taken).toBeLessThanOrEqual(4);
    let expected = 1;
    for await (const item of stream) expect(item["n"]).toBe(expected++);
    expect(expected).toBe(total + 1);
    await flood;
  });

  it("send what the input was when the stream was made", async () => {
    const input = { n: 1 };
    const stream = client.more("a.b.C", input);
    input.n = 2;
    const item = stream.next();
    expect((await connection.call()).parameters).toEqual({ n: 1 });
    connection.reply({});
    expect(await item).toEqual(DONE);
  });

  it("reject bad input at the first next(), once", async () => {
    const stream = client.more("a.b.C", { n: Number.NaN });
    expect(await failure(stream.next())).toMatchObject({
      code: "INVALID_INPUT",
    });
    expect(await stream.next()).toEqual(DONE);
    expect(
      await failure(client.more("a.b.C", {}, { idleTimeout: -1 }).next()),
    ).toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  it("serve concurrent next() in order", async () => {
    const stream = client.more("a.b.C");
    const results = [
      stream.next(),
      stream.next(),
      stream.next(),
      stream.next(),
    ];
    await connection.call();
    connection.send({ parameters: { n: 1 }, continues: true });
    await results[0];
    connection.send(
      { parameters: { n: 2 }, continues: true },
      { parameters: { n: 3 } },
    );
    expect(await Promise.all(results)).toEqual([
      { done: false, value: { n: 1 } },
      { done: false, value: { n: 2 } },
      { done: false, value: { n: 3 } },
      DONE,
    ]);
  });

  it("tell an error to the first of concurrent next() only", async () => {
    const stream = client.more("a.b.C");
    const one = failure(stream.next());
    const two = stream.next();
    await connection.call();
    connection.send({ error: "a.b.E" });
    expect(await one).toMatchObject({ error: "a.b.E" });
    expect(await two).toEqual(DONE);
  });

  it("settle every pending next() when they are left", async () => {
    const stream = client.more("a.b.C");
    const pending = [stream.next(), stream.next()];
    await connection.call();
    await stream.return();
    expect(await Promise.all(pending)).toEqual([DONE, DONE]);
    await connection.ended;
  });

  it("are left by `await using`, and by a throw out of the loop", async () => {
    const stream = client.more("a.b.C");
    const first = stream.next();
    await connection.call();
    connection.send({ continues: true });
    await first;
    await stream[Symbol.asyncDispose]();
    await connection.ended;

    const thrown = (async () => {
      for await (const item of client.more("a.b.D"))
        throw new Error(`mine ${JSON.stringify(item)}`);
    })();
    connection = await peer.accept();
    await connection.call();
    connection.send({ continues: true });
    expect(await failure(thrown)).toMatchObject({ message: matching(/^mine/) });
    await connection.ended;
  });

  it("are left before they have a connection without a trace", async () => {
    await client.close();
    client = await VarlinkClient.connect(peer.endpoint, { maxConnections: 1 });
    connection = await peer.accept();
    const call = client.call("a.b.C");
    const stream = client.more("a.b.D");
    const item = stream.next();
    await stream.return();
    expect(await item).toEqual(DONE);
    await connection.answer({});
    await call;
    await turns(5);
    expect(connection.unread).toBe(0);
  });

  it("bound the wait for the first reply by timeout", async () => {
    const stream = client.more("a.b.C", {}, { timeout: 5 });
    expect(await failure(stream.next())).toMatchObject({
      code: "TIMEOUT",
      message: matching(/a\.b\.C was not answered within 5 ms/),
    });
    expect(await stream.next()).toEqual(DONE);
    await connection.ended;
  });

  it("do not bound what follows by timeout", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stream = client.more("a.b.C", {}, { timeout: 20 });
    const first = stream.next();
    await connection.call();
    vi.advanceTimersByTime(19);
    connection.send({ parameters: { n: 1 }, continues: true });
    await first;
    const second = stream.next();
    vi.advanceTimersByTime(1_000_000);
    connection.send({ parameters: { n: 2 } });
    expect((await second).value).toEqual({ n: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("bound the gaps by idleTimeout, and only those in which somebody waits", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stream = client.more("a.b.C", {}, { idleTimeout: 20 });
    const first = stream.next();
    await connection.call();
    // The first reply may take its time.
    vi.advanceTimersByTime(1_000);
    connection.send({ parameters: { n: 1 }, continues: true });
    await first;
    for (const n of [2, 3]) {
      // Nobody waits: this is the consumer's time.
      vi.advanceTimersByTime(1_000);
      const next = stream.next();
      vi.advanceTimersByTime(19);
      connection.send({ parameters: { n }, continues: true });
      expect((await next).value).toEqual({ n });
    }
    // Two who wait: the time begins again with each reply.
    const two = [stream.next(), failure(stream.next())] as const;
    vi.advanceTimersByTime(19);
    connection.send({ parameters: { n: 4 }, continues: true });
    expect((await two[0]).value).toEqual({ n: 4 });
    vi.advanceTimersByTime(19);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await two[1]).toMatchObject({
      code: "TIMEOUT",
      message: matching(/a\.b\.C had no reply for 20 ms/),
    });
    await connection.ended;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reject the pending next() with ABORTED and the reason, and drop what was held", async () => {
    const controller = new AbortController();
    const stream = client.more("a.b.C", {}, { signal: controller.signal });
    const first = stream.next();
    await connection.call();
    connection.send(
      { continues: true },
      { continues: true },
      { continues: true },
    );
    await first;
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await failure(stream.next())).toMatchObject({
      code: "ABORTED",
      cause: reason,
    });
    expect(await stream.next()).toEqual(DONE);
    await connection.ended;
  });

  it("fail with CLOSED when the client is closed", async () => {
    const stream = client.more("a.b.C");
    const item = failure(stream.next());
    await connection.call();
    await client.close();
    expect(await item).toMatchObject({ code: "CLOSED" });
    expect(await failure(client.more("a.b.C").next())).toMatchObject({
      code: "CLOSED",
    });
  });

  it("fail when the peer breaks the protocol in the middle", async () => {
    const stream = client.more("a.b.C");
    const first = stream.next();
    await connection.call();
    connection.write(
      '{"parameters":{"n":1},"continues":true}\0{"continues":1}\0',
    );
    expect((await first).value).toEqual({ n: 1 });
    expect(await failure(stream.next())).toMatchObject({ code: "PROTOCOL" });
    expect(await stream.next()).toEqual(DONE);
  });

  it("lose nothing that arrived when the connection breaks while the consumer is slow", async () => {
    const stream = client.more("a.b.C");
    const first = stream.next();
    await connection.call();
    const total = 1000;
    connection.send(
      ...Array.from({ length: total }, (_, n) => ({
        parameters: { n },
        continues: true,
      })),
    );
    connection.end();
    await first;
    await turns(50);
    let count = 1;
    const error = await failure(
      (async () => {
        for await (const item of stream) {
          expect(item["n"]).toBe(count);
          count++;
        }
      })(),
    );
    expect(count).toBe(total);
    expect(error).toMatchObject({ code: "CONNECTION_LOST" });
  });
});
