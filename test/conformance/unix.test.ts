import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import * as fc from "fast-check";
import { expect } from "vitest";
import { memoryEndpoint } from "../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { serve } from "../runtime/server/support.ts";
import { startPeer, unixPlace } from "../support/peer.ts";
import { conform } from "./conform.ts";
import { echoes, full, meet, serveSpecimen, specimen } from "./support.ts";

/** Bytes in pieces that end at the given places, in per mille. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = places.map((place) => Math.floor((place * bytes.length) / 1000));
  const sorted = [...new Set([...ends, bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return sorted.map((end, index) =>
    bytes.subarray(sorted[index - 1] ?? 0, end),
  );
}

const places = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 12 });
const texts = fc.array(fc.string({ unit: "grapheme" }), {
  minLength: 1,
  maxLength: 4,
});

conform("unix.chunks", "server", async () => {
  await fc.assert(
    fc.asyncProperty(texts, places, async (values, ends) => {
      // Memory keeps the pieces apart, where a socket may join them.
      await using served = await serve(
        echoes,
        memoryEndpoint({ split: (bytes) => cut(bytes, ends) }),
        {},
        specimen,
      );
      const peer = await served.connect();
      peer.send(
        ...values.map((value) => ({
          method: full("TakeString"),
          parameters: { value },
        })),
      );
      expect(await peer.take(values.length)).toEqual(
        values.map((value) => ({ parameters: { value } })),
      );
    }),
    { numRuns: 50 },
  );
  await using served = await serveSpecimen();
  const peer = await served.connect();
  for (const byte of Buffer.from(`{"method":"${full("Nothing")}"}\0`)) {
    peer.stream.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  expect(await peer.next()).toEqual({});
});

conform("unix.chunks", "client", async () => {
  await fc.assert(
    fc.asyncProperty(texts, places, async (values, ends) => {
      const peer = await startPeer(
        memoryEndpoint({ split: (bytes) => cut(bytes, ends) }),
      );
      await using client = await VarlinkClient.connect(peer.endpoint);
      const connection = await peer.accept();
      const replies = client.pipeline((pipelined) =>
        Promise.all(
          values.map((value) => pipelined.call(full("TakeString"), { value })),
        ),
      );
      for (const value of values)
        expect((await connection.call()).parameters).toEqual({ value });
      connection.send(...values.map((value) => ({ parameters: { value } })));
      expect(await replies).toEqual(values.map((value) => ({ value })));
      await peer.close();
    }),
    { numRuns: 50 },
  );
  await using met = await meet();
  const reply = met.client.call(full("Nothing"));
  await met.connection.call();
  for (const byte of Buffer.from("{}\0")) {
    met.connection.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  expect(await reply).toEqual({});
});

const VALUE = { x: 1, note: "white space, of course" };

conform("unix.no-white-space", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send(
    { method: full("TakeStruct"), parameters: { value: VALUE } },
    { method: full("Unknown") },
  );
  const replies = await peer.take(2);
  expect(peer.text).toBe(
    replies.map((reply) => `${JSON.stringify(reply)}\0`).join(""),
  );
});

conform("unix.no-white-space", "client", async () => {
  await using met = await meet();
  const reply = met.method("takeStruct")({ value: VALUE });
  const text = await met.connection.text();
  expect(text).toBe(JSON.stringify(JSON.parse(text)));
  met.connection.reply({ value: VALUE });
  await reply;
});

conform("unix.white-space", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send(
    ` \r\n\t{ "method" :\n"${full("TakeInt")}" ,\t"parameters" : { "value" : 1 } } \n`,
  );
  expect(await peer.next()).toEqual({ parameters: { value: 1 } });
});

conform("unix.white-space", "client", async () => {
  await using met = await meet();
  const reply = met.method("takeInt")({ value: 1 });
  await met.connection.call();
  met.connection.write(' \r\n\t{ "parameters" :\n{ "value" : 1 } } \n\0');
  expect(await reply).toEqual({ value: 1 });
});

/** The path of a server's socket. */
const pathOf = (address: string): string => address.replace(/^unix:/, "");

conform("unix.path", "server", async () => {
  await using served = await serveSpecimen();
  const file = pathOf(served.endpoint.address);
  expect((await stat(file)).isSocket()).toBe(true);
  await served.server.close();
  await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
});

conform("unix.attribute-absence", "server", async () => {
  // Nothing here sets it, so that there is none on any kernel.
  await using served = await serveSpecimen();
  const peer = await served.connect();
  expect(await peer.send({ method: full("Nothing") }).next()).toEqual({});
  expect(served.errors).toEqual([]);
});

conform("unix.attribute-absence", "client", async () => {
  // A socket of Node's own server has none either.
  const place = await unixPlace();
  const server = createServer((socket) => {
    socket.once("data", () => socket.write("{}\0"));
  });
  await once(server.listen(path.join(place.folder, "socket")), "listening");
  await using client = await VarlinkClient.connect(place.endpoint);
  expect(await client.call(full("Nothing"))).toEqual({});
  await client.close();
  server.close();
  await place.remove();
});

conform("unix.mode", "server", async () => {
  await using served = await serveSpecimen();
  const file = pathOf(served.endpoint.address);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await served.server.listen(`unix:${file}-open;mode=0644`);
  expect((await stat(`${file}-open`)).mode & 0o777).toBe(0o644);
});
