import fc from "fast-check";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PortolanError } from "../../../src/runtime/errors.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { ConnectOptions } from "../../../src/runtime/varlink/options.ts";
import type {
  JsonObject,
  Upgraded,
} from "../../../src/runtime/varlink/types.ts";
import { pattern, RAW, take, takeAll } from "../../support/bytes.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  type Place,
  startPeer,
  transports,
  turns,
} from "../../support/peer.ts";

let place: Place;
let peer: Peer;
let client: VarlinkClient;
const reported: PortolanError[] = [];

async function open(
  make: () => Promise<Place>,
  options: ConnectOptions = {},
): Promise<void> {
  place = await make();
  peer = await startPeer(place.endpoint);
  client = await VarlinkClient.connect(place.endpoint, {
    onProtocolError: (error) => reported.push(error),
    ...options,
  });
}

/** An upgrade that the peer has confirmed, `first` behind its reply. */
async function upgrade(first: Buffer = Buffer.alloc(0)): Promise<{
  readonly upgraded: Upgraded<JsonObject>;
  readonly stream: Duplex;
  readonly other: PeerConnection;
}> {
  const called = client.upgrade("a.b.Shell");
  const other = await peer.accept();
  await other.call();
  other.write(Buffer.concat([Buffer.from("{}\0"), first]));
  const upgraded = await called;
  return { upgraded, stream: upgraded.stream, other };
}

beforeEach(() => {
  reported.length = 0;
});

afterEach(async () => {
  await client.close();
  await peer.close();
  await place.remove();
});

describe.each(transports)("an upgrade on %s", (name, make) => {
  beforeEach(() => open(make));

  it("sends its flag, and resolves with the reply and all bytes behind it", async () => {
    const called = client.upgrade("a.b.Shell", { command: "ls" });
    const other = await peer.accept();
    expect(JSON.parse(await other.text())).toEqual({
      method: "a.b.Shell",
      parameters: { command: "ls" },
      upgrade: true,
    });
    other.write(
      Buffer.concat([Buffer.from('{"parameters":{"id":"1"}}\0'), RAW]),
    );
    const { output, stream } = await called;
    expect(output).toEqual({ id: "1" });
    expect(await take(stream, RAW.length)).toEqual(RAW);
    stream.write(RAW);
    expect(await take(other.raw(), RAW.length)).toEqual(RAW);
  });

  it("loses no byte, wherever what the peer sends is cut", async () => {
    const reply = Buffer.from('{"parameters":{"id":"é"}}\0');
    const all = Buffer.concat([reply, RAW]);
    let other: PeerConnection | undefined;
    for (let cut = 0; cut <= all.length; cut++) {
      const called = client.upgrade("a.b.Shell");
      other ??= await peer.accept();
      await other.call();
      other.write(all.subarray(0, cut));
      await turns(3);
      other.write(all.subarray(cut));
      const upgraded = await called;
      expect(upgraded.output).toEqual({ id: "é" });
      expect(await take(upgraded.stream, RAW.length)).toEqual(RAW);
      upgraded.release();
    }
    expect(peer.accepted).toBe(1);
    expect(reported).toEqual([]);
  });

  it("carries a mebibyte each way at once", async () => {
    const { stream, other } = await upgrade();
    const bytes = pattern(name.includes("byte by byte") ? 5_000 : 1024 * 1024);
    const raw = other.raw();
    stream.end(bytes);
    raw.end(bytes);
    const [here, there] = await Promise.all([takeAll(stream), takeAll(raw)]);
    expect(here.equals(bytes)).toBe(true);
    expect(there.equals(bytes)).toBe(true);
  });

  it("ends one side and not the other", async () => {
    const one = await upgrade();
    const raw = one.other.raw();
    one.stream.end("last");
    expect(String(await takeAll(raw))).toBe("last");
    raw.write("still here");
    expect(String(await take(one.stream, 10))).toBe("still here");

    const two = await upgrade();
    two.other.raw().end("last");
    expect(String(await takeAll(two.stream))).toBe("last");
    two.stream.end("still here");
    expect(String(await takeAll(two.other.raw()))).toBe("still here");
  });

  it("is told of a peer that dies, whether it reads or writes", async () => {
    const { stream, other, upgraded } = await upgrade(RAW);
    expect(await take(stream, 3)).toEqual(RAW.subarray(0, 3));
    const closed = new Promise((resolve) => stream.on("close", resolve));
    other.destroy();
    // Some systems tell a reader first, and some a writer: nothing hangs.
    const written = (async () => {
      for (;;)
        await new Promise<void>((resolve, reject) => {
          stream.write(pattern(64 * 1024), (error) => {
            if (error) reject(error);
            else resolve();
          });
        });
    })();
    expect(await failure(written)).toMatchObject({ code: "CONNECTION_LOST" });
    await closed;
    expect(stream.errored).toMatchObject({
      code: "CONNECTION_LOST",
      cause: expect.anything() as unknown,
    });
    // Too late to give it back, which is no mistake.
    upgraded.release();
  });
});

describe("a connection that was upgraded", () => {
  beforeEach(() => open(memory));

  it("is given back after as many bytes as both sides know of", async () => {
    const called = client.upgrade("a.b.ReceiveFile");
    const other = await peer.accept();
    await other.call();
    other.write('{"parameters":{"len":5}}\0hel');
    const { output, stream, release } = bound(await called);
    const file = take(stream, Number(output["len"]));
    await turns(3);
    other.write("lo");
    expect(String(await file)).toBe("hello");
    release();
    expect(stream.destroyed).toBe(true);
    const next = client.call("a.b.C");
    await other.answer({ ok: true });
    expect(await next).toEqual({ ok: true });
    expect(peer.accepted).toBe(1);
    expect(reported).toEqual([]);
  });

  it("sends what was written before the next call, however slow the peer", async () => {
    const { upgraded, stream, other } = await upgrade();
    const bytes = pattern(300_000);
    const raw = other.raw();
    stream.cork();
    for (let at = 0; at < bytes.length; at += 1000)
      stream.write(bytes.subarray(at, at + 1000));
    upgraded.release();
    const next = client.call("a.b.C");
    await turns(10);
    const sent = await take(raw, bytes.length);
    expect(sent.equals(bytes)).toBe(true);
    expect(String(await take(raw, 19))).toBe('{"method":"a.b.C"}\0');
    raw.write("{}\0");
    await next;
    expect(peer.accepted).toBe(1);
  });

  it("is closed if it is given back with bytes that nobody asked for", async () => {
    const { upgraded, stream, other } = await upgrade(Buffer.from("abc"));
    expect(String(await take(stream, 2))).toBe("ab");
    upgraded.release();
    await other.ended;
    expect(reported).toMatchObject([
      { code: "PROTOCOL", message: matching(/nobody asked for.*a\.b\.Shell/) },
    ]);
    const next = client.call("a.b.C");
    await (await peer.accept()).answer({});
    await next;
  });

  it("takes back bytes that were read too far", async () => {
    const { upgraded, stream, other } = await upgrade(Buffer.from("abc"));
    stream.unshift(await take(stream, 3));
    upgraded.release();
    await other.ended;
    expect(reported).toHaveLength(1);
  });

  it("gives what is left to no reader of the stream", async () => {
    const { upgraded, stream, other } = await upgrade(Buffer.from("abc"));
    const seen: unknown[] = [];
    stream.pause();
    stream.on("data", (chunk) => seen.push(chunk));
    upgraded.release();
    await other.ended;
    await turns(3);
    expect(seen).toEqual([]);
    expect(reported).toHaveLength(1);
  });

  it.each([
    ["was ended", (stream: Duplex) => stream.end()],
    ["has an encoding", (stream: Duplex) => stream.setEncoding("utf8")],
  ] as const)("is not given back where it %s", async (why, spoil) => {
    const { upgraded, stream, other } = await upgrade();
    spoil(stream);
    expect(() => upgraded.release()).toThrow(
      expect.objectContaining({
        code: "INVALID_INPUT",
        message: matching(new RegExp(why)),
      }),
    );
    // Left as it was.
    other.write("more");
    expect((await once(stream, "data")).map(String)).toEqual(["more"]);
    await upgraded[Symbol.asyncDispose]();
    await other.ended;
  });

  it("is given back once, and closed only where it was not", async () => {
    const one = await upgrade();
    one.upgraded.release();
    one.upgraded.release();
    await one.upgraded[Symbol.asyncDispose]();
    const next = client.call("a.b.C");
    await one.other.answer({});
    await next;
    await turns(3);

    const called = client.upgrade("a.b.Shell");
    await one.other.call();
    one.other.reply({});
    {
      await using upgraded = await called;
      expect(upgraded.stream.destroyed).toBe(false);
    }
    await one.other.ended;
    expect(reported).toEqual([]);
  });

  it("goes with a peer that has gone", async () => {
    const { upgraded, stream, other } = await upgrade();
    other.end();
    expect(await takeAll(stream)).toHaveLength(0);
    upgraded.release();
    const next = client.call("a.b.C");
    await (await peer.accept()).answer({});
    await next;
    expect(reported).toEqual([]);
  });

  it("can be read to its end although the connection is closed", async () => {
    const { stream, other } = await upgrade();
    const bytes = pattern(10_000);
    stream.end();
    const raw = other.raw();
    await takeAll(raw);
    raw.end(bytes);
    await other.closed;
    await turns(5);
    expect((await takeAll(stream)).equals(bytes)).toBe(true);
    expect(stream.errored).toBe(null);
  });

  it("makes the peer wait when nobody reads, and reads on", async () => {
    const { stream, other } = await upgrade();
    const bytes = pattern(1024 * 1024);
    const size = 16 * 1024;
    let taken = 0;
    const raw = other.raw();
    for (let at = 0; at < bytes.length; at += size)
      raw.write(bytes.subarray(at, at + size), () => (taken += size));
    await turns(200);
    expect(taken).toBeLessThan(bytes.length / 2);
    expect((await take(stream, bytes.length)).equals(bytes)).toBe(true);
    await turns(10);
    expect(taken).toBe(bytes.length);
  });

  it("makes the writer wait when the peer does not read", async () => {
    const { stream, other } = await upgrade();
    const raw = other.raw();
    raw.pause();
    let written = 0;
    const chunk = pattern(16 * 1024);
    while (stream.write(chunk)) {
      written += chunk.length;
      await turns(3);
      expect(written).toBeLessThan(1024 * 1024);
    }
    const drained = new Promise((resolve) => stream.once("drain", resolve));
    raw.resume();
    await drained;
  });

  it("cuts and counts alike, whatever the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 }),
        async (body, cuts, reads) => {
          const called = client.upgrade("a.b.Shell");
          other ??= await peer.accept();
          await other.call();
          const bytes = Buffer.from(body);
          let rest = Buffer.concat([Buffer.from("{}\0"), bytes]);
          for (const cut of cuts) {
            other.write(rest.subarray(0, cut));
            rest = rest.subarray(cut);
            await turns();
          }
          other.write(rest);
          const { stream, release } = bound(await called);
          const parts: Buffer[] = [];
          let left = bytes.length;
          for (const read of [...reads, left]) {
            const part = await take(stream, Math.min(read, left));
            left -= part.length;
            parts.push(part);
          }
          expect(Buffer.concat(parts)).toEqual(bytes);
          release();
        },
      ),
      { numRuns: 40 },
    );
    expect(peer.accepted).toBe(1);
    expect(reported).toEqual([]);
  });
  let other: PeerConnection | undefined;
});

function memory(): Promise<Place> {
  const [entry] = transports;
  if (entry === undefined) throw new Error("there is no transport");
  return entry[1]();
}

/** As a program destructures it. */
function bound<T>(upgraded: Upgraded<T>): {
  readonly output: T;
  readonly stream: Duplex;
  readonly release: () => void;
} {
  const { output, stream } = upgraded;
  return { output, stream, release: () => upgraded.release() };
}
