import { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PortolanError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { ConnectOptions } from "../../../src/runtime/varlink/options.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  startPeer,
  turns,
  unixPlace,
} from "../../support/peer.ts";

let peer: Peer;
let client: VarlinkClient;
const reported: PortolanError[] = [];

async function start(options: ConnectOptions = {}): Promise<void> {
  peer = await startPeer(memoryEndpoint());
  client = await VarlinkClient.connect(peer.endpoint, {
    onProtocolError: (error) => reported.push(error),
    ...options,
  });
}

beforeEach(() => {
  reported.length = 0;
});

afterEach(async () => {
  await client.close();
  await peer.close();
});

describe("a pool of connections", () => {
  it("lets a call that blocks stall no other", async () => {
    await start();
    const wait = client.call("a.b.Wait");
    const blocked = await peer.accept();
    expect((await blocked.call()).method).toBe("a.b.Wait");
    const stop = client.call("a.b.Stop");
    const other = await peer.accept();
    await other.answer({ stopped: true });
    expect(await stop).toEqual({ stopped: true });
    blocked.reply({ code: 0 });
    expect(await wait).toEqual({ code: 0 });
  });

  it("opens no more connections than allowed; further calls wait, in order", async () => {
    await start({ maxConnections: 2 });
    const order: number[] = [];
    const calls = [0, 1, 2, 3, 4].map(async (id) => {
      const reply = await client.call("a.b.C", { id });
      order.push(id);
      return reply;
    });
    const one = await peer.accept();
    const two = await peer.accept();
    await turns(20);
    expect(peer.accepted).toBe(2);
    expect((await one.call()).parameters).toEqual({ id: 0 });
    expect((await two.call()).parameters).toEqual({ id: 1 });
    two.reply({ id: 1 });
    expect((await two.call()).parameters).toEqual({ id: 2 });
    two.reply({ id: 2 });
    expect((await two.call()).parameters).toEqual({ id: 3 });
    one.reply({ id: 0 });
    expect((await one.call()).parameters).toEqual({ id: 4 });
    one.reply({ id: 4 });
    two.reply({ id: 3 });
    expect(await Promise.all(calls)).toEqual(
      [0, 1, 2, 3, 4].map((id) => ({ id })),
    );
    expect(order.slice(0, 3)).toEqual([1, 2, 0]);
    expect(peer.accepted).toBe(2);
  });

  it("refuses more waiting calls than allowed", async () => {
    await start({ maxConnections: 1, maxQueuedCalls: 2 });
    const connection = await peer.accept();
    const calls = [1, 2, 3].map((id) => client.call("a.b.C", { id }));
    expect(await failure(client.call("a.b.C"))).toMatchObject({
      code: "LIMIT_EXCEEDED",
      message: matching(/2 calls .*maxQueuedCalls/),
    });
    for (let count = 0; count < 3; count++) await connection.answer({});
    await Promise.all(calls);
  });

  it("does not need a queue while connections can be opened", async () => {
    await start({ maxConnections: 3, maxQueuedCalls: 0 });
    const calls = [1, 2, 3].map((id) => client.call("a.b.C", { id }));
    expect(await failure(client.call("a.b.C"))).toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    for (let count = 0; count < 3; count++)
      await (await peer.accept()).answer({});
    await Promise.all(calls);
  });

  it("counts the wait for a connection as time", async () => {
    await start({ maxConnections: 1 });
    const connection = await peer.accept();
    const first = client.call("a.b.First");
    expect(
      await failure(client.call("a.b.Second", {}, { timeout: 5 })),
    ).toMatchObject({
      code: "TIMEOUT",
      message: matching(/a\.b\.Second.*5 ms.*waiting for a connection/),
    });
    await connection.answer({});
    await first;
    await turns(5);
    // Nothing of the second was ever sent.
    expect(connection.unread).toBe(0);
  });

  it("closes a connection that brings a second reply in the same chunk, and reports it", async () => {
    await start();
    const connection = await peer.accept();
    const reply = client.call("io.podman.StartPod");
    await connection.call();
    connection.send(
      { error: "io.podman.PodContainerError" },
      { parameters: { pod: "x" } },
    );
    expect(await failure(reply)).toMatchObject({
      error: "io.podman.PodContainerError",
    });
    const next = client.call("a.b.Next");
    await connection.ended;
    const fresh = await peer.accept();
    await fresh.answer({ right: true });
    expect(await next).toEqual({ right: true });
    expect(reported).toMatchObject([
      {
        code: "PROTOCOL",
        message: matching(
          /nobody asked for after its reply to io\.podman\.StartPod/,
        ),
      },
    ]);
  });

  it("closes one that brings the beginning of a second reply", async () => {
    await start();
    const connection = await peer.accept();
    const reply = client.call("a.b.C");
    await connection.call();
    connection.write('{"parameters":{}}\0{"param');
    await reply;
    await connection.ended;
    expect(reported).toHaveLength(1);
  });

  it("closes one that brings a second reply a moment later, before the next call uses it", async () => {
    peer = await startPeer(
      // The second reply comes in a chunk, and a turn, of its own.
      memoryEndpoint({
        split: (bytes) => {
          const end = bytes.indexOf(0) + 1;
          return [bytes.subarray(0, end), bytes.subarray(end)];
        },
      }),
    );
    client = await VarlinkClient.connect(peer.endpoint, {
      onProtocolError: (error) => reported.push(error),
    });
    const connection = await peer.accept();
    const reply = client.call("a.b.C");
    await connection.call();
    connection.send(
      { parameters: { first: true } },
      { parameters: { second: true } },
    );
    expect(await reply).toEqual({ first: true });
    // At once: the second reply is under way.
    const next = client.call("a.b.D");
    const fresh = await peer.accept();
    await fresh.answer({ right: true });
    expect(await next).toEqual({ right: true });
    expect(reported).toHaveLength(1);
    expect(connection.unread).toBe(0);
  });

  it("closes an idle connection on which bytes come, and opens another at the next call", async () => {
    await start();
    const connection = await peer.accept();
    connection.write("?");
    await connection.ended;
    expect(reported).toMatchObject([
      { code: "PROTOCOL", message: matching(/nobody asked for;/) },
    ]);
    const next = client.call("a.b.C");
    await (await peer.accept()).answer({ right: true });
    expect(await next).toEqual({ right: true });
  });

  it("replaces connections that the peer has closed", async () => {
    await start();
    const connection = await peer.accept();
    connection.end();
    await connection.ended;
    const next = client.call("a.b.C");
    await (await peer.accept()).answer({ right: true });
    expect(await next).toEqual({ right: true });
    expect(reported).toEqual([]);
  });

  it("closes connections that nobody uses", async () => {
    await start({ idleTimeout: 1 });
    const connection = await peer.accept();
    await connection.ended;
    const call = client.call("a.b.C");
    const second = await peer.accept();
    await second.answer({});
    await call;
    await second.ended;
    expect(peer.accepted).toBe(2);
  });

  it("fails all waiting calls when nobody is there any more", async () => {
    await start({ maxConnections: 2 });
    await peer.accept();
    await peer.close();
    const calls = await Promise.allSettled(
      Array.from({ length: 10 }, () => client.call("a.b.C")),
    );
    for (const call of calls) {
      expect(call).toMatchObject({
        status: "rejected",
        reason: { code: "CONNECT_FAILED" },
      });
    }
    // And finds the service when it is back.
    peer = await startPeer(peer.endpoint);
    const reply = client.call("a.b.C");
    await (await peer.accept()).answer({ back: true });
    expect(await reply).toEqual({ back: true });
  });

  it("sends a call again that the system refused to take from a connection just closed", async () => {
    const place = await unixPlace();
    peer = await startPeer(place.endpoint);
    client = await VarlinkClient.connect(place.endpoint);
    const first = client.call("a.b.C", { n: 1 });
    const connection = await peer.accept();
    await connection.answer({});
    await first;
    await turns(3);
    // Both ends are in this process: the client cannot know of it yet.
    connection.destroy();
    await Promise.resolve();
    const second = client.call("a.b.C", { n: 2 });
    const fresh = await peer.accept();
    expect(await fresh.answer({ right: true })).toEqual({
      method: "a.b.C",
      parameters: { n: 2 },
    });
    expect(await second).toEqual({ right: true });
    await place.remove();
  });

  it("goes on where the service closes each connection after its reply", async () => {
    for (const place of [
      await unixPlace(),
      { endpoint: memoryEndpoint(), remove: () => Promise.resolve() },
    ]) {
      peer = await startPeer(place.endpoint);
      client = await VarlinkClient.connect(place.endpoint, {
        maxConnections: 1,
      });
      const calls = Promise.all(
        [1, 2, 3].map((n) => client.call("a.b.C", { n })),
      );
      for (const n of [1, 2, 3]) {
        const connection = await peer.accept();
        await connection.call();
        connection.stream.end(`{"parameters":{"n":${n}}}\0`);
      }
      expect(await calls).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      await client.close();
      await peer.close();
      await place.remove();
    }
  });

  it("never sends a call again that the peer may have read", async () => {
    await start();
    const connection = await peer.accept();
    const call = client.call("a.b.C");
    await connection.call();
    connection.destroy();
    expect(await failure(call)).toMatchObject({
      code: "CONNECTION_LOST",
      message: matching(/before a\.b\.C was answered/),
    });
    expect(peer.accepted).toBe(1);
  });

  it("sends it again, once, where the caller says that it may", async () => {
    await start();
    const connection = await peer.accept();
    const call = client.call("a.b.C", { n: 1 }, { idempotent: true });
    await connection.call();
    connection.destroy();
    const second = await peer.accept();
    expect(await second.answer({ fine: true })).toEqual({
      method: "a.b.C",
      parameters: { n: 1 },
    });
    expect(await call).toEqual({ fine: true });

    const lost = client.call("a.b.C", {}, { idempotent: true });
    await second.call();
    second.destroy();
    const third = await peer.accept();
    await third.call();
    third.destroy();
    expect(await failure(lost)).toMatchObject({ code: "CONNECTION_LOST" });
    expect(peer.accepted).toBe(3);
  });

  it("keeps what broke a connection as the cause", async () => {
    const broken = new Error("the cable was cut");
    const stream = new Duplex({
      read() {},
      write: (_chunk, _encoding, done) => done(),
    });
    client = await VarlinkClient.connect({
      address: "test:",
      connect: () => Promise.resolve(stream),
      listen: () => Promise.reject(new Error("unused")),
    });
    peer = await startPeer(memoryEndpoint());
    const call = failure(client.call("a.b.C"));
    stream.destroy(broken);
    expect(await call).toMatchObject({
      code: "CONNECTION_LOST",
      cause: broken,
    });
  });

  it("does not keep the process alive for idle connections", async () => {
    const refs: boolean[] = [];
    const stream = Object.assign(
      new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }),
      { ref: () => refs.push(true), unref: () => refs.push(false) },
    );
    client = await VarlinkClient.connect({
      address: "test:",
      connect: () => Promise.resolve(stream),
      listen: () => Promise.reject(new Error("unused")),
    });
    peer = await startPeer(memoryEndpoint());
    await turns(3);
    expect(refs).toEqual([false]);
    const call = client.call("a.b.C");
    expect(refs).toEqual([false, true]);
    stream.push("{}\0");
    await call;
    await turns(3);
    expect(refs).toEqual([false, true, false]);
  });
});

describe("an endpoint with a single connection", () => {
  beforeEach(async () => {
    peer = await startPeer(memoryEndpoint());
    client = await VarlinkClient.connect({ ...peer.endpoint, single: true });
  });

  it("queues calls", async () => {
    const connection = await peer.accept();
    const calls = [1, 2, 3].map((id) => client.call("a.b.C", { id }));
    for (const id of [1, 2, 3]) {
      expect(await connection.answer({ id })).toMatchObject({
        parameters: { id },
      });
    }
    expect(await Promise.all(calls)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(peer.accepted).toBe(1);
  });

  it("says that it is busy while a stream owns it, also to calls that wait", async () => {
    const connection = await peer.accept();
    const before = client.call("a.b.Before");
    const stream = client.more("a.b.Stream");
    const item = stream.next();
    const after = failure(client.call("a.b.After"));
    await connection.answer({ n: 0 });
    await before;
    expect(await after).toMatchObject({ code: "CONNECTION_BUSY" });
    expect(await connection.call()).toMatchObject({
      method: "a.b.Stream",
      more: true,
    });
    connection.send({ parameters: { n: 1 }, continues: true });
    expect(await item).toEqual({ done: false, value: { n: 1 } });
    expect(await failure(client.call("a.b.C"))).toMatchObject({
      code: "CONNECTION_BUSY",
      message: matching(/only one connection/),
    });
    connection.send({ parameters: { n: 2 } });
    expect((await stream.next()).value).toEqual({ n: 2 });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    const free = client.call("a.b.C");
    await connection.answer({ free: true });
    expect(await free).toEqual({ free: true });
  });
});
