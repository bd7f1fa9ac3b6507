import { afterEach, describe, expect, it } from "vitest";
import type { PortolanError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { ConnectOptions } from "../../../src/runtime/varlink/options.ts";
import {
  type Peer,
  type PeerConnection,
  startPeer,
  turns,
} from "../../support/peer.ts";

// A program that makes one call after the other, without a pause between a reply and
// the next call: it must not wait for a look at its connection each time.
describe("one call after the other", () => {
  let peer: Peer;
  let client: VarlinkClient;
  const reported: PortolanError[] = [];
  /** Which connection each call came on, in order. */
  const came: number[] = [];
  /** Their places in the list are those numbers. */
  const connections: PeerConnection[] = [];

  async function start(options: ConnectOptions = {}): Promise<void> {
    reported.length = came.length = connections.length = 0;
    peer = await startPeer(memoryEndpoint());
    client = await VarlinkClient.connect(peer.endpoint, {
      onProtocolError: (error) => reported.push(error),
      ...options,
    });
  }

  /** Answers all calls of further connections with their `id`. */
  async function serve(count: number): Promise<void> {
    for (let which = 0; which < count; which++) {
      const connection = await peer.accept();
      connections.push(connection);
      // Until the client closes it.
      answerAll(connection, which).catch(() => {});
    }
  }

  async function answerAll(
    connection: PeerConnection,
    which: number,
  ): Promise<void> {
    for (;;) {
      const { parameters, oneway } = await connection.call();
      came.push(which);
      if (oneway !== true) connection.reply(parameters ?? {});
    }
  }

  async function callInARow(count: number): Promise<void> {
    for (let id = 0; id < count; id++)
      expect(await client.call("a.b.C", { id })).toEqual({ id });
  }

  afterEach(async () => {
    await client.close();
    await peer.close();
  });

  it("is made on one connection while it is a few hundred at most", async () => {
    await start();
    const served = serve(1);
    await callInARow(200);
    await served;
    expect(peer.accepted).toBe(1);
    expect(came).toEqual(Array.from({ length: 200 }, () => 0));
  });

  it("has two connections that take turns if it is many, and no third", async () => {
    await start();
    const served = serve(2);
    await callInARow(600);
    await served;
    expect(peer.accepted).toBe(2);
    // From the first call on the second one on, no connection has two in a row.
    const first = came.indexOf(1);
    expect(first).toBeGreaterThan(0);
    for (let index = first + 1; index < came.length; index++)
      expect(came[index]).not.toBe(came[index - 1]);
    expect(reported).toEqual([]);
  });

  it.each([
    ["allowed is one connection", { maxConnections: 1 }],
    ["there is only one", {}],
  ])("stays on one where %s", async (why, options) => {
    reported.length = came.length = connections.length = 0;
    peer = await startPeer(memoryEndpoint());
    const { endpoint } = peer;
    const target =
      why === "there is only one" ? { ...endpoint, single: true } : endpoint;
    client = await VarlinkClient.connect(target, options);
    const served = serve(1);
    await callInARow(600);
    await served;
    expect(peer.accepted).toBe(1);
  });

  it("stays behind a oneway call, which has no reply to wait for", async () => {
    await start();
    const served = serve(2);
    await callInARow(400);
    await served;
    for (let round = 0; round < 50; round++) {
      const before = came.length;
      await client.oneway("a.b.Note", {});
      await client.call("a.b.C", { id: round });
      expect(came[before]).toBe(came[before + 1]);
    }
  });

  it("finds a second reply to one call while the other connection has the next", async () => {
    await start();
    const served = serve(2);
    await callInARow(400);
    await served;
    const last = came.at(-1) ?? 0;
    const next = client.call("a.b.C", { id: 1 });
    connections[last]?.reply({ id: "again" });
    expect(await next).toEqual({ id: 1 });
    await turns(5);
    expect(reported).toMatchObject([{ code: "PROTOCOL" }]);
    serve(1).catch(() => {});
    await callInARow(50);
    expect(reported).toHaveLength(1);
  });

  it("loses nothing where the service has no room for a second connection", async () => {
    await start();
    const refusing = (async (): Promise<void> => {
      await serve(1);
      for (;;) (await peer.accept()).destroy();
    })();
    refusing.catch(() => {});
    await callInARow(2000);
    // Asked less and less: after 256 calls, 512 more, 1024 more.
    expect(peer.accepted).toBe(1 + 3);
    expect(new Set(came)).toEqual(new Set([0]));
    expect(reported).toEqual([]);
  });
});
