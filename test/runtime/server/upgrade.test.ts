import type { Duplex } from "node:stream";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import type { Call, UpgradeReply } from "../../../src/runtime/varlink/types.ts";
import { RAW, pattern, take, takeAll } from "../../support/bytes.ts";
import { matching } from "../../support/matching.ts";
import {
  gate,
  type RawPeer,
  removeFolders,
  serve,
  transports,
  until,
} from "./support.ts";

afterAll(removeFolders);
afterEach(() => {
  vi.useRealTimers();
});

const nothing = (): void => {};
const UPGRADE = { upgrade: true };

/** A call as bytes. */
function call(method: string, parameters: object, flags: object = {}): Buffer {
  return Buffer.from(
    `${JSON.stringify({ method: `org.example.test.${method}`, parameters, ...flags })}\0`,
  );
}

/** All that has come, as bytes. */
function bytesOf(peer: RawPeer): Buffer {
  return Buffer.from(peer.text, "latin1");
}

describe.each(transports)("an upgrade on $name", ({ open }) => {
  it("hands over every byte behind the call, wherever it is cut, and goes on behind them", async () => {
    const taken: Buffer[] = [];
    await using served = await serve(
      {
        nothing,
        count: ({ to }: { readonly to: number }, made: Call) =>
          made.upgraded({ number: to }, async (stream) => {
            taken.push(await take(stream, to));
            stream.write(RAW);
          }),
      },
      await open(),
    );
    const upgrade = call("Count", { to: RAW.length }, UPGRADE);
    const all = Buffer.concat([
      call("Nothing", {}),
      upgrade,
      RAW,
      call("Nothing", {}),
      upgrade,
      RAW,
    ]);
    const expected = Buffer.concat([
      Buffer.from('{}\0{"parameters":{"number":10}}\0'),
      RAW,
      Buffer.from('{}\0{"parameters":{"number":10}}\0'),
      RAW,
    ]);
    const peer = await served.connect();
    for (let cut = 0; cut <= all.length; cut++) {
      const before = bytesOf(peer).length;
      peer.stream.write(all.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      peer.stream.write(all.subarray(cut));
      await until(() => bytesOf(peer).length >= before + expected.length);
      expect(bytesOf(peer).subarray(before)).toEqual(expected);
    }
    expect(taken.every((bytes) => bytes.equals(RAW))).toBe(true);
    expect(served.errors).toEqual([]);
    expect(served.protocolErrors).toEqual([]);
  });

  it("carries a mebibyte each way, and ends when both have ended", async () => {
    const bytes = pattern(1024 * 1024);
    let got: Buffer | undefined;
    let signal: AbortSignal | undefined;
    await using served = await serve(
      {
        nothing: (_input, made) => {
          ({ signal } = made);
          return made.upgraded({}, async (stream) => {
            stream.end(bytes);
            got = await takeAll(stream);
          });
        },
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.end(bytes);
    await peer.ended;
    expect(
      bytesOf(peer).equals(Buffer.concat([Buffer.from("{}\0"), bytes])),
    ).toBe(true);
    await until(() => served.server.connections === 0);
    expect(got?.equals(bytes)).toBe(true);
    expect(signal?.aborted).toBe(false);
    expect(served.errors).toEqual([]);
  });

  it("sends all that was written before the connection ends", async () => {
    const bytes = pattern(500_000);
    await using served = await serve(
      {
        nothing: (_input, made) =>
          made.upgraded({}, (stream) => {
            // Not waited for, and more than any buffer takes.
            for (let at = 0; at < bytes.length; at += 50_000)
              stream.write(bytes.subarray(at, at + 50_000));
            stream.end();
          }),
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE).call("Nothing");
    await peer.ended;
    expect(bytesOf(peer).subarray(3).equals(bytes)).toBe(true);
    await until(() => served.server.connections === 0);
    expect(served.errors).toEqual([]);
  });

  it("tells its handler that the client is gone, and nobody else", async () => {
    const aborted = gate();
    let stream: Duplex | undefined;
    await using served = await serve(
      {
        nothing: (_input, made) =>
          made.upgraded({}, async (given) => {
            stream = given;
            made.signal.addEventListener("abort", aborted.open);
            for (;;)
              await new Promise<void>((resolve, reject) => {
                given.write(pattern(10_000), (error) => {
                  if (error) reject(error);
                  else resolve();
                });
              });
          }),
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    await until(() => peer.text.length > 100);
    peer.stream.destroy();
    await aborted.opened;
    await until(() => served.server.connections === 0);
    expect(stream?.errored).toMatchObject({ code: "CONNECTION_LOST" });
    expect(served.errors).toEqual([]);
  });
});

describe("a handler that is asked to upgrade", () => {
  it("is told so", async () => {
    const seen: boolean[] = [];
    await using served = await serve({
      nothing: (_input, made) => {
        seen.push(made.upgrade);
        return made.upgrade ? made.upgraded({}, nothing) : {};
      },
    });
    const peer = await served.connect();
    peer.call("Nothing").call("Nothing", {}, UPGRADE).call("Nothing");
    expect(await peer.take(3)).toEqual([{}, {}, {}]);
    expect(seen).toEqual([false, true, false]);
  });

  it("confirms before it says anything else", async () => {
    await using served = await serve({
      nothing: (_input, made) =>
        made.upgrade
          ? made.upgraded({}, (stream) => {
              stream.write("raw\0");
            })
          : {},
    });
    const peer = await served.connect();
    // Both are answered in one tick, whose replies are joined.
    peer.send(
      { method: "org.example.test.Nothing" },
      { method: "org.example.test.Nothing", upgrade: true },
    );
    await until(() => peer.text.length === 10);
    expect(peer.text).toBe("{}\0{}\0raw\0");
  });

  it("may refuse: the connection speaks Varlink on", async () => {
    await using served = await serve({
      nothing,
      echo: () => {
        throw new VarlinkError("org.example.test.Silent", {});
      },
    });
    const peer = await served.connect();
    peer.call("Echo", { text: "" }, UPGRADE).call("Nothing");
    expect(await peer.take(2)).toEqual([
      { error: "org.example.test.Silent" },
      {},
    ]);
    expect(served.errors).toEqual([]);
  });

  it.each([
    ["a plain reply", () => ({})],
    ["no reply", () => {}],
    ["a promise of one", () => Promise.resolve({})],
  ])("confirms nothing with %s", async (_name, handler) => {
    await using served = await serve({ nothing: handler, echo: nothing });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE).call("Nothing");
    expect(await peer.take(2)).toEqual([
      {
        error: "org.varlink.service.MethodNotImplemented",
        parameters: { method: "org.example.test.Nothing" },
      },
      {},
    ]);
    expect(served.errors).toMatchObject([
      {
        error: { code: "INVALID_REPLY", message: matching(/call\.upgraded/) },
        context: { method: "org.example.test.Nothing" },
      },
    ]);
  });

  it("confirms nothing with a stream, which needs `more`", async () => {
    await using served = await serve({
      *count() {
        yield { number: 1 };
      },
      nothing: () => [{}],
    });
    const peer = await served.connect();
    peer.call("Count", {}, UPGRADE).call("Nothing", {}, UPGRADE);
    const reply = { error: "org.varlink.service.ExpectedMore" };
    expect(await peer.take(2)).toEqual([reply, reply]);
    expect(served.errors).toEqual([]);
  });

  it("confirms nothing with a reply that does not fit", async () => {
    let spoken = false;
    await using served = await serve({
      nothing,
      echo: (_input, made) =>
        made.upgraded({ text: 5 }, () => {
          spoken = true;
        }),
    });
    const peer = await served.connect();
    peer.call("Echo", { text: "" }, UPGRADE).call("Nothing");
    expect(await peer.take(2)).toEqual([
      { error: "invalid.portolan.InternalError" },
      {},
    ]);
    expect(spoken).toBe(false);
    expect(served.errors).toMatchObject([{ error: { code: "INVALID_REPLY" } }]);
  });

  it("cannot upgrade what was not asked for", async () => {
    let spoken = false;
    await using served = await serve({
      nothing: (_input, made) =>
        made.upgraded({}, () => {
          spoken = true;
        }),
    });
    const peer = await served.connect();
    peer
      .call("Nothing")
      .call("Nothing", {}, { more: true })
      .call("Nothing", {}, { oneway: true })
      .call("Nothing", {}, UPGRADE);
    const reply = { error: "org.varlink.service.ExpectedUpgrade" };
    expect(await peer.take(3)).toEqual([reply, reply, {}]);
    await until(() => spoken);
    expect(served.errors).toEqual([]);
  });

  it("is not asked where the description says that only upgrades will do", async () => {
    let called = 0;
    const handler = (_input: never, made: Call): unknown => {
      called += 1;
      return made.upgrade ? made.upgraded({}, nothing) : [{}];
    };
    await using served = await serve(
      { nothing: handler, bind: handler },
      memoryEndpoint(),
      {},
      {
        methods: {
          Nothing: { input: {}, output: {}, upgrade: "required" },
          Bind: {
            input: {},
            output: {},
            more: "required",
            upgrade: "required",
          },
        },
      },
    );
    const peer = await served.connect();
    peer
      .call("Nothing")
      .call("Nothing", {}, { more: true })
      .call("Bind")
      .call("Nothing", {}, UPGRADE)
      .call("Bind", {}, UPGRADE)
      .call("Bind", {}, { more: true });
    const upgrade = { error: "org.varlink.service.ExpectedUpgrade" };
    const more = { error: "org.varlink.service.ExpectedMore" };
    expect(await peer.take(6)).toEqual([upgrade, upgrade, more, {}, {}, {}]);
    expect(called).toBe(3);
  });

  it("is not the server itself", async () => {
    await using served = await serve({ nothing });
    const peer = await served.connect();
    for (const [name, parameters] of [
      ["GetInfo", {}],
      ["GetInterfaceDescription", { interface: "org.example.test" }],
    ] as const) {
      const method = `org.varlink.service.${name}`;
      expect(
        await peer.send({ method, parameters, upgrade: true }).next(),
      ).toEqual({
        error: "org.varlink.service.MethodNotImplemented",
        parameters: { method },
      });
    }
    expect(await peer.call("Nothing").next()).toEqual({});
    expect(served.errors).toEqual([]);
  });
});

describe("bytes that come before an upgrade is confirmed", () => {
  it("are kept, whatever they are, and as long as it takes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const ready = gate();
    const slow = gate();
    let got: Buffer | undefined;
    await using served = await serve(
      {
        nothing: () => slow.opened,
        echo: async ({ text }: { readonly text: string }, made: Call) => {
          await ready.opened;
          return made.upgraded({ text }, async (stream) => {
            got = await take(stream, 1000);
          });
        },
      },
      memoryEndpoint(),
      { frameTimeout: 50, maxMessageSize: 300 },
    );
    const peer = await served.connect();
    // Longer than a message may be, and not complete for long.
    const bytes = Buffer.concat([RAW, Buffer.alloc(990, "x")]);
    peer.stream.write(
      Buffer.concat([
        call("Nothing", {}),
        // A name with an escape is the same name.
        Buffer.from(
          call("Echo", { text: "a" }, UPGRADE)
            .toString()
            .replace('"upgrade"', '"\\u0075pgrade"'),
        ),
        bytes.subarray(0, 500),
      ]),
    );
    await vi.advanceTimersByTimeAsync(1000);
    slow.open();
    expect(await peer.next()).toEqual({});
    peer.stream.write(bytes.subarray(500));
    await vi.advanceTimersByTimeAsync(1000);
    ready.open();
    expect(await peer.next()).toEqual({ parameters: { text: "a" } });
    expect(await peer.call("Echo", { text: 5 }).next()).toMatchObject({
      error: "org.varlink.service.InvalidParameter",
    });
    expect(got?.equals(bytes)).toBe(true);
    expect(served.protocolErrors).toEqual([]);
  });

  it("may be all that the client has to say", async () => {
    const ready = gate();
    await using served = await serve({
      nothing: async (_input, made) => {
        await ready.opened;
        return made.upgraded({}, async (stream) => {
          stream.end(await takeAll(stream));
        });
      },
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.end(RAW);
    for (let turn = 0; turn < 5; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    ready.open();
    await peer.ended;
    expect(bytesOf(peer).subarray(3)).toEqual(RAW);
  });

  it("are calls where it is refused", async () => {
    const ready = gate();
    await using served = await serve({
      nothing: () => ready.opened.then(() => Promise.reject(new Error("no"))),
      echo: ({ text }: { readonly text: string }) => ({ text }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    for (const text of ["a", "b", "c"]) peer.call("Echo", { text });
    ready.open();
    expect((await peer.take(4)).map((reply) => reply?.parameters)).toEqual([
      undefined,
      { text: "a" },
      { text: "b" },
      { text: "c" },
    ]);
  });

  it.each(["its handler", "a call before it"])(
    "are not taken without end while %s takes its time",
    async (slow) => {
      const ready = gate();
      let got = 0;
      const upgraded = (made: Call): UpgradeReply<object> =>
        made.upgraded({}, async (stream) => {
          got = (await take(stream, 4 * 1024 * 1024)).length;
        });
      await using served = await serve({
        echo: async ({ text }: { readonly text: string }) => {
          await ready.opened;
          return { text };
        },
        nothing: (_input, made) =>
          slow === "its handler"
            ? ready.opened.then(() => upgraded(made))
            : upgraded(made),
      });
      const peer = await served.connect();
      if (slow !== "its handler") peer.call("Echo", { text: "" });
      peer.call("Nothing", {}, UPGRADE);
      let sent = 0;
      const chunk = Buffer.alloc(64 * 1024);
      for (let count = 0; count < 64; count++)
        peer.stream.write(chunk, () => (sent += chunk.length));
      for (let turn = 0; turn < 300; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      expect(sent).toBeLessThan(2 * 1024 * 1024);
      ready.open();
      await until(() => got > 0);
      expect(got).toBe(4 * 1024 * 1024);
      if (slow !== "its handler")
        expect(await peer.next()).toEqual({ parameters: { text: "" } });
      expect(await peer.next()).toEqual({});
      peer.call("Echo", { text: "again" });
      expect(await peer.next()).toEqual({ parameters: { text: "again" } });
    },
  );
});
