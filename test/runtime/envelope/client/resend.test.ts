import { afterEach, describe, expect, it, vi } from "vitest";
import type { EnvelopeConnectOptions } from "../../../../src/runtime/envelope/client/options.ts";
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
let first: PeerConnection;

async function start(options: EnvelopeConnectOptions = {}): Promise<void> {
  peer = await startPeer(memoryEndpoint());
  client = await MiniClient.connect(peer.endpoint, options);
  first = await peer.accept();
}

afterEach(async () => {
  vi.useRealTimers();
  await client.$close();
  await peer.close();
});

/** Makes calls at a time, so that there are connections as many, and answers them. */
async function warmUp(count: number): Promise<PeerConnection[]> {
  const calls = Array.from({ length: count }, () => client.list());
  const connections = [first];
  while (connections.length < count) connections.push(await peer.accept());
  for (const connection of connections) await connection.answer();
  await Promise.all(calls);
  await turns(4);
  return connections;
}

async function under(
  connections: readonly PeerConnection[],
): Promise<PeerConnection> {
  const bodies = connections.map(async (connection) => {
    await connection.body();
    return connection;
  });
  for (const body of bodies) body.catch(() => {});
  return Promise.any(bodies);
}

describe("a call that is made again", () => {
  it("is not written to a connection that is lost at the same time", async () => {
    await start();
    const connections = await warmUp(4);
    const call = client.list({ mask: "a" });
    const busy = await under(connections);
    // As a service does that starts anew: all at once, each end told by itself.
    busy.end();
    for (const connection of connections) connection.end();
    const next = await peer.accept();
    expect((await next.answer({ List: { name: ["a"] } })).input).toEqual({
      mask: "a",
    });
    expect(await call).toEqual({ name: ["a"] });
    expect(peer.accepted).toBe(5);
  });

  it("may be given up before it is written again", async () => {
    await start();
    const controller = new AbortController();
    const call = failure(client.list({}, { signal: controller.signal }));
    await first.request();
    const stream = first.stream;
    // When the client has heard of the loss and closed its side, but does nothing yet.
    stream.once("end", () => controller.abort());
    first.end();
    expect(await call).toMatchObject({ code: "ABORTED" });
    await turns(10);
    expect(peer.accepted).toBe(1);
  });

  it("has what is left of the time that its input gives", async () => {
    await start();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const input = { name: ["a"], timeout: 5000 };
    const call = client.wait(input, { idempotent: true });
    expect((await first.request()).input).toEqual(input);
    // Nobody else's business any more.
    input.name.push("b");
    await vi.advanceTimersByTimeAsync(2000);
    first.end();
    const second = await peer.accept();
    expect((await second.answer()).input).toEqual({
      name: ["a"],
      timeout: 3000,
    });
    await call;
  });

  it("has what is left of its own time, and not all of it again", async () => {
    await start();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const input = { timeout: 5000 };
    const options = { idempotent: true, timeout: 3000 };
    const call = failure(client.wait(input, options));
    const settled = vi.fn();
    void call.finally(settled);
    await first.request();
    await vi.advanceTimersByTimeAsync(2000);
    first.end();
    const second = await peer.accept();
    expect((await second.request()).input).toEqual({ timeout: 3000 });
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await call).toMatchObject({
      code: "TIMEOUT",
      message: "Wait was not answered within 3000 ms",
    });
  });

  it("fails as it was lost where the client makes no more calls", async () => {
    await start();
    const call = failure(client.list());
    await first.request();
    const closed = client.$close({ drain: true });
    first.end();
    expect(await call).toMatchObject({ code: "CONNECTION_LOST" });
    await closed;
  });

  it("fails as it was lost where its pipeline is over", async () => {
    await start();
    const calls: Promise<unknown>[] = [];
    await client.$pipeline((pipeline) => {
      calls.push(failure(pipeline.list()), failure(pipeline.create()));
    });
    await first.request();
    first.end();
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ code: "CONNECTION_LOST" });
  });
});
