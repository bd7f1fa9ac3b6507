import { channel } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PortolanError } from "../../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { failure, turns } from "../../../support/peer.ts";
import {
  MiniClient,
  type Peer,
  type PeerConnection,
  startPeer,
} from "./support.ts";

let peer: Peer;
let client: MiniClient;
let ordinary: PeerConnection;
let lost: {
  readonly names: readonly string[];
  readonly error: PortolanError;
}[];
let reported: PortolanError[];

beforeEach(async () => {
  lost = [];
  reported = [];
  peer = await startPeer(memoryEndpoint());
  client = await MiniClient.connect(peer.endpoint, {
    idleTimeout: 1,
    onLost: (names, error) => lost.push({ names, error }),
    onProtocolError: (error) => reported.push(error),
  });
  ordinary = await peer.accept();
});

afterEach(async () => {
  await client.$close();
  await peer.close();
});

/** Makes something that lives as long as its connection. */
async function createWeak(name: string): Promise<PeerConnection> {
  const call = client.createWeak({ name });
  const connection = await peer.accept();
  await connection.answer();
  await call;
  return connection;
}

describe("what lives as long as its connection", () => {
  it("is made on one that stays, and no other command is", async () => {
    const primary = await createWeak("a");
    // The idle time of ordinary connections is long over then.
    await ordinary.ended;
    const second = client.createWeak({ name: "b" });
    expect((await primary.answer()).input).toEqual({ name: "b" });
    await second;
    const spec = client.createSpec({ spec: { name: "c", weak: true } });
    expect((await primary.answer()).command).toBe("CreateSpec");
    await spec;
    const other = client.createSpec({ spec: { name: "d", weak: false } });
    const third = await peer.accept();
    expect((await third.answer()).command).toBe("CreateSpec");
    await other;
    const closed = client.$close();
    await primary.ended;
    await closed;
    expect(lost).toEqual([]);
  });

  it("is told of when the connection is lost, and the next has another", async () => {
    const events: unknown[] = [];
    const onEvent = (event: unknown): void => void events.push(event);
    channel("portolan:envelope:lost").subscribe(onEvent);
    const primary = await createWeak("a");
    const failed = client.createWeak({ name: "b" });
    await primary.request();
    primary.send({ error: 4 });
    await failure(failed);
    const spec = client.createSpec({ spec: { name: "c", weak: true } });
    await primary.answer();
    await spec;
    primary.end();
    await turns(5);
    channel("portolan:envelope:lost").unsubscribe(onEvent);
    expect(lost).toMatchObject([
      { names: ["a", "c"], error: { code: "CONNECTION_LOST" } },
    ]);
    expect(events).toMatchObject([
      { service: "Mini", address: "memory:", names: ["a", "c"] },
    ]);
    expect(await createWeak("d")).not.toBe(primary);
    expect(peer.accepted).toBe(3);
  });

  it("is not told of once it is gone, or has become independent", async () => {
    const primary = await createWeak("a");
    for (const make of [
      () => client.createWeak({ name: "b" }),
      () => client.createWeak({ name: "c" }),
    ]) {
      const call = make();
      await primary.answer();
      await call;
    }
    // Idle for too long: each of the calls has a connection that is new.
    await ordinary.ended;
    const calls = [
      client.destroy({ name: "a" }),
      client.set({ name: "b", property: "weak", value: "false" }),
      client.set({ name: "c", property: "cpu", value: "false" }),
    ];
    for (let count = 0; count < 3; count++)
      await (await peer.accept()).answer();
    await Promise.all(calls);
    primary.end();
    await turns(5);
    expect(lost).toMatchObject([{ names: ["c"] }]);
  });

  it("is not at stake when a call is given up: its reply is dropped", async () => {
    const primary = await createWeak("a");
    const controller = new AbortController();
    const slow = failure(
      client.createWeak({ name: "b" }, { signal: controller.signal }),
    );
    const never = failure(
      client.createWeak({ name: "never" }, { signal: controller.signal }),
    );
    const next = client.createWeak({ name: "c" });
    await primary.request();
    controller.abort();
    expect(await slow).toMatchObject({ code: "ABORTED" });
    expect(await never).toMatchObject({ code: "ABORTED" });
    await turns(3);
    // The reply to the first has not come, and nothing is written before.
    expect(primary.unread).toBe(0);
    primary.reply();
    expect((await primary.answer()).input).toEqual({ name: "c" });
    await next;
    primary.end();
    await turns(5);
    // It was made, whether or not anybody waited for it.
    expect(lost).toMatchObject([{ names: ["a", "b", "c"] }]);
  });

  it("outlives replies and pushes that nobody asked for", async () => {
    const primary = await createWeak("a");
    primary.send(
      { error: 0, text: "again" },
      { error: 0, Watch: { name: "x" } },
    );
    await turns(5);
    expect(reported).toMatchObject([
      { code: "PROTOCOL" },
      { code: "PROTOCOL" },
    ]);
    // One that begins before a call, and ends after it, is no answer either.
    primary.write(Buffer.from([12, 123]));
    await turns(2);
    const call = client.createWeak({ name: "b" });
    await primary.request();
    primary.write(Buffer.from('"error":4 }'));
    primary.reply();
    await call;
    expect(reported).toHaveLength(3);
    expect(lost).toEqual([]);
  });

  it("fails with its connection, under way or not", async () => {
    const primary = await createWeak("a");
    const written = failure(client.createWeak({ name: "b" }));
    const waiting = client.createWeak({ name: "c" });
    await primary.request();
    primary.end();
    expect(await written).toMatchObject({ code: "CONNECTION_LOST" });
    const next = await peer.accept();
    expect((await next.answer()).input).toEqual({ name: "c" });
    await waiting;
    expect(lost).toMatchObject([{ names: ["a"] }]);
  });

  it("cannot be made where nobody is", async () => {
    await peer.stopListening();
    const calls = [
      failure(client.createWeak({ name: "a" })),
      failure(client.createWeak({ name: "b" })),
    ];
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ code: "CONNECT_FAILED" });
    await peer.listen();
    await createWeak("c");
  });

  it("does not stop the client when its program's listener throws", async () => {
    const thrown: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => thrown.push(error));
    const other = await MiniClient.connect(peer.endpoint, {
      onLost() {
        throw new Error("mine");
      },
    });
    await peer.accept();
    const call = other.createWeak({ name: "a" });
    const primary = await peer.accept();
    await primary.answer();
    await call;
    primary.end();
    await turns(5);
    for (const listener of listeners) process.on("uncaughtException", listener);
    expect(thrown).toMatchObject([{ message: "mine" }]);
    await other.$close();
  });

  it("waits in a queue of its own that has an end", async () => {
    const other = await MiniClient.connect(peer.endpoint, {
      maxQueuedCalls: 1,
    });
    const calls = [
      failure(other.createWeak({})),
      failure(other.createWeak({})),
    ];
    expect(await calls[1]).toMatchObject({ code: "LIMIT_EXCEEDED" });
    await other.$close();
    expect(await calls[0]).toMatchObject({ code: "CLOSED" });
  });
});
