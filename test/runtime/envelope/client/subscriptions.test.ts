import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PortolanError } from "../../../../src/runtime/errors.ts";
import type { EnvelopeConnectOptions } from "../../../../src/runtime/envelope/client/options.ts";
import { matching } from "../../../support/matching.ts";
import {
  failure,
  type Place,
  transports,
  turns,
} from "../../../support/peer.ts";
import {
  MiniClient,
  type Peer,
  type PeerConnection,
  startPeer,
} from "./support.ts";

let place: Place;
let peer: Peer;
let client: MiniClient;
const reported: PortolanError[] = [];

async function start(
  make: () => Promise<Place>,
  options: EnvelopeConnectOptions = {},
): Promise<void> {
  reported.length = 0;
  place = await make();
  peer = await startPeer(place.endpoint);
  client = await MiniClient.connect(place.endpoint, {
    onProtocolError: (error) => reported.push(error),
    ...options,
  });
  await peer.accept();
}

afterEach(async () => {
  vi.useRealTimers();
  await client.$close();
  await peer.close();
  await place.remove();
});

type Events = ReturnType<MiniClient["watch"]>;

/** Subscribes; the service has taken it when this returns. */
async function subscribe(
  input: object,
  options?: Parameters<MiniClient["watch"]>[1],
): Promise<{ events: Events; connection: PeerConnection; first: object }> {
  const events = client.watch(input as never, options);
  const first = events.next();
  const connection = await peer.accept();
  await connection.request();
  connection.reply();
  connection.push({ name: "first" });
  return { events, connection, first: (await first).value as object };
}

describe.each(transports)("a subscription over %s", (_name, make) => {
  beforeEach(() => start(make));

  it("has a connection of its own, taken with the first next()", async () => {
    const events = client.watch({ name: ["a"], label: ["X.*"] });
    await turns(3);
    expect(peer.accepted).toBe(1);
    const first = events.next();
    const connection = await peer.accept();
    expect(await connection.request()).toEqual({
      command: "Watch",
      input: { name: ["a"], label: ["X.*"] },
    });
    // How things stand, the reply, and what happens: in one piece.
    connection.send(
      { error: 0, Watch: { name: "a", state: "stopped" } },
      { error: 0, text: "" },
      { error: 0, Watch: { name: "a", state: "running" } },
    );
    expect(await first).toEqual({
      done: false,
      value: { name: "a", state: "stopped" },
    });
    expect((await events.next()).value).toEqual({
      name: "a",
      state: "running",
    });
    connection.push({ name: "a", state: "dead" });
    expect((await events.next()).value).toEqual({ name: "a", state: "dead" });
    await events.return?.();
    await connection.ended;
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(reported).toEqual([]);
  });

  it("is one of several, and calls go on beside them", async () => {
    const one = await subscribe({ name: ["a"] });
    const two = await subscribe({ name: ["b"] });
    two.connection.push({ name: "b", state: "dead" });
    one.connection.push({ name: "a", state: "dead" });
    expect((await one.events.next()).value).toEqual({
      name: "a",
      state: "dead",
    });
    expect((await two.events.next()).value).toEqual({
      name: "b",
      state: "dead",
    });
    expect(peer.accepted).toBe(3);
  });

  it("is refused with the service's error", async () => {
    const events = client.watch({});
    const first = events.next();
    const connection = await peer.accept();
    await connection.request();
    connection.send({ error: 4, text: "no" });
    expect(await failure(first)).toMatchObject({
      error: 4,
      message: "no, in answer to Watch",
    });
    await connection.ended;
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it("is restored with the same input when its connection is lost", async () => {
    const input = { name: ["a"], label: ["X.*"], target: "dead" };
    const { events, connection } = await subscribe(input);
    connection.push({ name: "a", state: "running" });
    connection.end();
    const again = await peer.accept();
    expect(await again.request()).toEqual({ command: "Watch", input });
    again.push({ name: "a", state: "running" });
    again.reply();
    again.push({ name: "a", state: "dead" });
    const states: unknown[] = [];
    for await (const event of events) states.push(event);
    expect(states).toEqual([
      { name: "a", state: "running" },
      { name: "a", state: "running" },
      { name: "a", state: "dead" },
    ]);
  });
});

describe("the end of a subscription", () => {
  beforeEach(() => start(transports[0]?.[1] ?? fail));

  it("is what the service says is the end, told as the last item", async () => {
    const { events, connection } = await subscribe({ name: ["a"], timeout: 5 });
    connection.push({ name: "a", state: "timeout" }, { state: "timeout" });
    expect((await events.next()).value).toEqual({
      name: "a",
      state: "timeout",
    });
    expect((await events.next()).value).toEqual({ state: "timeout" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await connection.ended;
  });

  it("is when the state that was asked for is reached", async () => {
    const { events, connection } = await subscribe({ target: "dead" });
    connection.push({ name: "a", state: "stopped" });
    connection.push({ name: "a", state: "dead" });
    connection.push({ name: "a", state: "late" });
    expect((await events.next()).value).toEqual({
      name: "a",
      state: "stopped",
    });
    expect((await events.next()).value).toEqual({ name: "a", state: "dead" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await connection.ended;
  });

  it("is not the empty state where none was asked for", async () => {
    const { events, connection } = await subscribe({ target: "" });
    connection.push({ name: "a", state: "" });
    connection.push({ name: "b" });
    expect((await events.next()).value).toEqual({ name: "a", state: "" });
    expect((await events.next()).value).toEqual({ name: "b" });
  });

  it("waits for the reply where it is reached before", async () => {
    const events = client.watch({ target: "dead" });
    const first = events.next();
    const connection = await peer.accept();
    await connection.request();
    connection.push({ name: "a", state: "dead" }, { name: "b", state: "dead" });
    connection.reply();
    expect((await first).value).toEqual({ name: "a", state: "dead" });
    expect((await events.next()).value).toEqual({ name: "b", state: "dead" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await connection.ended;
  });

  it("is reached although the connection is lost before the reply", async () => {
    const events = client.watch({ target: "dead" });
    const first = events.next();
    const connection = await peer.accept();
    await connection.request();
    connection.push({ name: "a", state: "dead" });
    connection.end();
    expect((await first).value).toEqual({ name: "a", state: "dead" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it("may be an error that is pushed", async () => {
    const { events, connection } = await subscribe({});
    connection.send({ error: 1, text: "broken", Watch: { name: "a" } });
    expect(await failure(events.next())).toMatchObject({
      error: 1,
      text: "broken",
    });
  });

  it("is an abort, which drops what was not taken", async () => {
    const controller = new AbortController();
    const { events, connection } = await subscribe(
      {},
      { signal: controller.signal },
    );
    connection.push({ name: "a" });
    await turns(3);
    controller.abort("enough");
    expect(await failure(events.next())).toMatchObject({
      code: "ABORTED",
      cause: "enough",
    });
    await connection.ended;
  });

  it("is that of the client", async () => {
    const { events, connection } = await subscribe({});
    const next = failure(events.next());
    await client.$close();
    expect(await next).toMatchObject({ code: "CLOSED" });
    await connection.ended;
  });

  it("is a time limit only while the service has not taken it", async () => {
    const events = client.watch({}, { timeout: 1 });
    const next = failure(events.next());
    const connection = await peer.accept();
    expect(await next).toMatchObject({
      code: "TIMEOUT",
      message: matching(/^Watch was not answered within 1 ms/),
    });
    await connection.ended;
  });

  it("is told by the first next() where the input does not fit", async () => {
    const events = client.watch({ wrong: 1 });
    expect(await failure(events.next())).toMatchObject({
      code: "INVALID_INPUT",
    });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(peer.accepted).toBe(1);
  });

  it("may come before the beginning", async () => {
    const left = client.watch({});
    await left.return?.();
    expect((await left.next()).done).toBe(true);
    const aborted = client.watch({}, { signal: AbortSignal.abort() });
    expect(await failure(aborted.next())).toMatchObject({ code: "ABORTED" });
    expect(peer.accepted).toBe(1);
  });

  it("leaves nothing behind while it is only about to connect", async () => {
    const controller = new AbortController();
    const events = client.watch({}, { signal: controller.signal });
    const next = failure(events.next());
    controller.abort();
    expect(await next).toMatchObject({ code: "ABORTED" });
  });
});

describe("a slow consumer", () => {
  it("slows the service, not the memory, and misses nothing", async () => {
    await start(transports[2]?.[1] ?? fail);
    const { events, connection } = await subscribe({});
    const total = 3000;
    const text = "x".repeat(10_000);
    let written = 0;
    const writing = (async () => {
      for (let id = 0; id < total; id++) {
        const room = connection.stream.write(
          framedEvent({ name: String(id), text }),
        );
        written++;
        if (!room)
          await new Promise((resolve) => {
            connection.stream.once("drain", resolve);
          });
      }
    })();
    // Until the writer has to wait for the reader, and for good.
    for (let before = -1; before !== written; await turns(300))
      before = written;
    // Most of the 30 MB are not in this process: the socket is full.
    expect(written).toBeLessThan(1000);
    for (let id = 0; id < total; id++)
      expect((await events.next()).value).toMatchObject({ name: String(id) });
    await writing;
  });
});

describe("a slow consumer of how things stand", () => {
  it("does not pass for a slow service", async () => {
    await start(transports[0]?.[1] ?? fail, { timeout: 1000 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events = client.watch({});
    const first = events.next();
    const connection = await peer.accept();
    await connection.request();
    const total = 1000;
    for (let id = 0; id < total; id++) connection.push({ name: String(id) });
    connection.reply();
    expect((await first).value).toEqual({ name: "0" });
    // Time enough for more than is held to arrive.
    await turns(500);
    await vi.advanceTimersByTimeAsync(5000);
    for (let id = 1; id < total; id++)
      expect((await events.next()).value).toEqual({ name: String(id) });
    await turns(5);
    expect(vi.getTimerCount()).toBe(0);
    connection.push({ name: "after" });
    expect((await events.next()).value).toEqual({ name: "after" });
  });

  it("does not excuse a service that is slow when it goes on", async () => {
    await start(transports[0]?.[1] ?? fail, { timeout: 1000 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events = client.watch({});
    const first = events.next();
    const connection = await peer.accept();
    await connection.request();
    for (let id = 0; id < 300; id++) connection.push({ name: String(id) });
    await first;
    await turns(500);
    for (let id = 1; id < 300; id++) await events.next();
    const next = failure(events.next());
    await vi.advanceTimersByTimeAsync(1000);
    expect(await next).toMatchObject({ code: "TIMEOUT" });
  });
});

function framedEvent(event: object): Buffer {
  const body = Buffer.from(JSON.stringify({ error: 0, Watch: event }));
  const length = [
    (body.length & 127) | 128,
    ((body.length >> 7) & 127) | (body.length >> 14 === 0 ? 0 : 128),
    ...(body.length >> 14 === 0 ? [] : [body.length >> 14]),
  ];
  return Buffer.concat([Buffer.from(length), body]);
}

function fail(): never {
  throw new Error("there is no such transport");
}
