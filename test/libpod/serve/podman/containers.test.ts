import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import {
  ContainerNotFound,
  ErrorOccurred,
  NoContainerRunning,
  RuntimeError,
} from "portolan/podman";
import {
  ContainerNotFound as AncestorNotFound,
  ErrorOccurred as AncestorOccurred,
} from "portolan/podman/projectatomic";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LibpodError } from "../../../../src/libpod/errors.ts";
import { failure } from "../../../support/peer.ts";
import { matching } from "../../../support/matching.ts";
import { type Bench, create, openBench, START } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench({
    programs: {
      speaks: {
        output: ["one", { stderr: "two" }, { after: 1000, stdout: "three" }],
        exitCode: 3,
      },
      async *torn() {
        yield "whole\n";
        yield { stderr: "torn" };
      },
      talks: {
        output: ["first", { after: 5000, stdout: "second" }],
        runsFor: "forever",
      },
    },
  });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

/** What `ErrorOccurred` says. */
async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error = await failure(promise);
  expect(error).toBeInstanceOf(ErrorOccurred);
  return (error as ErrorOccurred).parameters.reason;
}

describe("containers in short form", () => {
  it("have Podman's words and forms", async () => {
    const { podman, clock } = bench;
    const id = await create(bench, "web", {
      labels: { a: "b" },
      volumes: ["/srv:/data:ro"],
      publish: ["8080:80"],
    });
    await clock.advance(1500);
    const { container } = await podman.getContainer({ name: "web" });
    expect(container).toMatchObject({
      id,
      image: "alpine",
      imageid: matching(/^[0-9a-f]{64}$/),
      command: ["sleep", "1000"],
      createdat: "2026-11-21 22:24:05.5 +0000 UTC",
      runningfor: "1.5s",
      status: "configured",
      ports: [
        {
          host_port: "8080",
          host_ip: "",
          protocol: "tcp",
          container_port: "80",
        },
      ],
      names: "web",
      labels: { a: "b" },
      mounts: [
        { destination: "/data", type: "bind", source: "/srv", options: ["ro"] },
      ],
      containerrunning: false,
      namespaces: { pid: "0", net: "" },
    });
    await podman.startContainer({ name: "web" });
    const { containers } = await podman.listContainers();
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      status: "running",
      containerrunning: true,
      namespaces: { pid: matching(/^[1-9]\d*$/) },
    });
    await podman.pauseContainer({ name: "web" });
    expect(await podman.getContainer({ name: "web" })).toMatchObject({
      container: { status: "paused", containerrunning: false },
    });
  });

  it("are in the order in which they were made, whichever interface asks", async () => {
    for (const name of ["b", "a", "c"]) await create(bench, name);
    for (const side of [bench.podman, bench.ancestor]) {
      const { containers } = await side.listContainers();
      expect(containers.map(({ names }) => names)).toEqual(["b", "a", "c"]);
    }
  });
});

describe("lookups", () => {
  it("take names, ids and the beginning of one id", async () => {
    const { podman, ancestor } = bench;
    const id = await create(bench, "web");
    await create(bench, "other");
    for (const name of ["web", id, id.slice(0, 4)]) {
      expect((await podman.getContainer({ name })).container.id).toBe(id);
      expect((await ancestor.getContainer({ name })).container.id).toBe(id);
      expect(await podman.containerExists({ name })).toEqual({ exists: 0 });
    }
  });

  it("fail in the interface's words, with the name as it was given", async () => {
    const { podman, ancestor } = bench;
    await create(bench, "web");
    await create(bench, "other");
    for (const name of ["nope", "000", "", "WEB", "__proto__", "a\0b"]) {
      const error = await failure(podman.startContainer({ name }));
      expect(error).toBeInstanceOf(ContainerNotFound);
      expect(error).toMatchObject({ parameters: { name } });
      const other = await failure(ancestor.stopContainer({ name }));
      expect(other).toBeInstanceOf(AncestorNotFound);
    }
    expect(await podman.containerExists({ name: "nope" })).toEqual({
      exists: 1,
    });
    expect(await reasonOf(podman.containerExists({ name: "000" }))).toMatch(
      /more than one result/,
    );
  });

  it("of some methods fail with a reason only, as Podman 1.0's do", async () => {
    const { podman, ancestor } = bench;
    const name = "nope";
    for (const call of [
      podman.listContainerChanges,
      podman.mountContainer,
      podman.unmountContainer,
    ])
      expect(await reasonOf(call({ name }))).toMatch(/no such container$/);
    expect(
      await failure(ancestor.listContainerChanges({ name })),
    ).toBeInstanceOf(AncestorNotFound);
  });
});

describe("what is refused", () => {
  it("ends with the words that Podman's clients look for", async () => {
    const { podman } = bench;
    const name = "web";
    await create(bench, name);
    const improper = /container state improper$/;
    const stopped = /container is stopped$/;
    const invalid = /invalid argument$/;
    expect(await reasonOf(podman.pauseContainer({ name }))).toMatch(improper);
    expect(await reasonOf(podman.killContainer({ name, signal: 9 }))).toMatch(
      stopped,
    );
    expect(await reasonOf(podman.stopContainer({ name }))).toMatch(improper);
    expect(await reasonOf(podman.listContainerProcesses({ name }))).toBe(
      "container web is not running",
    );
    expect(await failure(podman.getContainerStats({ name }))).toBeInstanceOf(
      NoContainerRunning,
    );
    expect(
      await failure(bench.ancestor.getContainerStats({ name })),
    ).toBeInstanceOf(AncestorOccurred);
    await podman.startContainer({ name });
    expect(await reasonOf(podman.startContainer({ name }))).toMatch(
      /^container is already running or paused/,
    );
    expect(await reasonOf(podman.unpauseContainer({ name }))).toMatch(improper);
    expect(await reasonOf(podman.removeContainer({ name }))).toMatch(improper);
    expect(await reasonOf(podman.killContainer({ name, signal: 0 }))).toMatch(
      invalid,
    );
    expect(await reasonOf(podman.stopContainer({ name, timeout: -1 }))).toMatch(
      invalid,
    );
    const create2 = { image: "alpine", name };
    expect(await reasonOf(podman.createContainer({ create: create2 }))).toMatch(
      /container already exists$/,
    );
  });

  it("keeps the engine's error as its cause, for who calls the handlers", async () => {
    const { podmanHandlers } =
      await import("../../../../src/libpod/serve/index.ts");
    const { stopContainer } = podmanHandlers(bench.engine);
    await create(bench, "web");
    const call = {} as Parameters<typeof stopContainer>[1];
    const error = await failure(
      Promise.resolve(stopContainer({ name: "web", timeout: 1 }, call)),
    );
    expect((error as Error).cause).toMatchObject({
      code: "INVALID_STATE",
    } satisfies Partial<LibpodError>);
  });

  it("is everything once the engine is closed", async () => {
    const { podman, engine } = bench;
    await engine.close();
    for (const call of [
      () => podman.listContainers(),
      () => podman.getContainer({ name: "web" }),
      () => podman.createContainer({ create: { image: "alpine" } }),
      () => podman.listImages(),
      () => podman.listPods(),
    ])
      expect(await failure(call())).toBeInstanceOf(RuntimeError);
    expect(await podman.ping()).toEqual({ ping: { message: "OK" } });
  });
});

describe("running", () => {
  it("ends with its exit code, and with 128 and the signal's number", async () => {
    const { podman, clock } = bench;
    await create(bench, "speaks", { command: ["speaks"] });
    await podman.startContainer({ name: "speaks" });
    const waiting = podman.waitContainer({ name: "speaks" });
    await clock.advance(1000);
    expect(await waiting).toEqual({ exitcode: 3 });
    await create(bench, "web");
    await podman.startContainer({ name: "web" });
    await podman.killContainer({ name: "web", signal: -1 });
    expect(await podman.waitContainer({ name: "web" })).toEqual({
      exitcode: 143,
    });
  });

  it("is stopped within its timeout in seconds, or killed", async () => {
    const deaf = await openBench({
      programs: { sleep: { runsFor: "forever", ignores: [15] } },
    });
    await using _ = deaf;
    const { podman, clock, engine } = deaf;
    const id = await create(deaf, "web");
    await podman.startContainer({ name: "web" });
    const stopping = podman.stopContainer({ name: "web", timeout: 2 });
    await expect
      .poll(async () => (await engine.inside.record(id)).state)
      .toBe("stopping");
    expect(await podman.getContainer({ name: "web" })).toMatchObject({
      container: { status: "running" },
    });
    await clock.advance(1999);
    expect((await engine.inside.record(id)).state).toBe("stopping");
    await clock.advance(1);
    expect(await stopping).toEqual({ container: id });
    expect(await podman.waitContainer({ name: "web" })).toEqual({
      exitcode: 137,
    });
    // Once more, of one that has ended: nothing to do.
    expect(await podman.stopContainer({ name: "web" })).toEqual({
      container: id,
    });
  });

  it("is measured", async () => {
    const { podman, clock } = bench;
    const id = await create(bench, "web", { resources: { memory: 4194304 } });
    await podman.startContainer({ name: "web" });
    await clock.advance(10_000);
    const { container } = await podman.getContainerStats({ name: "web" });
    expect(container).toMatchObject({
      id,
      name: "web",
      system_nano: 0,
      mem_limit: 4194304,
      pids: 1,
    });
    expect(container.cpu_nano).toBeGreaterThan(0);
    expect(container.mem_perc).toBeCloseTo(
      (container.mem_usage / container.mem_limit) * 100,
    );
  });

  it("is listed as processes, in the columns asked for", async () => {
    const { podman } = bench;
    await create(bench, "web");
    await podman.startContainer({ name: "web" });
    const lines = async (opts: string[]): Promise<readonly string[]> =>
      (await podman.listContainerProcesses({ name: "web", opts })).container;
    const all = await lines([]);
    expect(all[0]).toMatch(/^USER\tPID\tPPID/);
    expect(await lines(["pid"])).toEqual(all);
    expect(await lines(["comm", "pid"])).toEqual([
      "COMMAND\tPID",
      "sleep 1000\t1",
    ]);
    for (const opts of [
      ["pid", "colour"],
      ["pid", "__proto__"],
    ])
      expect(
        await reasonOf(podman.listContainerProcesses({ name: "web", opts })),
      ).toMatch(/is no column/);
  });
});

describe("what a container writes", () => {
  it("is told in the form of conmon's files", async () => {
    const { podman, clock } = bench;
    await create(bench, "speaks", { command: ["speaks"] });
    const name = "speaks";
    expect(await podman.getContainerLogs({ name })).toEqual({ container: [] });
    await podman.startContainer({ name });
    await clock.advance(1000);
    const at = new Date(START).toISOString().slice(0, -2);
    expect(at).toBe("2026-11-21T22:24:05.50");
    expect(await podman.getContainerLogs({ name })).toEqual({
      container: [
        "2026-11-21T22:24:05.500000000+00:00 stdout F one\n",
        "2026-11-21T22:24:05.500000000+00:00 stderr F two\n",
        "2026-11-21T22:24:06.500000000+00:00 stdout F three\n",
      ],
    });
  });

  it("says of a line that it lacks its end", async () => {
    const { podman } = bench;
    const name = "torn";
    await create(bench, name, { command: ["torn"] });
    await podman.startContainer({ name });
    await podman.waitContainer({ name });
    expect(
      (await podman.getContainerLogs({ name })).container.map((line) =>
        line.slice(line.indexOf(" ") + 1),
      ),
    ).toEqual(["stdout F whole\n", "stderr P torn\n"]);
  });

  it("is followed until it ends, and that end is an error by the interface", async () => {
    const { podman, clock } = bench;
    const name = "talks";
    const id = await create(bench, name, { command: ["talks"] });
    await podman.startContainer({ name });
    const stream = podman.getContainerLogs.more({ name });
    const lines: string[] = [];
    const reading = (async () => {
      for await (const { container } of stream) lines.push(...container);
    })();
    await expect.poll(() => lines.length).toBe(1);
    await clock.advance(5000);
    await expect.poll(() => lines.length).toBe(2);
    await podman.stopContainer({ name, timeout: 1 });
    expect(await reasonOf(reading)).toBe(`${id} is no longer running`);
    expect(lines.map((line) => line.split(" ").at(-1))).toEqual([
      "first\n",
      "second\n",
    ]);
  });

  it("is told at once where it will not go on", async () => {
    const { podman } = bench;
    await create(bench, "never");
    const items = async (name: string): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const item of podman.getContainerLogs.more({ name }))
        found.push(item);
      return found;
    };
    // Of one that never was set up there is one reply, without an error.
    expect(await items("never")).toEqual([{ container: [] }]);
    await create(bench, "torn", { command: ["torn"] });
    await podman.startContainer({ name: "torn" });
    await podman.waitContainer({ name: "torn" });
    expect(await reasonOf(items("torn"))).toMatch(/is no longer running$/);
  });

  it("is not followed any longer when the client leaves", async () => {
    const { podman } = bench;
    await create(bench, "talks", { command: ["talks"] });
    await podman.startContainer({ name: "talks" });
    for await (const { container } of podman.getContainerLogs.more({
      name: "talks",
    })) {
      if (container.length > 0) break;
    }
    expect(await podman.getContainer({ name: "talks" })).toMatchObject({
      container: { status: "running" },
    });
  });
});

describe("removing", () => {
  it("takes all that do not run, and stops at one that is paused", async () => {
    const { podman } = bench;
    for (const name of ["a", "b", "c", "d"]) await create(bench, name);
    await podman.startContainer({ name: "b" });
    const ids = new Map(
      (await podman.listContainers()).containers.map(({ names, id }) => [
        names,
        id,
      ]),
    );
    expect((await podman.deleteStoppedContainers()).containers).toEqual(
      ["a", "c", "d"].map((name) => ids.get(name)),
    );
    await podman.pauseContainer({ name: "b" });
    await create(bench, "e");
    expect(await reasonOf(podman.deleteStoppedContainers())).toMatch(
      /container state improper$/,
    );
    expect(await podman.containerExists({ name: "e" })).toEqual({ exists: 0 });
  });

  it("takes one that runs by force", async () => {
    const { podman } = bench;
    const id = await create(bench, "web");
    await podman.startContainer({ name: "web" });
    expect(await podman.removeContainer({ name: "web", force: true })).toEqual({
      container: id,
    });
    expect(await podman.containerExists({ name: "web" })).toEqual({
      exists: 1,
    });
  });
});

describe("files", () => {
  it("of a container are exported to the path, or to one that is told", async () => {
    const { podman, folder } = bench;
    await create(bench, "web");
    const tarfile = path.join(folder, "web.tar");
    expect(
      await podman.exportContainer({ name: "web", path: tarfile }),
    ).toEqual({ tarfile });
    expect(existsSync(tarfile)).toBe(true);
    const told = (await podman.exportContainer({ name: "web" })).tarfile;
    expect(path.isAbsolute(told) && existsSync(told)).toBe(true);
    rmSync(path.dirname(told), { recursive: true });
  });

  it("are said to be mounted, as often as they are", async () => {
    const { podman } = bench;
    const name = "web";
    await create(bench, name);
    expect(await podman.listContainerMounts()).toEqual({ mounts: [] });
    const { path: root } = await podman.mountContainer({ name });
    expect(await podman.listContainerMounts()).toEqual({ mounts: [root] });
    expect(await podman.unmountContainer({ name })).toEqual({});
    expect(await podman.listContainerMounts()).toEqual({ mounts: [] });
  });
});
