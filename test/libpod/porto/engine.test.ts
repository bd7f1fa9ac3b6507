import { EError, PortoError, type TDockerImage } from "portolan/porto";
import { describe, expect, it } from "vitest";
import { portoSupports } from "../../../src/libpod/engines/porto/index.ts";
import type { EngineEvent } from "../../../src/libpod/engine.ts";
import {
  AmbiguousId,
  ContainerStopped,
  EngineError,
  InvalidState,
  NoSuchContainer,
  NoSuchImage,
  NotSupported,
} from "../../../src/libpod/errors.ts";
import { FakePortod, rejection } from "./daemon.ts";

const map = (entries: Readonly<Record<string, bigint>>): object => ({
  map: Object.entries(entries).map(([key, val]) => ({ key, val })),
});

describe("what containers use", () => {
  it("is in bytes and nanoseconds, and shares are against the figures before", async () => {
    const daemon = new FakePortod();
    let now = 0;
    await using served = await daemon.serve({ now: () => now });
    const { engine } = served;
    const fake = daemon.add("a", "running", { command: "x" });
    fake.status = {
      cpu_usage: 1_000_000_000n,
      memory_usage: 2n ** 40n,
      memory_limit_total: 2n ** 41n,
      process_count: 3n,
      net_rx_bytes: map({
        eth0: 10n,
        eth1: 5n,
        lo: 100n,
        Uplink: 15n,
        "group default": 15n,
      }),
      net_tx_bytes: map({ eth0: 7n }),
      io_read: map({ hw: 9n, sda: 4n, sdb: 5n, fs: 50n }),
      io_write: map({ sda: 1n, sdb: 2n, fs: 50n }),
    };
    expect(await engine.containerStats("a")).toEqual({
      id: "a",
      name: "a",
      cpuNanos: 1_000_000_000n,
      cpuPercent: 0,
      memoryUsage: 2n ** 40n,
      memoryLimit: 2n ** 41n,
      networkInput: 15n,
      networkOutput: 7n,
      blockInput: 9n,
      blockOutput: 3n,
      pids: 3,
    });
    // Two of four CPUs, half of the time.
    now = 1000;
    fake.status = { cpu_usage: 2_000_000_000n };
    expect((await engine.containerStats("a")).cpuPercent).toBeCloseTo(25);
    // Started anew: it has used less.
    now = 2000;
    fake.status = { cpu_usage: 5n };
    expect((await engine.containerStats("a")).cpuPercent).toBe(0);
    await engine.removeContainer("a", { force: true });
    now = 3000;
    daemon.add("a", "running", { command: "x" }).status = { cpu_usage: 100n };
    expect((await engine.containerStats("a")).cpuPercent).toBe(0);
  });

  it("is known of what runs", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("a", "dead");
    expect(await rejection(engine.containerStats("a"))).toBeInstanceOf(
      ContainerStopped,
    );
    expect(await rejection(engine.containerStats("b"))).toBeInstanceOf(
      NoSuchContainer,
    );
    await engine.createPod({ name: "pod" });
    daemon.add("pod/one", "running");
    daemon.add("pod/two", "dead");
    expect((await engine.podStats("pod")).map(({ id }) => id)).toEqual([
      "pod/one",
    ]);
  });
});

describe("events", () => {
  it("are what becomes of containers and pods from now on", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("old", "running", { command: "x" });
    await engine.createPod({ name: "pod" });
    const subscribed = new Promise<void>((resolve) => {
      daemon.onCommand = (name) => {
        if (name === "asyncWait") setImmediate(resolve);
      };
    });
    const seen: EngineEvent[] = [];
    const events = engine.events();
    const first = events.next();
    await subscribed;
    await engine.createContainer({
      name: "a",
      podId: "pod",
      spec: { process: { args: ["x"] } },
    });
    await engine.startContainer("pod/a");
    await engine.pauseContainer("pod/a");
    await engine.unpauseContainer("pod/a");
    await engine.stopContainer("pod/a");
    await engine.startContainer("pod/a");
    daemon.enter("pod/a", "running", "APP.label", "changed");
    await engine.createPod({ name: "second" });
    await engine.removePod("pod", { force: true });
    const value = (await first).value as EngineEvent;
    seen.push(value);
    for await (const event of events) {
      seen.push(event);
      if (event.name === "pod" && event.status === "remove") break;
    }
    expect(
      seen.map(({ type, status, name }) => `${type} ${name} ${status}`),
    ).toEqual([
      "container pod/a create",
      "pod pod start",
      "container pod/a start",
      "container pod/a pause",
      "container pod/a unpause",
      "container pod/a died",
      "container pod/a cleanup",
      "container pod/a start",
      "pod second create",
      "container pod/a stop",
      "container pod/a remove",
      "pod pod stop",
      "pod pod remove",
    ]);
    expect(seen[0]).toMatchObject({
      id: "pod/a",
      time: expect.any(Date) as Date,
    });
  });

  it("can be left, and aborted, while nothing happens", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    const events = engine.events();
    const next = events.next();
    await events.return();
    expect(await next).toEqual({ done: true, value: undefined });
    const leave = new AbortController();
    const others = engine.events({ signal: leave.signal });
    const pending = others.next();
    leave.abort("enough");
    expect(await rejection(pending)).toMatchObject({ code: "ABORTED" });
  });

  it("end with the engine", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const next = served.engine.events().next();
    await served.engine.close();
    expect(await rejection(next)).toMatchObject({ code: "CLOSED" });
  });
});

const image = (id: string, ...tags: string[]): TDockerImage => ({
  id,
  tags,
  digests: [],
  layers: ["l1"],
  size: 5n,
  config: { cmd: ["sh", "-c", "echo hi"], env: ["PATH=/bin", "A=1"] },
});

describe("Docker images", () => {
  it("are found by name, id, and its beginning", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.images.push(image("sha256:abc1", "alpine:3"), image("sha256:abd2"));
    expect((await engine.listImages()).map(({ id }) => id)).toEqual([
      "sha256:abc1",
      "sha256:abd2",
    ]);
    for (const name of ["alpine:3", "sha256:abc1", "abc", "sha256:abc"])
      expect(await engine.getImage(name)).toMatchObject({
        id: "sha256:abc1",
        names: ["alpine:3"],
        size: 5n,
      });
    expect(await rejection(engine.getImage("ab"))).toBeInstanceOf(AmbiguousId);
    for (const name of ["", "x"])
      expect(await rejection(engine.getImage(name))).toBeInstanceOf(
        NoSuchImage,
      );
    expect(await engine.inspectImage("abc")).toMatchObject({
      command: ["sh", "-c", "echo hi"],
      env: ["PATH=/bin", "A=1"],
      entrypoint: [],
    });
  });

  it("are pulled whole, and removed", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    const pull = engine.pullImage("alpine", {
      compression: "none",
      registry: { tlsVerify: true },
    });
    expect(await pull.next()).toEqual({
      done: false,
      value: { text: "alpine" },
    });
    expect(await pull.next()).toEqual({ done: true, value: "id-of-alpine" });
    await engine.removeImage("alpine");
    expect(daemon.images).toEqual([]);
    expect(await rejection(engine.removeImage("alpine"))).toBeInstanceOf(
      NoSuchImage,
    );
    daemon.failures.push({
      command: "removeDockerImage",
      error: new PortoError(EError.Busy, "in use"),
    });
    expect(await rejection(engine.removeImage("alpine"))).toBeInstanceOf(
      InvalidState,
    );
    daemon.failures.push({
      command: "pullDockerImage",
      error: new PortoError(EError.Docker, "no registry"),
    });
    expect(await rejection(engine.pullImage("x").next())).toBeInstanceOf(
      EngineError,
    );
  });

  it("are not had in ways that Porto has no word for", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    for (const options of [
      { allTags: true },
      { compression: "gzip" },
      { registry: { username: "me" } },
      { registry: { tlsVerify: false } },
      { signing: { signBy: "key" } },
      { signaturePolicyPath: "/x" },
    ] as const)
      expect(
        await rejection(engine.pullImage("a", options).next()),
      ).toBeInstanceOf(NotSupported);
    expect(
      await rejection(engine.removeImage("a", { force: true })),
    ).toBeInstanceOf(NotSupported);
    expect(daemon.count("pullDockerImage")).toBe(0);
  });

  it("give containers command and environment, where they have none", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.images.push(image("sha256:abc1", "alpine:3"));
    const rootfs = { image: "alpine:3" };
    await engine.createContainer({
      name: "a",
      spec: { process: { env: ["A=2"] } },
      rootfs,
    });
    expect(await engine.getContainer("a")).toMatchObject({
      image: "alpine:3",
      imageId: "sha256:abc1",
      command: ["sh", "-c", "echo hi"],
    });
    expect(daemon.get("a").spec.env?.var).toMatchObject([
      { name: "PATH", value: "/bin" },
      { name: "A", value: "2" },
    ]);
    expect(daemon.volumes).toMatchObject([
      { image: "alpine:3", links: [{ container: "a", container_root: true }] },
    ]);
    await engine.createContainer({
      name: "b",
      spec: { process: { args: ["own"] } },
      rootfs,
    });
    expect((await engine.getContainer("b")).command).toEqual(["own"]);
    await engine.createContainer({
      name: "c",
      spec: {},
      rootfs: { ...rootfs, useImageConfig: false },
    });
    expect((await engine.getContainer("c")).command).toEqual([]);
    const missing = engine.createContainer({
      name: "d",
      spec: {},
      rootfs: { image: "x" },
    });
    expect(await rejection(missing)).toBeInstanceOf(NoSuchImage);
    expect(daemon.containers.has("d")).toBe(false);
  });

  it("that are no layers of the daemon's", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.failures.push({
      command: "createFromSpec",
      error: new PortoError(EError.LayerNotFound, "no l1"),
    });
    const made = served.engine.createContainer({
      name: "a",
      spec: {},
      rootfs: { layers: ["l1"] },
    });
    expect(await rejection(made)).toBeInstanceOf(NoSuchImage);
  });
});

/** The calls that every engine has. */
const always = new Set([
  "name",
  "address",
  "version",
  "close",
  "listContainers",
  "getContainer",
  "lookupContainer",
  "inspectContainer",
  "stopContainer",
  "killContainer",
  "waitContainer",
  "removeContainer",
  "containerLogs",
]);

describe("what the engine says that it can", () => {
  it("is what it can", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const calls = Object.keys(served.engine).filter(
      (name) => !always.has(name),
    );
    expect(calls.sort()).toEqual(Object.keys(portoSupports).sort());
  });
});
