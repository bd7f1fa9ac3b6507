import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  ContainerNotFound,
  ErrCtrStopped,
  ErrorOccurred,
  InvalidState,
} from "portolan/podman/1.9";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../support/peer.ts";
import { type Bench, create, openBench, run } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench({
    programs: {
      web: { runsFor: "forever" },
      quick: { exitCode: 3 },
      sick: { exitCode: 1 },
      slow: { runsFor: "forever" },
    },
  });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

interface Inspect {
  readonly Id: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly Pod: string;
  readonly Mounts: readonly object[];
  readonly Config: {
    readonly Env: readonly string[];
    readonly Labels: object;
    readonly User: string;
    readonly StopSignal: number;
  };
  readonly HostConfig: {
    readonly Memory: number;
    readonly PortBindings: object;
    readonly Binds: readonly string[];
  };
}

async function inspect(name: string): Promise<Inspect> {
  const { container } = await bench.podman.inspectContainer({ name });
  return JSON.parse(container) as Inspect;
}

describe("creating", () => {
  it("reads the options of podman create", async () => {
    const envFile = path.join(bench.folder, "env");
    writeFileSync(envFile, "# ours\nA=file\n\nB=file\n");
    const id = await create(bench, "web", ["web", "-v"], {
      envFile: [envFile],
      env: ["B=given", "HOME"],
      label: ["tier=web", "bare"],
      user: "5:6",
      memory: "64m",
      publish: ["8080:80"],
      volume: ["data:/data:ro"],
      mount: ["type=bind,source=/srv,destination=/srv"],
      stopSignal: "SIGINT",
    });
    const found = await inspect("web");
    expect(found).toMatchObject({
      Id: id,
      Path: "web",
      Args: ["-v"],
      Config: { User: "5:6", StopSignal: 2, Labels: { tier: "web", bare: "" } },
      HostConfig: {
        Memory: 64 * 1024 ** 2,
        PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] },
        Binds: ["data:/data:ro", "/srv:/srv"],
      },
      Mounts: [
        { Type: "volume", Name: "data", Destination: "/data", RW: false },
        { Type: "bind", Source: "/srv", Destination: "/srv", RW: true },
      ],
    });
    expect(found.Config.Env).toEqual(
      expect.arrayContaining(["A=file", "B=given"]),
    );
    expect(found.Config.Env.join()).not.toContain("HOME");
    const { volumes } = await bench.podman.getVolumes({
      args: ["data"],
      all: false,
    });
    expect(volumes).toHaveLength(1);
  });

  it.each([
    ["with an empty entry point the command is whole", "", ["-v"]],
    ["an entry point comes before the command", "web", ["web", "-v"]],
    ["an entry point may be a list", '["web","x"]', ["web", "x", "-v"]],
  ])("%s", async (_what, entrypoint, whole) => {
    await create(bench, "web", ["-v"], { entrypoint });
    const { Path, Args } = await inspect("web");
    expect([Path, ...Args]).toEqual(whole);
  });

  it("may make the pod, and takes it back where that was in vain", async () => {
    const { podman } = bench;
    await create(bench, "web", ["web"], { pod: "new:shop" });
    expect((await podman.getPod({ name: "shop" })).pod.numberofcontainers).toBe(
      "1",
    );
    const again = create(bench, "web", ["web"], { pod: "new:other" });
    expect(await failure(again)).toBeInstanceOf(ErrorOccurred);
    expect((await podman.listPods()).pods).toHaveLength(1);
  });

  it("takes a root filesystem by path, and then no image", async () => {
    const create19 = { args: ["/srv/root", "web"], rootfs: true, name: "web" };
    await bench.podman.createContainer({ create: create19 });
    expect(await inspect("web")).toMatchObject({
      Path: "web",
      Rootfs: "/srv/root",
      Image: "",
    });
    expect((await bench.podman.listImages()).images).toEqual([]);
  });

  it.each([
    ["an image that is never pulled", { pull: "never" }, /no such image/],
    ["a time of pulling that is none", { pull: "often" }, /pull/],
    ["a size that is none", { memory: "lots" }, /memory/],
    ["a weight that is none", { blkioWeight: "5" }, /blkioWeight/],
    ["a signal that is none", { stopSignal: "SIGNO" }, /SIGNO/],
    ["a variable without a name", { env: ["=x"] }, /env/],
    [
      "a file that is not there",
      { labelFile: ["/nowhere/at/all"] },
      /cannot be read/,
    ],
    ["what cannot be heeded", { volumesFrom: ["web"] }, /volumesFrom/],
    ["no image", { args: [] }, /needs an image/],
  ])("refuses %s, and makes nothing", async (_what, more, text) => {
    const error = await failure(
      bench.podman.createContainer({ create: { args: ["alpine"], ...more } }),
    );
    expect(error).toBeInstanceOf(ErrorOccurred);
    expect((error as ErrorOccurred).parameters.reason).toMatch(text);
    expect((await bench.podman.listContainers()).containers).toEqual([]);
  });
});

describe("the life of a container", () => {
  it("has errors for states", async () => {
    const { podman } = bench;
    const id = await run(bench, "web", ["web"]);
    const args = { name: "web", force: false, removeVolumes: false };
    for (const call of [
      () => podman.removeContainer(args),
      () => podman.initContainer({ name: "web" }),
    ]) {
      expect(await failure(call())).toMatchObject({
        error: InvalidState.error,
        parameters: { id },
      });
    }
    await podman.pauseContainer({ name: "web" });
    const paused = podman.stopContainer({ name: "web", timeout: 1 });
    expect(await failure(paused)).toBeInstanceOf(InvalidState);
    await podman.unpauseContainer({ name: "web" });
    await podman.stopContainer({ name: "web", timeout: 0 });
    const stopped = podman.stopContainer({ name: "web", timeout: 0 });
    expect(await failure(stopped)).toMatchObject({
      error: ErrCtrStopped.error,
      parameters: { id },
    });
  });

  it("says what was not found, and why", async () => {
    const error = await failure(bench.podman.getContainer({ id: "nope" }));
    expect(error).toBeInstanceOf(ContainerNotFound);
    expect((error as ContainerNotFound).parameters).toMatchObject({
      id: "nope",
      reason: expect.stringMatching(/no such container$/) as string,
    });
  });

  it("is chosen by its state, or by when it was made", async () => {
    const { podman } = bench;
    const web = await run(bench, "web", ["web"]);
    const idle = await create(bench, "idle");
    const status = async (...words: string[]): Promise<readonly string[]> =>
      (await podman.getContainersByStatus({ status: words })).containerS.map(
        ({ id }) => id,
      );
    expect(await status("running")).toEqual([web]);
    expect(await status("configured")).toEqual([idle]);
    expect(await status("running", "configured")).toEqual([]);
    expect(await failure(status("asleep"))).toBeInstanceOf(ErrorOccurred);
    const choose = async (input: object): Promise<readonly string[]> =>
      (
        await podman.getContainersByContext({
          all: false,
          latest: false,
          args: [],
          ...input,
        })
      ).containers;
    expect(await choose({ all: true })).toEqual([web, idle]);
    expect(await choose({ latest: true, args: ["web"] })).toEqual([idle]);
    expect(await choose({ args: ["web"] })).toEqual([web]);
    expect(await failure(choose({ args: ["web", "nope"] }))).toBeInstanceOf(
      ContainerNotFound,
    );
  });
});

describe("ps", () => {
  const ps = async (opts: object = {}) =>
    (await bench.podman.ps({ opts: { all: false, ...opts } })).containers;
  const names = async (opts: object): Promise<readonly string[]> =>
    (await ps(opts)).map((row) => row.names);

  beforeEach(async () => {
    await create(bench, "idle", ["web", "with", "a", "long", "command"]);
    await bench.clock.advance(1000);
    await run(bench, "quick", ["quick"], { label: ["tier=back"] });
    await bench.clock.advance(1000);
    await run(bench, "web", ["web"], {
      publish: ["8080:80"],
      label: ["tier=web"],
    });
    await bench.clock.advance(130_000);
  });

  it("lists what runs, unless asked for more", async () => {
    expect(await names({})).toEqual(["web"]);
    expect(await names({ all: true })).toEqual(["idle", "quick", "web"]);
    expect(await names({ last: 2 })).toEqual(["quick", "web"]);
    expect(await names({ latest: true })).toEqual(["web"]);
    expect(await names({ filters: ["status=exited"] })).toEqual(["quick"]);
  });

  it("finds by conditions, those of one key being alternatives", async () => {
    const found = (...filters: string[]): Promise<readonly string[]> =>
      names({ all: true, filters });
    expect(await found("label=tier")).toEqual(["quick", "web"]);
    expect(await found("label=tier=web")).toEqual(["web"]);
    expect(await found("name=web", "name=idle")).toEqual(["idle", "web"]);
    expect(await found("name=web", "status=exited")).toEqual([]);
    expect(await found("exited=3")).toEqual(["quick"]);
    expect(await found("since=quick")).toEqual(["web"]);
    expect(await found("before=quick")).toEqual(["idle"]);
    expect(await found("ancestor=alpine")).toHaveLength(3);
    for (const wrong of ["bogus", "bogus=1", "=", "__proto__=1"])
      expect(await failure(found(wrong)), wrong).toBeInstanceOf(ErrorOccurred);
  });

  it("says it in words", async () => {
    const rows = await ps({ all: true, sort: "names" });
    expect(rows.map((row) => [row.names, row.state, row.status])).toEqual([
      ["idle", "configured", "Created"],
      ["quick", "exited", "Exited (3) 2 minutes ago"],
      ["web", "running", "Up 2 minutes ago"],
    ]);
    const [idle, , web] = rows;
    expect(idle?.command).toBe("web with a long c...");
    expect(idle?.exitedAt).toBe("0001-01-01T00:00:00Z");
    expect(web).toMatchObject({
      ports: "0.0.0.0:8080->80/tcp",
      created: "2 minutes ago",
    });
    expect(web?.id).toHaveLength(12);
    const [whole] = await ps({ noTrunc: true });
    expect(whole?.id).toHaveLength(64);
    expect(await failure(ps({ sort: "beauty" }))).toBeInstanceOf(ErrorOccurred);
  });
});

describe("health checks", () => {
  const check = async (nameOrID: string): Promise<string> =>
    (await bench.podman.healthCheckRun({ nameOrID })).healthCheckStatus;

  it.each([
    ['["quick","--now"]', "unhealthy"],
    ['["true"]', "healthy"],
    ["none at all", "unhealthy"],
  ])("%s is run inside", async (healthcheckCommand, status) => {
    await bench[Symbol.asyncDispose]();
    bench = await openBench({ programs: { quick: { exitCode: 3 }, true: {} } });
    await run(bench, "web", ["web"], { healthcheckCommand });
    expect(await check("web")).toBe(status);
  });

  it("that takes too long is unhealthy", async () => {
    await run(bench, "web", ["web"], {
      healthcheckCommand: '["slow"]',
      healthcheckTimeout: "5s",
    });
    const checked = check("web");
    await expect
      .poll(async () => {
        await bench.clock.advance(1000);
        return Promise.race([checked, Promise.resolve("waiting")]);
      })
      .toBe("unhealthy");
  });

  it("is refused where there is none, or nothing runs", async () => {
    await run(bench, "web", ["web"], { healthcheckCommand: "none" });
    await create(bench, "idle", ["web"], { healthcheckCommand: "true" });
    for (const name of ["web", "idle", "nope"])
      expect(await failure(check(name)), name).toBeInstanceOf(ErrorOccurred);
  });
});

it("figures tell a share of the processor since an earlier sample", async () => {
  const { podman } = bench;
  await run(bench, "web", ["web"]);
  await bench.clock.advance(1000);
  const { container: first } = await podman.getContainerStats({ name: "web" });
  // Next to nothing of the time since 1970.
  expect(first.cpu).toBeLessThan(1e-6);
  await bench.clock.advance(1000);
  const { container: second } = await podman.getContainerStatsWithHistory({
    previousStats: first,
  });
  expect(second.cpu).toBeCloseTo(1, 5);
  await podman.stopContainer({ name: "web", timeout: 0 });
  const stopped = podman.getContainerStatsWithHistory({
    previousStats: second,
  });
  expect(await failure(stopped)).toBeInstanceOf(ErrorOccurred);
});
