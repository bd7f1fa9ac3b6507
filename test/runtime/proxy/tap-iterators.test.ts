import { describe, expect, test } from "vitest";
import { finish, frame, pass, talk } from "./talk.ts";

describe("too much for an iterator that is slow:", () => {
  test("events are counted, and nothing waits", async () => {
    const between = talk({ maxEvents: 3 });
    const { client, service, tap } = between;
    const following = tap[Symbol.asyncIterator]();
    for (let at = 0; at < 10; at++)
      await pass(client, service, frame({ method: "a.b.C", oneway: true }));
    const types: unknown[] = [];
    for (let at = 0; at < 4; at++) types.push((await following.next()).value);
    expect(types).toMatchObject([
      { type: "call", call: 1 },
      { type: "call", call: 2 },
      { type: "call", call: 3 },
      { type: "gap", missed: 7 },
    ]);
    await pass(client, service, frame({ method: "a.b.D", oneway: true }));
    expect((await following.next()).value).toMatchObject({ method: "a.b.D" });
    await finish(between);
    tap.close();
    expect((await following.next()).value).toMatchObject({ type: "close" });
    expect(await following.next()).toEqual({ done: true, value: undefined });
  });

  test("messages, however few", async () => {
    const between = talk();
    const { client, service, tap } = between;
    const following = tap[Symbol.asyncIterator]();
    const big = frame({
      method: "a.b.C",
      oneway: true,
      parameters: { x: "y".repeat(9 * 1024 * 1024) },
    });
    await pass(client, service, big);
    await pass(client, service, big);
    expect((await following.next()).value).toMatchObject({ call: 1 });
    expect((await following.next()).value).toEqual({ type: "gap", missed: 1 });
    await finish(between);
  });
});

describe("iterators", () => {
  test("get everything each, also what is asked for before it is there", async () => {
    const between = talk();
    const { client, service, tap } = between;
    const asked = tap[Symbol.asyncIterator]();
    const first = asked.next();
    const second = asked.next();
    const left = tap[Symbol.asyncIterator]();
    await pass(client, service, frame({ method: "a.b.C", oneway: true }));
    await pass(client, service, frame({ method: "a.b.D", oneway: true }));
    expect((await first).value).toMatchObject({ method: "a.b.C" });
    expect((await second).value).toMatchObject({ method: "a.b.D" });
    for await (const event of { [Symbol.asyncIterator]: () => left }) {
      expect(event).toMatchObject({ method: "a.b.C" });
      break;
    }
    expect((await left.next()).done).toBe(true);
    const last = asked.next();
    tap.close();
    expect((await last).done).toBe(true);
    expect((await tap[Symbol.asyncIterator]().next()).done).toBe(true);
    await finish(between);
  });
});
