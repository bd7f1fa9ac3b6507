import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../../../src/libpod/engines/embedded/storage/directory.ts";
import type { Storage } from "../../../../src/libpod/engines/embedded/storage/types.ts";
import { crashes, Disk, PowerCut } from "./disk.ts";
import { container, contentsOf, describeState, pod } from "./state-contract.ts";
import { chunk, describeStorage } from "./storage-contract.ts";

const folder = "/state";

function openOn(disk: Disk): Promise<Storage> {
  return openDirectory(folder, {
    files: disk,
    lock: async () => ({ release: async () => undefined }),
  });
}

const disks = new WeakMap<object, { disk: Disk; storage: Storage }>();

async function openAnew(): Promise<Storage> {
  const disk = new Disk();
  return remember(disk, await openOn(disk));
}

function remember(disk: Disk, storage: Storage): Storage {
  disks.set(storage, { disk, storage });
  disks.set(storage.state, { disk, storage });
  return storage;
}

async function again(of: object): Promise<Storage> {
  const { disk, storage } = disks.get(of) as { disk: Disk; storage: Storage };
  await storage.close();
  // As after a power cut: what resolved is on the disk.
  const after = disk.after("lost");
  return remember(after, await openOn(after));
}

describeState(
  "the state in a folder",
  async () => (await openAnew()).state,
  async (state) => (await again(state)).state,
);
describeStorage("a folder", openAnew, again);

/** Steps of a life that touches everything there is; each is one call. */
const big = "x".repeat(100_000);
const life: readonly ((storage: Storage) => unknown)[] = [
  ({ state }) => state.addPod(pod("p1", "one")),
  ({ state }) => state.addContainer(container("c1", "a", { podId: "p1" })),
  ({ state }) => state.addContainer(container("c2", "b", { podId: "p1" })),
  ({ state }) => state.addContainer(container("c3", "c")),
  (storage) => storage.appendOutput("c1", [chunk("one"), chunk("two")]),
  (storage) => storage.store("images", [{ id: "i1" }]),
  ({ state }) =>
    state.saveContainer(container("c3", "c", { state: "running" })),
  (storage) => storage.appendOutput("c1", [chunk("three"), chunk("four", 9)]),
  (storage) => storage.appendOutput("c3", [chunk("kept")]),
  ({ state }) => state.removePod("p1"),
  (storage) => storage.dropOutput("c1"),
  (storage) => storage.appendOutput("c3", [chunk("more")]),
  (storage) => storage.replaceOutput("c3", [chunk("short")]),
  (storage) => storage.appendOutput("c3", [chunk("longer")]),
  (storage) => storage.dropOutput("c3"),
  (storage) => storage.store("images", undefined),
  // Enough for the log to be written anew.
  ({ state }) => state.addPod(pod("p2", big)),
  ({ state }) => state.savePod(pod("p2", `${big}1`)),
  ({ state }) => state.savePod(pod("p2", `${big}2`)),
  ({ state }) => state.savePod(pod("p2", "small")),
  (storage) => storage.store("k", "v"),
  ({ state }) => state.removeContainer("c3"),
];

/** What a storage tells; output is that of the containers it has. */
async function dump(storage: Storage): Promise<string> {
  const { containers, pods } = await contentsOf(storage.state);
  const outputs = containers.map(async ({ id }) => [
    id,
    (await storage.output(id)).map(({ data, ...rest }) => ({
      ...rest,
      data: Buffer.from(data).toString(),
    })),
  ]);
  return JSON.stringify({
    containers,
    pods,
    outputs: await Promise.all(outputs),
    images: await storage.load("images"),
    k: await storage.load("k"),
  });
}

/** What there is after each step of {@link life}, nothing having gone wrong. */
async function lifeWithoutTrouble(): Promise<{
  readonly dumps: readonly string[];
  readonly steps: number;
}> {
  const disk = new Disk();
  const storage = await openOn(disk);
  const dumps = [await dump(storage)];
  for (const step of life) {
    await step(storage);
    dumps.push(await dump(storage));
  }
  return { dumps, steps: disk.steps };
}

/** Lives until something throws; says how many steps were done. */
async function liveOn(disk: Disk): Promise<number> {
  let done = 0;
  try {
    const storage = await openOn(disk);
    for (const step of life) {
      await step(storage);
      done += 1;
    }
  } catch (error) {
    if (!isPowerCut(error)) throw error;
  }
  return done;
}

function isPowerCut(error: unknown): boolean {
  return (
    error instanceof PowerCut ||
    (error instanceof Error && isPowerCut(error.cause))
  );
}

describe("a power cut", () => {
  it("in any moment leaves what was before a call or after it", async () => {
    const { dumps, steps } = await lifeWithoutTrouble();
    expect(steps).toBeGreaterThan(100);
    for (let at = 1; at <= steps; at += 1) {
      const disk = new Disk();
      disk.failAt = at;
      const done = await liveOn(disk);
      for (const crash of crashes) {
        const found = await dump(await openOn(disk.after(crash)));
        expect({ at, crash, found }).toEqual({
          at,
          crash,
          found: found === dumps[done + 1] ? found : dumps[done],
        });
      }
    }
  });

  it("in any moment of opening after one changes nothing", async () => {
    const { steps } = await lifeWithoutTrouble();
    const moment = fc.integer({ min: 1, max: steps });
    await fc.assert(
      fc.asyncProperty(
        moment,
        fc.constantFrom(...crashes),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(...crashes),
        async (first, how, second, howThen) => {
          const disk = new Disk();
          disk.failAt = first;
          await liveOn(disk);
          const once = await dump(await openOn(disk.after(how)));
          const next = disk.after(how);
          next.failAt = second;
          await openOn(next).catch(() => undefined);
          const twice = await dump(await openOn(next.after(howThen)));
          expect(twice).toBe(once);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leaves nothing behind that opening does not clean up", async () => {
    const { steps } = await lifeWithoutTrouble();
    for (let at = 1; at <= steps; at += 1) {
      const disk = new Disk();
      disk.failAt = at;
      await liveOn(disk);
      const after = disk.after("kept");
      const storage = await openOn(after);
      await storage.state.addPod(pod("p9", "last"));
      const containers = await storage.state.getAllContainers();
      const outputs = containers.map(({ id }) => `${folder}/output/${id}`);
      const logs = after.files().filter((file) => /\/log-\d+$/.test(file));
      expect(logs).toHaveLength(1);
      for (const file of after.files())
        expect([`${folder}/state.json`, ...logs, ...outputs]).toContain(file);
    }
  });
});

describe("a step that fails", () => {
  it("leaves what was before the call, in memory and on the disk, or says that it does not know", async () => {
    const { steps } = await lifeWithoutTrouble();
    for (let at = 1; at <= steps; at += 1) {
      const disk = new Disk();
      disk.breakAt = at;
      let storage: Storage;
      try {
        storage = await openOn(disk);
      } catch (error) {
        expect(error).toMatchObject({ code: "ENGINE_ERROR" });
        continue;
      }
      for (const step of life) {
        const before = await dump(storage);
        try {
          await step(storage);
        } catch (error) {
          // Later steps miss what this one was to make.
          expect(error).toMatchObject({
            code: expect.stringMatching(
              /^(ENGINE_ERROR|NO_SUCH_\w+)$/,
            ) as string,
          });
          const after = await dump(storage);
          // Of a file that is gone, or another, nobody can tell whether it stays so.
          if (!/cannot be removed|not sure/.test(String(error)))
            expect(after).toBe(before);
        }
      }
      const found = await dump(storage);
      const broken = await storage.store("z", 1).then(
        () => false,
        () => true,
      );
      const reopened = await dump(await openOn(disk.after("lost")));
      if (!broken) expect({ at, reopened }).toEqual({ at, reopened: found });
    }
  });
});
