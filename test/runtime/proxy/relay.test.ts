import { once } from "node:events";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import fc from "fast-check";
import { Relay, relayStreams } from "../../../src/runtime/proxy/relay.ts";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import { execEndpoint } from "../../../src/runtime/transport/exec.ts";
import {
  memoryEndpoint,
  memoryPair,
} from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { serve } from "../server/support.ts";
import { SERVICE } from "../transport/programs.ts";
import {
  eventually,
  listenRaw,
  places,
  removeFolders,
  startRelay,
  temporaryFolder,
  Wire,
} from "./support.ts";

afterAll(removeFolders);

const kinds = ["memory", "unix", "tcp"] as const;
const pairs = kinds.flatMap((from) => kinds.map((to) => ({ from, to })));

describe("a client through a relay", () => {
  test.each(pairs)("from $from to $to", async ({ from, to }) => {
    await using served = await serve(
      {
        echo: ({ text }: { text: string }) => ({ text }),
        async *count({ to: last }: { to: number }) {
          for (let number = 1; number <= last; number++) yield { number };
        },
      },
      await places[to](),
    );
    await using relayed = await startRelay(await places[from](), {
      connect: served.endpoint,
    });
    await using client = await VarlinkClient.connect(relayed.endpoint);
    const big = "ä".repeat(300_000);
    expect(await client.call("org.example.test.Echo", { text: big })).toEqual({
      text: big,
    });
    const numbers: unknown[] = [];
    const stream = client.more("org.example.test.Count", { to: 1000 });
    for await (const item of stream) numbers.push(item);
    expect(numbers).toHaveLength(1000);
    expect(relayed.errors).toEqual([]);
  });

  test("has a connection to the service of its own", async () => {
    await using service = await listenRaw(memoryEndpoint());
    await using relayed = await startRelay(memoryEndpoint(), {
      connect: service.endpoint,
    });
    const one = new Wire(await relayed.endpoint.connect({}));
    const first = new Wire(await service.next());
    const other = new Wire(await relayed.endpoint.connect({}));
    const second = new Wire(await service.next());
    one.stream.write("one");
    other.stream.write("other");
    await first.until(({ text }) => text === "one");
    await second.until(({ text }) => text === "other");
    expect(relayed.relay.connections).toBe(2);
    first.stream.destroy();
    await eventually(() => one.closed || one.ended);
    second.stream.write("still");
    await other.until(({ text }) => text === "still");
  });

  test("to a program that is started for each client", async () => {
    await using relayed = await startRelay(await places.unix(), {
      connect: execEndpoint(process.execPath, { args: SERVICE }),
    });
    const pids = await Promise.all(
      [1, 2].map(async () => {
        await using client = await VarlinkClient.connect(relayed.endpoint);
        return await client.call("org.example.started.State");
      }),
    );
    const [one, other] = pids as unknown as { readonly pid: number }[];
    expect(one?.pid).not.toBe(other?.pid);
    expect(relayed.errors).toEqual([]);
  });

  test("to a program that ends badly: the client is told by its end, the relay why", async () => {
    await using relayed = await startRelay(await places.unix(), {
      connect: execEndpoint(process.execPath, { args: SERVICE }),
    });
    await using client = await VarlinkClient.connect(relayed.endpoint);
    await expect(
      client.call("org.example.started.Exit", { code: 3 }),
    ).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await eventually(() => relayed.errors.length > 0);
    expect(relayed.errors).toMatchObject([
      {
        code: "CONNECTION_LOST",
        cause: { code: "COMMAND_FAILED", exitCode: 3 },
      },
    ]);
  });
});

describe("bytes", () => {
  test("pass unchanged in both directions, however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 20 }),
        fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 97 }),
        async (calls, replies, highWaterMark, cut) => {
          const options = {
            highWaterMark,
            *split(bytes: Buffer) {
              for (let at = 0; at < bytes.length; at += cut)
                yield bytes.subarray(at, at + cut);
            },
          };
          const [clientEnd, client] = memoryPair(options);
          const [service, serviceEnd] = memoryPair(options);
          const over = relayStreams(client, service);
          const one = new Wire(clientEnd);
          const other = new Wire(serviceEnd);
          for (const bytes of calls) clientEnd.write(bytes);
          for (const bytes of replies) serviceEnd.write(bytes);
          clientEnd.end();
          serviceEnd.end();
          await over;
          await eventually(() => one.ended && other.ended);
          expect(other.bytes).toEqual(Buffer.concat(calls));
          expect(one.bytes).toEqual(Buffer.concat(replies));
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each(kinds)("wait for a reader that is slow, over %s", async (kind) => {
    await using service = await listenRaw(await places[kind]());
    await using relayed = await startRelay(await places[kind](), {
      connect: service.endpoint,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    const reader = new Wire(await service.next(), false);
    const chunk = Buffer.alloc(64 * 1024, "x");
    let written = 0;
    // Until the writer is told to wait, and stays so.
    // What the system holds of two connections over TCP is much.
    const limit = kind === "memory" ? 1024 * 1024 : 256 * 1024 * 1024;
    for (let full = 0; full < 20 && written < limit;) {
      if (client.stream.writableNeedDrain) {
        full += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
      } else {
        full = 0;
        client.stream.write(chunk);
        written += chunk.length;
        await new Promise(setImmediate);
      }
    }
    // A relay without a bound takes it all.
    expect(written).toBeLessThan(limit);
    reader.read();
    await reader.until(({ size }) => size === written);
  });
});

describe.each(kinds)("over %s the end", (kind) => {
  test("of the client's side lets the service answer", async () => {
    await using service = await listenRaw(await places[kind]());
    await using relayed = await startRelay(await places[kind](), {
      connect: service.endpoint,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    const peer = new Wire(await service.next());
    client.stream.end("call");
    await peer.until(({ ended }) => ended);
    expect(peer.text).toBe("call");
    peer.stream.write("re");
    await client.until(({ text }) => text === "re");
    expect(client.ended).toBe(false);
    peer.stream.end("ply");
    await client.until(({ ended }) => ended);
    expect(client.text).toBe("reply");
    await eventually(() => relayed.relay.connections === 0);
    expect(relayed.errors).toEqual([]);
  });

  test("of the service's side lets the client go on", async () => {
    await using service = await listenRaw(await places[kind]());
    await using relayed = await startRelay(await places[kind](), {
      connect: service.endpoint,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    const peer = new Wire(await service.next());
    peer.stream.end("bye");
    await client.until(({ ended }) => ended);
    expect(client.text).toBe("bye");
    client.stream.end("last");
    await peer.until(({ ended }) => ended);
    expect(peer.text).toBe("last");
    await eventually(() => relayed.relay.connections === 0);
    expect(relayed.errors).toEqual([]);
  });

  test("of the client's connection closes the service's, behind what came", async () => {
    await using service = await listenRaw(await places[kind]());
    await using relayed = await startRelay(await places[kind](), {
      connect: service.endpoint,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    const peer = new Wire(await service.next());
    peer.stream.write("hello");
    await client.until(({ text }) => text === "hello");
    client.stream.end("oneway", () => client.stream.destroy());
    await peer.until(({ text, ended }) => text === "oneway" && ended);
    peer.stream.end();
    await eventually(() => relayed.relay.connections === 0);
  });

  test("of the service's connection closes the client's, behind what came", async () => {
    await using service = await listenRaw(await places[kind]());
    await using relayed = await startRelay(await places[kind](), {
      connect: service.endpoint,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    const peer = await service.next();
    const bytes = Buffer.alloc(300_000, "r");
    peer.write(bytes, () => peer.destroy());
    await eventually(() => client.ended || client.closed);
    expect(client.size).toBe(bytes.length);
    // TCP does not tell a connection that is closed from one side that has ended.
    if (kind === "tcp") client.stream.end();
    await eventually(() => relayed.relay.connections === 0);
  });
});

test("a client that goes while the service says nothing is noticed, over unix", async () => {
  await using service = await listenRaw(await places.unix());
  await using relayed = await startRelay(await places.unix(), {
    connect: service.endpoint,
  });
  const client = new Wire(await relayed.endpoint.connect({}));
  const peer = new Wire(await service.next());
  client.stream.write("call");
  await peer.until(({ text }) => text === "call");
  client.stream.destroy();
  // Its half of the connection says nothing, so this one does not end by itself.
  await eventually(() => relayed.relay.connections === 0);
  await eventually(() => peer.ended);
  expect(relayed.errors).toEqual([]);
});

describe("a service that is not there", () => {
  test("closes its client, and is reported", async () => {
    const nowhere = `unix:${path.join(await temporaryFolder(), "none")}`;
    await using relayed = await startRelay(await places.unix(), {
      connect: nowhere,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    await eventually(() => client.closed || client.ended);
    await eventually(() => relayed.relay.connections === 0);
    expect(relayed.errors).toMatchObject([{ code: "CONNECT_FAILED" }]);
  });

  test("is not waited for longer than connectTimeout", async () => {
    await using relayed = await startRelay(memoryEndpoint(), {
      connect: {
        address: "never:",
        connect: () => new Promise(() => {}),
        listen: () => Promise.reject(new Error("no")),
      },
      connectTimeout: 20,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    await eventually(() => client.ended);
    expect(relayed.errors).toMatchObject([{ code: "TIMEOUT" }]);
  });

  test("is given up when the client goes, and nothing is reported", async () => {
    let asked: AbortSignal | undefined;
    await using relayed = await startRelay(await places.unix(), {
      connect: {
        address: "never:",
        connect: ({ signal }) => {
          asked = signal;
          return new Promise(() => {});
        },
        listen: () => Promise.reject(new Error("no")),
      },
      connectTimeout: 0,
    });
    const client = await relayed.endpoint.connect({});
    await eventually(() => asked !== undefined);
    expect(relayed.relay.connections).toBe(1);
    await relayed.relay.close({ timeout: 0 });
    expect(asked?.aborted).toBe(true);
    expect(relayed.relay.connections).toBe(0);
    expect(relayed.errors).toEqual([]);
    client.destroy();
  });

  test("and one that is named wrongly is refused when the relay is made", () => {
    expect(() => new Relay({ connect: "exec:/bin/true" })).toThrow(
      /not allowed here/,
    );
    expect(() => new Relay({ connect: "unix:/x", maxConnections: 0 })).toThrow(
      /maxConnections/,
    );
    expect(() => new Relay({ connect: "unix:/x", connectTimeout: -1 })).toThrow(
      /connectTimeout/,
    );
  });
});

describe("limits and closing", () => {
  test("clients over maxConnections are closed, and told of once", async () => {
    await using service = await listenRaw(memoryEndpoint());
    await using relayed = await startRelay(memoryEndpoint(), {
      connect: service.endpoint,
      maxConnections: 1,
    });
    const first = new Wire(await relayed.endpoint.connect({}));
    await service.next();
    for (let at = 0; at < 3; at++) {
      const more = new Wire(await relayed.endpoint.connect({}));
      await eventually(() => more.ended);
    }
    expect(relayed.errors).toMatchObject([{ code: "LIMIT_EXCEEDED" }]);
    expect(first.ended).toBe(false);
  });

  test("close lets the service answer what has come", async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let called = false;
    await using served = await serve({
      echo: async ({ text }: { text: string }) => {
        called = true;
        await gate;
        return { text };
      },
    });
    await using relayed = await startRelay(await places.unix(), {
      connect: served.endpoint,
    });
    await using client = await VarlinkClient.connect(relayed.endpoint);
    const answer = client.call("org.example.test.Echo", { text: "late" });
    await eventually(() => called);
    const closed = relayed.relay.close();
    open();
    expect(await answer).toEqual({ text: "late" });
    await closed;
    expect(relayed.relay.connections).toBe(0);
  });

  test("close cuts off what does not end", async () => {
    await using service = await listenRaw(memoryEndpoint());
    await using relayed = await startRelay(memoryEndpoint(), {
      connect: service.endpoint,
    });
    const client = new Wire(await relayed.endpoint.connect({}));
    const peer = new Wire(await service.next());
    peer.stream.write("endless");
    await client.until(({ text }) => text === "endless");
    await relayed.relay.close({ timeout: 10 });
    await eventually(() => client.ended && peer.ended);
    await expect(relayed.relay.listen(memoryEndpoint())).rejects.toMatchObject({
      code: "CLOSED",
    });
  });

  test("streams are joined until a signal says otherwise", async () => {
    const [clientEnd, client] = memoryPair();
    const [service, serviceEnd] = memoryPair();
    const control = new AbortController();
    const over = relayStreams(client, service, { signal: control.signal });
    const one = new Wire(clientEnd);
    serviceEnd.write("hi");
    await one.until(({ text }) => text === "hi");
    control.abort(new Error("enough"));
    await expect(over).rejects.toMatchObject({
      code: "ABORTED",
      cause: { message: "enough" },
    });
    await eventually(() => one.ended);
    await expect(
      relayStreams(...memoryPair(), { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "ABORTED" });
  });

  test("a stream that breaks is told, and the other one is closed behind what came", async () => {
    const [clientEnd, client] = memoryPair();
    const [service, serviceEnd] = memoryPair();
    const over = relayStreams(client, service, {
      places: { client: "here", service: "there" },
    });
    const one = new Wire(clientEnd);
    serviceEnd.write("before");
    await one.until(({ text }) => text === "before");
    service.destroy(new Error("cable"));
    await expect(over).rejects.toMatchObject({
      code: "CONNECTION_LOST",
      message: "the connection to there broke",
      cause: { message: "cable" },
    });
    await eventually(() => one.ended);
  });

  test("a connection that somebody else accepted", async () => {
    await using served = await serve({
      echo: ({ text }: { text: string }) => ({ text }),
    });
    await using relay = new Relay({ connect: served.endpoint });
    const [clientEnd, client] = memoryPair();
    relay.accept(client);
    const wire = new Wire(clientEnd);
    wire.stream.write(
      '{"method":"org.example.test.Echo","parameters":{"text":"x"}}\0',
    );
    await wire.until(({ text }) => text.includes("\0"));
    expect(wire.text).toBe('{"parameters":{"text":"x"}}\0');
    wire.stream.end();
    await once(clientEnd, "end");
  });

  test("both sides at sockets of one process, many at a time", async () => {
    await using served = await serve(
      { echo: ({ text }: { text: string }) => ({ text }) },
      await places.unix(),
    );
    await using relayed = await startRelay(parseAddress("tcp:127.0.0.1:0"), {
      connect: served.endpoint,
    });
    await using client = await VarlinkClient.connect(relayed.endpoint, {
      maxConnections: 50,
    });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        client.call("org.example.test.Echo", { text: String(at) }),
      ),
    );
    expect(answers.map((answer) => answer["text"])).toEqual(
      Array.from({ length: 200 }, (_, at) => String(at)),
    );
    expect(relayed.relay.connections).toBeLessThanOrEqual(50);
  });
});
