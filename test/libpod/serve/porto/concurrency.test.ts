// Many clients at a time, connections that end in the middle, and Podman's side.
import { getEventListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { PortoError } from "portolan/porto";
import { portoHandlers } from "../../../../src/libpod/serve/index.ts";
import type { CommandCall } from "../../../../src/runtime/envelope/types.ts";
import {
  code,
  drive,
  refusal,
  openBench,
  until,
  type Bench,
} from "./support.ts";

const range = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index);

/** How a command comes to a handler, of a client that stays. */
const call: CommandCall = {
  method: "",
  request: {},
  signal: new AbortController().signal,
  connection: { address: "", signal: new AbortController().signal },
};

/** Numbers of all containers. */
async function numbers({ porto }: Bench): Promise<string[]> {
  const { list } = await porto.get({ name: ["***"], variable: ["id"] });
  return list.map(({ keyval }) => keyval[0]?.value ?? "");
}

describe("containers that are made at the same time", () => {
  it("have numbers of their own, also after a restart", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "portolan-porto-"));
    try {
      {
        await using bench = await openBench({ directory });
        // Before any that says its number itself.
        await bench.engine.createContainer({ name: "podman", spec: {} });
        const clients = await Promise.all(range(20).map(bench.connect));
        await Promise.all(
          clients.map((client, index) => client.create({ name: `c${index}` })),
        );
        await bench.porto.destroy({ name: "c3" });
        await bench.engine.removeContainer(
          (await bench.engine.lookupContainer("podman")).id,
        );
        await bench.engine.createContainer({ name: "c", spec: {} });
        const given = await numbers(bench);
        expect(given).toHaveLength(20);
        expect(new Set(given).size).toBe(20);
      }
      await using bench = await openBench({ directory });
      const given = await numbers(bench);
      expect(given).toHaveLength(20);
      expect(new Set(given).size).toBe(20);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("are all told of, however many look at the list meanwhile", async () => {
    await using bench = await openBench();
    const { engine } = bench;
    const watch = await bench.watch({ name: ["***"] });
    const handlers = portoHandlers(engine);
    const names = range(40).map((index) => `c${index}`);
    await Promise.all(
      names.flatMap((name) => [
        engine.createContainer({ name, spec: {} }),
        Promise.resolve(handlers.list({}, call)),
      ]),
    );
    const told = await watch.take(names.length);
    expect(told.toSorted()).toEqual(
      names.map((name) => `${name}:stopped`).toSorted(),
    );
  });

  it("are gone for good when Podman's side removes them meanwhile", async () => {
    await using bench = await openBench();
    const { engine, porto } = bench;
    const clients = await Promise.all(range(4).map(bench.connect));
    for (const round of range(25)) {
      const id = await engine.createContainer({
        name: `x${round}`,
        spec: {},
      });
      await Promise.all([
        ...clients.map((client) => client.list()),
        engine.removeContainer(id),
        ...clients.map((client) =>
          client.get({ name: ["***"], variable: ["state"] }),
        ),
      ]);
    }
    expect((await porto.list()).name).toEqual([]);
    // Who waits for all would be told of those that only seem to be there.
    const waited = await porto.wait({ name: ["***"], timeout_ms: 0 });
    expect(waited).toMatchObject({ name: "", state: "timeout" });
    await porto.create({ name: "next" });
    expect(await bench.get("next", "id")).toBe("2");
    expect(bench.mistakes).toEqual([]);
  });
});

it("a burst of changes that is too much to follow leaves the daemon at work", async () => {
  await using bench = await openBench({ programs: { quick: { exitCode: 1 } } });
  const { engine, porto } = bench;
  await porto.create({ name: "a" });
  const id = await engine.createContainer({
    name: "p",
    spec: { process: { args: ["quick"] } },
  });
  await bench.run("b");
  const removed = await engine.createContainer({ name: "r", spec: {} });
  const watch = await bench.watch({ name: ["b", "p", "r", "new"] });
  await watch.take(3);
  const asked = range(5000).flatMap(() => [
    engine.startContainer(id).catch(() => undefined),
    engine.inside.reset(id).catch(() => undefined),
  ]);
  await engine.createContainer({ name: "new", spec: {} });
  await engine.removeContainer(removed);
  const b = await engine.lookupContainer("b");
  await engine.killContainer(b.id, 9);
  await Promise.all(asked);
  await engine.inside.reset(id).catch(() => undefined);
  await until(async () => (await bench.get("b", "state")) === "dead");
  await porto.create({ name: "later" });
  expect((await porto.list()).name).toEqual(["a", "b", "later", "new", "p"]);
  expect(await bench.get("b", "exit_code")).toBe("-9");
  const told: string[] = [];
  while (
    !["b:dead:exit_code=-9", "r:destroyed", "new:stopped"].every((each) =>
      told.includes(each),
    )
  )
    told.push(...(await watch.take(1)));
  expect(bench.mistakes).toEqual([]);
}, 60_000);

describe("weak containers", () => {
  it("go with connections that end while they are made", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const outcomes = range(60).map(async (index) => {
      const client = await bench.connect();
      const name = `w${index}`;
      const made =
        index % 2 === 0
          ? client.createWeak({ name })
          : client.createFromSpec({
              container: { name, weak: true, command: "sleep 100" },
              volumes: [{ links: [{ container: name }] }],
              start: true,
            });
      for (let turns = 0; turns < index % 12; turns += 1) await turn();
      await client.$close();
      await made.catch(() => undefined);
    });
    await Promise.all(outcomes);
    await until(
      async () =>
        (await porto.list()).name.length === 0 &&
        (await porto.listVolumes()).volumes.length === 0,
    );
    expect(bench.mistakes).toEqual([]);
  });

  it("that were kept, or made again by others, do not", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const client = await bench.connect();
    for (const name of ["kept", "again", "weak"])
      await client.createWeak({ name });
    await porto.setProperty({ name: "kept", property: "weak", value: "false" });
    await porto.destroy({ name: "again" });
    await porto.createWeak({ name: "again" });
    await client.$close();
    await until(async () => (await porto.list()).name.length === 2);
    expect((await porto.list()).name).toEqual(["again", "kept"]);
  });

  it("leave one listener on a connection, however many it makes", async () => {
    await using bench = await openBench();
    const handlers = portoHandlers(bench.engine);
    const ending = new AbortController();
    let listeners = 0;
    const { signal } = ending;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>): void => {
      listeners += 1;
      add(...args);
    };
    const mine = { ...call, connection: { address: "", signal } };
    await handlers.list({}, mine);
    const before = listeners;
    for (const index of range(50)) {
      await handlers.createWeak({ name: `w${index}` }, mine);
      if (index % 2 === 0) await handlers.destroy({ name: `w${index}` }, mine);
    }
    expect(listeners).toBe(before + 1);
    ending.abort();
    await until(async () => (await bench.porto.list()).name.length === 0);
  });
});

it("the dead do not hold up who asks while somebody works on their tree", async () => {
  await using bench = await openBench({
    programs: { stubborn: { runsFor: "forever", ignores: [15] }, quick: {} },
  });
  const { porto, clock } = bench;
  await bench.run("a", "stubborn");
  await bench.run("a/a", "quick");
  await bench.set("a/a", { aging_time: "1" });
  await until(async () => (await bench.get("a/a", "state")) === "dead");
  await bench.run("a/b", "stubborn");
  const other = await bench.connect();
  const stopping = other.stop({ name: "a", timeout_ms: 60_000 });
  await until(async () => (await bench.get("a/b", "state")) === "stopping");
  await clock.advance(2000);
  // It is answered though no time passes.
  expect((await porto.version()).tag).toBe("5.3.15");
  await drive(clock, stopping, 10_000);
  // By now it is not dead any more.
  expect((await porto.list()).name).toEqual(["a", "a/a", "a/b"]);
});

it("two in one that was stopped meanwhile are started one after the other", async () => {
  await using bench = await openBench({
    programs: { stubborn: { runsFor: "forever", ignores: [15] } },
  });
  const { porto, clock } = bench;
  await bench.run("a", "stubborn");
  const names = ["a/b", "a/c", "a/d"];
  for (const name of names) {
    await porto.create({ name });
    await bench.set(name, { command: "stubborn" });
  }
  await porto.start({ name: "a/d" });
  const others = await Promise.all(range(3).map(bench.connect));
  const [stopping, ...starting] = others.map((client, index) =>
    index === 0
      ? client.stop({ name: "a", timeout_ms: 1000 })
      : client.start({ name: names[index - 1] ?? "" }),
  );
  await until(async () => (await bench.get("a/d", "state")) === "stopping");
  await drive(clock, Promise.all([stopping, ...starting]), 500);
  expect(await bench.get("a/b", "state")).toBe("running");
  expect(await bench.get("a/c", "state")).toBe("running");
});

it("volumes do not keep links to containers that go while they are built", async () => {
  await using bench = await openBench();
  const { porto } = bench;
  const clients = await Promise.all(range(20).map(bench.connect));
  await porto.create({ name: "a" });
  const built = clients.map((client) =>
    client
      .createVolume({ properties: { containers: "a" } })
      .catch((error: unknown) => {
        if (!PortoError.is(error)) throw error;
      }),
  );
  await Promise.all([...built, porto.destroy({ name: "a" })]);
  await until(async () => (await porto.listVolumes()).volumes.length === 0);
  expect(bench.mistakes).toEqual([]);
});

it("clients that come and go leave nothing behind", async () => {
  await using bench = await openBench();
  const { engine, porto } = bench;
  await bench.run("a");
  const listeners = (): number =>
    getEventListeners(engine.inside.closing, "abort").length;
  const before = listeners();
  for (const _ of range(200)) {
    const client = await bench.connect();
    const reports = client.asyncWait({ name: ["***"] });
    await reports.next();
    const waiting = client.wait({ name: ["a"], timeout_ms: 2 ** 31 });
    const failed = expect(waiting).rejects.toThrow("closed");
    await client.version().catch(() => undefined);
    await client.$close();
    await failed;
    await expect(reports.next()).rejects.toThrow();
  }
  await until(async () => (await porto.getSystem()).client_count === 1n);
  expect(listeners()).toBe(before);
  expect(bench.mistakes).toEqual([]);
});

it("closing the engine ends everything that is under way", async () => {
  await using bench = await openBench({
    programs: { stubborn: { runsFor: "forever", ignores: [15] } },
  });
  const { porto } = bench;
  await bench.run("a", "stubborn");
  const watch = await bench.watch({ name: ["a"] });
  await watch.take(1);
  const others = await Promise.all(range(3).map(bench.connect));
  const [stopping, waiting, queued] = [
    others[0]?.stop({ name: "a", timeout_ms: 60_000 }),
    others[1]?.wait({ name: ["a"] }),
    others[2]?.destroy({ name: "a" }),
  ].map((asked) => refusal(asked ?? Promise.resolve()));
  await until(async () => (await bench.get("a", "state")) === "stopping");
  await bench.engine.close();
  for (const each of [stopping, waiting, queued])
    expect((await each)?.errorName).toBe("SocketError");
  await expect(watch.rest()).rejects.toThrow();
  expect(await code(porto.list())).toBe("SocketError");
});
