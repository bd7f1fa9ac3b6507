import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AmbiguousId,
  ContainerExists,
  NoSuchContainer,
  NoSuchPod,
  PodExists,
} from "../../../../src/libpod/errors.ts";
import type {
  ContainerRecord,
  PodRecord,
  State,
} from "../../../../src/libpod/state.ts";

/** A container's record with nothing in it but what is given. */
export function container(
  id: string,
  name: string,
  rest: Partial<ContainerRecord> = {},
): ContainerRecord {
  return {
    id,
    name,
    config: { spec: {} },
    createdAt: 1000,
    state: "configured",
    mounts: 0,
    extra: {},
    ...rest,
  };
}

/** A pod's record. */
export function pod(id: string, name: string): PodRecord {
  return { id, name, config: { name }, createdAt: 2000 };
}

/** Everything a state has, as its methods tell it. */
export async function contentsOf(state: State): Promise<{
  readonly containers: readonly ContainerRecord[];
  readonly pods: readonly PodRecord[];
}> {
  return {
    containers: await state.getAllContainers(),
    pods: await state.getAllPods(),
  };
}

/**
 * What every {@link State} has to do, whoever made it.
 *
 * @param open Makes an empty one.
 * @param again Where a state outlives its process: closes it and opens it again.
 * @param numRuns Random lives that are tried.
 */
export function describeState(
  title: string,
  open: () => Promise<State>,
  again?: (state: State) => Promise<State>,
  numRuns = 40,
): void {
  describe(title, () => {
    it("is empty at first", async () => {
      const state = await open();
      expect(await contentsOf(state)).toEqual({ containers: [], pods: [] });
      expect(await state.hasContainer("a1")).toBe(false);
      expect(await state.hasPod("a1")).toBe(false);
    });

    it("gives back what was added, in that order", async () => {
      const state = await open();
      const added = [
        container("c3", "web", { extra: { k: "v" }, exitCode: 3 }),
        container("c1", "db", { config: { spec: {}, labels: { a: "b" } } }),
        container("c2", "cache"),
      ];
      for (const each of added) await state.addContainer(each);
      expect(await state.getAllContainers()).toEqual(added);
      expect(await state.getContainer("c1")).toEqual(added[1]);
      expect(await state.hasContainer("c1")).toBe(true);
    });

    it("keeps names that objects have of themselves", async () => {
      const state = await open();
      const labels = JSON.parse(
        '{"__proto__":"x","constructor":"y"}',
      ) as object;
      await state.addContainer(
        container("__proto__", "constructor", {
          extra: labels as Record<string, string>,
        }),
      );
      const { id, extra } = await state.lookupContainer("constructor");
      expect(id).toBe("__proto__");
      expect(Object.entries(extra)).toEqual([
        ["__proto__", "x"],
        ["constructor", "y"],
      ]);
      await expect(state.getContainer("toString")).rejects.toThrow(
        NoSuchContainer,
      );
    });

    it("looks up a full id, then a name, then the beginning of one id", async () => {
      const state = await open();
      await state.addContainer(container("abc1", "one"));
      await state.addContainer(container("abc2", "abc1"));
      await state.addContainer(container("abd3", "ab"));
      const idOf = async (text: string): Promise<string> =>
        (await state.lookupContainer(text)).id;
      expect(await idOf("abc1")).toBe("abc1");
      expect(await idOf("ab")).toBe("abd3");
      expect(await idOf("abd")).toBe("abd3");
      await expect(idOf("abc")).rejects.toThrow(AmbiguousId);
      for (const text of ["", "x", "bc1", "ABC1", "abc11"])
        await expect(idOf(text)).rejects.toThrow(NoSuchContainer);
    });

    it("gets by full id only", async () => {
      const state = await open();
      await state.addPod(pod("p1", "group"));
      await state.addContainer(container("abc1", "one", { podId: "p1" }));
      await expect(state.getContainer("abc")).rejects.toThrow(NoSuchContainer);
      await expect(state.getContainer("one")).rejects.toThrow(NoSuchContainer);
      await expect(state.getContainer("p1")).rejects.toThrow(NoSuchContainer);
      await expect(state.getPod("group")).rejects.toThrow(NoSuchPod);
      await expect(state.getPod("abc1")).rejects.toThrow(NoSuchPod);
      expect(await state.hasPod("group")).toBe(false);
      await expect(state.lookupPod("gr")).rejects.toThrow(NoSuchPod);
      expect((await state.lookupPod("p")).id).toBe("p1");
      await expect(state.lookupPod("one")).rejects.toThrow(NoSuchPod);
    });

    it("refuses ids and names that are taken, and changes nothing", async () => {
      const state = await open();
      await state.addContainer(container("c1", "web"));
      await state.addPod(pod("p1", "group"));
      const before = await contentsOf(state);
      const refused: [
        Promise<unknown>,
        typeof ContainerExists | typeof PodExists,
      ][] = [
        [
          Promise.resolve(state.addContainer(container("c1", "x"))),
          ContainerExists,
        ],
        [
          Promise.resolve(state.addContainer(container("c2", "web"))),
          ContainerExists,
        ],
        [
          Promise.resolve(state.addContainer(container("c2", "group"))),
          PodExists,
        ],
        [Promise.resolve(state.addPod(pod("p1", "x"))), PodExists],
        [Promise.resolve(state.addPod(pod("p2", "group"))), PodExists],
        [Promise.resolve(state.addPod(pod("p2", "web"))), ContainerExists],
      ];
      for (const [promise, type] of refused)
        await expect(promise).rejects.toThrow(type);
      expect(await contentsOf(state)).toEqual(before);
    });

    it("adds a container only to a pod that is there", async () => {
      const state = await open();
      const member = container("c1", "web", { podId: "p1" });
      await expect(state.addContainer(member)).rejects.toThrow(NoSuchPod);
      expect(await state.hasContainer("c1")).toBe(false);
      await state.addPod(pod("p1", "group"));
      await state.addContainer(member);
      expect(await state.getContainer("c1")).toEqual(member);
      const lost = { ...member, podId: "p2" };
      await expect(state.saveContainer(lost)).rejects.toThrow(NoSuchPod);
      expect(await state.getContainer("c1")).toEqual(member);
    });

    it("adds a pod with containers: all or nothing", async () => {
      const state = await open();
      await state.addContainer(container("c9", "taken"));
      const good = container("c1", "web", { podId: "p1" });
      for (const bad of [
        container("c9", "new", { podId: "p1" }),
        container("c2", "taken", { podId: "p1" }),
        container("c1", "twice", { podId: "p1" }),
        container("c2", "web", { podId: "p1" }),
        container("c2", "group", { podId: "p1" }),
      ]) {
        await expect(
          state.addPod(pod("p1", "group"), [good, bad]),
        ).rejects.toThrow(/already/);
      }
      await expect(
        state.addPod(pod("p1", "group"), [good, container("c2", "stranger")]),
      ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      expect((await contentsOf(state)).pods).toEqual([]);
      expect(await state.hasContainer("c1")).toBe(false);
      await state.addPod(pod("p1", "group"), [good]);
      expect((await contentsOf(state)).containers.map(({ id }) => id)).toEqual([
        "c9",
        "c1",
      ]);
    });

    it("removes a pod with all its containers, and no others", async () => {
      const state = await open();
      await state.addPod(pod("p1", "one"), [
        container("c1", "a", { podId: "p1" }),
      ]);
      await state.addPod(pod("p2", "two"), [
        container("c2", "b", { podId: "p2" }),
      ]);
      await state.addContainer(container("c3", "c", { podId: "p1" }));
      await state.addContainer(container("c4", "d"));
      await state.removePod("p1");
      const { containers, pods } = await contentsOf(state);
      expect(pods.map(({ id }) => id)).toEqual(["p2"]);
      expect(containers.map(({ id }) => id)).toEqual(["c2", "c4"]);
      await expect(state.removePod("p1")).rejects.toThrow(NoSuchPod);
      // Their names are free again.
      await state.addPod(pod("p3", "one"));
      await state.addContainer(container("c5", "a"));
    });

    it("removes a container from its pod too", async () => {
      const state = await open();
      await state.addPod(pod("p1", "one"), [
        container("c1", "a", { podId: "p1" }),
      ]);
      await state.removeContainer("c1");
      expect((await contentsOf(state)).containers).toEqual([]);
      expect(await state.hasPod("p1")).toBe(true);
      await expect(state.removeContainer("c1")).rejects.toThrow(
        NoSuchContainer,
      );
    });

    it("saves what changed, names too, and the order stays", async () => {
      const state = await open();
      await state.addContainer(container("c1", "a"));
      await state.addContainer(container("c2", "b"));
      await state.addPod(pod("p1", "one"));
      await state.saveContainer(container("c1", "z", { state: "running" }));
      await state.savePod(pod("p1", "renamed"));
      expect((await contentsOf(state)).containers).toMatchObject([
        { id: "c1", name: "z", state: "running" },
        { id: "c2" },
      ]);
      expect((await state.lookupPod("renamed")).id).toBe("p1");
      await expect(state.lookupContainer("a")).rejects.toThrow(NoSuchContainer);
      await expect(state.saveContainer(container("c1", "b"))).rejects.toThrow(
        ContainerExists,
      );
      await expect(
        state.saveContainer(container("c1", "renamed")),
      ).rejects.toThrow(PodExists);
      await expect(state.savePod(pod("p1", "b"))).rejects.toThrow(
        ContainerExists,
      );
      await expect(state.saveContainer(container("c8", "new"))).rejects.toThrow(
        NoSuchContainer,
      );
      await expect(state.savePod(pod("p8", "new"))).rejects.toThrow(NoSuchPod);
    });

    it("is not changed through what was given to it or got from it", async () => {
      const state = await open();
      const extra: Record<string, string> = { a: "1" };
      await state.addContainer(container("c1", "a", { extra }));
      extra["a"] = "2";
      expect((await state.getContainer("c1")).extra).toEqual({ a: "1" });
      const got = (await state.getContainer("c1")).extra as typeof extra;
      try {
        got["a"] = "3";
      } catch {
        // Frozen, which is as good.
      }
      expect((await state.getContainer("c1")).extra).toEqual({ a: "1" });
    });

    it("does what a plain model does", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { maxLength: 40 }),
          async (changes) => {
            let state = await open();
            const model = new Model();
            for (const each of changes) {
              const expected = model.try(each);
              const actual = await attempt(() => perform(state, each));
              expect([each, actual]).toEqual([each, expected]);
            }
            if (again !== undefined) state = await again(state);
            expect(await contentsOf(state)).toEqual(model.contents());
          },
        ),
        { numRuns },
      );
    });
  });
}

type Change =
  | {
      readonly do: "addContainer" | "saveContainer";
      readonly record: ContainerRecord;
    }
  | {
      readonly do: "addPod";
      readonly record: PodRecord;
      readonly members: readonly ContainerRecord[];
    }
  | { readonly do: "savePod"; readonly record: PodRecord }
  | { readonly do: "removeContainer" | "removePod"; readonly id: string };

const ids = fc.constantFrom("1", "2", "3", "4", "5");
const names = fc.constantFrom("a", "b", "c", "d", "e", "f");
const someContainer = fc
  .record({ id: ids, name: names, podId: fc.option(ids, { nil: undefined }) })
  .map(({ id, name, podId }) =>
    container(
      `c${id}`,
      name,
      podId === undefined ? {} : { podId: `p${podId}` },
    ),
  );
const somePod = fc
  .record({ id: ids, name: names })
  .map(({ id, name }) => pod(`p${id}`, name));

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    do: fc.constantFrom("addContainer", "saveContainer"),
    record: someContainer,
  }),
  fc
    .record({
      record: somePod,
      members: fc.array(someContainer, { maxLength: 2 }),
    })
    .map(({ record, members }) => ({
      do: "addPod" as const,
      record,
      members: members.map((each) => ({ ...each, podId: record.id })),
    })),
  fc.record({ do: fc.constant("savePod"), record: somePod }),
  fc.record({
    do: fc.constant("removeContainer"),
    id: ids.map((id) => `c${id}`),
  }),
  fc.record({ do: fc.constant("removePod"), id: ids.map((id) => `p${id}`) }),
);

async function perform(state: State, each: Change): Promise<void> {
  switch (each.do) {
    case "addContainer":
      return await state.addContainer(each.record);
    case "saveContainer":
      return await state.saveContainer(each.record);
    case "addPod":
      return await state.addPod(each.record, each.members);
    case "savePod":
      return await state.savePod(each.record);
    case "removeContainer":
      return await state.removeContainer(each.id);
    case "removePod":
      return await state.removePod(each.id);
  }
}

async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}

/** The rules in the plainest words: one list, and whether a change leaves it right. */
class Model {
  #entries: readonly (ContainerRecord | PodRecord)[] = [];

  try(each: Change): boolean {
    const next = this.#after(each);
    if (next === undefined || !isRight(next)) return false;
    this.#entries = next;
    return true;
  }

  contents(): { containers: ContainerRecord[]; pods: PodRecord[] } {
    return {
      containers: this.#entries.filter((entry) => isContainer(entry)),
      pods: this.#entries.filter((entry) => !isContainer(entry)),
    };
  }

  #after(each: Change): readonly (ContainerRecord | PodRecord)[] | undefined {
    const has = (id: string): boolean =>
      this.#entries.some((entry) => entry.id === id);
    switch (each.do) {
      case "addContainer":
        return [...this.#entries, each.record];
      case "addPod":
        return [...this.#entries, each.record, ...each.members];
      case "saveContainer":
      case "savePod":
        return has(each.record.id)
          ? this.#entries.map((entry) =>
              entry.id === each.record.id ? each.record : entry,
            )
          : undefined;
      default:
        return has(each.id)
          ? this.#entries.filter(
              (entry) =>
                entry.id !== each.id &&
                !(isContainer(entry) && entry.podId === each.id),
            )
          : undefined;
    }
  }
}

function isContainer(
  entry: ContainerRecord | PodRecord,
): entry is ContainerRecord {
  return "state" in entry;
}

function isRight(entries: readonly (ContainerRecord | PodRecord)[]): boolean {
  const distinct = (values: readonly string[]): boolean =>
    new Set(values).size === values.length;
  return (
    distinct(entries.map(({ id }) => id)) &&
    distinct(entries.map(({ name }) => name)) &&
    entries.every(
      (entry) =>
        !isContainer(entry) ||
        entry.podId === undefined ||
        entries.some(({ id }) => id === entry.podId),
    )
  );
}
