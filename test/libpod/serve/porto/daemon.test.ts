import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { portoDescriptor } from "../../../../generated/porto/descriptor.ts";
import { embedded } from "../../../../src/libpod/engines/embedded/index.ts";
import { portoHandlers } from "../../../../src/libpod/serve/index.ts";
import { methodNames } from "../../../../src/runtime/varlink/names.ts";
import { code, openBench, until } from "./support.ts";

describe("the daemon", () => {
  it("answers every command of the interface", async () => {
    const engine = await embedded();
    const names = [
      ...methodNames(Object.keys(portoDescriptor.methods)).values(),
    ]
      // The runtime itself ends subscriptions.
      .filter((name) => name !== "stopAsyncWait");
    const handlers: object = portoHandlers(engine);
    expect(Object.keys(handlers).toSorted()).toEqual(names.toSorted());
    expect(names).toHaveLength(59);
    await engine.close();
  });

  it("says which version it is, and what it counts", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    expect(await porto.version()).toMatchObject({ tag: "5.3.15" });
    await bench.run("a");
    await porto.create({ name: "b" });
    await porto.createVolume({ properties: { containers: "a /x;b" } });
    await code(porto.setProperty({ name: "a", property: "weak", value: "x" }));
    await clock.advance(3000);
    expect(await porto.getSystem()).toMatchObject({
      porto_version: "5.3.15",
      porto_uptime: 3n,
      container_count: 2n,
      container_running: 1n,
      container_created: 2n,
      container_started: 1n,
      volume_count: 1n,
      volume_links: 2n,
      volume_links_mounted: 1n,
      request_failed: 1n,
      fail_invalid_value: 1n,
      client_count: 1n,
      frozen: false,
      verbose: false,
    });
    await porto.setSystem({ debug: true, frozen: true });
    expect(await porto.getSystem()).toMatchObject({
      frozen: true,
      verbose: true,
      debug: true,
    });
    await porto.setSystem({ verbose: false });
    expect(await porto.getSystem()).toMatchObject({
      verbose: false,
      debug: false,
    });
  });

  it("is one for all servers of an engine", async () => {
    await using bench = await openBench();
    await bench.porto.createWeak({ name: "a" });
    const again = portoHandlers(bench.engine);
    const call = {
      method: "List",
      signal: new AbortController().signal,
      request: {},
      connection: { address: "", signal: new AbortController().signal },
    };
    expect(await again.list({}, call)).toEqual({ name: ["a"] });
  });

  it("keeps everything over a restart but what is weak", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "portolan-porto-"));
    try {
      {
        await using bench = await openBench({ directory });
        const { porto } = bench;
        await bench.run("a");
        await bench.set("a", { "labels[AB.c]": "d", private: "note" });
        await porto.createVolume({ properties: { containers: "a" } });
        await porto.create({ name: "weak" });
        await bench.set("weak", { weak: "true" });
        await porto.create({ name: "weak/child" });
        await bench.set("weak/child", { weak: "true" });
        await porto.createMetaStorage({ name: "m" });
      }
      await using bench = await openBench({ directory });
      const { porto, get } = bench;
      expect((await porto.list()).name).toEqual(["a"]);
      // Nobody saw how it ended.
      expect(await get("a", "state")).toBe("dead");
      expect(await get("a", "exit_code")).toBe("255");
      expect(await get("a", "labels")).toBe("AB.c: d");
      expect(await get("a", "private")).toBe("note");
      expect(await get("a", "id")).toBe("2");
      expect((await porto.listVolumes()).volumes).toHaveLength(1);
      expect((await porto.listStorages()).meta_storages).toHaveLength(1);
      await porto.stop({ name: "a" });
      await porto.start({ name: "a" });
      await porto.destroy({ name: "a" });
      const { path: next } = await porto.createVolume();
      expect(next).toBe("/place/porto_volumes/2/volume");
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("finds a container that was being made in a crash as what it was to be", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "portolan-porto-"));
    try {
      {
        await using bench = await openBench({ directory });
        const { porto, engine } = bench;
        await porto.list();
        // From the first word on nothing more is written.
        const { inside } = engine;
        const crash = (): Promise<never> => Promise.reject(new Error("crash"));
        Object.assign(inside, { setExtra: crash, reconfigure: crash });
        const made = [
          porto.create({ name: "a" }),
          porto.createWeak({ name: "weak" }),
          porto.createFromSpec({ container: { name: "spec", weak: true } }),
        ];
        for (const each of made) expect(await code(each)).toBe("Unknown");
        expect(bench.mistakes).toHaveLength(3);
      }
      await using bench = await openBench({ directory });
      const { porto, get } = bench;
      expect((await porto.list()).name).toEqual(["a"]);
      expect(await get("a", "id")).toBe("2");
      await bench.engine.startContainer(
        (await bench.engine.lookupContainer("a")).id,
      );
      expect(await get("a", "state")).toBe("meta");
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("lets go of links to containers that went when nobody was there", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "portolan-porto-"));
    try {
      {
        await using bench = await openBench({ directory });
        const { porto } = bench;
        await porto.create({ name: "a" });
        await porto.create({ name: "b" });
        await porto.createVolume({ properties: { containers: "a" } });
        await porto.createVolume({
          properties: { containers: "a;b", owner_container: "a" },
        });
      }
      const alone = await embedded({ directory });
      await alone.removeContainer((await alone.lookupContainer("a")).id);
      await alone.close();
      await using bench = await openBench({ directory });
      const { volumes } = await bench.porto.listVolumes();
      expect(volumes.map(({ containers }) => containers)).toEqual([["b"]]);
      expect(volumes[0]?.properties["owner_container"]).toBe("/");
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("adds up limits as far as the protocol can say", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    const most = String(2n ** 64n - 1n);
    for (const _ of [1, 2])
      await porto.createVolume({ properties: { space_limit: most } });
    expect(await get("/", "place_usage[total]")).toBe(most);
    await porto.listContainersBy();
    expect(bench.mistakes).toEqual([]);
  });

  it("tells clients of the daemon itself what they demand", async () => {
    await using bench = await openBench();
    const { $unknown } = await bench.porto.getSystem();
    // Field 11 as 64 bits: fatals.
    expect(Buffer.from($unknown ?? []).toString("hex")).toBe(
      `59${"00".repeat(8)}`,
    );
  });

  it("answers once the engine is closed that it is going", async () => {
    await using bench = await openBench();
    const { porto, engine } = bench;
    await porto.list();
    await engine.close();
    expect(await code(porto.list())).toBe("SocketError");
    expect(await code(porto.wait({ name: ["***"] }))).toBe("SocketError");
  });
});

describe("Docker images", () => {
  it("are the engine's", async () => {
    await using bench = await openBench({
      registry: {
        "example.org/web:1": {
          entrypoint: ["serve"],
          command: ["--all"],
          env: ["A=1"],
          size: 5,
        },
      },
    });
    const { porto } = bench;
    const name = "example.org/web:1";
    expect(await code(porto.dockerImageStatus({ name }))).toBe(
      "DockerImageNotFound",
    );
    expect(await code(porto.pullDockerImage({ name: "nope" }))).toBe(
      "DockerImageNotFound",
    );
    const { image } = await porto.pullDockerImage({ name });
    expect(image).toMatchObject({
      tags: [name],
      config: { cmd: ["serve", "--all"], env: ["A=1"] },
    });
    expect(image?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(image?.digests).toEqual([`sha256:${image?.id}`]);
    const status = await porto.dockerImageStatus({ name });
    expect(status.image).toEqual(image);
    expect((await porto.listDockerImages()).images).toEqual([image]);
    const masked = await porto.listDockerImages({ mask: "other*" });
    expect(masked.images).toEqual([]);
    const { path: volume } = await porto.createVolume({
      properties: { image: name },
    });
    expect(await code(porto.removeDockerImage({ name }))).toBe("Busy");
    await porto.unlinkVolume({ path: volume });
    await porto.removeDockerImage({ name });
    expect((await porto.listDockerImages()).images).toEqual([]);
  });
});

describe("paths and processes", () => {
  it("are translated between containers, as far as they see each other", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    await porto.create({ name: "a/b" });
    await bench.set("a", { root: "/srv/a" });
    await bench.set("a/b", { root: "/b" });
    const convert = async (
      source: string,
      destination: string,
    ): Promise<string | undefined> =>
      (await porto.convertPath({ path: "/x/../y", source, destination })).path;
    expect(await convert("a", "")).toBe("/srv/a/y");
    expect(await convert("a/b", "a")).toBe("/b/y");
    expect(await convert("a/b", "/")).toBe("/srv/a/b/y");
    expect(await convert("a", "a")).toBe("/x/../y");
    expect(await code(convert("", "a"))).toBe("InvalidValue");
    expect(await code(convert("nope", "a"))).toBe("ContainerDoesNotExist");
  });

  it("are found by number, and cannot be moved", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await bench.run("a");
    const pid = Number(await get("a", "root_pid"));
    expect((await porto.locateProcess({ pid })).name).toBe("a");
    expect(await code(porto.locateProcess({ pid: 0 }))).toBe("InvalidValue");
    const move = { name: "a", pid };
    expect(await code(porto.attachProcess(move))).toBe("NotSupported");
    expect(await code(porto.attachThread(move))).toBe("NotSupported");
  });

  it("have links made for them", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    const link = { container: "a", symlink: "/x", target: "/y" };
    await porto.setSymlink(link);
    expect(await get("a", "symlink")).toBe("/x: /y");
    await porto.setSymlink({ ...link, target: "" });
    expect(await get("a", "symlink")).toBe("");
    const none = porto.setSymlink({ ...link, container: "none" });
    expect(await code(none)).toBe("ContainerDoesNotExist");
  });
});

describe("many clients", () => {
  it("change one container one after the other", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await bench.run("a");
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const client = await bench.connect();
        const call =
          index % 3 === 0
            ? client.stop({ name: "a" })
            : index % 3 === 1
              ? client.start({ name: "a" })
              : client.setProperty({
                  name: "a",
                  property: "private",
                  value: String(index),
                });
        return call.then(
          () => "Success",
          (error: { errorName: string }) => error.errorName,
        );
      }),
    );
    for (const outcome of outcomes)
      expect(["Success", "InvalidState"]).toContain(outcome);
    await until(async () =>
      ["stopped", "running"].includes(await get("a", "state")),
    );
    await porto.destroy({ name: "a" });
    expect(bench.mistakes).toEqual([]);
  });
});
