import { describe, expect, test } from "vitest";
import {
  type Engine,
  EngineError,
  InvalidState,
  Runtime,
  RuntimeStopped,
} from "portolan/libpod";
import { Fake, rejection } from "./support.ts";

/** A daemon that others use as well, and one that is ours alone. */
function engines(fake: Fake): readonly (readonly [string, Engine])[] {
  return [
    ["a daemon", fake.engine()],
    ["the embedded engine", fake.engine({ name: "embedded" })],
  ];
}

test.each(engines(new Fake()).map(([name]) => name))(
  "%s: nothing that runs or is mounted is left behind",
  async (name) => {
    const fake = new Fake();
    const [, engine] = engines(fake).find(([one]) => one === name) ?? [];
    const runtime = await Runtime.open(engine as Engine);
    const runs = await runtime.newContainer({}, { name: "runs" });
    const mounted = await runtime.newContainer({}, { name: "mounted" });
    await runs.start();
    await mounted.mount();
    expect(await rejection(runtime.shutdown())).toMatchObject({
      code: "INVALID_STATE",
      message: expect.stringContaining("runs") as string,
    });
    // It is open as before.
    await runs.stop();
    expect(await rejection(runtime.shutdown())).toMatchObject({
      code: "INVALID_STATE",
      message: expect.stringContaining("mounted") as string,
    });
    await mounted.unmount();
    await runtime.shutdown();
    expect(await rejection(runtime.containers())).toBeInstanceOf(
      RuntimeStopped,
    );
    expect(await rejection(runtime.shutdown())).toBeInstanceOf(RuntimeStopped);
  },
);

describe("by force", () => {
  test("what runs is stopped, what is paused goes on for that, what is mounted is unmounted", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const runs = await runtime.newContainer({});
    const paused = await runtime.newContainer({});
    const mounted = await runtime.newContainer({});
    const idle = await runtime.newContainer({});
    await runs.start();
    await paused.start();
    await paused.pause();
    await mounted.mount();
    await mounted.mount();
    await mounted.mount();
    await mounted.unmount();
    fake.asked.splice(0);
    await runtime.shutdown({ force: true, grace: 5 });
    const done = fake.asked
      .filter(([name]) => /^(stop|pause|unpause|unmount)/.test(name))
      .map(([name, id, options]) => [name, id, options]);
    expect(done).toEqual(
      expect.arrayContaining([
        ["stopContainer", runs.id, { grace: 5 }],
        ["unpauseContainer", paused.id, {}],
        ["stopContainer", paused.id, { grace: 5 }],
        ["unmountContainer", mounted.id, {}],
        ["unmountContainer", mounted.id, {}],
      ]),
    );
    expect(done).toHaveLength(5);
    expect([...fake.containers.keys()]).toContain(idle.id);
  });

  test("a daemon's other containers are left alone", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const other = await Runtime.open(fake.engine());
    const theirs = await other.newContainer({});
    const ours = await runtime.newContainer({});
    await theirs.start();
    await theirs.mount();
    // Neither is in the way of an end without force.
    await runtime.shutdown();
    const again = await Runtime.open(fake.engine());
    await (await again.newContainer({})).start();
    await again.shutdown({ force: true });
    expect(fake.containers.get(theirs.id)).toMatchObject({
      state: "running",
      mounts: 1,
    });
    expect(fake.containers.get(ours.id)?.state).toBe("configured");
    await other.close();
  });

  test("all of an engine that is ours alone are stopped, whoever made them", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine({ name: "embedded" }));
    const other = await Runtime.open(fake.engine());
    const container = await other.newContainer({});
    await container.start();
    await container.mount();
    expect(await rejection(runtime.shutdown())).toBeInstanceOf(InvalidState);
    await runtime.shutdown({ force: true });
    expect(fake.containers.get(container.id)).toMatchObject({
      state: "exited",
      mounts: 0,
    });
    expect(fake.asked).toContainEqual([
      "unmountContainer",
      container.id,
      { force: true },
    ]);
  });

  test("every one is tried; if one fails the runtime stays open", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const one = await runtime.newContainer({}, { name: "one" });
    const two = await runtime.newContainer({}, { name: "two" });
    await one.start();
    await two.start();
    fake.failures.set("stopContainer", new EngineError("no"));
    fake.names();
    expect(await rejection(runtime.shutdown({ force: true }))).toMatchObject({
      code: "ENGINE_ERROR",
      message: "containers could not be stopped: one: no; two: no",
    });
    expect(
      fake.names().filter((name) => name === "stopContainer"),
    ).toHaveLength(2);
    fake.failures.clear();
    expect(await runtime.containers()).toHaveLength(2);
    await runtime.shutdown({ force: true });
    expect(fake.containers.get(two.id)?.state).toBe("exited");
  });

  test("what ended or went meanwhile is in nobody's way", async () => {
    const fake = new Fake();
    const engine = fake.engine();
    const runtime = await Runtime.open(engine);
    const container = await runtime.newContainer({});
    await container.start();
    const list = engine.listContainers.bind(engine);
    engine.listContainers = async (options) => {
      const all = await list(options);
      fake.containers.clear();
      return all;
    };
    await runtime.shutdown({ force: true });
  });

  test("everything else is refused meanwhile, and a lost connection is no container's fault", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const container = await runtime.newContainer({});
    await container.start();
    const lost = Object.assign(new Error("lost"), { code: "CONNECTION_LOST" });
    fake.failures.set("stopContainer", lost);
    const ending = rejection(runtime.shutdown({ force: true }));
    expect(await rejection(container.status())).toBeInstanceOf(RuntimeStopped);
    expect(await rejection(runtime.shutdown())).toBeInstanceOf(RuntimeStopped);
    expect(await ending).toBe(lost);
    expect((await container.status()).state).toBe("running");
    await runtime.close();
  });

  test("the signal ends it, and it is open again", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const signal = AbortSignal.abort();
    expect(await rejection(runtime.shutdown({ signal }))).toMatchObject({
      code: "ABORTED",
    });
    expect(await runtime.containers()).toEqual([]);
    await runtime.close();
  });
});

test("closing leaves what runs alone", async () => {
  const fake = new Fake();
  const runtime = await Runtime.open(fake.engine({ name: "embedded" }));
  const container = await runtime.newContainer({});
  await container.start();
  await runtime.close();
  expect(fake.containers.get(container.id)?.state).toBe("running");
});

describe("what is gone is nobody's to stop, though something else has its id", () => {
  /** An engine whose ids are names. */
  function named(): { readonly fake: Fake; readonly engine: Engine } {
    const fake = new Fake();
    const engine = fake.engine();
    engine.createContainer = async (config) => {
      others(fake, config.name ?? "", config.podId);
      return config.name ?? "";
    };
    engine.createPod = async ({ name = "" }) => {
      fake.pods.set(name, { name });
      return name;
    };
    return { fake, engine };
  }

  /** Somebody else makes a container, which runs. */
  function others(fake: Fake, name: string, podId?: string): void {
    const config = { spec: {}, podId };
    const state = "running" as const;
    fake.containers.set(name, { id: name, name, config, state, mounts: 1 });
  }

  test("after it was removed, alone or with its pod", async () => {
    const { fake, engine } = named();
    const runtime = await Runtime.open(engine);
    const alone = await runtime.newContainer({}, { name: "alone" });
    await alone.mount();
    const pod = await runtime.newPod({ name: "pod" });
    const member = await runtime.newContainer({}, { name: "member", pod });
    await member.mount();
    await runtime.removeContainer(alone, { force: true });
    await runtime.removePod(pod, { force: true });
    others(fake, "alone");
    others(fake, "member", "pod");
    await runtime.shutdown();
    expect([...fake.containers.values()].map(({ state }) => state)).toEqual([
      "running",
      "running",
    ]);
  });

  test("after it was found to be gone", async () => {
    const { fake, engine } = named();
    const runtime = await Runtime.open(engine);
    const alone = await runtime.newContainer({}, { name: "alone" });
    const pod = await runtime.newPod({ name: "pod" });
    await runtime.newContainer({}, { name: "member", pod });
    fake.containers.clear();
    fake.pods.clear();
    expect(await rejection(alone.stop())).toMatchObject({
      code: "CONTAINER_REMOVED",
    });
    expect(await rejection(pod.stop())).toMatchObject({ code: "POD_REMOVED" });
    others(fake, "alone");
    others(fake, "member");
    fake.asked.splice(0);
    await runtime.shutdown({ force: true });
    expect(fake.names()).toEqual(["listContainers"]);
  });

  test("and an old object says nothing of the new one", async () => {
    const { fake, engine } = named();
    await using runtime = await Runtime.open(engine);
    const old = await runtime.newContainer({}, { name: "a" });
    fake.containers.clear();
    const made = await runtime.newContainer({}, { name: "a" });
    expect(await rejection(old.stop())).toMatchObject({
      code: "CONTAINER_REMOVED",
    });
    expect(await rejection(runtime.shutdown())).toBeInstanceOf(InvalidState);
    await made.stop();
  });
});
