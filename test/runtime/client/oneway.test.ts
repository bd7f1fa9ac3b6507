import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PortolanError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  startPeer,
  turns,
} from "../../support/peer.ts";

let peer: Peer;
let client: VarlinkClient;
let connection: PeerConnection;
const reported: PortolanError[] = [];

beforeEach(async () => {
  reported.length = 0;
  peer = await startPeer(memoryEndpoint());
  client = await VarlinkClient.connect(peer.endpoint, {
    onProtocolError: (error) => reported.push(error),
  });
  connection = await peer.accept();
});

afterEach(async () => {
  await client.close();
  await peer.close();
});

describe("a oneway call", () => {
  it("resolves when it is written, and waits for no reply", async () => {
    expect(await client.oneway("a.b.Tell", { n: 1 })).toBeUndefined();
    expect(await connection.text()).toBe(
      '{"method":"a.b.Tell","parameters":{"n":1},"oneway":true}',
    );
  });

  it("is followed by the next call on the same connection, in order", async () => {
    await client.oneway("a.b.One");
    await client.oneway("a.b.Two");
    const reply = client.call("a.b.Three");
    for (const method of ["One", "Two", "Three"]) {
      expect((await connection.call()).method).toBe(`a.b.${method}`);
    }
    connection.reply({ right: true });
    expect(await reply).toEqual({ right: true });
    expect(peer.accepted).toBe(1);
  });

  it.each([
    ["MethodNotFound", { method: "Unknown" }],
    ["MethodNotFound", { method: "a.b.Unknown" }],
    ["MethodNotImplemented", { method: "Unknown" }],
    ["InterfaceNotFound", { interface: "a.b" }],
  ])("has its wrong answer dropped: %s %j", async (name, parameters) => {
    await client.oneway("a.b.Unknown");
    const reply = client.call("c.d.Get");
    await connection.call();
    await connection.call();
    connection.send(
      { error: `org.varlink.service.${name}`, parameters },
      { parameters: { right: true } },
    );
    expect(await reply).toEqual({ right: true });
    expect(reported).toMatchObject([
      { code: "PROTOCOL", message: matching(/answered a oneway call/) },
    ]);
    // No reply was shifted: the connection is as good as before.
    const next = client.call("c.d.Get");
    await connection.answer({ next: true });
    expect(await next).toEqual({ next: true });
    expect(peer.accepted).toBe(1);
  });

  it("has its wrong answer closed with its connection where nothing else was asked", async () => {
    await client.oneway("a.b.Unknown");
    await connection.call();
    connection.send({
      error: "org.varlink.service.MethodNotFound",
      parameters: { method: "x" },
    });
    await connection.ended;
    expect(reported).toHaveLength(1);
    const reply = client.call("a.b.C");
    await (await peer.accept()).answer({ right: true });
    expect(await reply).toEqual({ right: true });
  });

  it("shifts no reply where the next call is of the same unknown method", async () => {
    await client.oneway("a.b.Unknown");
    const reply = client.call("a.b.Unknown");
    await connection.call();
    await connection.call();
    const error = {
      error: "org.varlink.service.MethodNotFound",
      parameters: { method: "Unknown" },
    };
    connection.send(error, error);
    expect(await failure(reply)).toMatchObject({ error: error.error });
    await connection.ended;
  });

  it("makes an error that may be its answer the last one of the connection", async () => {
    await client.oneway("a.b.Tell");
    const reply = client.call("a.b.Get");
    await connection.call();
    await connection.call();
    connection.send({ error: "a.b.Broken" });
    expect(await failure(reply)).toMatchObject({ error: "a.b.Broken" });
    await connection.ended;
    const next = client.call("a.b.Get");
    await (await peer.accept()).answer({ right: true });
    expect(await next).toEqual({ right: true });
  });

  it("leaves error replies of later calls alone", async () => {
    await client.oneway("a.b.Tell");
    const one = client.call("a.b.Get");
    await connection.call();
    await connection.answer({});
    await one;
    const two = client.call("a.b.Get");
    await connection.call();
    connection.send({
      error: "org.varlink.service.MethodNotFound",
      parameters: { method: "Tell" },
    });
    expect(await failure(two)).toMatchObject({
      error: "org.varlink.service.MethodNotFound",
    });
    await turns(5);
    const three = client.call("a.b.Get");
    await connection.answer({});
    await three;
    expect(reported).toEqual([]);
    expect(peer.accepted).toBe(1);
  });

  it("is in order in a pipeline", async () => {
    const result = client.pipeline(async (pipe) => {
      const told = pipe.oneway("a.b.Tell");
      const reply = pipe.call("a.b.Get");
      await told;
      return await reply;
    });
    expect(await connection.call()).toMatchObject({
      method: "a.b.Tell",
      oneway: true,
    });
    await connection.answer({ right: true });
    expect(await result).toEqual({ right: true });
  });

  it("goes out together with the others of its tick, also when the client closes then", async () => {
    let chunks = 0;
    connection.stream.on("data", () => chunks++);
    const count = 500;
    const told = client.pipeline((pipe) =>
      Promise.all(
        Array.from({ length: count }, (_, n) => pipe.oneway("a.b.Tell", { n })),
      ),
    );
    const closed = client.close();
    await told;
    await closed;
    await connection.ended;
    for (let n = 0; n < count; n++)
      expect((await connection.call()).parameters).toEqual({ n });
    expect(connection.unread).toBe(0);
    expect(chunks).toBeLessThan(5);
  });

  it("fails when nobody is there to take it", async () => {
    await peer.close();
    await turns(5);
    expect(await failure(client.oneway("a.b.Tell"))).toMatchObject({
      code: "CONNECT_FAILED",
    });
    expect(
      await failure(client.oneway("a.b.Tell", { n: Infinity })),
    ).toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  it("is still written when the client closes", async () => {
    const told = Array.from({ length: 40 }, (_, n) =>
      client.oneway("a.b.Tell", { n }),
    );
    const waiting = failure(client.call("a.b.Get"));
    const closed = client.close();
    await Promise.all(told);
    await closed;
    expect(await waiting).toMatchObject({ code: "CLOSED" });
    const connections = [connection];
    for (let count = 1; count < peer.accepted; count++)
      connections.push(await peer.accept());
    const seen: unknown[] = [];
    for (const one of connections) {
      await one.ended;
      while (one.unread > 0) seen.push((await one.call()).parameters?.["n"]);
    }
    expect(seen.sort((one, other) => Number(one) - Number(other))).toEqual(
      Array.from({ length: 40 }, (_, n) => n),
    );
  });
});
