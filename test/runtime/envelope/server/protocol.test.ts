// What a server answers to, byte by byte: the table that was measured on Porto's
// daemon, in its normal mode.
import { describe, expect, it } from "vitest";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import { envelopeService } from "../../../../src/runtime/envelope/service.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import {
  descriptor,
  failed,
  MiniError,
  NOW,
  ok,
  serve,
  type TestHandlers,
} from "./support.ts";

/** The time of every reply, as it is written: field 1000. */
const TIME = "c03e80e2cfaa06";

const handlers: TestHandlers = {
  create({ name = "" }: { name?: string }) {
    if (name === "busy") throw new MiniError(15, "it is busy");
  },
  list: ({ mask = "all" }: { mask?: string }) => ({ name: [mask] }),
  version: () => ({ tag: "t", revision: "r" }),
  wait: ({ name }: { name: string[] }) => ({
    name: name.at(-1) ?? "",
    state: "timeout",
  }),
  getSystem: () => ({
    errors: 2n,
    $unknown: Buffer.from("59080000000000000000".slice(0, 18), "hex"),
  }),
};

const VERSION = `0800 1200 4206 0a0174 120172 ${TIME}`;
const INVALID = `0802 1212 ${Buffer.from("invalid RPC method").toString("hex")} ${TIME}`;

/** A frame out of its body's digits. */
function framed(body: string): string {
  const digits = body.replaceAll(" ", "");
  return (digits.length / 2).toString(16).padStart(2, "0") + digits;
}

describe("a request", () => {
  it.each([
    ["of a command", "72 00", VERSION],
    ["without result", "0a 03 0a 01 61", `0800 1200 ${TIME}`],
    ["whose reply is bare", "8201 00", "0800 5a 0b 0a00 1207 74696d656f7574"],
    ["that is empty", "", INVALID],
    ["of an unknown command", "ba3e 00", INVALID],
    ["of a command without a handler", "9a01 00", INVALID],
    [
      "of a command that is called as what every object has",
      "c20c 00",
      INVALID,
    ],
    ["with an unknown field beside the command", "ba3e 00 72 00", VERSION],
    ["with an unknown number beside the command", "72 00 b83e 01", VERSION],
    ["with an unknown field in the command", "72 02 7801", VERSION],
    [
      "with an unknown field deeper",
      "0a 0a 0a0161 12 05 0a0169 7801",
      `0800 1200 ${TIME}`,
    ],
    [
      "of two commands runs the one that has priority",
      "72 00 1a 00",
      `0800 1200 1a05 0a03616c6c ${TIME}`,
    ],
    [
      "of two commands without priority runs the first of the interface",
      "8201 00 72 00",
      VERSION,
    ],
    [
      "of a command that comes twice runs it once, merged",
      "8201 03 0a0161 8201 03 0a0162",
      "0800 5a 0c 0a0162 1207 74696d656f7574",
    ],
    ["of a command with another wire type", "70 01", INVALID],
    [
      "with a string that is not UTF-8",
      "1a 03 0a01ff",
      `0800 1200 1a05 0a03efbfbd ${TIME}`,
    ],
    [
      "that a handler refuses",
      "0a 06 0a04 62757379",
      `080f 120a ${Buffer.from("it is busy").toString("hex")} ${TIME}`,
    ],
    [
      "whose reply has raw fields",
      "e212 00",
      `0800 1200 e212 12 21 0200000000000000 59 0800000000000000 ${TIME}`,
    ],
  ])("%s", async (_what, request, reply) => {
    await using served = await serve(handlers);
    const peer = await served.connect();
    // Twice, for the connection stays.
    peer.raw(framed(request)).raw(framed(request)).end();
    for (const _ of [1, 2]) {
      const body = await peer.nextBody();
      expect(Buffer.from(body ?? []).toString("hex")).toBe(
        reply.replaceAll(" ", ""),
      );
    }
    expect(await peer.nextBody()).toBeUndefined();
    expect(served.errors).toEqual([]);
    expect(served.protocolErrors).toEqual([]);
  });
});

describe("a connection ends without a reply", () => {
  it.each([
    ["a body that cannot be decoded", "02 72 05", "MALFORMED_MESSAGE"],
    ["a field of wire type 7", "02 77 00", "MALFORMED_MESSAGE"],
    ["a missing required field", "06 0a 04 0a00 1200", "MALFORMED_MESSAGE"],
    ["a length with needless bytes", "82 80 00 72 00", "PROTOCOL"],
    ["a length of more than 32 bits", "82 80 80 80 10 72 00", "PROTOCOL"],
    ["a length that never ends", "ff".repeat(10), "PROTOCOL"],
    ["a length above the limit", "81 80 80 10", "LIMIT_EXCEEDED"],
    ["an end in the middle of a body", "05 72", "PROTOCOL"],
    ["an end in the middle of a length", "80", "PROTOCOL"],
  ])(
    "for %s, after what came before was answered",
    async (_what, bytes, code) => {
      await using served = await serve(handlers);
      const other = await served.connect();
      const peer = await served.connect();
      peer.send({ Version: {} }).raw(bytes).send({ Version: {} }).end();
      expect(await peer.rest()).toEqual([
        ok({ Version: { tag: "t", revision: "r" } }),
      ]);
      await peer.ended;
      expect(served.protocolErrors.map((error) => error.code)).toEqual([code]);
      // Nobody else is touched.
      expect(await other.send({ List: {} }).next()).toEqual(
        ok({ List: { name: ["all"] } }),
      );
    },
  );

  it("at once, while the client's side is open, for a request that is too long", async () => {
    await using served = await serve(handlers, { maxRequestSize: 100 });
    const peer = await served.connect();
    peer.raw("65");
    expect(await peer.nextBody()).toBeUndefined();
    expect(served.protocolErrors).toMatchObject([{ code: "LIMIT_EXCEEDED" }]);
  });

  it("but not for a request that is as long as may be", async () => {
    await using served = await serve(handlers, { maxRequestSize: 100 });
    const peer = await served.connect();
    peer.send({ List: { mask: "x".repeat(96) } });
    expect(await peer.next()).toEqual(ok({ List: { name: ["x".repeat(96)] } }));
  });

  it("has room for 32 MiB by default, and takes them in any pieces", async () => {
    let cut = 1;
    await using served = await serve(
      { create: ({ name }: { name: string }) => void sizes.push(name.length) },
      {},
      memoryEndpoint({
        *split(bytes) {
          for (let at = 0; at < bytes.length; cut *= 3) {
            yield bytes.subarray(at, at + cut);
            at += cut;
          }
        },
      }),
    );
    const sizes: number[] = [];
    const peer = await served.connect();
    const size = 32 * 1024 * 1024;
    const head = Buffer.from("0afbffff0f0af6ffff0f", "hex");
    peer.send(Buffer.concat([head, Buffer.alloc(size - head.length, "a")]));
    expect(await peer.next()).toEqual(ok());
    expect(sizes).toEqual([size - 10]);
    peer.raw("81808010");
    expect(await peer.nextBody()).toBeUndefined();
  });
});

describe("bytes", () => {
  it("may come one by one, and the client may end its side behind them", async () => {
    await using served = await serve(
      handlers,
      {},
      memoryEndpoint({
        *split(bytes) {
          for (const byte of bytes) yield Buffer.of(byte);
        },
      }),
    );
    const peer = await served.connect();
    peer.send({ Version: {} }, { List: {} }).end();
    expect(await peer.rest()).toEqual([
      ok({ Version: { tag: "t", revision: "r" } }),
      ok({ List: { name: ["all"] } }),
    ]);
    expect(served.protocolErrors).toEqual([]);
  });
});

describe("what the interface does not name", () => {
  it("is not in replies: neither text nor time", async () => {
    const { errorMessage: _text, timestamp: _time, ...rest } = descriptor;
    const server = new EnvelopeServer(envelopeService(rest, handlers));
    const endpoint = memoryEndpoint();
    await server.listen(endpoint);
    const { RawPeer } = await import("./support.ts");
    const peer = new RawPeer(await endpoint.connect({}));
    expect(await peer.send({ Create: {} }).next()).toEqual({ error: 0 });
    await server.close();
  });

  it("is answered with the code that an absent one means", async () => {
    await using served = await serve(handlers, {}, memoryEndpoint(), {
      failures: {},
    });
    const peer = await served.connect();
    expect(await peer.send({}).next()).toEqual(failed(23, ""));
  });

  it("comes after what priority lists, in the order of the interface", async () => {
    await using served = await serve(handlers, {}, memoryEndpoint(), {
      priority: ["Wait", "Unheard"],
    });
    const peer = await served.connect();
    peer.send({ Create: {}, Wait: {}, Version: {} });
    expect(await peer.next()).toMatchObject({ Wait: {} });
    peer.send({ List: {}, Create: {} });
    expect(await peer.next()).toEqual(ok());
  });
});

describe("the time", () => {
  it.each([
    ["bigint", 0n, NOW],
    ["number", 0, Number(NOW)],
    ["string", "0", String(NOW)],
  ])(
    "is a %s where 64 bits are one in the generated code",
    async (_kind, zero, time) => {
      const written: unknown[] = [];
      const { response } = descriptor;
      await using served = await serve(handlers, {}, memoryEndpoint(), {
        response: {
          ...response,
          defaults: { ...response.defaults, timestamp: zero },
          encode(message, options) {
            written.push((message as { timestamp?: unknown }).timestamp);
            return response.encode({ ...message, timestamp: NOW }, options);
          },
        },
      });
      const peer = await served.connect();
      await peer.send({ Create: {} }).next();
      expect(written.at(-1)).toBe(time);
    },
  );

  it("is when the request was taken up, not when it was answered", async () => {
    let now = 5000;
    await using served = await serve(
      {
        async create() {
          now = 9000;
        },
      },
      { clock: () => now },
    );
    const peer = await served.connect();
    peer.send({ Create: {} }, { Create: {} });
    expect(await peer.take(2)).toMatchObject([
      { timestamp: 5n },
      { timestamp: 9n },
    ]);
  });
});
