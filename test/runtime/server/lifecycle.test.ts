import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import {
  memoryEndpoint,
  memoryPair,
} from "../../../src/runtime/transport/memory.ts";
import {
  type ServerCallEvent,
  VarlinkServer,
} from "../../../src/runtime/varlink/server.ts";
import { service } from "../../../src/runtime/varlink/service.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import {
  descriptor,
  gate,
  info,
  RawPeer,
  removeFolders,
  serve,
  transports,
  until,
} from "./support.ts";

afterAll(removeFolders);

const nothing = (): void => {};

describe("listen", () => {
  it("at several addresses at once, each with its real address", async () => {
    const server = new VarlinkServer(info).add(
      service(descriptor, { nothing }),
    );
    const memory = memoryEndpoint();
    const listeners = await Promise.all([
      server.listen(memory),
      server.listen("tcp:127.0.0.1:0"),
      server.listen("tcp:127.0.0.1:0"),
    ]);
    const addresses = listeners.map((listener) => listener.address);
    expect(new Set(addresses).size).toBe(3);
    for (const address of addresses) {
      const endpoint = address.startsWith("memory:")
        ? memory
        : parseAddress(address);
      expect(endpoint.address).not.toMatch(/:0$/);
      const peer = new RawPeer(await endpoint.connect({}));
      expect(await peer.call("Nothing").next()).toEqual({});
    }
    await server.close();
    for (const address of addresses.slice(1)) {
      await expect(parseAddress(address).connect({})).rejects.toThrow();
    }
  });
  it("a listener can be closed by itself; its connections stay", async () => {
    const server = new VarlinkServer(info).add(
      service(descriptor, { nothing }),
    );
    const endpoint = memoryEndpoint();
    const listener = await server.listen(endpoint);
    const peer = new RawPeer(await endpoint.connect({}));
    await peer.call("Nothing").next();
    await listener.close();
    await expect(endpoint.connect({})).rejects.toThrow();
    expect(await peer.call("Nothing").next()).toEqual({});
    await server.listen(endpoint);
    expect(
      await new RawPeer(await endpoint.connect({})).call("Nothing").next(),
    ).toEqual({});
    await server.close();
  });
  it("tells of addresses that are none or in use", async () => {
    const server = new VarlinkServer(info);
    await expect(server.listen("nowhere")).rejects.toMatchObject({
      code: "INVALID_ADDRESS",
    });
    const { address } = await server.listen("tcp:127.0.0.1:0");
    await expect(server.listen(address)).rejects.toMatchObject({
      code: "LISTEN_FAILED",
    });
    await server.close();
  });
  it("is refused after close, also for a listen that was under way", async () => {
    const server = new VarlinkServer(info);
    const endpoint = memoryEndpoint();
    const listening = server.listen(endpoint);
    const closing = server.close();
    await expect(listening).rejects.toMatchObject({ code: "CLOSED" });
    await closing;
    await expect(endpoint.connect({})).rejects.toThrow();
    await expect(server.listen(endpoint)).rejects.toMatchObject({
      code: "CLOSED",
    });
  });
});

describe("accept", () => {
  it("serves a connection that is open already", async () => {
    const server = new VarlinkServer(info).add(
      service(descriptor, { nothing }),
    );
    const [client, accepted] = memoryPair();
    client.write('{"method":"org.example.test.Nothing"}\0');
    // As a server made with pauseOnConnect hands it over.
    accepted.pause();
    await turn();
    server.accept(accepted);
    const peer = new RawPeer(client);
    expect(await peer.next()).toEqual({});
    await server.close();
    expect(await peer.next()).toBeUndefined();
  });
  it("answers who has ended its side, on sockets that end theirs with it", async () => {
    const held = gate();
    const server = new VarlinkServer(info).add(
      service(descriptor, { nothing: () => held.opened }),
    );
    const [client, accepted] = memoryPair();
    // As node:net has it where nothing else is asked for.
    accepted.allowHalfOpen = false;
    server.accept(accepted);
    client.end('{"method":"org.example.test.Nothing"}\0');
    await until(() => accepted.readableEnded);
    await turn();
    held.open();
    expect(await new RawPeer(client).rest()).toEqual([{}]);
    await server.close();
  });
  it("ends one that its client has ended before", async () => {
    const server = new VarlinkServer(info);
    const [client, accepted] = memoryPair();
    client.end();
    accepted.resume();
    await until(() => accepted.readableEnded);
    server.accept(accepted);
    const peer = new RawPeer(client);
    expect(await peer.rest()).toEqual([]);
    await until(() => server.connections === 0);
  });
  it("destroys one that is closed, and refuses any after close", async () => {
    const server = new VarlinkServer(info);
    const [, gone] = memoryPair();
    gone.destroy();
    server.accept(gone);
    expect(server.connections).toBe(0);
    await server.close();
    expect(() => server.accept(memoryPair()[0])).toThrow(
      "the server was closed",
    );
  });
});

describe.each(transports)("close over $name", ({ open }) => {
  it("ends idle connections and resolves", async () => {
    await using served = await serve({ nothing }, await open());
    const peers = [await served.connect(), await served.connect()];
    for (const peer of peers) await peer.call("Nothing").next();
    await served.server.close();
    expect(
      await Promise.all(peers.map(async (peer) => await peer.rest())),
    ).toEqual([[], []]);
    expect(served.server.connections).toBe(0);
  });
  it("finishes the calls that have arrived, streams too, and takes no more", async () => {
    const held = gate();
    const started = gate();
    await using served = await serve(
      {
        async *count() {
          yield { number: 1 };
          started.open();
          await held.opened;
          return { number: 2 };
        },
        nothing,
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Count", {}, { more: true }).call("Nothing");
    await started.opened;
    // What was sent with the call has arrived when its first reply has.
    await peer.next();
    const closed = served.server.close({ timeout: Infinity });
    peer.call("Nothing");
    held.open();
    const replies = await peer.rest();
    expect(replies.slice(0, 1)).toEqual([{ parameters: { number: 2 } }]);
    expect(replies.length).toBeLessThanOrEqual(2);
    await closed;
  });
  it("cuts off what does not end in time, and aborts its signal", async () => {
    const started = gate();
    let signal: AbortSignal | undefined;
    await using served = await serve(
      {
        nothing: async (_input: never, call: Call) => {
          signal = call.signal;
          started.open();
          // Never settles, and does not look at the signal either.
          await new Promise(() => {});
        },
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Nothing");
    await started.opened;
    await served.server.close({ timeout: 10 });
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ code: "CLOSED" });
    expect(await peer.rest()).toEqual([]);
    expect(served.server.connections).toBe(0);
  });
});

describe("close", () => {
  it("runs the finally blocks of the streams that it cuts off", async () => {
    let cleaned = false;
    await using served = await serve({
      async *count() {
        try {
          for (;;) {
            yield { number: 1 };
            await turn();
          }
        } finally {
          cleaned = true;
        }
      },
    });
    const peer = await served.connect();
    await peer.call("Count", {}, { more: true }).next();
    await served.server.close({ timeout: 0 });
    await until(() => cleaned);
    expect(served.errors).toEqual([]);
  });
  it("waits for no message that was only begun", async () => {
    await using served = await serve({ nothing });
    const peer = await served.connect();
    await peer.call("Nothing").next();
    peer.stream.write('{"method":');
    await turn();
    await served.server.close({ timeout: Infinity });
    expect(await peer.next()).toBeUndefined();
    expect(served.protocolErrors).toEqual([]);
  });
  it("takes no call that comes after it began", async () => {
    const held = gate();
    const seen: string[] = [];
    await using served = await serve({
      async echo({ text }: { readonly text: string }) {
        seen.push(text);
        await held.opened;
        return { text };
      },
    });
    const peer = await served.connect();
    peer.call("Echo", { text: "a" }).call("Echo", { text: "b" });
    for (let turns = 0; turns < 10; turns += 1) await turn();
    const closed = served.server.close();
    peer.call("Echo", { text: "c" });
    for (let turns = 0; turns < 10; turns += 1) await turn();
    held.open();
    expect(await peer.rest()).toEqual([
      { parameters: { text: "a" } },
      { parameters: { text: "b" } },
    ]);
    await closed;
    expect(seen).toEqual(["a", "b"]);
  });
  it("cuts off a client that does not close its side", async () => {
    await using served = await serve({ nothing });
    const [client, accepted] = memoryPair();
    served.server.accept(accepted);
    client.on("error", () => {});
    await turn();
    // The client neither reads nor ends.
    await served.server.close({ timeout: 60_000 });
    expect(served.server.connections).toBe(0);
  });
  it("does not wait for streams that never tell that they are closed", async () => {
    await using served = await serve({ nothing: () => new Promise(() => {}) });
    const mute = new Duplex({
      emitClose: false,
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    served.server.accept(mute);
    mute.push('{"method":"org.example.test.Nothing"}\0');
    await turn();
    await served.server.close({ timeout: 1 });
    expect(served.server.connections).toBe(0);
    expect(mute.destroyed).toBe(true);
  });
  it("may be called again, with less patience", async () => {
    await using served = await serve({ nothing: () => new Promise(() => {}) });
    const peer = await served.connect();
    peer.call("Nothing");
    await until(() => served.server.connections === 1);
    await turn();
    const patient = served.server.close({ timeout: Infinity });
    await served.server.close({ timeout: 0 });
    await patient;
    await served.server.close();
  });
  it("from inside a handler answers that call first", async () => {
    let closed: Promise<void> | undefined;
    await using served = await serve({
      echo({ text }: { readonly text: string }) {
        closed = served.server.close();
        return { text };
      },
    });
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "last" }).rest()).toEqual([
      { parameters: { text: "last" } },
    ]);
    await closed;
  });
  it("happens at the end of a scope", async () => {
    const endpoint = memoryEndpoint();
    {
      await using server = new VarlinkServer(info);
      await server.listen(endpoint);
    }
    await expect(endpoint.connect({})).rejects.toThrow();
  });
  it.each([-1, Number.NaN])("refuses the timeout %d", async (timeout) => {
    await using server = new VarlinkServer(info);
    await expect(server.close({ timeout })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
  it("does not report the replies that handlers make too late", async () => {
    const held = gate();
    const done = gate();
    await using served = await serve({
      echo: async () => {
        await held.opened;
        setImmediate(done.open);
        return { text: 1 };
      },
    });
    const peer = await served.connect();
    peer.call("Echo", { text: "" });
    await until(() => served.server.connections === 1);
    await turn();
    await served.server.close({ timeout: 0 });
    held.open();
    await done.opened;
    expect(served.errors).toEqual([]);
  });
});

describe("500 connections", () => {
  it("are served at the same time, each in its order", async () => {
    const all = gate();
    let waiting = 0;
    await using served = await serve(
      {
        async echo({ text }: { readonly text: string }) {
          if ((waiting += 1) === 500) all.open();
          await all.opened;
          return { text };
        },
      },
      await (transports[1] ?? transports[0])?.open(),
    );
    const peers = await Promise.all(
      Array.from({ length: 500 }, () => served.connect()),
    );
    peers.forEach((peer, index) =>
      peer
        .call("Echo", { text: `a${index}` })
        .call("Echo", { text: `b${index}` }),
    );
    const replies = await Promise.all(
      peers.map(async (peer) => await peer.take(2)),
    );
    replies.forEach((pair, index) => {
      expect(pair.map((reply) => reply?.parameters?.["text"])).toEqual([
        `a${index}`,
        `b${index}`,
      ]);
    });
    expect(served.server.connections).toBe(500);
    for (const peer of peers) peer.stream.destroy();
    await until(() => served.server.connections === 0);
  });
});

describe("diagnostics channels", () => {
  const names = ["start", "end", "error"] as const;
  it("tell the start and the end of every call", async () => {
    const seen: (readonly [string, ServerCallEvent])[] = [];
    const listeners = names.map((name) => (event: unknown): void => {
      seen.push([name, { ...(event as ServerCallEvent) }]);
    });
    names.forEach((name, index) =>
      subscribe(
        `portolan:varlink:server-call:${name}`,
        listeners[index] ?? fail,
      ),
    );
    try {
      const thrown = new Error("x");
      await using served = await serve({
        nothing,
        echo: () => Promise.reject(thrown),
        count: () => new Promise(() => {}),
      });
      const peer = await served.connect();
      peer
        .call("Nothing", {}, { oneway: true })
        .call("Echo", { text: "" })
        .call("Nope");
      await peer.take(2);
      await peer.call("Nothing", {}, { upgrade: true }).next();
      peer.call("Count", {}, { more: true });
      await until(() => seen.length === 9);
      peer.stream.destroy();
      await until(() => served.server.connections === 0);
      const event = (method: string, mode = "call"): object => ({
        method: `org.example.test.${method}`,
        mode,
        address: "memory:",
      });
      expect(seen).toEqual([
        ["start", event("Nothing", "oneway")],
        ["end", event("Nothing", "oneway")],
        ["start", event("Echo")],
        [
          "error",
          { ...event("Echo"), error: "invalid.portolan.InternalError", thrown },
        ],
        ["start", event("Nope")],
        [
          "error",
          { ...event("Nope"), error: "org.varlink.service.MethodNotFound" },
        ],
        ["start", event("Nothing", "upgrade")],
        [
          "error",
          {
            ...event("Nothing", "upgrade"),
            error: "org.varlink.service.MethodNotImplemented",
          },
        ],
        ["start", event("Count", "more")],
        ["error", { ...event("Count", "more"), aborted: true }],
      ]);
    } finally {
      names.forEach((name, index) =>
        unsubscribe(
          `portolan:varlink:server-call:${name}`,
          listeners[index] ?? fail,
        ),
      );
    }
  });
});

function fail(): void {
  throw new Error("no such listener");
}
