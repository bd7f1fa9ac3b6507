import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  PortoClient,
  TPortoRequest,
  TPortoResponse,
  type TPortoResponseInput,
} from "../../../../generated/porto/index.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { failure, turns } from "../../../support/peer.ts";
import {
  framed,
  type Peer,
  type PeerConnection,
  startPeer,
} from "./support.ts";

let peer: Peer;
let client: PortoClient;
let ordinary: PeerConnection;
let lost: (readonly string[])[];

beforeEach(async () => {
  lost = [];
  peer = await startPeer(memoryEndpoint());
  client = await PortoClient.connect(peer.endpoint, {
    timeout: 1000,
    onLost: (names) => lost.push(names),
  });
  ordinary = await peer.accept();
});

afterEach(async () => {
  vi.useRealTimers();
  await client.$close();
  await peer.close();
});

async function request(connection: PeerConnection): Promise<TPortoRequest> {
  return TPortoRequest.decode(await connection.body());
}

function send(
  connection: PeerConnection,
  ...responses: TPortoResponseInput[]
): void {
  for (const response of responses)
    connection.write(framed(Buffer.from(TPortoResponse.encode(response))));
}

describe("Porto's client", () => {
  it("writes what the daemon demands, where the program says nothing", async () => {
    const calls: Promise<unknown>[] = [
      client.convertPath({ path: "/x" }),
      client.importLayer({ layer: "l", tarball: "/t" }),
      client.tuneVolume({ path: "/v", properties: { read_only: "" } }),
    ];
    const requests: TPortoRequest[] = [];
    for (const connection of [
      ordinary,
      await peer.accept(),
      await peer.accept(),
    ]) {
      requests.push(await request(connection));
      send(connection, { error: 0 });
    }
    await Promise.all(calls);
    expect(requests).toMatchObject([
      { ConvertPath: { path: "/x", source: "", destination: "" } },
      { ImportLayer: { layer: "l", tarball: "/t", merge: false } },
      { TuneVolume: { path: "/v", properties: { read_only: "" } } },
    ]);
  });

  it("reads results that the daemon leaves out as empty", async () => {
    const list = client.list();
    await ordinary.body();
    send(ordinary, { error: 0, errorMsg: "", timestamp: 5n });
    expect(await list).toEqual({ name: [] });
  });

  it("takes a code that it does not know for the one of none", async () => {
    const call = failure(client.start({ name: "a" }));
    await ordinary.body();
    // Eight bytes: error = 9999, errorMsg = "new".
    ordinary.write(Buffer.from("08088f4e12036e6577", "hex"));
    expect(await call).toMatchObject({ errorName: "LostError", text: "new" });
  });

  it.each([
    ["a command", 1000, () => client.start({ name: "a" })],
    ["one on disks", 901_000, () => client.removeLayer({ layer: "l" })],
    ["stopping", 31_000, () => client.stop({ name: "a" })],
    ["stopping at once", 1000, () => client.stop({ name: "a", timeout_ms: 0 })],
    ["waiting", 3000, () => client.wait({ name: ["a"], timeout_ms: 2000 })],
  ])("gives %s %i ms", async (_what, limit, make) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const call = failure(make());
    await vi.advanceTimersByTimeAsync(limit);
    expect(String(await call)).toContain(`within ${limit} ms`);
  });

  it("keeps weak containers on the connection that lasts", async () => {
    const created = client.createWeak({ name: "w1" });
    const primary = await peer.accept();
    await primary.body();
    send(primary, { error: 0 });
    await created;
    const weak = client.createFromSpec({
      container: { name: "w2", weak: true },
    });
    await primary.body();
    send(primary, { error: 0 });
    await weak;
    const kept = client.updateFromSpec({
      container: { name: "w1", weak: false },
    });
    await ordinary.body();
    send(ordinary, { error: 0 });
    await kept;
    primary.end();
    await turns(5);
    expect(lost).toEqual([["w2"]]);
  });

  it("subscribes again with labels, target state and the time that is left", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const events = client.asyncWait({
      name: ["a", "b"],
      label: ["TEST.*"],
      target_state: "dead",
      timeout_ms: 10_000,
    });
    const first = events.next();
    const one = await peer.accept();
    await one.body();
    send(one, { error: 0 });
    await turns(3);
    vi.advanceTimersByTime(4000);
    one.end();
    const two = await peer.accept();
    expect(await request(two)).toEqual({
      AsyncWait: {
        name: ["a", "b"],
        label: ["TEST.*"],
        target_state: "dead",
        timeout_ms: 6000,
      },
    });
    send(
      two,
      { error: 0 },
      { error: 0, AsyncWait: { name: "a", state: "dead", when: 1n } },
    );
    expect((await first).value).toMatchObject({ name: "a", state: "dead" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it("ends the subscription that is the same to the daemon", async () => {
    const events = client.asyncWait({ name: ["a"], timeout_ms: 5000 });
    const first = events.next();
    const connection = await peer.accept();
    await connection.body();
    send(connection, { error: 0 });
    const stop = client.stopAsyncWait({ name: ["a"], label: [] });
    expect(await request(connection)).toMatchObject({
      StopAsyncWait: { name: ["a"] },
    });
    send(connection, { error: 0 });
    await stop;
    expect((await first).done).toBe(true);
    const none = failure(client.stopAsyncWait({ name: ["b"] }));
    await ordinary.body();
    send(ordinary, { error: 7, errorMsg: "Waiter not found" });
    expect(await none).toMatchObject({
      errorName: "InvalidValue",
      text: "Waiter not found",
    });
  });
});
