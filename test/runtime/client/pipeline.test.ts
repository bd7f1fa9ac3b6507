import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  startPeer,
  turns,
} from "../../support/peer.ts";

let peer: Peer;
let client: VarlinkClient;
let connection: PeerConnection;

beforeEach(async () => {
  peer = await startPeer(memoryEndpoint());
  client = await VarlinkClient.connect(peer.endpoint);
  connection = await peer.accept();
});

afterEach(async () => {
  await client.close();
  await peer.close();
});

describe("a pipeline", () => {
  it("writes its calls in order on one connection, without waiting for replies", async () => {
    const result = client.pipeline((pipe) =>
      Promise.all([1, 2, 3].map((n) => pipe.call("a.b.C", { n }))),
    );
    for (const n of [1, 2, 3])
      expect((await connection.call()).parameters).toEqual({ n });
    connection.send(
      { parameters: { n: 1 } },
      { parameters: { n: 2 } },
      { parameters: { n: 3 } },
    );
    expect(await result).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(peer.accepted).toBe(1);
    // The connection is back in the pool.
    await turns(3);
    const reply = client.call("a.b.D");
    await connection.answer({});
    await reply;
    expect(peer.accepted).toBe(1);
  });

  it("joins what is written in one tick", async () => {
    const chunks: string[] = [];
    connection.stream.on("data", (chunk: Buffer) => chunks.push(String(chunk)));
    const result = client.pipeline((pipe) =>
      Promise.all(
        Array.from({ length: 100 }, (_, n) => pipe.call("a.b.C", { n })),
      ),
    );
    for (let n = 0; n < 100; n++) await connection.answer({});
    await result;
    expect(chunks.length).toBeLessThanOrEqual(3);
  });

  it("has other calls on other connections", async () => {
    const result = client.pipeline(async (pipe) => {
      const first = pipe.call("a.b.First");
      const outside = await client.call("a.b.Outside");
      return [await first, outside];
    });
    const other = await peer.accept();
    await other.answer({ outside: true });
    await connection.answer({ first: true });
    expect(await result).toEqual([{ first: true }, { outside: true }]);
  });

  it("tells errors to the calls they are for", async () => {
    const result = client.pipeline((pipe) =>
      Promise.allSettled([
        pipe.call("a.b.C"),
        pipe.call("a.b.D"),
        pipe.call("a.b.E"),
      ]),
    );
    for (let count = 0; count < 3; count++) await connection.call();
    connection.send({}, { error: "a.b.No" }, {});
    expect(await result).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { error: "a.b.No" } },
      { status: "fulfilled" },
    ]);
  });

  it("waits in order behind a stream of its own", async () => {
    const result = client.pipeline(async (pipe) => {
      const before = pipe.call("a.b.Before");
      const stream = pipe.more("a.b.Stream");
      const first = stream.next();
      const after = pipe.call("a.b.After");
      const items = [(await first).value];
      for await (const item of stream) items.push(item);
      return [await before, items, await after];
    });
    for (const method of ["Before", "Stream", "After"]) {
      expect((await connection.call()).method).toBe(`a.b.${method}`);
    }
    connection.send(
      { parameters: { before: true } },
      { parameters: { n: 1 }, continues: true },
      { parameters: { n: 2 }, continues: true },
      {},
      { parameters: { after: true } },
    );
    expect(await result).toEqual([
      { before: true },
      [{ n: 1 }, { n: 2 }],
      { after: true },
    ]);
  });

  it("holds the replies behind a stream that nobody reads, and loses none", async () => {
    const result = client.pipeline(async (pipe) => {
      const stream = pipe.more("a.b.Stream");
      const first = stream.next();
      const after = pipe.call("a.b.After");
      await first;
      await turns(30);
      let count = 1;
      for await (const item of stream) {
        expect(item["n"]).toBe(count);
        count++;
      }
      return [count, await after];
    });
    await connection.call();
    await connection.call();
    connection.send(
      ...Array.from({ length: 2000 }, (_, n) => ({
        parameters: { n },
        continues: n < 1999,
      })),
      { parameters: { after: true } },
    );
    expect(await result).toEqual([2000, { after: true }]);
  });

  it("closes its connection when one of its calls is given up; the others say why", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const result = client.pipeline(async (pipe) => {
      const settled = Promise.allSettled([
        pipe.call("a.b.C"),
        pipe.call("a.b.D", {}, { signal: controller.signal }),
        pipe.call("a.b.E"),
      ]);
      controller.abort(reason);
      const [one, two, three] = await settled;
      return [one, two, three, await failure(pipe.call("a.b.F"))];
    });
    expect(await result).toMatchObject([
      {
        reason: {
          code: "CONNECTION_LOST",
          cause: { code: "ABORTED", cause: reason },
        },
      },
      { reason: { code: "ABORTED", cause: reason } },
      { reason: { code: "CONNECTION_LOST", cause: { code: "ABORTED" } } },
      { code: "CONNECTION_LOST", cause: { code: "ABORTED" } },
    ]);
    await connection.ended;
    const reply = client.call("a.b.C");
    await (await peer.accept()).answer({});
    await reply;
  });

  it("refuses calls when it is over, streams that begin late included", async () => {
    let late: VarlinkClient | undefined;
    const stream = await client.pipeline((pipe) => {
      late = pipe;
      return pipe.more("a.b.C");
    });
    expect(await failure(stream.next())).toMatchObject({
      code: "CLOSED",
      message: matching(/pipeline .* is over/),
    });
    expect(
      await failure(late?.call("a.b.C") ?? Promise.resolve()),
    ).toMatchObject({ code: "CLOSED" });
    expect(connection.unread).toBe(0);
  });

  it("rejects as its function does, and its replies still arrive", async () => {
    let reply: Promise<unknown> | undefined;
    const result = client.pipeline((pipe) => {
      reply = pipe.call("a.b.C");
      throw new Error("mine");
    });
    expect(await failure(result)).toMatchObject({ message: "mine" });
    await connection.answer({ late: true });
    expect(await reply).toEqual({ late: true });
  });

  it("may be nested, which is the same pipeline", async () => {
    const result = client.pipeline((pipe) =>
      pipe.pipeline((inner) =>
        Promise.all([inner.call("a.b.C"), pipe.call("a.b.D")]),
      ),
    );
    await connection.answer({ n: 1 });
    await connection.answer({ n: 2 });
    expect(await result).toEqual([{ n: 1 }, { n: 2 }]);
    expect(peer.accepted).toBe(1);
  });

  it("waits for a connection like a call", async () => {
    await client.close();
    client = await VarlinkClient.connect(peer.endpoint, { maxConnections: 1 });
    connection = await peer.accept();
    const blocking = client.call("a.b.Block");
    const result = client.pipeline((pipe) =>
      Promise.all([pipe.call("a.b.C"), pipe.call("a.b.D")]),
    );
    const behind = client.call("a.b.E");
    await connection.answer({});
    await blocking;
    await connection.answer({ n: 1 });
    await connection.answer({ n: 2 });
    expect(await result).toEqual([{ n: 1 }, { n: 2 }]);
    await connection.answer({ n: 3 });
    expect(await behind).toEqual({ n: 3 });
  });

  it("bounds the calls that are unanswered", async () => {
    await client.close();
    client = await VarlinkClient.connect(peer.endpoint, { maxQueuedCalls: 2 });
    const results = client.pipeline((pipe) =>
      Promise.allSettled([1, 2, 3, 4, 5].map((n) => pipe.call("a.b.C", { n }))),
    );
    connection = await peer.accept();
    await turns(5);
    connection.send({}, {}, {});
    const codes = (await results).map((result) =>
      result.status === "fulfilled"
        ? "fine"
        : (result.reason as { code: string }).code,
    );
    expect(codes).toEqual([
      "fine",
      "fine",
      "fine",
      "LIMIT_EXCEEDED",
      "LIMIT_EXCEEDED",
    ]);
  });

  it("fails all its calls when nobody is there", async () => {
    await peer.close();
    await turns(5);
    const results = await client.pipeline((pipe) =>
      Promise.allSettled([pipe.call("a.b.C"), pipe.call("a.b.D")]),
    );
    for (const result of results) {
      expect(result).toMatchObject({ reason: { code: "CONNECT_FAILED" } });
    }
  });
});
