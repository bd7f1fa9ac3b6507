import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { failure, type Peer, startPeer } from "../../support/peer.ts";

const channels = [
  "portolan:varlink:call:start",
  "portolan:varlink:call:end",
  "portolan:varlink:call:error",
  "portolan:connection:open",
  "portolan:connection:close",
];

describe("diagnostics", () => {
  let peer: Peer;
  let events: (readonly [channel: string, message: object])[];
  const listener = (message: unknown, name: string | symbol): void => {
    events.push([String(name).slice("portolan:".length), message as object]);
  };

  beforeEach(async () => {
    events = [];
    peer = await startPeer(memoryEndpoint({ name: "memory:test" }));
    for (const name of channels) subscribe(name, listener);
  });

  afterEach(async () => {
    for (const name of channels) unsubscribe(name, listener);
    await peer.close();
  });

  it("tell of connections and calls, one object from beginning to end", async () => {
    const client = await VarlinkClient.connect(peer.endpoint);
    const connection = await peer.accept();
    const call = client.call("a.b.C");
    await connection.answer({});
    await call;
    const bad = failure(client.call("a.b.D"));
    await connection.call();
    connection.send({ error: "a.b.E" });
    const error = await bad;
    await client.oneway("a.b.F");
    const stream = client.more("a.b.G");
    expect(events).toHaveLength(7);
    const item = stream.next();
    expect(events).toHaveLength(8);
    await connection.call();
    await connection.call();
    connection.send({ continues: true });
    await item;
    await stream.return();
    await client.close();
    const address = "memory:test";
    expect(events.map(([name]) => name)).toEqual([
      "connection:open",
      "varlink:call:start",
      "varlink:call:end",
      "varlink:call:start",
      "varlink:call:error",
      "varlink:call:start",
      "varlink:call:end",
      "varlink:call:start",
      "varlink:call:end",
      "connection:close",
    ]);
    const messages = events.map(([, message]) => message);
    expect(messages[1]).toEqual({ method: "a.b.C", mode: "call", address });
    expect(messages[4]).toEqual({
      method: "a.b.D",
      mode: "call",
      address,
      error,
    });
    expect(messages[5]).toEqual({ method: "a.b.F", mode: "oneway", address });
    expect(messages[7]).toEqual({ method: "a.b.G", mode: "more", address });
    for (const [start, end] of [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
      [0, 9],
    ] as const) {
      expect(messages[start]).toBe(messages[end]);
    }
  });

  it("tell why a connection was closed", async () => {
    const client = await VarlinkClient.connect(peer.endpoint);
    const connection = await peer.accept();
    connection.write("stray");
    await connection.ended;
    expect(events.at(-1)).toMatchObject([
      "connection:close",
      { error: { code: "PROTOCOL" } },
    ]);
    await client.close();
  });
});
