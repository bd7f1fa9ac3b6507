import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INTERNAL_ERROR } from "../../../src/runtime/varlink/server.ts";
import { serve } from "./support.ts";

type Settle = (value: unknown) => void;

/** What a handler may return that has `then` and is no promise. */
const ways = {
  atOnce: (settle: Settle, value: object) => settle(value),
  twice: (settle: Settle, value: object) => {
    settle(value);
    settle({ text: "again" });
  },
  later: (settle: Settle, value: object) => queueMicrotask(() => settle(value)),
  inTurn: (settle: Settle, value: object) => setImmediate(settle, value),
} as const;

type Way = keyof typeof ways;

const names = Object.keys(ways) as Way[];

function thenable(way: Way, failing: boolean, text: string): object {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- That is what is tested.
    then(resolve: Settle, reject: Settle) {
      if (failing) ways[way](reject, new Error(text));
      else ways[way](resolve, { text });
    },
  };
}

describe("what handlers return with a then of its own", () => {
  it("is answered once, and in order, however it calls back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.boolean()), {
          minLength: 1,
          maxLength: 8,
        }),
        async (calls) => {
          await using served = await serve({
            echo: ({ text }: { readonly text: string }) => {
              const [way = "atOnce", failing = false] =
                calls[Number(text)] ?? [];
              return thenable(way, failing, text);
            },
          });
          const peer = await served.connect();
          for (const index of calls.keys())
            peer.call("Echo", { text: String(index) });
          for (const [index, [, failing]] of calls.entries()) {
            expect(await peer.next()).toEqual(
              failing
                ? { error: INTERNAL_ERROR }
                : { parameters: { text: String(index) } },
            );
          }
          // Nothing of theirs comes in front of the answer to this one.
          expect(await peer.call("Nothing").next()).toMatchObject({
            error: "org.varlink.service.MethodNotImplemented",
          });
          expect(served.errors).toHaveLength(
            calls.filter(([, failing]) => failing).length,
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
