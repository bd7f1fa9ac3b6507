import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { InterfaceNotFound } from "../../../src/runtime/varlink/standard.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  type Place,
  startPeer,
  transports,
} from "../../support/peer.ts";

describe.each(transports)("calls over %s", (_name, make) => {
  let place: Place;
  let peer: Peer;
  let client: VarlinkClient;
  let connection: PeerConnection;

  beforeEach(async () => {
    place = await make();
    peer = await startPeer(place.endpoint);
    client = await VarlinkClient.connect(place.endpoint);
    connection = await peer.accept();
  });

  afterEach(async () => {
    await client.close();
    await peer.close();
    await place.remove();
  });

  it("sends the call and gives the parameters of the reply", async () => {
    const reply = client.call("io.example.Add", { a: 1, b: [2, "ü"] });
    expect(await connection.text()).toBe(
      '{"method":"io.example.Add","parameters":{"a":1,"b":[2,"ü"]}}',
    );
    connection.reply({ sum: 3, text: "é\u2028😀" });
    expect(await reply).toEqual({ sum: 3, text: "é\u2028😀" });
  });

  it("omits empty parameters and takes a reply without any", async () => {
    const reply = client.call("io.example.Reset");
    expect(await connection.text()).toBe('{"method":"io.example.Reset"}');
    connection.write("{}\0");
    expect(await reply).toEqual({});
  });

  it("uses one connection for one call after another", async () => {
    for (let count = 0; count < 5; count++) {
      const reply = client.call("io.example.Count", { count });
      await connection.answer({ count });
      expect(await reply).toEqual({ count });
    }
    expect(peer.accepted).toBe(1);
  });

  it("rejects with error replies, and goes on", async () => {
    const reply = client.call("io.example.Get", { name: "x" });
    await connection.call();
    connection.send({
      error: "io.example.NotFound",
      parameters: { name: "x" },
    });
    const error = await failure(reply);
    expect(error).toBeInstanceOf(VarlinkError);
    expect(error).toMatchObject({
      error: "io.example.NotFound",
      parameters: { name: "x" },
    });
    const again = client.call("io.example.Get");
    await connection.answer({});
    expect(await again).toEqual({});
    expect(peer.accepted).toBe(1);
  });

  it("reads what a service says of itself", async () => {
    const info = client.getInfo();
    expect(await connection.text()).toBe(
      '{"method":"org.varlink.service.GetInfo"}',
    );
    connection.reply({
      vendor: "V",
      product: "P",
      version: "1",
      url: "u",
      interfaces: ["org.varlink.service"],
    });
    expect(await info).toEqual({
      vendor: "V",
      product: "P",
      version: "1",
      url: "u",
      interfaces: ["org.varlink.service"],
    });
    const text = client.getInterfaceDescription("a.b");
    expect(await connection.call()).toEqual({
      method: "org.varlink.service.GetInterfaceDescription",
      parameters: { interface: "a.b" },
    });
    connection.reply({ description: "interface a.b\n" });
    expect(await text).toBe("interface a.b\n");
    const missing = client.getInterfaceDescription("a.c");
    await connection.call();
    connection.send({
      error: InterfaceNotFound.error,
      parameters: { interface: "a.c" },
    });
    expect(InterfaceNotFound.is(await failure(missing))).toBe(true);
    const odd = client.getInterfaceDescription("a.d");
    await connection.answer({});
    expect(await failure(odd)).toMatchObject({ code: "INVALID_REPLY" });
  });

  it("closes the connection when the peer breaks the protocol, and says how", async () => {
    for (const [bytes, words] of [
      ["nonsense\0", /not JSON/],
      ["[]\0", /not a JSON object/],
      ['{"continues":true}\0', /continues/],
      [Buffer.from([0x22, 0xff, 0x22, 0]), /UTF-8/],
      ["\0", /not JSON/],
    ] as const) {
      const reply = client.call("io.example.Get");
      await connection.call();
      connection.write(Buffer.from(bytes));
      expect(await failure(reply)).toMatchObject({
        code: "PROTOCOL",
        message: matching(words),
      });
      await connection.ended;
      const next = client.call("io.example.Get");
      connection = await peer.accept();
      await connection.answer({ fine: true });
      expect(await next).toEqual({ fine: true });
    }
  });

  it("settles when the peer goes away, wherever it stops", async () => {
    for (const bytes of [
      "",
      "{",
      '{"parameters":{"a":"\u00e9',
      '{"parameters":{}}',
    ]) {
      for (const how of ["end", "destroy"] as const) {
        const reply = client.call("io.example.Get");
        await connection.call();
        if (bytes !== "") {
          await new Promise<void>((resolve) => {
            connection.stream.write(bytes, () => resolve());
          });
        }
        connection[how]();
        expect(await failure(reply)).toMatchObject({ code: "CONNECTION_LOST" });
        const next = client.call("io.example.Get");
        connection = await peer.accept();
        await connection.answer({ fine: true });
        expect(await next).toEqual({ fine: true });
      }
    }
  });

  it("reads a big reply", async () => {
    if (_name === "memory, byte by byte") return;
    const big = "ä".repeat(2_000_000);
    const reply = client.call("io.example.Get");
    await connection.answer({ big });
    expect(await reply).toEqual({ big });
  });
});

describe("calls", () => {
  it("refuses bad input before anything is sent, as a rejection", async () => {
    const at = memoryEndpoint();
    const peer = await startPeer(at);
    const client = await VarlinkClient.connect(at);
    const connection = await peer.accept();
    for (const [parameters, words] of [
      [{ a: { b: [1, Number.NaN] } }, /a\.b\[1\]/],
      [{ a: Infinity }, /a: /],
      [{ a: 2n ** 64n }, /a: expected an int of 64 bits/],
      [{ a: () => {} }, /function/],
      [[], /must be an object/],
      [null, /must be an object/],
    ] as const) {
      const promise = client.call("a.b.C", parameters as unknown as object);
      expect(await failure(promise)).toMatchObject({
        code: "INVALID_INPUT",
        message: matching(words),
      });
    }
    expect(await failure(client.call("nodot"))).toMatchObject({
      code: "INVALID_INPUT",
    });
    expect(
      await failure(client.call("a.b.C", {}, { timeout: -1 })),
    ).toMatchObject({
      code: "INVALID_INPUT",
      message: matching(/timeout/),
    });
    expect(connection.unread).toBe(0);
    await client.close();
    await peer.close();
  });

  it("keeps to the limit of a message", async () => {
    const at = memoryEndpoint();
    const peer = await startPeer(at);
    const client = await VarlinkClient.connect(at, { maxMessageSize: 100 });
    const connection = await peer.accept();
    const reply = client.call("a.b.C");
    await connection.answer({ text: "x".repeat(100) });
    expect(await failure(reply)).toMatchObject({
      code: "LIMIT_EXCEEDED",
      message: matching(/100 bytes \(maxMessageSize\)/),
    });
    await client.close();
    await peer.close();
  });

  it("says that nobody is there", async () => {
    const at = memoryEndpoint();
    expect(await failure(VarlinkClient.connect(at))).toMatchObject({
      code: "CONNECT_FAILED",
    });
    expect(await failure(VarlinkClient.connect("nowhere"))).toMatchObject({
      code: "INVALID_ADDRESS",
    });
    expect(
      await failure(
        VarlinkClient.connect("tcp:127.0.0.1:1", { allow: ["unix"] }),
      ),
    ).toMatchObject({ code: "INVALID_ADDRESS" });
    for (const options of [
      { maxConnections: 0 },
      { maxConnections: 1.5 },
      { maxMessageSize: -1 },
      { connectTimeout: Number.NaN },
      { idleTimeout: -5 },
      { maxQueuedCalls: -1 },
      { replies: "loose" as "strict" },
    ]) {
      expect(await failure(VarlinkClient.connect(at, options))).toMatchObject({
        code: "INVALID_INPUT",
        message: matching(new RegExp(Object.keys(options)[0] ?? "")),
      });
    }
  });
});
