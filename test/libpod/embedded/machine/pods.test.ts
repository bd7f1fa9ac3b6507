import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { PodOperationFailed } from "../../../../src/libpod/errors.ts";
import { MemoryState } from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import { bench, rejection, stateOf, type Bench } from "./support.ts";

const programs = {
  deaf: { runsFor: "forever", ignores: [15] },
  quick: {},
} as const;

async function podOf(
  words: readonly string[],
  made?: Bench,
): Promise<Bench & { readonly pod: string; readonly ids: readonly string[] }> {
  const base = made ?? (await bench({ programs }));
  const pod = await base.engine.createPod({ name: "pod" });
  const ids: string[] = [];
  for (const word of words)
    ids.push(await base.container(word, { podId: pod }));
  return { ...base, pod, ids };
}

const states = async ({
  engine,
  ids,
}: Awaited<ReturnType<typeof podOf>>): Promise<readonly string[]> =>
  Promise.all(ids.map((id) => stateOf(engine, id)));

test("a pod is told with its containers in order, and by name, id and beginning", async () => {
  const { engine, pod, ids } = await podOf(["any", "any"]);
  const summary = await engine.getPod(pod);
  expect(summary).toMatchObject({ id: pod, name: "pod", state: "created" });
  expect(summary.containers.map(({ id }) => id)).toEqual(ids);
  expect(await engine.lookupPod("pod")).toEqual(summary);
  expect(await engine.lookupPod(pod)).toEqual(summary);
  expect(await engine.listPods()).toEqual([summary]);
  expect((await engine.getPod(pod)).state).toBe("created");
  // Ids of these tests begin with zeros.
  const other = await engine.createPod({});
  expect(await rejection(engine.lookupPod("0"))).toMatchObject({
    code: "AMBIGUOUS_ID",
  });
  for (const missing of ["no", "pod ", other.slice(0, 63)])
    expect(await rejection(engine.getPod(missing))).toMatchObject({
      code: "NO_SUCH_POD",
    });
  expect(await rejection(engine.createPod({ name: "pod" }))).toMatchObject({
    code: "POD_EXISTS",
  });
});

test("start starts what does not run, and an empty pod starts", async () => {
  const made = await podOf(["any", "quick", "any"]);
  const { engine, clock, pod, ids } = made;
  await engine.startContainer(ids[0] ?? "");
  await engine.startPod(pod);
  await clock.advance(0);
  expect(await states(made)).toEqual(["running", "exited", "running"]);
  await engine.startPod(pod);
  expect((await engine.inspectContainer(ids[0] ?? "")).pid).toBe(1001);
  await engine.startPod(await engine.createPod({}));
});

test("all are tried, and the failures told", async () => {
  const made = await podOf(["any", "any", "any"]);
  const { engine, pod, ids } = made;
  const [first = ""] = ids;
  await engine.startContainer(first);
  await engine.pauseContainer(first);
  const error = await rejection(engine.startPod(pod));
  expect(error).toBeInstanceOf(PodOperationFailed);
  expect(error).toMatchObject({
    podId: pod,
    failures: [{ containerId: first }],
    cause: { code: "INVALID_STATE" },
  });
  expect(await states(made)).toEqual(["paused", "running", "running"]);
});

test("stop stops what runs, all at once", async () => {
  const made = await podOf(["deaf", "any", "deaf", "any"]);
  const { engine, clock, pod, ids } = made;
  await engine.startPod(pod);
  await engine.killContainer(ids[3] ?? "", 9);
  const stopping = engine.stopPod(pod, { grace: 1000 });
  await clock.advance(1000);
  await stopping;
  expect(await states(made)).toEqual(["exited", "exited", "exited", "exited"]);
  expect(await Promise.all(ids.map((id) => engine.waitContainer(id)))).toEqual([
    137, 143, 137, 137,
  ]);
  await engine.stopPod(pod);
});

test("a stop of a pod that is given up is aborted, not failed", async () => {
  const made = await podOf(["deaf"]);
  const { engine, clock, pod } = made;
  await engine.startPod(pod);
  const leave = new AbortController();
  const stopping = rejection(engine.stopPod(pod, { signal: leave.signal }));
  await clock.advance(10);
  leave.abort();
  expect(await stopping).toMatchObject({ code: "ABORTED" });
  expect(await states(made)).toEqual(["running"]);
});

test("kill, pause and unpause reach what they are for and leave the rest alone", async () => {
  const made = await podOf(["any", "any"]);
  const { engine, pod, ids } = made;
  await engine.pausePod(pod);
  await engine.killPod(pod, 9);
  expect(await states(made)).toEqual(["configured", "configured"]);
  await engine.startContainer(ids[0] ?? "");
  await engine.pausePod(pod);
  expect(await states(made)).toEqual(["paused", "configured"]);
  // A paused one does not run: no signal is sent.
  await engine.killPod(pod, 9);
  await engine.unpausePod(pod);
  expect(await states(made)).toEqual(["running", "configured"]);
  await engine.killPod(pod, 9);
  expect(await states(made)).toEqual(["exited", "configured"]);
  expect(await rejection(engine.killPod(pod, 0))).toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("a restart starts all anew", async () => {
  const made = await podOf(["any", "quick", "any"]);
  const { engine, clock, pod, ids } = made;
  await engine.startContainer(ids[0] ?? "");
  await engine.restartPod(pod);
  await clock.advance(0);
  expect(await states(made)).toEqual(["running", "exited", "running"]);
});

test("stats are of those that run", async () => {
  const { engine, pod, ids } = await podOf(["any", "any"]);
  expect(await engine.podStats(pod)).toEqual([]);
  await engine.startContainer(ids[1] ?? "");
  expect((await engine.podStats(pod)).map(({ id }) => id)).toEqual([ids[1]]);
  expect(await rejection(engine.podStats("no"))).toMatchObject({
    code: "NO_SUCH_POD",
  });
});

describe("removing", () => {
  test("takes all containers, or none", async () => {
    const made = await podOf(["any", "any"]);
    const { engine, pod, ids } = made;
    await engine.startContainer(ids[1] ?? "");
    expect(await rejection(engine.removePod(pod))).toMatchObject({
      code: "INVALID_STATE",
    });
    expect(await states(made)).toEqual(["configured", "running"]);
    await engine.removePod(pod, { force: true });
    expect(await engine.listContainers()).toEqual([]);
    expect(await engine.listPods()).toEqual([]);
    // Its names are free again.
    await engine.createPod({ name: "pod" });
  });

  test("is refused where the state cannot, and then nothing is gone", async () => {
    class Stubborn extends MemoryState {
      override async removePod(): Promise<void> {
        throw new Error("the disk is full");
      }
    }
    const made = await podOf(
      ["any", "any"],
      await bench({ state: new Stubborn() }),
    );
    const { engine, pod } = made;
    expect(await rejection(engine.removePod(pod))).toMatchObject({
      code: "ENGINE_ERROR",
      cause: new Error("the disk is full"),
    });
    expect(await states(made)).toEqual(["configured", "configured"]);
    expect((await engine.getPod(pod)).containers).toHaveLength(2);
  });
});

test("a pod of many is stopped without a warning of listeners", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  process.on("warning", onWarning);
  const { engine, pod } = await podOf(Array<string>(30).fill("any"));
  await engine.startPod(pod);
  await engine.stopPod(pod);
  expect((await engine.getPod(pod)).state).toBe("exited");
  // Warnings are told on the next turn.
  await nextTurn();
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

test("removing is done though what was written cannot be cleared away", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "portolan-pods-"));
  try {
    const made = await podOf(["any", "any"], await bench({ directory }));
    // Nothing can be written to it, nor be taken out.
    await writeFile(path.join(directory, "output"), "no folder");
    const { engine, pod } = made;
    await engine.removePod(pod, { force: true });
    expect(await engine.listPods()).toEqual([]);
    expect(await engine.listContainers()).toEqual([]);
    await engine.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("configuring a pod is for empty ones", async () => {
  const { engine, container } = await bench();
  const pod = await engine.createPod({ labels: { a: "1" }, share: ["net"] });
  await engine.configurePod(pod, { name: "named", labels: { b: "2" } });
  expect(await engine.getPod(pod)).toMatchObject({
    name: "named",
    labels: { b: "2" },
  });
  await engine.createPod({ name: "other" });
  expect(
    await rejection(engine.configurePod(pod, { name: "other" })),
  ).toMatchObject({ code: "POD_EXISTS" });
  await container("any", { podId: pod });
  expect(await rejection(engine.configurePod(pod, {}))).toMatchObject({
    code: "POD_FINALIZED",
  });
});
