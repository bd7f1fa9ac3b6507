import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  figures,
  inKB,
  levels,
  type Pair,
  startPair,
  untilSeen,
} from "./support.ts";

const CONNECTIONS = 2000;

/** Resident memory that a connection may take, in bytes, and what it takes with it. */
const SERVER_LIMIT = 24 * 1024;
const CLIENT_LIMIT = 64 * 1024;

describe(`${CONNECTIONS} connections at once`, () => {
  let pair: Pair;

  beforeEach(async () => {
    pair = await startPair();
    // What is made once, by the first of them, is not theirs.
    await pair.client.ask("openClients", 50);
    await pair.client.ask("closeClients");
    await untilSeen(pair, ({ connections }) => connections === 0);
  });

  afterEach(async () => {
    await pair[Symbol.asyncDispose]();
  });

  it.each([
    ["of as many clients", "openClients"],
    ["of one client", "openPool"],
  ])("%s: all calls are answered", async (name, question) => {
    const before = await levels(pair);
    const began = performance.now();
    expect(await pair.client.ask(question, CONNECTIONS)).toBe(10 * CONNECTIONS);
    const took = performance.now() - began;
    const seen = await untilSeen(
      pair,
      ({ connections }) => connections === CONNECTIONS,
    );
    expect(seen.errors).toEqual([]);
    const held = await levels(pair);
    const each = (side: "server" | "client", what: "rss" | "heap"): number =>
      (held[side][what] - before[side][what]) / CONNECTIONS;
    figures(`${CONNECTIONS} connections ${name}`, {
      "opened, met and 20,000 calls answered": `${took.toFixed(0)} ms`,
      "server, resident, of each": inKB(each("server", "rss")),
      "server, heap, of each": inKB(each("server", "heap")),
      "client, resident, of each": inKB(each("client", "rss")),
      "client, heap, of each": inKB(each("client", "heap")),
    });
    expect(each("server", "rss")).toBeLessThan(SERVER_LIMIT);
    expect(each("client", "rss")).toBeLessThan(CLIENT_LIMIT);
    expect(held.server.descriptors).toBe(
      before.server.descriptors + CONNECTIONS,
    );
    await pair.client.ask("closeClients");
    await untilSeen(pair, ({ connections }) => connections === 0);
    const after = await levels(pair);
    for (const side of ["server", "client"] as const) {
      expect(after[side].descriptors).toBe(before[side].descriptors);
      expect(after[side].listeners).toEqual(before[side].listeners);
      expect(after[side].warnings).toEqual([]);
    }
  });
});
