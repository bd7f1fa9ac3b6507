import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  figures,
  inKB,
  type Levels,
  levels,
  type Pair,
  startPair,
  untilSeen,
} from "./support.ts";

const TIMES = 10_000;

/** Bytes that a heap may grow by: some fifty a time, less than a listener that is kept. */
const HEAP_LIMIT = 512 * 1024;

let pair: Pair;

beforeEach(async () => {
  pair = await startPair();
});

afterEach(async () => {
  await pair[Symbol.asyncDispose]();
});

/** What both hold when all connections are closed. */
async function atRest(): Promise<Levels> {
  await untilSeen(pair, ({ connections }) => connections === 0);
  return await levels(pair);
}

function compare(
  title: string,
  before: Levels,
  after: Levels,
  took: number,
): void {
  const grown = (side: "server" | "client"): string =>
    inKB(after[side].heap - before[side].heap);
  figures(title, {
    took: `${took.toFixed(0)} ms`,
    "server, heap": `${grown("server")} more`,
    "server, descriptors": `${before.server.descriptors}, then ${after.server.descriptors}`,
    "client, heap": `${grown("client")} more`,
    "client, descriptors": `${before.client.descriptors}, then ${after.client.descriptors}`,
  });
  for (const side of ["server", "client"] as const) {
    expect(after[side].descriptors).toBe(before[side].descriptors);
    expect(after[side].listeners).toEqual(before[side].listeners);
    expect(after[side].warnings).toEqual([]);
    expect(after[side].heap - before[side].heap).toBeLessThan(HEAP_LIMIT);
  }
}

/** Has the client do something, to warm up as often as for the count, and compares. */
async function measure<T>(title: string, question: string): Promise<T> {
  await pair.client.ask(question, TIMES);
  const before = await atRest();
  const began = performance.now();
  const result = await pair.client.ask<T>(question, TIMES);
  const took = performance.now() - began;
  compare(title, before, await atRest(), took);
  const { errors } = await untilSeen(pair, () => true);
  expect(errors).toEqual([]);
  expect(await pair.client.ask("signalListeners")).toBe(0);
  return result;
}

describe(`${TIMES} times`, () => {
  it("connected and closed: idle, after a call, inside of a stream, upgraded", async () => {
    await measure(`${TIMES} connects and closes`, "cycles");
  });

  it("called with one long-lived signal: answered, and timed out", async () => {
    const ended = await measure(
      `${TIMES} calls with one signal`,
      "callsWithSignal",
    );
    expect(ended).toEqual({ fulfilled: (TIMES * 3) / 4, TIMEOUT: TIMES / 4 });
  });

  it("called and aborted, one by one", async () => {
    const ended = await measure(
      `${TIMES} calls aborted one by one`,
      "abortedOneByOne",
    );
    expect(ended).toEqual({ ABORTED: TIMES });
    await untilSeen(pair, ({ hanging, aborted }) => aborted === hanging);
  });

  it("called and aborted by one signal, all together", async () => {
    const { ended, listeners } = await measure<{
      readonly ended: object;
      readonly listeners: number;
    }>(`${TIMES} calls aborted together`, "abortedTogether");
    expect(ended).toEqual({ ABORTED: TIMES });
    expect(listeners).toBe(1);
  });
});
