import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EnvelopeConnectOptions } from "../../../../src/runtime/envelope/client/options.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { matching } from "../../../support/matching.ts";
import { failure, turns } from "../../../support/peer.ts";
import {
  MiniClient,
  type Peer,
  type PeerConnection,
  refusing,
  startPeer,
} from "./support.ts";

let peer: Peer;
let client: MiniClient;
/** The first connection, which nobody uses. */
let ordinary: PeerConnection;

async function start(options: EnvelopeConnectOptions = {}): Promise<void> {
  peer = await startPeer(memoryEndpoint());
  client = await MiniClient.connect(peer.endpoint, options);
  ordinary = await peer.accept();
}

afterEach(async () => {
  vi.useRealTimers();
  await client.$close();
  await peer.close();
});

type Events = ReturnType<MiniClient["watch"]>;

async function subscribe(
  input: object,
  options?: Parameters<MiniClient["watch"]>[1],
): Promise<{ events: Events; connection: PeerConnection }> {
  const events = client.watch(input as never, options);
  const first = events.next();
  const connection = await peer.accept();
  await connection.request();
  connection.reply();
  connection.push({ name: "first" });
  await first;
  return { events, connection };
}

describe("a subscription whose connection is lost", () => {
  it("is tried again, more and more rarely, while nobody is there", async () => {
    await start();
    const { events, connection } = await subscribe({ name: ["a"] });
    await peer.stopListening();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const attempts: number[] = [];
    const connect = vi.spyOn(peer.endpoint, "connect");
    const original = connect.getMockImplementation();
    connect.mockImplementation((options) => {
      attempts.push(performance.now());
      return original?.(options) ?? Promise.reject(new Error("nobody"));
    });
    const begun = performance.now();
    connection.end();
    await turns(5);
    await vi.advanceTimersByTimeAsync(20_000);
    connect.mockRestore();
    const waits = attempts.map((at) => Math.round(at - begun));
    expect(waits).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 11_300, 16_300]);
    await peer.listen();
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    const again = await peer.accept();
    expect((await again.request()).input).toEqual({ name: ["a"] });
    again.reply();
    again.push({ name: "a", state: "running" });
    expect((await events.next()).value).toEqual({
      name: "a",
      state: "running",
    });
  });

  it("is given up in the end, with the last reason", async () => {
    await start({ restoreTimeout: 1000 });
    const { events, connection } = await subscribe({});
    connection.push({ name: "still read" });
    await peer.stopListening();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    connection.end();
    await turns(5);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await events.next()).value).toEqual({ name: "still read" });
    expect(await failure(events.next())).toMatchObject({
      code: "CONNECTION_LOST",
      message: matching(/could not be restored within 1000 ms/),
      cause: { code: "CONNECT_FAILED" },
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not restored where that is not wanted", async () => {
    await start({ restoreTimeout: 0 });
    const { events, connection } = await subscribe({});
    connection.end();
    expect(await failure(events.next())).toMatchObject({
      code: "CONNECTION_LOST",
    });
    expect(peer.accepted).toBe(2);
  });

  it("is not asked for without end from a service that drops it at once", async () => {
    await start();
    const { events, connection } = await subscribe({});
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    connection.end();
    const dropping = (async () => {
      for (;;) {
        const again = await peer.accept();
        await again.request();
        again.reply();
        again.end();
      }
    })();
    void dropping;
    for (let second = 0; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      await turns(10);
    }
    // At 0, 0.1, 0.3, 0.7 … and then every five seconds.
    expect(peer.accepted).toBeGreaterThan(5);
    expect(peer.accepted).toBeLessThan(14);
    await events.return?.();
  });

  it("ends with the error that the service then answers with", async () => {
    await start();
    const { events, connection } = await subscribe({});
    connection.end();
    const again = await peer.accept();
    await again.request();
    again.send({ error: 4, text: "no more" });
    expect(await failure(events.next())).toMatchObject({
      error: 4,
      text: "no more",
    });
  });

  it("is not lost a second time because nobody answers: it is tried again", async () => {
    await start();
    const { events, connection } = await subscribe({});
    connection.end();
    const second = await peer.accept();
    await second.request();
    second.end();
    const third = await peer.accept();
    await third.request();
    third.reply();
    third.push({ name: "back" });
    expect((await events.next()).value).toEqual({ name: "back" });
  });

  it.each([
    ["cannot be read", "INVALID_REPLY", Buffer.from([1, 0xff])],
    ["has no length", "PROTOCOL", Buffer.from([0x80, 0])],
    ["is too long", "LIMIT_EXCEEDED", Buffer.from([0xff, 0xff, 0xff, 1])],
  ])(
    "ends where a message %s: it would be so again",
    async (_what, code, bytes) => {
      await start({ maxMessageSize: 1000 });
      const one = await subscribe({ name: ["a"] });
      one.connection.push({ name: "read" });
      one.connection.write(bytes);
      expect((await one.events.next()).value).toEqual({ name: "read" });
      expect(await failure(one.events.next())).toMatchObject({ code });
      expect((await one.events.next()).done).toBe(true);
      // The same while it is being restored.
      const two = await subscribe({ name: ["b"] });
      two.connection.end();
      const again = await peer.accept();
      await again.request();
      again.write(bytes);
      expect(await failure(two.events.next())).toMatchObject({ code });
      await turns(10);
      expect(peer.accepted).toBe(4);
    },
  );

  it("may be left or aborted meanwhile", async () => {
    await start();
    const controller = new AbortController();
    const one = await subscribe({}, { signal: controller.signal });
    const two = await subscribe({});
    await peer.stopListening();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    one.connection.end();
    two.connection.end();
    await turns(5);
    const next = failure(one.events.next());
    controller.abort();
    expect(await next).toMatchObject({ code: "ABORTED" });
    await two.events.return?.();
    expect(await two.events.next()).toMatchObject({ done: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["a number", 5000, 2000],
    ["a bigint", 5000n, "2000n"],
    ["text", "5000", "2000"],
    ["over", 1000, 0],
  ])("has its time shortened: %s", async (_what, timeout, left) => {
    await start();
    vi.useFakeTimers({ toFake: ["performance"] });
    const { connection } = await subscribe({ name: ["a"], timeout });
    vi.advanceTimersByTime(3000);
    connection.end();
    const again = await peer.accept();
    expect((await again.request()).input).toEqual({
      name: ["a"],
      timeout: left,
    });
  });

  it("is made with the input as it was, whatever became of the object", async () => {
    await start();
    const input = { name: ["a"] };
    const { connection } = await subscribe(input);
    input.name.push("b");
    connection.end();
    const again = await peer.accept();
    expect((await again.request()).input).toEqual({ name: ["a"] });
  });
});

describe("the command that ends a subscription", () => {
  beforeEach(() => start());

  it("goes to the one with the same input, and ends it", async () => {
    const one = await subscribe({ name: ["a"], label: ["X"] });
    const two = await subscribe({ name: ["a"] });
    one.connection.push({ name: "a", state: "dead" });
    const stop = client.stopWatch({ name: ["a"], label: ["X"] });
    expect(await one.connection.answer()).toEqual({
      command: "StopWatch",
      input: { name: ["a"], label: ["X"] },
    });
    await stop;
    expect((await one.events.next()).value).toMatchObject({ state: "dead" });
    expect((await one.events.next()).done).toBe(true);
    await one.connection.ended;
    two.connection.push({ name: "a" });
    expect((await two.events.next()).value).toEqual({ name: "a" });
  });

  it("is the one that is told of where its input is none", async () => {
    await subscribe({ name: ["a"] });
    expect(await failure(client.stopWatch(5 as never))).toMatchObject({
      code: "INVALID_INPUT",
      message: "the input of StopWatch must be an object",
    });
  });

  it("does not look at how long the subscription was for", async () => {
    const { events, connection } = await subscribe({ name: ["a"], timeout: 9 });
    const stop = client.stopWatch({ name: ["a"] });
    await connection.answer();
    await stop;
    expect((await events.next()).done).toBe(true);
  });

  it("is answered by the service where there is none", async () => {
    await subscribe({ name: ["a"] });
    const stop = failure(client.stopWatch({ name: ["b"] }));
    expect((await ordinary.request()).input).toEqual({ name: ["b"] });
    ordinary.send({ error: 4, text: "not found" });
    expect(await stop).toMatchObject({ error: 4, text: "not found" });
  });

  it("ends one of two that are the same, and then the other", async () => {
    const one = await subscribe({ name: ["a"] });
    const two = await subscribe({ name: ["a"] });
    const stops = [
      client.stopWatch({ name: ["a"] }),
      client.stopWatch({ name: ["a"] }),
    ];
    await one.connection.answer();
    await two.connection.answer();
    await Promise.all(stops);
    expect((await one.events.next()).done).toBe(true);
    expect((await two.events.next()).done).toBe(true);
  });

  it("changes nothing where the service refuses it", async () => {
    const { events, connection } = await subscribe({ name: ["a"] });
    const stop = failure(client.stopWatch({ name: ["a"] }));
    await connection.request();
    connection.send({ error: 4, text: "not found" });
    expect(await stop).toMatchObject({ error: 4 });
    connection.push({ name: "a" });
    expect((await events.next()).value).toEqual({ name: "a" });
    const again = client.stopWatch({ name: ["a"] });
    await connection.answer();
    await again;
    expect((await events.next()).done).toBe(true);
  });

  it("is heard through a full stream, of which nothing is lost", async () => {
    const { events, connection } = await subscribe({ name: ["a"] });
    const count = 2000;
    for (let id = 0; id < count; id++) connection.push({ name: String(id) });
    await turns(10);
    const stop = client.stopWatch({ name: ["a"] });
    await connection.answer();
    await stop;
    for (let id = 0; id < count; id++)
      expect((await events.next()).value).toEqual({ name: String(id) });
    expect((await events.next()).done).toBe(true);
  });

  it("ends the subscription too if its connection is lost over it", async () => {
    const { events, connection } = await subscribe({ name: ["a"] });
    const stop = failure(client.stopWatch({ name: ["a"] }));
    await connection.request();
    connection.end();
    expect(await stop).toMatchObject({ code: "CONNECTION_LOST" });
    expect((await events.next()).done).toBe(true);
    expect(peer.accepted).toBe(2);
  });

  it("is lost with it too where the system refuses to take the command", async () => {
    await client.$close();
    await peer.close();
    const { endpoint, refuse } = refusing();
    peer = await startPeer(endpoint);
    client = await MiniClient.connect(endpoint);
    ordinary = await peer.accept();
    const { events } = await subscribe({ name: ["a"] });
    refuse();
    const stop = failure(client.stopWatch({ name: ["a"] }));
    expect(await stop).toMatchObject({ code: "CONNECTION_LOST" });
    expect((await events.next()).done).toBe(true);
  });

  it("may be given up: the subscription goes on, until the reply comes", async () => {
    const { events, connection } = await subscribe({ name: ["a"] });
    const controller = new AbortController();
    const stop = failure(
      client.stopWatch({ name: ["a"] }, { signal: controller.signal }),
    );
    await connection.request();
    controller.abort();
    expect(await stop).toMatchObject({ code: "ABORTED" });
    connection.push({ name: "a" });
    expect((await events.next()).value).toEqual({ name: "a" });
    connection.reply();
    expect((await events.next()).done).toBe(true);
  });

  it("waits for a subscription that is being restored", async () => {
    const { events, connection } = await subscribe({ name: ["a"] });
    await peer.stopListening();
    connection.end();
    await turns(5);
    const stop = client.stopWatch({ name: ["a"] });
    await turns(2);
    await peer.listen();
    const again = await peer.accept();
    expect((await again.answer()).command).toBe("Watch");
    expect((await again.answer()).command).toBe("StopWatch");
    await stop;
    expect((await events.next()).done).toBe(true);
  });

  it("fails with the subscription it waits for, and may be given up before", async () => {
    const { events, connection } = await subscribe({ name: ["a"] });
    await peer.stopListening();
    connection.end();
    await turns(5);
    const controller = new AbortController();
    const first = failure(
      client.stopWatch({ name: ["a"] }, { signal: controller.signal }),
    );
    controller.abort();
    expect(await first).toMatchObject({ code: "ABORTED" });
    const second = failure(client.stopWatch({ name: ["a"] }));
    await turns(2);
    await events.return?.();
    expect(await second).toMatchObject({ code: "CLOSED" });
  });
});
