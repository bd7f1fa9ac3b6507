import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { PortolanError } from "../../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { framed, MiniClient, type Peer, startPeer } from "./support.ts";

let peer: Peer | undefined;
let client: MiniClient | undefined;

afterEach(async () => {
  await client?.$close();
  await peer?.close();
});

/** How a call or stream ended: with a value, or an error of ours. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (!PortolanError.is(error)) throw error;
    return error.code;
  }
}

const response = fc.oneof(
  fc.record(
    {
      error: fc.oneof(fc.nat(30), fc.constant("text")),
      text: fc.string(),
      List: fc.record({ name: fc.array(fc.string()) }),
      Watch: fc.record({ name: fc.string() }),
    },
    { requiredKeys: [] },
  ),
  fc.constant({}),
);

/** What a service might send: right, wrong, and cut off anywhere. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  fc
    .array(
      fc.oneof(
        response.map((one) => framed(one)),
        fc
          .uint8Array({ maxLength: 9 })
          .map((body) => framed(Buffer.from(body))),
      ),
      { maxLength: 4 },
    )
    .chain((frames) => {
      const all = Buffer.concat(frames);
      return fc.nat(all.length).map((end) => all.subarray(0, end));
    }),
);

describe("whatever a service sends", () => {
  it("settles every call and stream, and spoils no other", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.boolean(), async (one, two, whole) => {
        const endpoint = memoryEndpoint(
          whole
            ? {}
            : {
                split: (chunk) => [...chunk].map((byte) => Buffer.from([byte])),
              },
        );
        peer = await startPeer(endpoint);
        client = await MiniClient.connect(endpoint, {
          maxMessageSize: 1000,
          restoreTimeout: 0,
        });
        const call = outcome(client.create({ name: "a" }));
        const first = await peer.accept();
        await first.request();
        first.write(one);
        first.end();
        const stream = client.watch({});
        const item = outcome(stream.next());
        const second = await peer.accept();
        await second.request();
        second.write(two);
        second.end();
        await Promise.all([call, item]);
        let ended = false;
        while (!ended) {
          const next = await outcome(stream.next());
          ended = typeof next === "string" || (next as { done: boolean }).done;
        }
        const good = client.list({});
        const third = await peer.accept();
        await third.answer({ List: { name: ["good"] } });
        expect(await good).toEqual({ name: ["good"] });
        await client.$close();
        await peer.close();
      }),
      { numRuns: 200 },
    );
  });

  it("is read alike however it is cut up", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.string() }), { maxLength: 5 }),
        fc.nat(5),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        async (events, before, cuts) => {
          const endpoint = memoryEndpoint({
            *split(chunk) {
              let at = 0;
              for (let turn = 0; at < chunk.length; turn++) {
                const end = at + (cuts[turn % cuts.length] ?? 1);
                yield chunk.subarray(at, end);
                at = end;
              }
            },
          });
          peer = await startPeer(endpoint);
          client = await MiniClient.connect(endpoint);
          await peer.accept();
          const stream = client.watch({ target: "end" });
          const first = stream.next();
          const connection = await peer.accept();
          await connection.request();
          const pushes: object[] = events.map((event) => ({
            error: 0,
            Watch: event,
          }));
          pushes.splice(before, 0, { error: 0, text: "" });
          connection.send(...pushes, {
            error: 0,
            Watch: { name: "last", state: "end" },
          });
          const items: unknown[] = [(await first).value];
          for await (const item of stream) items.push(item);
          expect(items).toEqual([...events, { name: "last", state: "end" }]);
          await client.$close();
          await peer.close();
        },
      ),
      { numRuns: 100 },
    );
  });
});
