/** Messages of an envelope RPC: Porto's, with their length in front. */
import { TPortoRequest, TPortoResponse } from "../../generated/porto/index.ts";
import { hasCorpus } from "../support/corpus.ts";
import { readPortoRecordings } from "../support/porto.ts";
import { type Dictionary, mutate } from "./mutate.ts";
import type { Random } from "./random.ts";

/** Tags, lengths and numbers at their limits. */
export const wireWords: Dictionary = [
  "00",
  "07", // A wire type that there is not.
  "0b", // A group begins,
  "0c", // and ends.
  "0a00",
  "0affffffff0f", // A length of 4 GiB.
  "0a80808080808080808001", // Beyond 32 bits.
  "08ffffffffffffffffff01",
  "08ffffffffffffffffff02", // Beyond 64 bits.
  "0880808080808080808080",
  "0d01020304",
  "11ffffffffffffef7f",
  "f8ffffff0f00", // The largest field number, and one more.
  "808080801000",
  "9a0600",
  "da0600",
  "c23e00",
  "0a0a0a0a",
  "120a5f5f70726f746f5f5f", // __proto__
  "0a0b636f6e7374727563746f72", // constructor
  "0a04c3280000",
].map((hex) => Buffer.from(hex, "hex"));

/** Recorded bodies longer than this would leave no time for others. */
const MAX_RECORDED = 2000;

/** Bodies of requests: our own, and those recorded where the corpus is at hand. */
export function requestBodies(): Buffer[] {
  const own = [
    {},
    { Version: {} },
    { Create: { name: "a" } },
    { List: { mask: "***" }, Version: {} },
    { Get: { name: ["a", "b"], variable: ["state", "__proto__"] } },
    { Wait: { name: ["a"], timeout_ms: 0, label: ["constructor"] } },
    { AsyncWait: { name: ["a", "__proto__"], timeout_ms: 1 } },
    { StopAsyncWait: { name: ["a"] } },
    { GetSystem: {} },
  ].map((request) => Buffer.from(TPortoRequest.encode(request)));
  return [...own, ...recorded(["request"])];
}

/** The same of responses and pushes. */
export function responseBodies(): Buffer[] {
  const own = [
    { error: 0 },
    { error: 0, Version: { tag: "1", revision: "a" } },
    { error: 0, List: { name: ["a", "constructor"] } },
    { error: 8, errorMsg: "no such container" },
    { error: 0, AsyncWait: { name: "a", state: "dead" } },
    { error: 0, timestamp: 2n ** 64n - 1n },
  ].map((response) =>
    Buffer.from(TPortoResponse.encode(response as never, { partial: true })),
  );
  return [...own, ...recorded(["response", "push"])];
}

function recorded(dirs: readonly string[]): Buffer[] {
  if (!hasCorpus) return [];
  const bodies = readPortoRecordings()
    .flatMap(({ frames }) => frames)
    .filter(
      ({ dir, body }) => dirs.includes(dir) && body.length <= MAX_RECORDED,
    )
    .map(({ body }) => body);
  return [
    ...new Map(bodies.map((body) => [body.toString("hex"), body])).values(),
  ];
}

/** A body with its length in front. */
export function envelope(body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), body]);
}

/** Some messages, of which bodies or framing are broken, or neither. */
export function mutateMessages(
  random: Random,
  bodies: readonly Buffer[],
): Buffer {
  const parts: Buffer[] = [];
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const body = random.once(2)
      ? random.pick(bodies)
      : mutate(random, bodies, wireWords);
    parts.push(envelope(body));
  }
  const whole = Buffer.concat(parts);
  return random.once(3) ? mutate(random, [whole], wireWords) : whole;
}
