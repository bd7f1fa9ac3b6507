import { EError, PortoError } from "portolan/porto";
import { describe, expect, it } from "vitest";
import {
  ContainerExists,
  InvalidArgument,
  InvalidState,
  NoSuchContainer,
  NoSuchPod,
  NotSupported,
  PodExists,
  PodOperationFailed,
} from "../../../src/libpod/errors.ts";
import { FakePortod, rejection, type Served } from "./daemon.ts";

const command = { process: { args: ["x"] } };

/** A pod with containers, in these states; what runs ignores nothing. */
async function withPod(
  daemon: FakePortod,
  states: readonly string[],
): Promise<Served> {
  const served = await daemon.serve();
  const { engine } = served;
  await engine.createPod({ name: "pod" });
  for (const [index, state] of states.entries()) {
    const podId = "pod";
    const id = await engine.createContainer({
      name: `c${index}`,
      podId,
      spec: command,
    });
    daemon.get(id).state = state;
  }
  if (states.some((state) => state !== "stopped"))
    daemon.get("pod").state = "meta";
  return served;
}

const statesOf = (daemon: FakePortod): string[] =>
  [...daemon.containers].map(([name, { state }]) => `${name} ${state}`);

describe("a pod on Porto", () => {
  it("is a container with a label, and those directly in it are its", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["stopped", "running"]);
    const { engine } = served;
    daemon.add("other");
    daemon.add("other/inner");
    daemon.add("pod/c0/deep");
    expect(await engine.listPods()).toEqual([await engine.getPod("pod")]);
    expect(await engine.getPod("pod")).toMatchObject({
      id: "pod",
      name: "pod",
      state: "degraded",
      engineState: "meta",
      containers: [
        { id: "pod/c0", state: "configured" },
        { id: "pod/c1", state: "running" },
      ],
    });
    expect((await engine.lookupPod("po")).id).toBe("pod");
    const listed = await engine.listContainers();
    expect(listed.map(({ id, podId }) => [id, podId])).toEqual([
      ["pod/c0", "pod"],
      ["pod/c1", "pod"],
      ["other", undefined],
      ["other/inner", undefined],
      ["pod/c0/deep", undefined],
    ]);
    expect((await engine.getContainer("pod/c0")).podId).toBe("pod");
    expect((await engine.getContainer("other/inner")).podId).toBeUndefined();
    expect(await rejection(engine.getPod("other"))).toBeInstanceOf(NoSuchPod);
    expect(await rejection(engine.lookupPod("x"))).toBeInstanceOf(NoSuchPod);
  });

  it("is no container", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, []);
    const { engine } = served;
    for (const call of [
      engine.getContainer("pod"),
      engine.startContainer("pod"),
      engine.stopContainer("pod"),
      engine.killContainer("pod", 9),
      engine.removeContainer("pod", { force: true }),
      engine.waitContainer("pod"),
    ])
      expect(await rejection(call)).toBeInstanceOf(NoSuchContainer);
    expect(daemon.containers.has("pod")).toBe(true);
  });

  it("has labels, and nothing that Porto has no word for", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    const labels = { "APP.a": "1", "LIBPOD.pod": "mine", other: "" };
    const id = await engine.createPod({ labels });
    expect(id).toBe("pod-1");
    expect((await engine.getPod(id)).labels).toEqual(labels);
    expect(await rejection(engine.createPod({ name: id }))).toBeInstanceOf(
      PodExists,
    );
    for (const config of [{ cgroupParent: "/x" }, { share: ["net"] as const }])
      expect(await rejection(engine.createPod(config))).toBeInstanceOf(
        NotSupported,
      );
    await engine.createPod({ name: "ok", share: [] });
  });

  it("takes containers that are directly in it, and is there", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["stopped"]);
    const { engine } = served;
    const create = (podId: string, name: string): Promise<string> =>
      engine.createContainer({ podId, name, spec: command });
    expect(await create("pod", "pod/whole")).toBe("pod/whole");
    expect(await rejection(create("pod", "c0"))).toBeInstanceOf(
      ContainerExists,
    );
    expect(await rejection(create("pod", "a/b"))).toBeInstanceOf(
      InvalidArgument,
    );
    expect(await rejection(create("gone", "a"))).toBeInstanceOf(NoSuchPod);
    expect(await rejection(create("pod/c0", "a"))).toBeInstanceOf(NoSuchPod);
  });

  it("starts what does not run, itself first", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["stopped", "stopped"]);
    const { engine } = served;
    await engine.startPod("pod");
    expect(statesOf(daemon)).toEqual([
      "pod meta",
      "pod/c0 running",
      "pod/c1 running",
    ]);
    const started = daemon.asked.find((entry) => entry.command === "start");
    expect(started?.input).toEqual({ name: "pod" });
    daemon.exit("pod/c1", 1);
    await engine.startPod("pod");
    expect(daemon.count("start")).toBe(4);
    expect((await engine.getPod("pod")).state).toBe("running");
  });

  it("that is empty is started with its first container", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, []);
    await served.engine.startPod("pod");
    expect(daemon.count("start")).toBe(0);
  });

  it("may be started by another meanwhile", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["stopped"]);
    daemon.onCommand = (name) => {
      if (name === "start" && daemon.get("pod").state === "stopped")
        daemon.get("pod").state = "meta";
    };
    await served.engine.startPod("pod");
    expect(daemon.get("pod/c0").state).toBe("running");
  });

  it("stops what runs, and has all ended then", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["running", "running", "dead"]);
    daemon.get("pod/c0").ignores = [15];
    await served.engine.stopPod("pod", { grace: 5 });
    expect((await served.engine.getPod("pod")).state).toBe("exited");
    expect(daemon.get("pod").state).toBe("meta");
    expect(daemon.count("stop")).toBe(0);
  });

  it("sends signals to what runs", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["running", "dead", "paused"]);
    const { engine } = served;
    await engine.killPod("pod", 9);
    expect(daemon.count("kill")).toBe(1);
    expect(daemon.get("pod/c0").exitCode).toBe(-9);
    // One that ends just before is none of those.
    daemon.enter("pod/c0", "running");
    daemon.onCommand = (name) => {
      if (name === "kill") daemon.exit("pod/c0", 0);
    };
    await engine.killPod("pod", 9);
    expect(daemon.get("pod/c0").exitCode).toBe(0);
  });

  it("pauses and goes on, part by part or as a whole", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["running", "dead"]);
    const { engine } = served;
    await engine.pausePod("pod");
    expect((await engine.getPod("pod")).state).toBe("paused");
    await engine.unpausePod("pod");
    expect(daemon.input("resume")).toEqual({ name: "pod/c0" });
    daemon.get("pod").state = "paused";
    await engine.unpausePod("pod");
    expect(daemon.input("resume")).toEqual({ name: "pod" });
  });

  it("restarts all", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["running", "dead", "stopped"]);
    await served.engine.restartPod("pod");
    expect(statesOf(daemon)).toEqual([
      "pod meta",
      "pod/c0 running",
      "pod/c1 running",
      "pod/c2 running",
    ]);
  });

  it("tells which of its containers failed; the others did it", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, [
      "stopped",
      "stopped",
      "stopped",
    ]);
    daemon.get("pod").state = "meta";
    let starts = 0;
    daemon.onCommand = (name, input) => {
      if (name !== "start") return;
      starts += 1;
      if (starts === 2)
        daemon.failures.push({
          command: "start",
          error: new PortoError(EError.NoSpace, "full"),
        });
      expect(input).toHaveProperty("name");
    };
    const error = await rejection(served.engine.startPod("pod"));
    expect(error).toBeInstanceOf(PodOperationFailed);
    const { podId, failures, cause } = error as PodOperationFailed;
    expect(podId).toBe("pod");
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toContain("full");
    expect(cause).toMatchObject({
      code: "ENGINE_ERROR",
      cause: { error: EError.NoSpace },
    });
    const running = statesOf(daemon).filter((state) =>
      state.endsWith("running"),
    );
    expect(running).toHaveLength(2);
  });

  it("lets alone what is removed meanwhile, and gives up with the operation", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["stopped", "stopped"]);
    daemon.get("pod").state = "meta";
    daemon.onCommand = (name, input) => {
      if (name === "start" && "name" in input && input.name === "pod/c0")
        daemon.containers.delete("pod/c0");
    };
    await served.engine.startPod("pod");
    daemon.get("pod/c1").ignores = [9, 15];
    expect(
      await rejection(served.engine.stopPod("pod", { grace: 0, timeout: 60 })),
    ).toMatchObject({ code: "TIMEOUT" });
  });

  it("goes whole or not at all", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["dead", "dead"]);
    const { engine } = served;
    daemon.add("pod/c0/deep", "running");
    expect(await rejection(engine.removePod("pod"))).toBeInstanceOf(
      InvalidState,
    );
    expect(daemon.containers.size).toBe(4);
    daemon.exit("pod/c0/deep", 0);
    await engine.removePod("pod");
    expect(daemon.containers.size).toBe(0);
    expect(daemon.count("destroy")).toBe(1);
    expect(await rejection(engine.removePod("pod"))).toBeInstanceOf(NoSuchPod);
  });

  it("goes with what runs, by force; what is no pod does not", async () => {
    const daemon = new FakePortod();
    await using served = await withPod(daemon, ["running"]);
    daemon.add("other");
    await served.engine.removePod("pod", { force: true });
    expect(
      await rejection(served.engine.removePod("other", { force: true })),
    ).toBeInstanceOf(NoSuchPod);
    expect([...daemon.containers.keys()]).toEqual(["other"]);
  });
});
