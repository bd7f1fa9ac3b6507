import { once } from "node:events";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  memoryEndpoint,
  memoryPair,
} from "../../../src/runtime/transport/memory.ts";
import { tcpEndpoint } from "../../../src/runtime/transport/tcp.ts";
import { failure, type Place, transports, turns } from "../../support/peer.ts";
import { matching } from "../../support/matching.ts";

async function readAll(stream: Duplex): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** The promises that the rest of the runtime is built on, on every transport. */
describe.each(transports)("a connection over %s", (_name, make) => {
  let place: Place;
  let client: Duplex;
  let server: Duplex;
  let close: () => Promise<void>;

  beforeEach(async () => {
    place = await make();
    let accept: ((stream: Duplex) => void) | undefined;
    const accepted = new Promise<Duplex>((resolve) => {
      accept = resolve;
    });
    const listener = await place.endpoint.listen((stream) => accept?.(stream));
    close = () => listener.close();
    client = await place.endpoint.connect({});
    server = await accepted;
    client.on("error", () => {});
    server.on("error", () => {});
  });

  afterEach(async () => {
    client.destroy();
    server.destroy();
    await close();
    await place.remove();
  });

  it("carries bytes both ways, in order", async () => {
    client.write("one ");
    client.write("two");
    client.end();
    server.write("three ");
    server.end("four");
    expect(await Promise.all([readAll(server), readAll(client)])).toEqual([
      "one two",
      "three four",
    ]);
  });

  it("can be closed in one direction only", async () => {
    client.end("question");
    expect(await readAllUntilEnd(server)).toBe("question");
    server.write("answer");
    const [chunk] = (await once(client, "data")) as [Buffer];
    expect(String(chunk).startsWith("a")).toBe(true);
  });

  it("makes the writer wait for a reader who does not read", async () => {
    const chunk = Buffer.alloc(16 * 1024, "x");
    let written = 0;
    const limit = 64 * 1024 * 1024;
    while (written < limit && client.write(chunk)) {
      written += chunk.length;
      await turns();
    }
    expect(written).toBeLessThan(limit);
    let read = 0;
    server.on("data", (bytes: Buffer) => {
      read += bytes.length;
    });
    // 16 KB byte by byte is 16,000 turns of the event loop.
    await once(client, "drain");
    expect(read).toBeGreaterThan(0);
  });

  it("delivers what was written before it was destroyed, then the end", async () => {
    client.write("last words");
    await turns(20);
    client.destroy();
    expect(await readAllUntilEnd(server)).toBe("last words");
  });

  it("fails to write to whoever is gone", async () => {
    server.destroy();
    await once(client.resume(), "end");
    const error = await new Promise<unknown>((resolve) => {
      client.on("error", resolve);
      const write = (): void => {
        if (client.destroyed) return;
        client.write("x");
        setImmediate(write);
      };
      write();
    });
    expect(error).toMatchObject({
      code: matching(/^(EPIPE|ECONNRESET)$/),
    });
  });
});

async function readAllUntilEnd(stream: Duplex): Promise<string> {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += String(chunk);
  });
  await once(stream, "end");
  return text;
}

describe("memoryEndpoint", () => {
  it("refuses a connection while nobody listens, and after", async () => {
    const endpoint = memoryEndpoint({ name: "memory:x" });
    expect(await failure(endpoint.connect({}))).toMatchObject({
      code: "ECONNREFUSED",
    });
    const listener = await endpoint.listen(() => {});
    expect(listener.address).toBe("memory:x");
    await listener.close();
    expect(await failure(endpoint.connect({}))).toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  it("has one listener at a time", async () => {
    const endpoint = memoryEndpoint();
    const listener = await endpoint.listen(() => {});
    expect(await failure(endpoint.listen(() => {}))).toMatchObject({
      code: "LISTEN_FAILED",
    });
    await listener.close();
    await (await endpoint.listen(() => {})).close();
  });

  it("cuts what is written to order, each piece in its own turn", async () => {
    const [one, other] = memoryPair({
      split: (bytes) => [
        bytes.subarray(0, 2),
        bytes.subarray(2, 3),
        bytes.subarray(3),
      ],
    });
    const chunks: string[] = [];
    other.on("data", (chunk: Buffer) => chunks.push(String(chunk)));
    one.end("abcdef");
    await once(other, "end");
    expect(chunks).toEqual(["ab", "c", "def"]);
  });
});

describe("tcpEndpoint", () => {
  it("tells the real port", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const listener = await tcpEndpoint(host, 0)
        .listen((stream) => stream.on("error", () => {}).end("hello"))
        .catch((error: unknown) => {
          // Not every machine has IPv6.
          if (host === "::1") return undefined;
          throw error;
        });
      if (listener === undefined) continue;
      expect(listener.address).toMatch(/^tcp:(127\.0\.0\.1|\[::1\]):[1-9]\d*$/);
      const port = Number(/\d+$/.exec(listener.address)?.[0]);
      expect(await readAll(await tcpEndpoint(host, port).connect({}))).toBe(
        "hello",
      );
      expect(
        await failure(tcpEndpoint(host, port).listen(() => {})),
      ).toMatchObject({
        code: "LISTEN_FAILED",
        message: matching(/port is in use/),
      });
      await listener.close();
    }
  });
});
