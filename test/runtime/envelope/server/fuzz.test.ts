import fc from "fast-check";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { frame } from "../../../../src/runtime/envelope/framing.ts";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import { envelopeService } from "../../../../src/runtime/envelope/service.ts";
import { memoryPair } from "../../../../src/runtime/transport/memory.ts";
import { until } from "../../server/support.ts";
import { descriptor, ok, push, RawPeer, serve } from "./support.ts";

const handlers = {
  create() {},
  list: ({ mask = "" }: { mask?: string }) => ({ name: [mask] }),
  version: () => ({ tag: "probe" }),
  wait: async ({ name }: { name: string[] }) => ({ name: name[0] ?? "" }),
  async *asyncWait({ name }: { name: string[] }) {
    for (const one of name) yield { name: one, state: "stopped" };
    await turn();
    for (const one of name) yield { name: one, state: "dead" };
  },
};

describe("split points", () => {
  it("make no difference", async () => {
    const masks = ["", "a", "grüße 🎉", "x".repeat(300)];
    const bytes = Buffer.concat(
      masks.map((mask) => frame(descriptor.request.encode({ List: { mask } }))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }),
        async (cuts) => {
          await using served = await serve(handlers);
          const peer = await served.connect();
          const points = [0, ...cuts.sort((a, b) => a - b), bytes.length];
          for (let index = 1; index < points.length; index += 1)
            peer.stream.write(bytes.subarray(points[index - 1], points[index]));
          expect(await peer.end().rest()).toEqual(
            masks.map((mask) => ok({ List: { name: [mask] } })),
          );
          expect(served.protocolErrors).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("pushes and replies", () => {
  it("go out whole and each in their order, however they meet", async () => {
    const step = fc.constantFrom("tell", "call", "slow call", "breathe");
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        async (steps, size) => {
          const told = new PassThrough({ objectMode: true });
          const [client, accepted] = memoryPair({
            highWaterMark: 64,
            *split(bytes) {
              for (let at = 0; at < bytes.length; at += size)
                yield bytes.subarray(at, at + size);
            },
          });
          await using served = await serve({
            ...handlers,
            asyncWait: () => told,
            wait: async ({ name }: { name: string[] }) => {
              await turn();
              await turn();
              return { name: name[0] ?? "" };
            },
          });
          served.server.accept(accepted);
          const peer = new RawPeer(client);
          peer.send({ AsyncWait: {} });
          expect(await peer.next()).toEqual(ok());
          const pushed: object[] = [];
          const replied: object[] = [];
          for (const [index, kind] of steps.entries()) {
            const name = String(index);
            if (kind === "breathe") await turn();
            if (kind === "tell") {
              told.write({ name, state: "x" });
              pushed.push(push(name, "x"));
            }
            if (kind === "call") {
              peer.send({ List: { mask: name } });
              replied.push(ok({ List: { name: [name] } }));
            }
            if (kind === "slow call") {
              peer.send({ Wait: { name: [name] } });
              replied.push({ error: 0, Wait: { name } });
            }
          }
          const got = await peer.take(pushed.length + replied.length);
          const isPush = (message: object | undefined): boolean =>
            message !== undefined && "AsyncWait" in message;
          expect(got.filter(isPush)).toEqual(pushed);
          expect(got.filter((message) => !isPush(message))).toEqual(replied);
          expect(served.errors).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("fuzzed bytes", () => {
  const requests = [
    {},
    { Version: {} },
    { Create: { name: "abc", spec: { id: "x" } } },
    { List: { mask: "a*" }, Version: {} },
    { Wait: { name: ["a", "b"], timeout_ms: 7 } },
    { AsyncWait: { name: ["a", "b"], label: ["L.*"] } },
    { StopAsyncWait: { name: ["a", "b"], label: ["L.*"] } },
    { constructor: {} },
  ].map((request) => frame(descriptor.request.encode(request)));

  type Edit = readonly [
    "insert" | "replace" | "delete" | "cut",
    number,
    number,
  ];
  const edit: fc.Arbitrary<Edit> = fc.tuple(
    fc.constantFrom("insert", "replace", "delete", "cut"),
    fc.nat(1000),
    fc.nat(255),
  );

  function apply(bytes: Buffer, [kind, place, byte]: Edit): Buffer {
    const at = place % (bytes.length + 1);
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
    if (kind === "insert") return Buffer.concat([head, Buffer.of(byte), tail]);
    if (kind === "cut") return Buffer.from(head);
    if (kind === "delete") return Buffer.concat([head, tail.subarray(1)]);
    return Buffer.concat([head, Buffer.of(byte), tail.subarray(1)]);
  }

  const mutated = fc
    .tuple(
      fc.array(fc.constantFrom(...requests), { minLength: 1, maxLength: 4 }),
      fc.array(edit, { maxLength: 3 }),
    )
    .map(([frames, edits]) => edits.reduce(apply, Buffer.concat(frames)));
  const random = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => Buffer.from(bytes));

  it("end their own connection or are answered, and harm nothing", async () => {
    const errors: unknown[] = [];
    let broken = 0;
    const server = new EnvelopeServer(envelopeService(descriptor, handlers), {
      clock: () => 0,
      onError: (error) => errors.push(error),
      onProtocolError: () => {
        broken += 1;
      },
    });
    const open = (): RawPeer => {
      const [client, accepted] = memoryPair();
      server.accept(accepted);
      return new RawPeer(client);
    };
    const witness = open();
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 3, arbitrary: mutated }, random),
        async (bytes) => {
          const peer = open();
          peer.stream.write(bytes);
          peer.send({ Version: {} }).end();
          const replies = await peer.rest();
          // Whatever came, it is whole messages.
          expect(peer.partial).toBe(false);
          const last: { Version?: { tag: string } } | undefined =
            replies.at(-1);
          if (last?.Version?.tag === "probe") whole += 1;
          witness.send({ Version: {} });
          expect(await witness.next()).toMatchObject({
            Version: { tag: "probe" },
          });
        },
      ),
      { numRuns: 3000 },
    );
    // Both kinds are there, or the mutations would prove nothing.
    expect(whole).toBeGreaterThan(300);
    expect(broken).toBeGreaterThan(300);
    expect(errors).toEqual([]);
    await until(() => server.connections === 1);
    await server.close();
  });
});
