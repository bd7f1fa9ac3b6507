import { describe, expect, test } from "vitest";
import {
  embedded,
  type EmbeddedEngine,
} from "../../../../src/libpod/engines/embedded/index.ts";
import { MemoryState } from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import type { ContainerRecord } from "../../../../src/libpod/state.ts";
import type { OperationOptions } from "../../../../src/libpod/engine.ts";
import { all, bench, rejection, stateOf } from "./support.ts";

type Call = (
  engine: EmbeddedEngine,
  id: string,
  options: OperationOptions,
) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  version: (engine, _id, options) => engine.version(options),
  info: (engine, _id, options) => engine.info(options),
  list: (engine, _id, options) => engine.listContainers(options),
  get: (engine, id, options) => engine.getContainer(id, options),
  create: (engine, _id, options) =>
    engine.createContainer({ spec: {}, name: "made" }, options),
  kill: (engine, id, options) => engine.killContainer(id, 9, options),
  stop: (engine, id, options) => engine.stopContainer(id, options),
  remove: (engine, id, options) =>
    engine.removeContainer(id, { ...options, force: true }),
  wait: (engine, id, options) => engine.waitContainer(id, options),
  logs: (engine, id, options) => all(engine.containerLogs(id, options)),
  exec: (engine, id, options) =>
    engine.execContainer(id, { ...options, command: ["any"] }),
  attach: (engine, id, options) => engine.attachContainer(id, options),
  createPod: (engine, _id, options) => engine.createPod({}, options),
  images: (engine, _id, options) => engine.listImages(options),
  pull: (engine, _id, options) => all(engine.pullImage("box", options)),
};

describe.each(Object.entries(calls))("%s", (_name, call) => {
  test("is not begun with a signal that was aborted before", async () => {
    const { engine, started } = await bench();
    const id = await started("any");
    const signal = AbortSignal.abort(new Error("enough"));
    expect(await rejection(call(engine, id, { signal }))).toMatchObject({
      code: "ABORTED",
      cause: new Error("enough"),
    });
    expect(await engine.listContainers()).toHaveLength(1);
    expect(await stateOf(engine, id)).toBe("running");
    expect(await engine.listImages()).toEqual([]);
  });

  test("is refused by an engine that was closed", async () => {
    const { engine, started } = await bench();
    const id = await started("any");
    await engine.close();
    expect(await rejection(call(engine, id, {}))).toMatchObject({
      code: "CLOSED",
    });
  });
});

test("closing ends what waits, and is done but once", async () => {
  const { engine, started, clock } = await bench({
    programs: { deaf: { runsFor: "forever", ignores: [15] } },
  });
  const id = await started("deaf");
  const waiting = [
    engine.waitContainer(id),
    engine.stopContainer(id),
    all(engine.containerLogs(id, { follow: true })),
  ].map(rejection);
  await clock.advance(0);
  const closing = engine.close();
  expect(engine.close()).toBe(closing);
  await closing;
  for (const error of await Promise.all(waiting))
    expect(error).toMatchObject({ code: "CLOSED" });
});

test("a timeout is measured by the engine's clock", async () => {
  const { engine, started, clock } = await bench();
  const id = await started("any");
  const waiting = rejection(engine.waitContainer(id, { timeout: 100 }));
  const patient = engine.waitContainer(id, { timeout: Infinity });
  await clock.advance(100);
  expect(await waiting).toMatchObject({ code: "TIMEOUT" });
  await clock.advance(1e9);
  await engine.killContainer(id, 9);
  expect(await patient).toBe(137);
  expect(
    await rejection(engine.waitContainer(id, { timeout: -1 })),
  ).toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("one signal serves many calls, and is let go of", async () => {
  const { engine, started } = await bench();
  const id = await started("any");
  const leave = new AbortController();
  const { signal } = leave;
  const waiting = Array.from({ length: 50 }, () =>
    rejection(engine.waitContainer(id, { signal })),
  );
  for (let count = 0; count < 50; count += 1)
    await engine.getContainer(id, { signal });
  leave.abort();
  for (const error of await Promise.all(waiting))
    expect(error).toMatchObject({ code: "ABORTED" });
  // Nobody waits any more: the container's end is nobody's failure.
  await engine.killContainer(id, 9);
  expect(await stateOf(engine, id)).toBe("exited");
});

/** A state that fails when it is told to. */
class Failing extends MemoryState {
  fails = false;

  override async saveContainer(container: ContainerRecord): Promise<void> {
    if (this.fails) throw new Error("the disk is full");
    await super.saveContainer(container);
  }
}

describe("a state that fails", () => {
  const full = { code: "ENGINE_ERROR", cause: new Error("the disk is full") };

  test("leaves a container as it was", async () => {
    const state = new Failing();
    const { engine, container, started } = await bench({ state });
    const idle = await container("any");
    const running = await started("any");
    state.fails = true;
    for (const failed of [
      engine.initContainer(idle),
      engine.startContainer(idle),
      engine.pauseContainer(running),
      engine.stopContainer(running),
    ])
      expect(await rejection(failed)).toMatchObject(full);
    state.fails = false;
    expect(await stateOf(engine, idle)).toBe("configured");
    expect(await stateOf(engine, running)).toBe("running");
    // It was not frozen either.
    await engine.killContainer(running, 15);
    expect(await engine.waitContainer(running)).toBe(143);
  });

  test("hangs nobody who waits, and an end is recorded as soon as it can be", async () => {
    const state = new Failing();
    const { engine, clock, started } = await bench({
      state,
      programs: { quick: { runsFor: 10, exitCode: 5 } },
    });
    const id = await started("quick");
    const waiting = rejection(engine.waitContainer(id));
    await clock.advance(5);
    state.fails = true;
    await clock.advance(5);
    expect(await waiting).toMatchObject({ message: "the disk is full" });
    expect(await rejection(engine.getContainer(id))).toMatchObject(full);
    state.fails = false;
    expect(await engine.waitContainer(id)).toBe(5);
  });
});

test("several calls at once are one after the other", async () => {
  const { engine, container } = await bench();
  const id = await container("any");
  const outcomes = await Promise.allSettled([
    engine.startContainer(id),
    engine.startContainer(id),
    engine.pauseContainer(id),
    engine.unpauseContainer(id),
    engine.removeContainer(id),
    engine.stopContainer(id),
    engine.removeContainer(id),
    engine.getContainer(id),
  ]);
  // When the second removal comes, the stop signal has ended the container.
  expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([
    true,
    false,
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
});

test("without options it lives by the system's clock, in memory", async () => {
  const engine = await embedded({
    programs: { quick: { output: ["hi"], runsFor: 20, exitCode: 3 } },
  });
  expect([engine.name, engine.address]).toEqual(["embedded", "embedded:"]);
  const id = await engine.createContainer({
    spec: { process: { args: ["quick"] } },
  });
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  const began = Date.now();
  await engine.startContainer(id);
  const lines = await all(engine.containerLogs(id, { follow: true }));
  expect(lines.map(({ text }) => text)).toEqual(["hi"]);
  expect(await engine.waitContainer(id)).toBe(3);
  const { startedAt, finishedAt } = await engine.inspectContainer(id);
  expect(Number(startedAt)).toBeGreaterThanOrEqual(began);
  expect(Number(finishedAt) - Number(startedAt)).toBeGreaterThanOrEqual(15);
  await engine.close();
});
