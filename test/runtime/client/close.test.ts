import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  startPeer,
  turns,
  unixPlace,
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

describe("closing a client", () => {
  it("closes idle connections and refuses calls", async () => {
    await client.close();
    await connection.ended;
    expect(await failure(client.call("a.b.C"))).toMatchObject({
      code: "CLOSED",
    });
    expect(await failure(client.oneway("a.b.C"))).toMatchObject({
      code: "CLOSED",
    });
    expect(
      await failure(client.pipeline((pipe) => pipe.call("a.b.C"))),
    ).toMatchObject({
      code: "CLOSED",
    });
    expect(peer.accepted).toBe(1);
    await client.close();
  });

  it("fails calls under way and waiting, at once", async () => {
    await client.close();
    client = await VarlinkClient.connect(peer.endpoint, { maxConnections: 1 });
    connection = await peer.accept();
    const calls = [client.call("a.b.C"), client.call("a.b.D")].map(failure);
    const pipeline = failure(client.pipeline((pipe) => pipe.call("a.b.E")));
    await connection.call();
    await client.close();
    expect(await Promise.all([...calls, pipeline])).toMatchObject([
      { code: "CLOSED" },
      { code: "CLOSED" },
      { code: "CLOSED" },
    ]);
    await connection.ended;
    expect(connection.unread).toBe(0);
  });

  it("fails calls that wait for a connection being opened", async () => {
    const hanging = await VarlinkClient.connect({
      address: "test:",
      connect: (() => {
        let first = true;
        return ({ signal }: { readonly signal?: AbortSignal }) => {
          if (first) {
            first = false;
            return peer.endpoint.connect(
              signal === undefined ? {} : { signal },
            );
          }
          return new Promise<never>(() => {});
        };
      })(),
      listen: () => Promise.reject(new Error("unused")),
    });
    const calls = [hanging.call("a.b.C"), hanging.call("a.b.D")].map(failure);
    await turns(3);
    await hanging.close();
    expect(await Promise.all(calls)).toMatchObject([
      { code: "CLOSED" },
      { code: "CLOSED" },
    ]);
  });

  it("is done by `await using`", async () => {
    const other = await VarlinkClient.connect(peer.endpoint);
    const end = (await peer.accept()).ended;
    await other[Symbol.asyncDispose]();
    await end;
  });

  it("lets calls finish with drain, those waiting too, but not streams", async () => {
    await client.close();
    client = await VarlinkClient.connect(peer.endpoint, { maxConnections: 2 });
    connection = await peer.accept();
    const one = client.call("a.b.One");
    const stream = client.more("a.b.Follow");
    const item = failure(stream.next());
    const two = client.call("a.b.Two");
    const streaming = await peer.accept();
    await streaming.call();
    await connection.call();
    let closed = false;
    const closing = client.close({ drain: true }).then(() => {
      closed = true;
      return closed;
    });
    expect(await item).toMatchObject({ code: "CLOSED" });
    expect(await failure(client.call("a.b.Late"))).toMatchObject({
      code: "CLOSED",
    });
    await turns(5);
    expect(closed).toBe(false);
    connection.reply({ n: 1 });
    expect(await one).toEqual({ n: 1 });
    // The stream's connection was closed; the waiting call gets any other.
    const third = await Promise.race([
      connection.call().then(() => connection),
      peer.accept().then(async (fresh) => {
        await fresh.call();
        return fresh;
      }),
    ]);
    third.reply({ n: 2 });
    expect(await two).toEqual({ n: 2 });
    await closing;
    expect(closed).toBe(true);
  });

  it("writes oneway calls, whatever of the replies was not taken", async () => {
    const told: unknown[] = [];
    await client.close();
    client = await VarlinkClient.connect(peer.endpoint, {
      onProtocolError: (error) => told.push(error),
    });
    connection = await peer.accept();
    await client.pipeline(async (pipe) => {
      const stream = pipe.more("a.b.Watch");
      const first = stream.next();
      await connection.call();
      // More than is held for a slow consumer: reading pauses.
      connection.send(
        ...Array.from({ length: 1000 }, (_, n) => ({
          parameters: { n },
          continues: true,
        })),
      );
      expect(await first).toEqual({ done: false, value: { n: 0 } });
      await turns(20);
      const note = "x".repeat(1_000_000);
      const noted = pipe.oneway("a.b.Note", { note });
      const closing = client.close();
      expect(await connection.call()).toMatchObject({ parameters: { note } });
      await noted;
      await closing;
      expect(await failure(stream.next())).toMatchObject({ code: "CLOSED" });
    });
    expect(told).toEqual([]);
  });

  it("blames nobody for a reply that was on its way", async () => {
    const told: unknown[] = [];
    const place = await unixPlace();
    const service = await startPeer(place.endpoint);
    const leaving = await VarlinkClient.connect(place.endpoint, {
      onProtocolError: (error) => told.push(error),
    });
    const served = await service.accept();
    await leaving.pipeline(async (pipe) => {
      const call = failure(pipe.call("a.b.C"));
      await served.call();
      served.write('{"parameters":');
      await turns(20);
      served.stream.pause();
      // Not to be written as long as nobody reads it.
      const note = "x".repeat(8_000_000);
      const noted = failure(pipe.oneway("a.b.Note", { note }));
      const closing = leaving.close();
      served.end();
      expect(await call).toMatchObject({ code: "CLOSED" });
      expect(await noted).toMatchObject({ code: "CONNECTION_LOST" });
      await closing;
    });
    expect(told).toEqual([]);
    await service.close();
    await place.remove();
  });

  it("stops a drain that takes too long when it is closed again", async () => {
    const call = failure(client.call("a.b.Never"));
    await connection.call();
    const draining = client.close({ drain: true });
    await client.close();
    expect(await call).toMatchObject({ code: "CLOSED" });
    await draining;
  });
});

describe("a process", () => {
  it("ends although a client has idle connections", async () => {
    const place = await unixPlace();
    const service = await startPeer(place.endpoint);
    const script = `
      import { VarlinkClient } from ${JSON.stringify(fileURLToPath(new URL("../../../src/runtime/varlink/client.ts", import.meta.url)))};
      const client = await VarlinkClient.connect(${JSON.stringify(place.endpoint.address)});
      console.log(JSON.stringify(await client.call("a.b.C")));
    `;
    const running = promisify(execFile)(process.execPath, [
      "--conditions=portolan-source",
      "--import",
      "tsx",
      "--input-type=module",
      "--eval",
      script,
    ]);
    const served = await service.accept();
    await served.answer({ fine: true });
    expect((await running).stdout).toBe('{"fine":true}\n');
    await served.ended;
    await service.close();
    await place.remove();
  });
});
