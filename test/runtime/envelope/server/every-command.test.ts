// Every command of Porto between the generated client and server: what one says is
// what the other hears.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portoDescriptor } from "../../../../generated/porto/descriptor.ts";
import { PortoClient } from "../../../../generated/porto/index.ts";
import type { StructDeclaration } from "../../../../src/model/api.ts";
import { envelopeService } from "../../../../src/runtime/envelope/service.ts";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import type { CommandCall } from "../../../../src/runtime/envelope/types.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { methodNames } from "../../../../src/runtime/varlink/names.ts";
import { type Data, serviceOf } from "../../../emit/proto-codec/support.ts";
import { RandomMessages } from "../../../emit/proto-codec/random.ts";

const service = serviceOf(
  readFileSync(
    new URL("../../../../interfaces/porto.proto", import.meta.url),
    "utf8",
  ),
);

const structs = new Map<string, StructDeclaration>(
  service.types.flatMap((type) =>
    type.kind === "struct" ? [[type.path.join("."), type] as const] : [],
  ),
);

/** Commands by the names that clients and handlers have for them. */
const commands = [...methodNames(Object.keys(portoDescriptor.methods))].flatMap(
  ([wireName, name]) => {
    const method = portoDescriptor.methods[wireName];
    return method === undefined ? [] : [{ wireName, name, method }];
  },
);
const plain = commands.filter(
  ({ wireName }) => wireName !== "AsyncWait" && wireName !== "StopAsyncWait",
);

type Call = (input: Data) => Promise<Data | undefined>;
type Watch = (input: Data) => AsyncIterable<Data>;

function struct(typeName: string): StructDeclaration {
  const found = structs.get(typeName);
  if (found === undefined) throw new Error(`there is no ${typeName}`);
  return found;
}

/** What was said is in what was heard; that may have more, which peers demand. */
function isIn(said: unknown, heard: unknown): boolean {
  if (said === undefined || Object.is(said, heard)) return true;
  if (said instanceof Uint8Array && heard instanceof Uint8Array)
    return Buffer.compare(said, heard) === 0;
  if (typeof said !== "object" || typeof heard !== "object") return false;
  if (said === null || heard === null) return false;
  const names = Object.keys(said);
  if (Array.isArray(said) && names.length !== Object.keys(heard).length)
    return false;
  return names.every((name) =>
    isIn((said as Data)[name], (heard as Data)[name]),
  );
}

/** Pieces of bytes, so that messages come in several and pieces hold several. */
function cutter(size: number): (bytes: Buffer) => Iterable<Buffer> {
  return function* cut(bytes) {
    const step = Math.max(size, Math.ceil(bytes.length / 50));
    for (let at = 0; at < bytes.length; at += step)
      yield bytes.subarray(at, at + step);
  };
}

describe("every command", () => {
  it("is heard with what was said, and its result as it was returned", async () => {
    expect(plain).toHaveLength(58);
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 1, max: 2000 }),
        async (seed, size) => {
          const random = new RandomMessages(service, seed, 3);
          const heard = new Map<string, object>();
          const returned = new Map<string, object>();
          const handlers = Object.fromEntries(
            plain.map(({ name, method: { output } }) => [
              name,
              (input: object, { method }: CommandCall) => {
                heard.set(method, input);
                if (output === undefined) return undefined;
                const result = random.message(struct(output.typeName));
                returned.set(method, result);
                return result;
              },
            ]),
          );
          const errors: unknown[] = [];
          await using server = new EnvelopeServer(
            envelopeService(portoDescriptor, handlers),
            {
              onError: (error) => errors.push(error),
              onProtocolError: (error) => errors.push(error),
            },
          );
          const endpoint = memoryEndpoint({ split: cutter(size) });
          await server.listen(endpoint);
          await using client = await PortoClient.connect(endpoint);
          const calls = client as unknown as { readonly [name: string]: Call };
          await Promise.all(
            plain.map(async ({ wireName, name, method }) => {
              const input = random.message(struct(method.input.typeName));
              const result = await calls[name]?.(input);
              const seen = heard.get(wireName);
              expect([wireName, isIn(input, seen)]).toEqual([wireName, true]);
              // What was not said and was heard is what the daemon demands.
              const complete = { complete: true } as const;
              expect(seen).toEqual(
                method.input.decode(method.input.encode(input, complete)),
              );
              const expected = returned.get(wireName);
              expect([wireName, isIn(expected, result)]).toEqual([
                wireName,
                true,
              ]);
              expect(result === undefined).toBe(method.output === undefined);
            }),
          );
          expect(errors).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("that subscribes tells all that was yielded", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 1, max: 20 }),
        async (seed, count) => {
          const random = new RandomMessages(service, seed, 3);
          const input = random.message(struct("Porto.TWaitRequest"));
          const items = Array.from({ length: count }, () =>
            random.message(struct("Porto.TWaitResponse")),
          );
          let heard: unknown;
          const subscribing = {
            *asyncWait(given: object) {
              heard = given;
              yield* items;
            },
          };
          await using server = new EnvelopeServer(
            envelopeService(portoDescriptor, subscribing),
          );
          const endpoint = memoryEndpoint();
          await server.listen(endpoint);
          await using client = await PortoClient.connect(endpoint);
          const { asyncWait } = client as unknown as { asyncWait: Watch };
          // Where it ends by what it says is told in other tests.
          const endless = { ...input, target_state: undefined };
          let index = 0;
          for await (const item of asyncWait(endless)) {
            expect(isIn(items[index], item)).toBe(true);
            index += 1;
            if (index === count) break;
          }
          expect(index).toBe(count);
          expect(isIn(endless, heard)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});
