import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { Duplex } from "node:stream";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { Relay, relayStreams } from "../../../src/runtime/proxy/relay.ts";
import { VarlinkTap } from "../../../src/runtime/proxy/tap.ts";
import {
  memoryEndpoint,
  memoryPair,
} from "../../../src/runtime/transport/memory.ts";
import {
  eventually,
  listenRaw,
  removeFolders,
  temporaryFolder,
  Wire,
} from "./support.ts";
import { frame } from "./talk.ts";

afterAll(removeFolders);
afterEach(() => void vi.useRealTimers());

type Taken = (error?: Error | null) => void;

test("a service that answers before the write returns is seen behind the call", async () => {
  class Quick extends Duplex {
    override _read(): void {}
    override _write(_chunk: Buffer, _encoding: string, taken: Taken): void {
      this.push(frame({ parameters: { n: 1 } }));
      taken();
    }
    override _final(done: Taken): void {
      this.push(null);
      done();
    }
  }
  const seen: string[] = [];
  const tap = new VarlinkTap({ onEvent: ({ type }) => seen.push(type) });
  const [clientEnd, client] = memoryPair();
  const over = relayStreams(client, new Quick(), { tap });
  const wire = new Wire(clientEnd);
  for (const answers of [1, 2]) {
    clientEnd.write(frame({ method: "a.b.C" }));
    await wire.until(({ text }) => text.split("\0").length > answers);
  }
  clientEnd.end();
  await over;
  expect(seen).toEqual(["open", "call", "reply", "call", "reply", "close"]);
});

test.each(["relay.accept", "relayStreams"])(
  "a socket that a program has accepted may end its side and be answered: %s",
  async (way) => {
    const [near, far] = memoryPair();
    await using service = await listenRaw(memoryEndpoint());
    await using relay = new Relay({ connect: service.endpoint });
    // Such a server's sockets end their own side with their client's.
    const server = net.createServer((socket) => {
      server.close();
      if (way === "relay.accept") relay.accept(socket);
      else void relayStreams(socket, near);
    });
    const file = path.join(await temporaryFolder(), "socket");
    server.listen(file);
    await once(server, "listening");
    const client = net.connect({ path: file, allowHalfOpen: true });
    const wire = new Wire(client);
    client.end("call");
    const peer = new Wire(way === "relay.accept" ? await service.next() : far);
    await peer.until(({ ended }) => ended);
    // Until Node would have ended it.
    await new Promise(setImmediate);
    peer.stream.end("reply");
    await eventually(() => wire.ended);
    expect(wire.text).toBe("reply");
  },
);

test("who takes its last bytes slowly gets them, who takes none is closed", async () => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  class Slow extends Duplex {
    /** As of a socket whose system takes a long write bit by bit. */
    unsent = 1000;
    writing = false;
    override _read(): void {}
    override _write(): void {
      this.writing = true;
    }
  }
  const client = new Slow();
  const [service, serviceEnd] = memoryPair();
  const over = relayStreams(client, service);
  serviceEnd.write("the last");
  await once(service, "data");
  expect(client.writing).toBe(true);
  service.destroy();
  await once(service, "close");
  for (let looks = 0; looks < 5; looks++) {
    client.unsent -= 100;
    vi.advanceTimersByTime(5000);
    expect(client.destroyed).toBe(false);
  }
  vi.advanceTimersByTime(5000);
  expect(client.destroyed).toBe(true);
  await over;
});

test("close waits for a service that is still connected to, and hands on what has come", async () => {
  const [near, far] = memoryPair();
  let connect = (_stream: Duplex): void => {};
  const relay = new Relay({
    connect: {
      address: "slow:",
      connect: () => new Promise((resolve) => (connect = resolve)),
      listen: () => Promise.reject(new Error("not this one")),
    },
  });
  const [clientEnd, client] = memoryPair();
  relay.accept(client);
  const wire = new Wire(clientEnd);
  clientEnd.write("call");
  await eventually(() => client.readableLength === 4);
  const closed = relay.close();
  connect(near);
  const service = new Wire(far);
  await service.until(({ ended }) => ended);
  expect(service.text).toBe("call");
  far.end("reply");
  await closed;
  await eventually(() => wire.ended);
  expect(wire.text).toBe("reply");
});

test("close cuts off who waits for a service that cannot be connected to", async () => {
  const errors: unknown[] = [];
  const relay = new Relay({
    connect: {
      address: "never:",
      connect: () => new Promise(() => {}),
      listen: () => Promise.reject(new Error("not this one")),
    },
    onError: (error) => errors.push(error),
  });
  const [clientEnd, client] = memoryPair();
  relay.accept(client);
  await relay.close({ timeout: 10 });
  const wire = new Wire(clientEnd);
  await eventually(() => wire.ended);
  expect(relay.connections).toBe(0);
  expect(errors).toEqual([]);
});
