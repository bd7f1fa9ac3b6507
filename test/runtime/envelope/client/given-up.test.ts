import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../../../src/runtime/transport/endpoint.ts";
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
/** Whether each connection of the client keeps the process alive, in their order. */
let alive: boolean[];

/** Connections as sockets are: they keep the process alive unless told not to. */
function counted(inner: Endpoint): Endpoint {
  return {
    ...inner,
    async connect(options): Promise<Duplex> {
      const stream = await inner.connect(options);
      const index = alive.push(true) - 1;
      return Object.assign(stream, {
        ref: () => void (alive[index] = true),
        unref: () => void (alive[index] = false),
      });
    },
  };
}

async function start(): Promise<void> {
  alive = [];
  peer = await startPeer(counted(memoryEndpoint()));
  client = await MiniClient.connect(peer.endpoint);
  await peer.accept();
}

afterEach(async () => {
  await client.$close();
  await peer.close();
});

interface GivenUp {
  readonly connection: PeerConnection;
  readonly giveUp: () => Promise<void>;
}

/** A call on the connection that lasts, written and not answered. */
async function written(): Promise<GivenUp> {
  const controller = new AbortController();
  const { signal } = controller;
  const call = failure(client.createWeak({ name: "a" }, { signal }));
  const connection = await peer.accept();
  await connection.request();
  return {
    connection,
    async giveUp() {
      controller.abort();
      expect(await call).toMatchObject({ code: "ABORTED" });
    },
  };
}

describe("a call that was given up on the connection that lasts", () => {
  it("is not waited for by a client that closes when its calls are over", async () => {
    await start();
    const { connection, giveUp } = await written();
    await giveUp();
    await client.$close({ drain: true });
    await connection.ended;
  });

  it("ends the wait of a client that closes already", async () => {
    await start();
    const { connection, giveUp } = await written();
    const closed = client.$close({ drain: true });
    await turns(5);
    await giveUp();
    await closed;
    await connection.ended;
  });

  it("is waited for where others wait behind it", async () => {
    await start();
    const { connection, giveUp } = await written();
    const next = client.createWeak({ name: "b" });
    const closed = client.$close({ drain: true });
    await giveUp();
    connection.reply();
    expect((await connection.answer()).input).toEqual({ name: "b" });
    await next;
    await closed;
  });

  it("before there is a connection does not keep the process alive", async () => {
    await start();
    const controller = new AbortController();
    const { signal } = controller;
    const call = failure(client.createWeak({ name: "a" }, { signal }));
    controller.abort();
    await call;
    await peer.accept();
    await turns(5);
    expect(alive).toEqual([false, false]);
  });

  it("does not keep the process alive, but those behind it do", async () => {
    await start();
    expect(alive).toEqual([false]);
    const { connection, giveUp } = await written();
    expect(alive).toEqual([false, true]);
    await giveUp();
    expect(alive).toEqual([false, false]);
    const controller = new AbortController();
    const { signal } = controller;
    const behind = failure(client.createWeak({ name: "b" }, { signal }));
    expect(alive).toEqual([false, true]);
    controller.abort();
    await behind;
    expect(alive).toEqual([false, false]);
    const last = client.createWeak({ name: "c" });
    connection.reply();
    await connection.answer();
    await last;
    await turns(2);
    expect(alive).toEqual([false, false]);
  });
});
