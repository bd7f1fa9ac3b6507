import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { memoryPair } from "../../src/runtime/transport/memory.ts";
import { PairedStream } from "../../src/runtime/transport/paired.ts";
import { unsent } from "../../src/runtime/transport/unsent.ts";
import { netPlace, temporaryPlace, until } from "./support.ts";

const MB = 1024 * 1024;

let stream: Duplex;
let reader: Socket;
let server: Server;
let remove: () => Promise<void>;

beforeEach(async () => {
  const place = await temporaryPlace();
  ({ remove } = place);
  const accepted = new Promise<Socket>((resolve) => {
    server = createServer({ pauseOnConnect: true }, resolve);
  });
  await new Promise<void>((resolve) => {
    server.listen(netPlace(place.endpoint) as string, resolve);
  });
  stream = await place.endpoint.connect({});
  reader = await accepted;
  // Nothing is read that is not asked for.
  reader.on("readable", () => {});
});

afterEach(async () => {
  stream.destroy();
  reader.destroy();
  server.close();
  await remove();
});

it.each([
  ["a socket", (socket: Duplex) => socket],
  [
    "a pair over a socket",
    (socket: Duplex) => new PairedStream(socket, socket),
  ],
])(
  "of %s falls while a long write is being taken, which its length does not",
  async (_name, wrap) => {
    const wrapped = wrap(stream);
    expect(unsent(wrapped)).toBe(0);
    wrapped.write("x".repeat(8 * MB));
    let before = unsent(wrapped);
    expect(before).toBeGreaterThanOrEqual(8 * MB);
    let read = 0;
    for (let times = 0; times < 3; times += 1) {
      const next = read + MB;
      await until("bytes", () => {
        read += (reader.read() as Buffer | null)?.length ?? 0;
        return read >= next;
      });
      expect(wrapped.writableLength).toBe(8 * MB);
      await until("progress", () => unsent(wrapped) < before);
      before = unsent(wrapped);
    }
    await until("the end of it", () => {
      reader.read();
      return unsent(wrapped) === 0;
    });
    wrapped.destroy();
  },
);

it("of a stream that nobody knows more of is its length", () => {
  const [one, other] = memoryPair({ highWaterMark: 10 });
  one.write("x".repeat(10));
  one.write("y".repeat(1000));
  expect(unsent(one)).toBe(one.writableLength);
  one.destroy();
  other.destroy();
});
