import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serve } from "./support.ts";

const echo = ({ text }: { readonly text: string }): object => ({ text });

// Broken frames are the business of test/fuzz.
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
