import { EError, PortoError } from "portolan/porto";
import { describe, expect, it } from "vitest";
import {
  ContainerExists,
  ContainerStopped,
  EngineError,
  InvalidArgument,
  InvalidState,
  NoSuchContainer,
  NoSuchPod,
  NotSupported,
} from "../../../src/libpod/errors.ts";
import { all, FakePortod, rejection } from "./daemon.ts";

const command = (
  ...args: readonly string[]
): { process: { args: readonly string[] } } => ({
  process: { args },
});

describe("a container on Porto", () => {
  it("is known by its name, and has what it was made with", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    const id = await engine.createContainer({
      name: "web",
      spec: command("sh", "-c", "echo 'a b' $HOME"),
      labels: { "APP.tier": "front", "com.example.words": "two words" },
      annotations: { note: "ä" },
      stopSignal: 2,
    });
    expect(id).toBe("web");
    expect(await engine.getContainer("web")).toEqual({
      id: "web",
      name: "web",
      state: "configured",
      engineState: "stopped",
      command: ["sh", "-c", "echo 'a b' $HOME"],
      createdAt: new Date(1_700_000_000_000),
      labels: { "APP.tier": "front", "com.example.words": "two words" },
      image: undefined,
      imageId: undefined,
      podId: undefined,
    });
    expect(await engine.inspectContainer("web")).toMatchObject({
      annotations: { note: "ä" },
      stopSignal: 2,
      exitCode: undefined,
    });
    // Porto has the label that it takes, and the rest in a text of ours.
    const { labels } = daemon.get("web").spec;
    expect(labels?.map).toEqual([{ key: "APP.tier", val: "front" }]);
  });

  it("has a name made up where none is given", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const id = await served.engine.createContainer({ spec: command("true") });
    expect(id).toBe("ctr-1");
  });

  it("has names by Porto's rules: nothing is sent for others", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    for (const name of [
      "",
      "a b",
      "/a",
      "a/",
      "a//b",
      "self",
      ".",
      "a/../b",
      "ü",
      "*",
      "x".repeat(129),
    ])
      expect(
        await rejection(served.engine.createContainer({ name, spec: {} })),
      ).toBeInstanceOf(InvalidArgument);
    expect(daemon.count("createFromSpec")).toBe(0);
  });

  it("is not looked for by masks and by what stands for others", async () => {
    const daemon = new FakePortod();
    daemon.add("a");
    await using served = await daemon.serve();
    for (const id of ["***", "*", "?", "/", "self", ".", "", "/porto/a", "b"])
      expect(await rejection(served.engine.getContainer(id))).toBeInstanceOf(
        NoSuchContainer,
      );
  });

  it("is listed with others; the host and what vanishes meanwhile are not", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    expect(await engine.listContainers()).toEqual([]);
    daemon.add("a");
    daemon.add("a/b", "running");
    const listed = await engine.listContainers();
    expect(listed.map(({ id, podId }) => [id, podId])).toEqual([
      ["a", undefined],
      ["a/b", undefined],
    ]);
    expect((await engine.lookupContainer("a/")).id).toBe("a/b");
    daemon.vanishing.add("a");
    expect((await engine.listContainers()).map(({ id }) => id)).toEqual([
      "a/b",
    ]);
    expect(await rejection(engine.lookupContainer("x"))).toBeInstanceOf(
      NoSuchContainer,
    );
  });

  it.each([
    ["stopped", "configured"],
    ["starting", "starting"],
    ["running", "running"],
    ["stopping", "stopping"],
    ["paused", "paused"],
    ["dead", "exited"],
    ["meta", "running"],
    ["respawning", "starting"],
    ["something new", "unknown"],
  ])("%s is %s", async (engineState, state) => {
    const daemon = new FakePortod();
    daemon.add("a", engineState);
    await using served = await daemon.serve();
    expect(await served.engine.getContainer("a")).toMatchObject({
      state,
      engineState,
    });
  });

  it("keeps foreign texts of `private` out of it", async () => {
    const daemon = new FakePortod();
    for (const text of [
      "{",
      "hello",
      "[]",
      '{"libpod":3}',
      '{"libpod":{"labels":[1],"stopSignal":"x"}}',
      "null",
    ])
      daemon.add(`c${daemon.containers.size}`, "stopped", { private: text });
    await using served = await daemon.serve();
    for (const { labels } of await served.engine.listContainers())
      expect(labels).toEqual({});
  });

  it("refuses more than `private` has room for, before anything is sent", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const error = await rejection(
      served.engine.createContainer({
        name: "a",
        spec: {},
        annotations: { long: "ä".repeat(2048) },
      }),
    );
    expect(error).toBeInstanceOf(InvalidArgument);
    expect(daemon.count("createFromSpec")).toBe(0);
  });

  it("exists once", async () => {
    const daemon = new FakePortod();
    daemon.add("a");
    await using served = await daemon.serve();
    const error = await rejection(
      served.engine.createContainer({ name: "a", spec: {} }),
    );
    expect(error).toBeInstanceOf(ContainerExists);
    expect((error as Error).cause).toMatchObject({
      error: EError.ContainerAlreadyExists,
    });
  });

  it("starts from stopped and, its end forgotten, from dead, but not while it runs", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    const id = await engine.createContainer({ name: "a", spec: command("x") });
    await engine.startContainer(id);
    expect(await rejection(engine.startContainer(id))).toBeInstanceOf(
      InvalidState,
    );
    expect(daemon.count("stop")).toBe(0);
    daemon.exit(id, 3);
    await engine.startContainer(id);
    expect(daemon.get(id).state).toBe("running");
    expect(daemon.count("stop")).toBe(1);
  });

  it("stops by its stop signal, dead and with its exit code", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    const id = await engine.createContainer({
      name: "a",
      spec: command("x"),
      stopSignal: 2,
    });
    await engine.startContainer(id);
    await engine.stopContainer(id);
    expect(daemon.input("kill")).toEqual({ name: "a", sig: 2 });
    expect(await engine.inspectContainer(id)).toMatchObject({
      state: "exited",
      exitCode: 130,
    });
    // Again: nothing is done.
    await engine.stopContainer(id);
    expect(daemon.count("kill")).toBe(1);
    expect(daemon.count("stop")).toBe(0);
  });

  it("is killed after its grace", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const fake = daemon.add("a", "running", { command: "x" });
    fake.ignores = [15];
    await served.engine.stopContainer("a", { grace: 9.5 });
    expect(
      daemon.asked
        .filter((entry) => entry.command === "kill")
        .map(({ input }) => input),
    ).toEqual([
      { name: "a", sig: 15 },
      { name: "a", sig: 9 },
    ]);
    expect(fake.exitCode).toBe(-9);
  });

  it("may end just before it is told to", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    daemon.onCommand = (name) => {
      if (name === "kill") daemon.exit("a", 0);
    };
    await served.engine.stopContainer("a");
    expect(daemon.get("a").exitCode).toBe(0);
  });

  it.each([
    ["meta", {}],
    ["respawning", { respawn: true }],
    ["running", { respawn: true }],
  ])(
    "that is %s with %j is stopped by Porto's own command",
    async (state, spec) => {
      const daemon = new FakePortod();
      await using served = await daemon.serve();
      daemon.add("a", state, spec);
      await served.engine.stopContainer("a", { grace: 49.5 });
      expect(daemon.input("stop")).toEqual({ name: "a", timeout_ms: 50 });
    },
  );

  it.each([-1, Number.NaN])(
    "has a grace that is one: not %d",
    async (grace) => {
      const daemon = new FakePortod();
      await using served = await daemon.serve();
      daemon.add("a", "running", { command: "x" });
      expect(
        await rejection(served.engine.stopContainer("a", { grace })),
      ).toBeInstanceOf(InvalidArgument);
      await served.engine.stopContainer("a", { grace: Infinity });
      expect(daemon.get("a").state).toBe("dead");
    },
  );

  it("of an init system gets SIGPWR", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x", virt_mode: "os" });
    await served.engine.stopContainer("a");
    expect(daemon.input("kill")).toEqual({ name: "a", sig: 30 });
  });

  it("takes signals while it runs only", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    for (const state of ["stopped", "dead", "starting"]) {
      daemon.add(state, state);
      const error = await rejection(engine.killContainer(state, 9));
      expect(error).toBeInstanceOf(ContainerStopped);
      expect((error as Error).cause).toBeInstanceOf(PortoError);
    }
    for (const state of ["paused", "meta"]) {
      daemon.add(state, state);
      expect(await rejection(engine.killContainer(state, 9))).toBeInstanceOf(
        InvalidState,
      );
    }
  });

  it("pauses, and goes on", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("a", "running", { command: "x" });
    await engine.pauseContainer("a");
    expect((await engine.getContainer("a")).state).toBe("paused");
    expect(await rejection(engine.pauseContainer("a"))).toBeInstanceOf(
      InvalidState,
    );
    expect(await rejection(engine.stopContainer("a"))).toBeInstanceOf(
      InvalidState,
    );
    await engine.unpauseContainer("a");
    expect(await rejection(engine.unpauseContainer("a"))).toBeInstanceOf(
      InvalidState,
    );
  });

  it("restarts", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    await served.engine.restartContainer("a");
    expect(
      daemon.asked
        .map((entry) => entry.command)
        .filter((name) => ["kill", "stop", "start"].includes(name)),
    ).toEqual(["kill", "stop", "start"]);
    expect(daemon.get("a").state).toBe("running");
  });

  it("is removed while nothing of it runs, or by force", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("a", "dead");
    daemon.add("ab", "running");
    daemon.add("a/b", "stopped");
    daemon.add("a/b/c", "running");
    const error = await rejection(engine.removeContainer("a"));
    expect(error).toBeInstanceOf(InvalidState);
    expect((error as Error).message).toContain("a/b/c is running");
    daemon.exit("a/b/c", 0);
    await engine.removeContainer("a");
    expect([...daemon.containers.keys()]).toEqual(["ab"]);
    await engine.removeContainer("ab", { force: true });
    expect(await rejection(engine.removeContainer("ab"))).toBeInstanceOf(
      NoSuchContainer,
    );
  });

  it("has its root mounted as long as it is there", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("a").status = { root_path: "/place/1" };
    expect(await engine.mountContainer("a")).toBe("/place/1");
    await engine.unmountContainer("a");
    expect(await rejection(engine.unmountContainer("b"))).toBeInstanceOf(
      NoSuchContainer,
    );
  });
});

describe("what Porto's errors mean", () => {
  it.each([
    [EError.Permission, EngineError],
    [EError.NoSpace, EngineError],
    [EError.Unknown, EngineError],
    [EError.InvalidValue, InvalidArgument],
    [EError.InvalidProperty, InvalidArgument],
    [EError.InvalidCommand, InvalidArgument],
    [EError.InvalidState, InvalidState],
    [EError.Busy, InvalidState],
  ])("%i", async (code, type) => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "stopped", { command: "x" });
    const cause = new PortoError(code, "said so");
    daemon.failures.push({ command: "start", error: cause });
    const error = await rejection(served.engine.startContainer("a"));
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toBe("startContainer of a: said so");
    expect((error as Error).cause).toMatchObject({
      error: code,
      text: "said so",
    });
  });

  it("what the daemon does not know is not implemented", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    for (const code of [EError.NotSupported, EError.InvalidMethod]) {
      daemon.failures.push({ command: "pause", error: new PortoError(code) });
      expect(await rejection(served.engine.pauseContainer("a"))).toMatchObject({
        code: "NOT_IMPLEMENTED",
      });
    }
  });

  it("an entry of a list may have one", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    expect(await rejection(served.engine.getContainer("gone"))).toMatchObject({
      code: "NO_SUCH_CONTAINER",
      cause: { error: EError.ContainerDoesNotExist },
    });
    expect(await rejection(served.engine.getPod("gone"))).toBeInstanceOf(
      NoSuchPod,
    );
  });
});

describe("the limits of operations", () => {
  it("hold over all of its commands", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" }).ignores = [15, 9];
    const error = await rejection(
      served.engine.stopContainer("a", { timeout: 100, grace: 1 }),
    );
    expect(error).toMatchObject({ code: "TIMEOUT" });
  });

  it("are over before anything is sent where there is no time", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    expect(
      await rejection(served.engine.listContainers({ timeout: 0 })),
    ).toMatchObject({ code: "TIMEOUT" });
    expect(daemon.count("listContainersBy")).toBe(0);
  });

  it("an abort ends them", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    const leave = new AbortController();
    const waiting = served.engine.waitContainer("a", { signal: leave.signal });
    daemon.onCommand = (name, input) => {
      if (name === "wait" && !("timeout_ms" in input)) leave.abort("enough");
    };
    expect(await rejection(waiting)).toMatchObject({
      code: "ABORTED",
      cause: "enough",
    });
  });
});

describe("opening", () => {
  it("asks for the version, and whether there are images", async () => {
    const daemon = new FakePortod();
    daemon.imagesOff = true;
    await using served = await daemon.serve();
    const { engine } = served;
    expect(await engine.version()).toMatchObject({
      version: "5.3.15",
      api: "porto",
    });
    expect(engine.listImages).toBeUndefined();
    expect(await engine.info()).toMatchObject({
      cpus: 4,
      kernel: "6.1",
      containers: 0,
    });
    expect(
      await all(engine.containerLogs("x")).catch((error: unknown) => error),
    ).toBeInstanceOf(NoSuchContainer);
  });

  it("refuses what is no time", async () => {
    const daemon = new FakePortod();
    expect(await rejection(daemon.serve({ logInterval: 0 }))).toBeInstanceOf(
      InvalidArgument,
    );
  });

  it("what Porto cannot do is refused before anything is sent", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const error = await rejection(
      served.engine.createContainer({
        name: "a",
        spec: { linux: { resources: { memory: { swap: 1 } } } },
        podId: "not-there",
      }),
    );
    expect(error).toBeInstanceOf(NotSupported);
    expect(error).toMatchObject({
      feature: "createContainer: spec.linux.resources.memory.swap",
    });
    expect(daemon.count("listContainersBy")).toBe(0);
  });
});
