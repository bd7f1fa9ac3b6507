import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryPair } from "../../../src/runtime/transport/memory.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { service } from "../../../src/runtime/varlink/service.ts";
import { info, descriptor, RawPeer, serve, until } from "./support.ts";

const echo = ({ text }: { readonly text: string }): object => ({ text });
const nothing = (): void => {};
const Nothing = "org.example.test.Nothing";

describe("split points", () => {
  it("make no difference", async () => {
    const texts = [
      "",
      "a",
      "grüße 🎉",
      "\u{0}",
      '"',
      "\u{2028}",
      "x".repeat(300),
    ];
    const bytes = Buffer.from(
      texts
        .map(
          (text) =>
            `${JSON.stringify({ method: "org.example.test.Echo", parameters: { text } })}\0`,
        )
        .join(""),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(bytes.length), { maxLength: 60 }),
        async (cuts) => {
          await using served = await serve({ echo });
          const peer = await served.connect();
          const points = [0, ...cuts.sort((a, b) => a - b), bytes.length];
          for (let index = 1; index < points.length; index += 1) {
            peer.stream.write(bytes.subarray(points[index - 1], points[index]));
          }
          const replies = await peer.end().rest();
          expect(replies.map((reply) => reply.parameters?.["text"])).toEqual(
            texts,
          );
          expect(served.protocolErrors).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("fuzzed frames", () => {
  /** A small generator of our own, so that a failure can be run again by its seed. */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }
  const seeds = [
    `{"method":"${Nothing}"}`,
    '{"method":"org.example.test.Echo","parameters":{"text":"hello"}}',
    '{"method":"org.example.test.Paint","parameters":{"colours":["red","green"]},"oneway":true}',
    '{"method":"org.example.test.Count","parameters":{"to":3},"more":true}',
    '{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"org.example.test"}}',
  ].map((text) => Buffer.from(`${text}\0`));
  const tokens = [
    "\0",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "null",
    "true",
    "1e999",
    "-",
    "\\u0000",
    "\\",
    "é",
    '"__proto__"',
    '"more":true,',
    "\u{1f389}",
  ].map((token) => Buffer.from(token));

  function mutate(next: () => number): Buffer {
    const pick = <T>(list: readonly T[]): T =>
      list[Math.floor(next() * list.length)] as T;
    let bytes = Buffer.from(pick(seeds));
    for (let edits = 1 + Math.floor(next() * 3); edits > 0; edits -= 1) {
      const at = Math.floor(next() * (bytes.length + 1));
      const kind = Math.floor(next() * 5);
      const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
      if (kind === 0)
        bytes = Buffer.concat([
          head,
          Buffer.of(Math.floor(next() * 256)),
          tail,
        ]);
      else if (kind === 1)
        bytes = Buffer.concat([
          head,
          tail.subarray(1 + Math.floor(next() * 4)),
        ]);
      else if (kind === 2) bytes = Buffer.concat([head, pick(tokens), tail]);
      else if (kind === 3)
        bytes = Buffer.concat([
          head,
          pick(seeds).subarray(0, Math.floor(next() * 40)),
          tail,
        ]);
      else
        bytes = Buffer.concat([
          head,
          Buffer.of(Math.floor(next() * 256)),
          tail.subarray(1),
        ]);
    }
    return bytes;
  }

  it(
    "20 000 of them: every connection is answered or closed, and the server lives",
    { timeout: 60_000 },
    async () => {
      const errors: unknown[] = [];
      const server = new VarlinkServer({
        ...info,
        onError: (error) => errors.push(error),
      });
      server.add(
        service(descriptor, {
          echo,
          nothing,
          paint: () => ({ colour: "red" }),
          *count({ to = 0 }: { to?: number | null }) {
            for (let number = 0; number < Math.min(to ?? 0, 100); number += 1)
              yield { number };
          },
        }),
      );
      const next = random(20);
      let closedEarly = 0;
      let replied = 0;
      for (let round = 0; round < 200; round += 1) {
        await Promise.all(
          Array.from({ length: 100 }, async () => {
            const [client, accepted] = memoryPair();
            server.accept(accepted);
            const peer = new RawPeer(client);
            peer.stream.write(mutate(next));
            peer.call("Echo", { text: "probe" });
            const replies = await peer.end().rest();
            // Every reply is a message of its own; a closed connection has no probe's.
            const answered = replies.at(-1)?.parameters?.["text"] === "probe";
            if (answered) replied += 1;
            else closedEarly += 1;
          }),
        );
      }
      expect(replied + closedEarly).toBe(20_000);
      // Both kinds are there, or the mutations would prove nothing.
      expect(replied).toBeGreaterThan(1000);
      expect(closedEarly).toBeGreaterThan(1000);
      expect(errors).toEqual([]);
      await until(() => server.connections === 0);
      await server.close();
    },
  );
});
