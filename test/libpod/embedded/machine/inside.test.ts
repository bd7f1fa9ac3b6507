import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { MemoryState } from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import { all, bench, linesOf, rejection, START, stateOf } from "./support.ts";

const folder = mkdtempSync(path.join(tmpdir(), "portolan-embedded-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programs = {
  speaks: { output: ["one", { stderr: "two" }, "three"] },
} as const;

test("records are what the state has, as it stands", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("speaks", { name: "one" });
  await clock.advance(0);
  expect(await engine.inside.record(id)).toMatchObject({
    id,
    name: "one",
    state: "exited",
    exitCode: 0,
    createdAt: START,
    extra: {},
  });
  expect((await engine.inside.records()).map((record) => record.id)).toEqual([
    id,
  ]);
  expect(await rejection(engine.inside.record("no"))).toMatchObject({
    code: "NO_SUCH_CONTAINER",
  });
  expect(engine.inside.clock).toBe(clock);
});

test("output is told by stream, byte for byte", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("speaks");
  await clock.advance(0);
  const text = async (stream: "stdout" | "stderr"): Promise<string> =>
    Buffer.from(await engine.inside.output(id, stream)).toString();
  expect(await text("stdout")).toBe("one\nthree\n");
  expect(await text("stderr")).toBe("two\n");
  expect(await engine.inside.outputLost(id, "stdout")).toBe(0);
});

test("a reset forgets the runs and what was written", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("speaks");
  await clock.advance(0);
  await engine.inside.reset(id);
  const record = await engine.inside.record(id);
  expect(record.state).toBe("configured");
  expect(record.exitCode).toBeUndefined();
  expect(record.startedAt).toBeUndefined();
  expect(await linesOf(engine, id)).toEqual([]);
  await engine.startContainer(id);
  await clock.advance(0);
  expect(await linesOf(engine, id)).toEqual(["one", "! two", "three"]);
});

test("a configuration is replaced as a whole, the pod excepted", async () => {
  const { engine, container } = await bench();
  const pod = await engine.createPod({});
  const id = await container("any", {
    name: "one",
    labels: { a: "1" },
    podId: pod,
  });
  await engine.inside.reconfigure(id, {
    spec: { hostname: "h" },
    name: "two",
  });
  const record = await engine.inside.record(id);
  expect(record).toMatchObject({
    name: "two",
    podId: pod,
    config: { spec: { hostname: "h" } },
  });
  expect(record.config.labels).toBeUndefined();
  await engine.inside.reconfigure(id, { spec: {} });
  expect((await engine.inside.record(id)).name).toBe("two");
  expect(
    await rejection(engine.inside.reconfigure(id, { spec: {}, podId: "x" })),
  ).toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("extras are set and taken away one by one, running or not", async () => {
  const { engine, started } = await bench();
  const id = await started("any");
  await engine.inside.setExtra(id, { a: "1", b: "2" });
  await engine.inside.setExtra(id, { a: undefined, c: "3", d: undefined });
  expect((await engine.inside.record(id)).extra).toEqual({ b: "2", c: "3" });
});

test("a service's values do not meet the engine's", async () => {
  const { engine } = await bench();
  await all(engine.pullImage("box"));
  expect(await engine.inside.load("images")).toBeUndefined();
  await engine.inside.store("images", { mine: [1, null, "x"] });
  expect(await engine.inside.load("images")).toEqual({ mine: [1, null, "x"] });
  expect(await engine.listImages()).toHaveLength(1);
  await engine.inside.store("images", undefined);
  expect(await engine.inside.load("images")).toBeUndefined();
});

test("what a directory keeps is there after a restart; what ran has ended with 255, and nothing tells of it", async () => {
  const directory = path.join(folder, "kept");
  const first = await bench({ directory, programs });
  expect(first.engine.address).toBe(`embedded:${directory}`);
  const pod = await first.engine.createPod({ name: "pod" });
  const spoke = await first.started("speaks", { podId: pod });
  await first.clock.advance(0);
  const ran = await first.started("any");
  const paused = await first.started("any");
  await first.engine.pauseContainer(paused);
  const idle = await first.container("any", { labels: { a: "1" } });
  await all(first.engine.pullImage("box"));
  await first.engine.inside.store("key", 5);
  await first.engine.inside.setExtra(idle, { k: "v" });
  await first.engine.close();

  const second = await bench({ directory, programs });
  const { engine } = second;
  const events = engine.events();
  expect(
    (await engine.listContainers()).map(({ id, state }) => [id, state]),
  ).toEqual([
    [spoke, "exited"],
    [ran, "exited"],
    [paused, "exited"],
    [idle, "configured"],
  ]);
  expect(await engine.inspectContainer(spoke)).toMatchObject({
    exitCode: 0,
    podId: pod,
  });
  for (const id of [ran, paused])
    expect(await engine.inspectContainer(id)).toMatchObject({
      exitCode: 255,
      error: "the engine went away while it ran",
    });
  expect(await linesOf(engine, spoke)).toEqual(["one", "! two", "three"]);
  expect((await engine.listPods()).map(({ name }) => name)).toEqual(["pod"]);
  expect(await engine.listImages()).toHaveLength(1);
  expect(await engine.inside.load("key")).toBe(5);
  expect((await engine.inside.record(idle)).extra).toEqual({ k: "v" });
  // The first thing that happens, as far as events know.
  await engine.initContainer(idle);
  expect((await events.next()).value).toMatchObject({ status: "init" });

  // Output goes on behind what is kept.
  await engine.startContainer(spoke);
  await second.clock.advance(0);
  expect(await linesOf(engine, spoke)).toHaveLength(6);
  await engine.close();
});

test("a state of the user's own is found again too", async () => {
  const state = new MemoryState();
  const first = await bench({ state });
  const id = await first.started("any");
  await first.engine.close();
  const { engine } = await bench({ state });
  expect(await stateOf(engine, id)).toBe("exited");
  expect(await engine.waitContainer(id)).toBe(255);
});
