import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { failure } from "../support/peer.ts";
import {
  ECHO,
  frame,
  HANG,
  outcome,
  outcomes,
  PeerProcess,
  readAll,
  serveFaults,
  TAKE,
  temporaryPlace,
  until,
  WATCH,
} from "./support.ts";

const deaths = [
  { death: "killed", die: (peer: PeerProcess) => peer.signal("SIGKILL") },
  {
    death: "made to close all at once",
    die: (peer: PeerProcess) => peer.order({ do: "destroy" }),
  },
] as const;

const item = (number: number): string =>
  frame({ parameters: { number }, continues: true });

describe.each(deaths)("a service that is $death", ({ die }) => {
  let endpoint: Endpoint;
  let remove: () => Promise<void>;
  let peer: PeerProcess;
  let client: VarlinkClient | undefined;

  beforeEach(async () => {
    ({ endpoint, remove } = await temporaryPlace());
    peer = new PeerProcess();
  });

  afterEach(async () => {
    await client?.close();
    client = undefined;
    await peer[Symbol.asyncDispose]();
    await remove();
  });

  async function connectTo(...answers: string[]): Promise<VarlinkClient> {
    await peer.listen(endpoint, answers);
    client = await VarlinkClient.connect(endpoint);
    return client;
  }

  it("in the middle of a reply: the call fails, and says where", async () => {
    const connected = await connectTo('{"parameters":{"text":"hal');
    const call = connected.call(ECHO, { text: "half" });
    await peer.told("data");
    die(peer);
    expect(await failure(call)).toMatchObject({ code: "CONNECTION_LOST" });
  });

  it("before any reply: calls, a pipeline and what waits for a connection all fail", async () => {
    await peer.listen(endpoint);
    const connected = await VarlinkClient.connect(endpoint, {
      maxConnections: 2,
    });
    client = connected;
    // Listened to at once: each may fail before the one that is looked at first.
    const hanging = outcome(connected.call(HANG));
    const piped = connected.pipeline((pipeline) =>
      outcomes([
        pipeline.call(ECHO, { text: "1" }),
        pipeline.call(HANG, {}),
        pipeline.call(ECHO, { text: "2" }),
      ]),
    );
    const waiting = outcomes(
      Array.from({ length: 5 }, () => connected.call(HANG)),
    );
    await peer.told("data", 2);
    die(peer);
    // Otherwise those that wait would find it.
    peer.signal("SIGKILL");
    expect(await hanging).toBe("CONNECTION_LOST");
    expect(await piped).toEqual([
      "CONNECTION_LOST",
      "CONNECTION_LOST",
      "CONNECTION_LOST",
    ]);
    for (const code of await waiting)
      expect(["CONNECT_FAILED", "CONNECTION_LOST"]).toContain(code);
  });

  it("in the middle of a stream: what came is given, then the error, once", async () => {
    const connected = await connectTo(item(1) + item(2) + item(3));
    const stream = connected.more(WATCH);
    const first = await stream.next();
    die(peer);
    const { items, end } = await readAll(stream);
    expect([first.value, ...items]).toEqual([
      { number: 1 },
      { number: 2 },
      { number: 3 },
    ]);
    expect(end).toBe("CONNECTION_LOST");
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("in the middle of an item of a stream", async () => {
    const connected = await connectTo(item(1) + item(2).slice(0, -5));
    const stream = connected.more(WATCH);
    await stream.next();
    die(peer);
    expect(await readAll(stream)).toEqual({
      items: [],
      end: "CONNECTION_LOST",
    });
  });

  it("in the middle of a stream that nobody reads: its reader learns it when it comes to that", async () => {
    const many = Array.from({ length: 5000 }, (_, number) => item(number));
    const connected = await connectTo(many.join(""));
    const stream = connected.more(WATCH);
    await stream.next();
    // The client has stopped to read by now, or will.
    die(peer);
    const { items, end } = await readAll(stream);
    expect(end).toBe("CONNECTION_LOST");
    expect(items).toEqual(
      Array.from({ length: items.length }, (_, index) => ({
        number: index + 1,
      })),
    );
  });

  it("in the middle of an upgrade: reading gets what came, writing fails", async () => {
    const connected = await connectTo(frame({ parameters: {} }) + "some bytes");
    const { stream } = await connected.upgrade(TAKE);
    let read = "";
    const reading = (async () => {
      for await (const chunk of stream) read += String(chunk);
    })();
    await until("the bytes", () => read === "some bytes");
    die(peer);
    // The end of one side, or, where something of ours was on its way, a failure.
    expect(["fulfilled", "CONNECTION_LOST"]).toContain(await outcome(reading));
    const error = new Promise((resolve) => stream.once("error", resolve));
    const writing = setInterval(() => stream.write("more"), 1);
    try {
      if (!stream.destroyed)
        expect(await error).toMatchObject({ code: "CONNECTION_LOST" });
    } finally {
      clearInterval(writing);
    }
    if (!stream.closed) await once(stream, "close");
  });

  it("is found again when it is back at the same place", async () => {
    const connected = await connectTo(frame({ parameters: { text: "one" } }));
    expect(await connected.call(ECHO, { text: "one" })).toEqual({
      text: "one",
    });
    const hanging = connected.call(HANG);
    await peer.told("data", 2);
    die(peer);
    expect(await outcome(hanging)).toBe("CONNECTION_LOST");
    await peer[Symbol.asyncDispose]();
    await using back = await serveFaults(endpoint);
    expect(await connected.call(ECHO, { text: "two" })).toEqual({
      text: "two",
    });
    expect(back.errors).toEqual([]);
  });
});
