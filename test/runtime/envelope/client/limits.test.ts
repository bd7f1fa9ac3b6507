import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { EnvelopeConnectOptions } from "../../../../src/runtime/envelope/client/options.ts";
import type { Endpoint } from "../../../../src/runtime/transport/endpoint.ts";
import {
  memoryEndpoint,
  memoryPair,
} from "../../../../src/runtime/transport/memory.ts";
import { matching } from "../../../support/matching.ts";
import { failure, turns, unixPlace } from "../../../support/peer.ts";
import { MiniClient, type Peer, refusing, startPeer } from "./support.ts";

let peer: Peer;
let client: MiniClient;

async function start(options: EnvelopeConnectOptions = {}): Promise<void> {
  peer = await startPeer(memoryEndpoint());
  client = await MiniClient.connect(peer.endpoint, options);
}

afterEach(async () => {
  vi.useRealTimers();
  await client.$close();
  await peer.close();
});

/** The limit of one call: the time on a faked clock at which it is given up. */
async function limitOf(call: Promise<unknown>): Promise<number> {
  const begun = Date.now();
  const error = failure(call);
  await vi.advanceTimersByTimeAsync(10_000_000);
  expect(await error).toMatchObject({ code: "TIMEOUT" });
  const limit = /within (\d+) ms/.exec(String(await error))?.[1];
  expect(Date.now() - begun).toBeGreaterThanOrEqual(Number(limit));
  return Number(limit);
}

describe("time limits", () => {
  it.each([
    ["the client's", 1000, () => client.create({})],
    ["the call's own", 50, () => client.create({}, { timeout: 50 })],
    [
      "the call's own alone, whatever the command takes",
      50,
      () => client.import({}, { timeout: 50 }),
    ],
    [
      "and whatever the input allows",
      50,
      () => client.wait({ timeout: 500 }, { timeout: 50 }),
    ],
    ["and if it allows any", 50, () => client.wait({}, { timeout: 50 })],
    [
      "and whatever an absent one means",
      50,
      () => client.stop({}, { timeout: 50 }),
    ],
    ["the client's and what the command takes", 2000, () => client.import({})],
    [
      "the same where the call's own is left open",
      2000,
      () => client.import({}, { timeout: undefined }),
    ],
    ["and what the input allows", 1500, () => client.wait({ timeout: 500 })],
    ["the same as a bigint", 1500, () => client.wait({ timeout: 500n })],
    ["and what an absent one means", 1030, () => client.stop({})],
    ["the input's instead of that", 1007, () => client.stop({ timeout: 7 })],
    ["and zero is zero", 1000, () => client.stop({ timeout: 0 })],
  ])("are %s", async (_what, expected, call) => {
    await start({ timeout: 1000 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    expect(await limitOf(call())).toBe(expected);
  });

  it("are five minutes by default", async () => {
    await start();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    expect(await limitOf(client.create({}))).toBe(300_000);
  });

  it("are none for a command that may take any time", async () => {
    await start();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const wait = client.wait({ name: ["a"] });
    const connection = await peer.accept();
    await connection.request();
    await vi.advanceTimersByTimeAsync(1e12);
    vi.useRealTimers();
    connection.reply({ Wait: { name: "a" } });
    expect(await wait).toEqual({ name: "a" });
  });

  it("close the connection of their call and no other", async () => {
    await start();
    const other = client.create({ name: "a" });
    const one = await peer.accept();
    await one.request();
    const call = failure(client.create({ name: "b" }, { timeout: 1 }));
    const two = await peer.accept();
    expect(await call).toMatchObject({
      code: "TIMEOUT",
      message: matching(/^Create was not answered within 1 ms/),
    });
    await two.ended;
    one.reply();
    await other;
  });

  it("count the wait for a connection", async () => {
    await start({ maxConnections: 1 });
    const connection = await peer.accept();
    const first = client.create({ name: "a" });
    expect(
      await failure(client.create({ name: "b" }, { timeout: 1 })),
    ).toMatchObject({
      code: "TIMEOUT",
      message: matching(/waiting for a connection/),
    });
    await connection.answer();
    await first;
    await turns(4);
    expect(connection.unread).toBe(0);
  });
});

describe("aborts", () => {
  it("end a call under way with the reason, and its connection", async () => {
    await start();
    const controller = new AbortController();
    const call = client.create({}, { signal: controller.signal });
    const connection = await peer.accept();
    await connection.request();
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await failure(call)).toMatchObject({
      code: "ABORTED",
      cause: reason,
    });
    await connection.ended;
  });

  it("that came before leave nothing behind", async () => {
    await start();
    const connection = await peer.accept();
    const signal = AbortSignal.abort();
    expect(await failure(client.create({}, { signal }))).toMatchObject({
      code: "ABORTED",
    });
    await turns(3);
    expect(connection.unread).toBe(0);
  });

  it("take signals and nothing else", async () => {
    await start();
    expect(
      await failure(
        client.create({}, { signal: new AbortController() as never }),
      ),
    ).toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("a lost connection", () => {
  it("fails what was written; nothing is sent again", async () => {
    await start();
    const call = client.create({ name: "a" });
    const connection = await peer.accept();
    await connection.request();
    connection.end();
    expect(await failure(call)).toMatchObject({ code: "CONNECTION_LOST" });
    await turns(5);
    expect(peer.accepted).toBe(1);
  });

  it.each([
    ["a command that only reads", () => client.list({ mask: "a" })],
    [
      "a call of which it is said",
      () => client.create({ mask: "a" }, { idempotent: true }),
    ],
  ])("is made up for once for %s", async (_what, make) => {
    await start();
    const call = make();
    const one = await peer.accept();
    await one.request();
    one.end();
    const two = await peer.accept();
    expect((await two.request()).input).toEqual({ mask: "a" });
    two.end();
    expect(await failure(call)).toMatchObject({ code: "CONNECTION_LOST" });
    await turns(5);
    expect(peer.accepted).toBe(2);
  });

  it("is not made up for where the call says so", async () => {
    await start();
    const call = client.list({}, { idempotent: false });
    const one = await peer.accept();
    await one.request();
    one.end();
    expect(await failure(call)).toMatchObject({ code: "CONNECTION_LOST" });
    expect(peer.accepted).toBe(1);
  });

  it("that was idle is replaced at the next call", async () => {
    await start();
    const first = client.create({ name: "a" });
    const one = await peer.accept();
    await one.answer();
    await first;
    one.end();
    await turns(5);
    const second = client.create({ name: "b" });
    const two = await peer.accept();
    expect((await two.answer()).input).toEqual({ name: "b" });
    await second;
  });

  it("whose write the system refuses gives the call to another", async () => {
    const { endpoint, refuse } = refusing();
    peer = await startPeer(endpoint);
    client = await MiniClient.connect(endpoint);
    const one = await peer.accept();
    await turns(4);
    refuse();
    const call = client.create({ name: "a" });
    const two = await peer.accept();
    expect((await two.answer()).input).toEqual({ name: "a" });
    await call;
    expect(one.unread).toBe(0);
  });

  it("whose write the system refuses makes no call again that was given up", async () => {
    const { endpoint, refuse } = refusing();
    peer = await startPeer(endpoint);
    client = await MiniClient.connect(endpoint);
    await peer.accept();
    const weak = client.createWeak({ name: "a" });
    await (await peer.accept()).answer();
    await weak;
    refuse();
    const controller = new AbortController();
    const call = failure(
      client.createWeak({ name: "b" }, { signal: controller.signal }),
    );
    controller.abort();
    expect(await call).toMatchObject({ code: "ABORTED" });
    await turns(10);
    expect(peer.accepted).toBe(2);
  });

  it("is not hidden: nobody there is told as such", async () => {
    await start();
    const one = await peer.accept();
    await peer.stopListening();
    one.end();
    await turns(5);
    expect(await failure(client.create({}))).toMatchObject({
      code: "CONNECT_FAILED",
    });
    await peer.listen();
    const call = client.create({});
    await (await peer.accept()).answer();
    await call;
  });
});

describe("connecting", () => {
  it("takes the path of a socket", async () => {
    const place = await unixPlace();
    peer = await startPeer(place.endpoint);
    client = await MiniClient.connect(`${place.folder}/socket`);
    expect(client.$address).toBe(`unix:${place.folder}/socket`);
    const call = client.create({});
    await (await peer.accept()).answer();
    await call;
    await client.$close();
    await peer.close();
    await place.remove();
  });

  it("goes where the service usually is, and tells that nobody is there", async () => {
    await start();
    expect(await failure(MiniClient.connect())).toMatchObject({
      code: "CONNECT_FAILED",
      message: matching(/unix:\/nowhere\/mini\.socket/),
    });
  });

  it("refuses what makes no sense", async () => {
    await start();
    const wrong: EnvelopeConnectOptions[] = [
      { timeout: -1 },
      { restoreTimeout: Number.NaN },
      { maxRequestSize: 0 },
      { maxMessageSize: 0.5 },
      { maxConnections: 0 },
    ];
    for (const options of wrong) {
      const [name = ""] = Object.keys(options);
      expect(
        await failure(MiniClient.connect(peer.endpoint, options)),
      ).toMatchObject({
        code: "INVALID_INPUT",
        message: matching(new RegExp(name)),
      });
    }
    expect(await failure(MiniClient.connect("mini:x"))).toMatchObject({
      code: "INVALID_ADDRESS",
    });
    expect(
      await failure(MiniClient.connect("/run/x", { allow: ["tcp"] })),
    ).toMatchObject({ code: "INVALID_ADDRESS" });
  });
});

describe("closing", () => {
  it("fails calls under way and all later ones", async () => {
    await start();
    const call = failure(client.create({}));
    const connection = await peer.accept();
    await connection.request();
    await client.$close();
    await connection.ended;
    expect(await call).toMatchObject({ code: "CLOSED" });
    expect(await failure(client.create({}))).toMatchObject({ code: "CLOSED" });
    expect(await failure(client.createWeak({}))).toMatchObject({
      code: "CLOSED",
    });
    expect(await failure(client.watch({}).next())).toMatchObject({
      code: "CLOSED",
    });
  });

  it("can wait for calls that were made", async () => {
    await start({ maxConnections: 1 });
    const calls = [client.create({ name: "a" }), client.create({ name: "b" })];
    const weak = client.createWeak({ name: "w" });
    const closed = client.$close({ drain: true });
    const one = await peer.accept();
    const two = await peer.accept();
    expect(await failure(client.create({}))).toMatchObject({ code: "CLOSED" });
    await one.answer();
    await one.answer();
    await two.answer();
    await Promise.all([...calls, weak]);
    await closed;
    await Promise.all([one.ended, two.ended]);
  });

  it("is what disposing of it does, and may be done twice", async () => {
    await start();
    const connection = await peer.accept();
    await client[Symbol.asyncDispose]();
    await connection.ended;
    await client.$close();
  });
});

describe("a place with one connection alone", () => {
  it("has all calls on it, one after another", async () => {
    const [ours, theirs] = memoryPair();
    let accept: ((stream: Duplex) => void) | undefined;
    const endpoint: Endpoint = {
      address: "pair:",
      single: true,
      connect() {
        accept?.(theirs);
        return Promise.resolve(ours);
      },
      listen(onConnection) {
        accept = onConnection;
        return Promise.resolve({
          address: "pair:",
          close: () => Promise.resolve(),
        });
      },
    };
    peer = await startPeer(endpoint);
    client = await MiniClient.connect(endpoint);
    const connection = await peer.accept();
    const calls = [
      client.create({ name: "a" }),
      client.createWeak({ name: "b" }),
    ];
    expect((await connection.answer()).command).toBe("Create");
    expect((await connection.answer()).command).toBe("CreateWeak");
    await Promise.all(calls);
    expect(await failure(client.watch({}).next())).toMatchObject({
      code: "CONNECTION_BUSY",
    });
    expect(peer.accepted).toBe(1);
  });
});
