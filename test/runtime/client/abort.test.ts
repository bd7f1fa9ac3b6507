import { getEventListeners } from "node:events";
import { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

beforeEach(async () => {
  peer = await startPeer(memoryEndpoint());
  client = await VarlinkClient.connect(peer.endpoint, { maxConnections: 2 });
  connection = await peer.accept();
});

afterEach(async () => {
  await client.close();
  await peer.close();
});

describe("aborting a call", () => {
  it("closes its connection and no other", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = failure(
      client.call("a.b.Slow", {}, { signal: controller.signal }),
    );
    await connection.call();
    const other = client.call("a.b.Other");
    const second = await peer.accept();
    await second.call();
    controller.abort(reason);
    expect(await aborted).toMatchObject({
      code: "ABORTED",
      cause: reason,
      message: matching(/a\.b\.Slow/),
    });
    await connection.ended;
    second.reply({ fine: true });
    expect(await other).toEqual({ fine: true });
  });

  it("before it was written leaves the connections alone", async () => {
    const calls = [client.call("a.b.C"), client.call("a.b.C")];
    const controller = new AbortController();
    const waiting = failure(
      client.call("a.b.D", {}, { signal: controller.signal }),
    );
    const second = await peer.accept();
    controller.abort();
    expect(await waiting).toMatchObject({ code: "ABORTED" });
    await connection.answer({});
    await second.answer({});
    await Promise.all(calls);
    await turns(5);
    expect(connection.unread + second.unread).toBe(0);
    const next = client.call("a.b.E");
    await second.answer({});
    await next;
    expect(peer.accepted).toBe(2);
  });

  it("beforehand sends nothing", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    expect(await failure(client.call("a.b.C", {}, { signal }))).toMatchObject({
      code: "ABORTED",
      cause: reason,
    });
    expect(await failure(client.oneway("a.b.C", {}, { signal }))).toMatchObject(
      { code: "ABORTED" },
    );
    expect(
      await failure(client.more("a.b.C", {}, { signal }).next()),
    ).toMatchObject({
      code: "ABORTED",
    });
    await turns(5);
    expect(connection.unread).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("beforehand keeps connecting from beginning", async () => {
    const signal = AbortSignal.abort();
    expect(
      await failure(VarlinkClient.connect(peer.endpoint, { signal })),
    ).toMatchObject({
      code: "ABORTED",
    });
    await turns(5);
    expect(peer.accepted).toBe(1);
  });

  it("happens by AbortSignal.timeout as well", async () => {
    const error = await failure(
      client.call("a.b.C", {}, { signal: AbortSignal.timeout(5) }),
    );
    expect(error).toMatchObject({
      code: "ABORTED",
      cause: { name: "TimeoutError" },
    });
  });

  it("leaves no listener on the signal, however many calls share it", async () => {
    const { signal } = new AbortController();
    // Answers everything, with an error for every third call.
    connection.stream.removeAllListeners("data");
    let count = 0;
    connection.stream.on("data", (chunk: Buffer) => {
      for (const byte of chunk) {
        if (byte !== 0) continue;
        count++;
        connection.write(count % 3 === 0 ? '{"error":"a.b.E"}\0' : "{}\0");
      }
    });
    await client.pipeline(async (pipe) => {
      for (let round = 0; round < 100; round++) {
        const calls = Array.from({ length: 100 }, () =>
          pipe.call("a.b.C", {}, { signal, timeout: 60_000 }),
        );
        expect(getEventListeners(signal, "abort").length).toBe(1);
        await Promise.allSettled(calls);
      }
    });
    expect(count).toBe(10_000);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("leaves no listener behind when calls fail, streams end or are left", async () => {
    const { signal } = new AbortController();
    const lost = failure(client.call("a.b.C", {}, { signal }));
    await connection.call();
    connection.destroy();
    await lost;
    const stream = client.more("a.b.C", {}, { signal });
    const item = stream.next();
    connection = await peer.accept();
    await connection.call();
    connection.send({ continues: true });
    await item;
    expect(getEventListeners(signal, "abort").length).toBe(1);
    await stream.return();
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await failure(client.call("a.b.C", { n: Number.NaN }, { signal }));
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("makes Node warn of no leak, however many calls and connections share a signal", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on("warning", onWarning);
    const { signal } = new AbortController();
    const clients = await Promise.all(
      Array.from({ length: 20 }, () =>
        VarlinkClient.connect(peer.endpoint, { signal }),
      ),
    );
    const calls = clients.flatMap((one) =>
      Array.from({ length: 20 }, () =>
        failure(one.call("a.b.C", {}, { signal })),
      ),
    );
    await turns(20);
    await Promise.all(clients.map((one) => one.close()));
    await Promise.all(calls);
    await turns(5);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("tells all calls that share the signal", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [1, 2, 3].map((n) =>
      failure(client.call("a.b.C", { n }, { signal })),
    );
    const second = await peer.accept();
    await connection.call();
    await second.call();
    controller.abort();
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ code: "ABORTED" });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("an abort of calls that share a connection", () => {
  it("is what each of them fails with whose signal it is", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { signal } = controller;
    const errors = await client.pipeline((pipe) => {
      const stream = pipe.more("a.b.Watch", {}, { signal });
      const all = Promise.all([
        failure(pipe.call("a.b.C", {}, { signal })),
        failure(pipe.call("a.b.D", {}, { signal, idempotent: true })),
        failure(pipe.call("a.b.E")),
        failure(pipe.oneway("a.b.F", { a: "x".repeat(100_000) }, { signal })),
        failure(stream.next()),
      ]);
      controller.abort(reason);
      return all;
    });
    const aborted = { code: "ABORTED", cause: reason };
    expect(errors).toMatchObject([
      aborted,
      aborted,
      { code: "CONNECTION_LOST", cause: aborted },
      aborted,
      aborted,
    ]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("ends a call that the system has just refused to take", async () => {
    const controller = new AbortController();
    let connected = 0;
    const refusing = await VarlinkClient.connect({
      address: "test:",
      listen: () => Promise.reject(new Error("not here")),
      connect: () => {
        connected += 1;
        return Promise.resolve(
          new Duplex({
            read() {},
            write(_chunk, _encoding, callback) {
              callback(
                Object.assign(new Error("EPIPE"), {
                  syscall: "write",
                  code: "EPIPE",
                }),
              );
            },
            // As a command does, whose exit says why.
            destroy(error, callback) {
              setImmediate(() => {
                controller.abort();
                callback(error);
              });
            },
          }),
        );
      },
    });
    const { signal } = controller;
    expect(await failure(refusing.call("a.b.C", {}, { signal }))).toMatchObject(
      { code: "ABORTED" },
    );
    await turns(5);
    expect(connected).toBe(1);
    await refusing.close();
  });
});

describe("a timeout", () => {
  it("names the method and closes its connection", async () => {
    const call = failure(client.call("a.b.Slow", {}, { timeout: 5 }));
    await connection.call();
    expect(await call).toMatchObject({
      code: "TIMEOUT",
      message: "a.b.Slow was not answered within 5 ms",
    });
    await connection.ended;
  });

  it("may be infinite, or longer than a timer can be", async () => {
    for (const timeout of [Infinity, 2 ** 40]) {
      const call = client.call("a.b.C", {}, { timeout });
      await connection.call();
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
      connection.reply({ fine: true });
      expect(await call).toEqual({ fine: true });
    }
  });
});
