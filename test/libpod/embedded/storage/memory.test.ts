import { describe, expect, it } from "vitest";
import {
  memoryStorage,
  MemoryState,
  type StateChange,
} from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import { container, contentsOf, describeState, pod } from "./state-contract.ts";
import { describeStorage } from "./storage-contract.ts";

describeState("MemoryState", async () => new MemoryState());
describeStorage("memoryStorage", async () => memoryStorage());

describe("extending MemoryState", () => {
  class Recording extends MemoryState {
    readonly changes: StateChange[] = [];
    problem: Error | undefined;

    protected override async commit(change: StateChange): Promise<void> {
      if (this.problem !== undefined) throw this.problem;
      this.changes.push(change);
      await super.commit(change);
    }
  }

  it("sees every change, once it was found right", async () => {
    const state = new Recording();
    const member = container("c1", "web", { podId: "p1" });
    await state.addPod(pod("p1", "one"), [member]);
    await expect(state.addContainer(member)).rejects.toThrow("already");
    await state.saveContainer({ ...member, name: "db" });
    await state.removePod("p1");
    expect(state.changes).toEqual([
      { pods: [pod("p1", "one")], containers: [member] },
      { containers: [{ ...member, name: "db" }] },
      { removedContainers: ["c1"], removedPods: ["p1"] },
    ]);
  });

  it("changes nothing if that fails", async () => {
    const state = new Recording();
    await state.addPod(pod("p1", "one"), [
      container("c1", "web", { podId: "p1" }),
    ]);
    const before = await contentsOf(state);
    state.problem = new Error("no room");
    await expect(state.removePod("p1")).rejects.toThrow("no room");
    await expect(state.addPod(pod("p2", "two"))).rejects.toThrow("no room");
    await expect(state.savePod(pod("p1", "x"))).rejects.toThrow("no room");
    expect(await contentsOf(state)).toEqual(before);
  });
});

describe("memoryStorage", () => {
  it("takes a state of the user's", () => {
    const state = new MemoryState();
    expect(memoryStorage(state).state).toBe(state);
  });

  it("refuses what is no plain data", async () => {
    const { state } = memoryStorage();
    const bad = container("c1", "a", {
      extra: { size: 1n as unknown as string },
    });
    await expect(state.addContainer(bad)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(await state.hasContainer("c1")).toBe(false);
  });
});
