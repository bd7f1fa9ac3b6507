import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Bench, code, openBench, until } from "./support.ts";

const VOLUME = "/place/porto_volumes/1/volume";

/** A tar archive, as far as anybody looks. */
const archive = Buffer.alloc(1024);
archive.write("ustar", 257);

async function importLayer(
  { porto, folder }: Bench,
  layer: string,
  more: object = {},
): Promise<void> {
  const tarball = path.join(folder, "layer.tar");
  await writeFile(tarball, archive);
  await porto.importLayer({ layer, tarball, ...more });
}

describe("a volume", () => {
  it("is built with a path of its own, and told in text and in fields", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const made = await porto.createVolume({
      properties: { private: "note", space_limit: "1M", permissions: "0750" },
    });
    expect(made.path).toBe(VOLUME);
    expect(made.containers).toEqual(["/"]);
    expect(made.links).toMatchObject([{ container: "/" }]);
    expect(made.properties).toMatchObject({
      id: "1",
      state: "ready",
      ready: "true",
      backend: "native",
      private: "note",
      space_limit: "1048576",
      space_available: "1048576",
      permissions: "0750",
      owner_user: "root",
      owner_container: "/",
      build_time: "2026-11-21 22:11:03",
      read_only: "false",
      place: "/place",
    });
    const { volume } = await porto.newVolume({
      volume: {
        backend: "plain",
        cred: { user: "nobody", group: "daemon" },
        owner: { uid: 5 },
        inodes: { guarantee: 3n },
      },
    });
    expect(volume).toMatchObject({
      path: "/place/porto_volumes/2/volume",
      container: "/",
      id: "2",
      state: "ready",
      auto_path: true,
      cred: { user: "nobody", group: "daemon" },
      owner: { user: "5" },
      inodes: { guarantee: 3n },
      permissions: 0o775,
    });
    const paths = async (): Promise<string[]> =>
      (await porto.listVolumes()).volumes.map((each) => each.path);
    expect(await paths()).toEqual([VOLUME, volume?.path]);
    const { volume: got } = await porto.getVolume({ path: [VOLUME] });
    expect(got).toMatchObject([{ private_value: "note" }]);
    expect((await porto.getVolume()).volume).toHaveLength(2);
    await porto.unlinkVolume({ path: VOLUME });
    expect(await paths()).toEqual([volume?.path]);
    expect(bench.mistakes).toEqual([]);
  });

  it("appears at a path that is there, and only once", async () => {
    await using bench = await openBench();
    const { porto, folder } = bench;
    const at = path.join(folder, "volume");
    const create = (given: string): Promise<string> =>
      code(porto.createVolume({ path: given }));
    expect(await create(at)).toBe("InvalidPath");
    await mkdir(at);
    await symlink(at, path.join(folder, "link"));
    expect(await create("relative")).toBe("InvalidPath");
    expect(await create(`${at}/../volume`)).toBe("InvalidPath");
    expect(await create(path.join(folder, "link"))).toBe("InvalidPath");
    expect(await create("/etc")).toBe("InvalidPath");
    expect(await create("/nul\0l")).toBe("InvalidPath");
    await porto.createVolume({ path: at });
    expect(await create(at)).toBe("VolumeAlreadyExists");
  });

  it("is refused where it makes no sense", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const create = (properties: Record<string, string>): Promise<string> =>
      code(porto.createVolume({ properties }));
    const cases: readonly (readonly [Record<string, string>, string])[] = [
      [{ bogus: "1" }, "InvalidProperty"],
      [{ state: "ready" }, "InvalidProperty"],
      [{ space_limit: "x" }, "InvalidValue"],
      [{ permissions: "9" }, "InvalidValue"],
      [{ read_only: "maybe" }, "InvalidValue"],
      [{ backend: "paper" }, "InvalidValue"],
      [{ backend: "rbd" }, "NotSupported"],
      [{ backend: "dir" }, "InvalidProperty"],
      [{ backend: "tmpfs" }, "InvalidProperty"],
      [{ backend: "plain", space_limit: "1M" }, "InvalidProperty"],
      [{ layers: "nope" }, "LayerNotFound"],
      [{ layers: "_tmp_x" }, "InvalidValue"],
      [{ image: "nope/nope" }, "DockerImageNotFound"],
      [{ storage: "a b" }, "InvalidValue"],
      [{ containers: "nobody" }, "ContainerDoesNotExist"],
      [{ owner_container: "nobody" }, "ContainerDoesNotExist"],
      [{ place: "relative" }, "Permission"],
      [{ place: "/etc/x" }, "InvalidPath"],
      [{ space_limit: "1", space_guarantee: "2" }, "InvalidValue"],
      [{ private: "x".repeat(4097) }, "InvalidValue"],
    ];
    for (const [properties, expected] of cases)
      expect([properties, await create(properties)]).toEqual([
        properties,
        expected,
      ]);
    expect((await porto.listVolumes()).volumes).toEqual([]);
    expect((await porto.getSystem()).volume_failed).toBe(BigInt(cases.length));
  });

  it("changes its limits, and nothing else", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.createVolume();
    const tune = (properties: Record<string, string>): Promise<unknown> =>
      porto.tuneVolume({ path: VOLUME, properties });
    await tune({ space_limit: "2G", inode_guarantee: "5" });
    const { volume } = await porto.getVolume({ path: [VOLUME] });
    expect(volume[0]).toMatchObject({
      space: { limit: 2n ** 31n },
      inodes: { guarantee: 5n },
    });
    expect(await code(tune({ private: "x" }))).toBe("InvalidProperty");
    expect(await code(tune({ space_limit: "x" }))).toBe("InvalidValue");
    const none = porto.tuneVolume({ path: "/none", properties: {} });
    expect(await code(none)).toBe("VolumeNotFound");
  });

  it("tells properties that can be set", async () => {
    await using bench = await openBench();
    const { list } = await bench.porto.listVolumeProperties();
    expect(list.length).toBeGreaterThanOrEqual(27);
    for (const { name, desc } of list) {
      expect(name).not.toBe("");
      expect(desc).not.toBe("");
    }
  });
});

describe("links of volumes", () => {
  it("keep it alive, until the last one is gone", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    await porto.create({ name: "b" });
    await porto.createVolume({ properties: { containers: "a;b /data ro" } });
    expect(await get("a", "volumes_linked")).toBe(VOLUME);
    expect(await get("b", "volumes_linked")).toBe(`${VOLUME} /data ro`);
    const link = { path: VOLUME, container: "a" };
    expect(await code(porto.linkVolume(link))).toBe("VolumeAlreadyLinked");
    await porto.linkVolumeTarget({ ...link, target: "/x", required: true });
    expect(await get("a", "volumes_required")).toBe("/x");
    const taken = { path: VOLUME, container: "b", target: "/x" };
    expect(await code(porto.linkVolumeTarget(taken))).toBe("Busy");
    const relative = { ...taken, target: "x" };
    expect(await code(porto.linkVolumeTarget(relative))).toBe("InvalidPath");
    // Where a link shows it, it is seen too, with that link alone.
    const { volumes } = await porto.listVolumes({ path: "/x" });
    expect(volumes[0]?.links).toMatchObject([{ container: "a", target: "/x" }]);
    const strict = { path: VOLUME, container: "b", strict: true };
    expect(await code(porto.unlinkVolume(strict))).toBe("Busy");
    await porto.unlinkVolumeTarget({ ...link, target: "/x" });
    await porto.unlinkVolume({ path: VOLUME, container: "b" });
    expect(
      await code(porto.unlinkVolume({ path: VOLUME, container: "b" })),
    ).toBe("VolumeNotLinked");
    expect((await porto.listVolumes()).volumes).toHaveLength(1);
    await porto.destroy({ name: "a" });
    expect((await porto.listVolumes()).volumes).toEqual([]);
    expect(await code(porto.listVolumes({ path: VOLUME }))).toBe(
      "VolumeNotFound",
    );
  });

  it("are all taken away at once", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    await porto.createVolume({ properties: { containers: "a;/" } });
    await porto.unlinkVolume({ path: VOLUME, container: "***" });
    expect((await porto.listVolumes()).volumes).toEqual([]);
    expect(await code(porto.unlinkVolume({ path: VOLUME }))).toBe(
      "VolumeNotFound",
    );
  });

  it("that are required keep a container from starting, and stop it", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    await porto.createVolume();
    await bench.set("a", { command: "sleep 1", volumes_required: "/data" });
    expect(await code(porto.start({ name: "a" }))).toBe("VolumeNotFound");
    const link = { path: VOLUME, container: "a", target: "/data" };
    await porto.linkVolume(link);
    await porto.start({ name: "a" });
    await porto.unlinkVolume({ path: VOLUME, container: "***" });
    await until(async () => (await get("a", "state")) === "stopped");
  });

  it("go with containers that others than Porto remove", async () => {
    await using bench = await openBench();
    const { porto, engine } = bench;
    await porto.create({ name: "a" });
    await porto.createVolume({ properties: { containers: "a" } });
    const [summary] = await engine.listContainers();
    await engine.removeContainer(summary?.id ?? "");
    await until(async () => (await porto.listVolumes()).volumes.length === 0);
  });

  it("count for the container that owns the volume", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    await porto.createVolume({
      properties: { owner_container: "a", space_limit: "1K" },
    });
    expect(await get("a", "volumes_owned")).toBe(VOLUME);
    expect(await get("a", "place_usage")).toBe("/place: 1024; total: 1024");
    expect(await get("a", "place_usage[total]")).toBe("1024");
    await porto.destroy({ name: "a" });
    expect(await get("/", "volumes_owned")).toBe(VOLUME);
  });
});

describe("layers", () => {
  it("come from archives that are there", async () => {
    await using bench = await openBench();
    const { porto, folder } = bench;
    const tarball = path.join(folder, "x.tar");
    const add = (more: object = {}): Promise<string> =>
      code(porto.importLayer({ layer: "l", tarball, ...more }));
    expect(await add()).toBe("InvalidValue");
    expect(await add({ tarball: folder })).toBe("InvalidValue");
    expect(await add({ tarball: "x.tar" })).toBe("InvalidValue");
    await writeFile(tarball, "no archive");
    expect(await add()).toBe("InvalidValue");
    expect(await add({ compress: "rar" })).toBe("InvalidValue");
    await writeFile(tarball, gzipSync(archive));
    expect(await add({ layer: "_meta_x" })).toBe("InvalidValue");
    expect(await add({ layer: "meta/l" })).toBe("Unknown");
    await porto.importLayer({ layer: "l", tarball, private_value: "p" });
    expect(await add()).toBe("LayerAlreadyExists");
    await porto.importLayer({ layer: "l", tarball, merge: true });
    const { layer, layers } = await porto.listLayers();
    expect(layer).toEqual(["l"]);
    expect(layers).toMatchObject([
      { name: "l", owner_user: "root", private_value: "p", last_usage: 0n },
    ]);
    expect((await porto.listLayers({ mask: "x*" })).layer).toEqual([]);
    expect((await porto.listLayers({ place: "/other" })).layer).toEqual([]);
  });

  it("carry a text, and are removed unless they are in use", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await importLayer(bench, "l");
    await importLayer(bench, "_weak_w");
    await porto.setLayerPrivate({ layer: "l", private_value: "note" });
    const { private_value } = await porto.getLayerPrivate({ layer: "l" });
    expect(private_value).toBe("note");
    const missing = porto.getLayerPrivate({ layer: "x" });
    expect(await code(missing)).toBe("LayerNotFound");
    await porto.createVolume({ properties: { layers: "l;_weak_w" } });
    expect(await code(porto.removeLayer({ layer: "l" }))).toBe("Busy");
    await porto.unlinkVolume({ path: VOLUME });
    expect((await porto.listLayers()).layer).toEqual(["l"]);
    await porto.removeLayer({ layer: "l" });
    expect(await code(porto.removeLayer({ layer: "l" }))).toBe("LayerNotFound");
  });

  it("are packed as far as nothing is in them", async () => {
    await using bench = await openBench();
    const { porto, folder } = bench;
    await importLayer(bench, "l");
    await porto.createVolume({ properties: { backend: "plain" } });
    const tarball = path.join(folder, "out.tgz");
    const whole = { volume: VOLUME, tarball };
    await porto.exportLayer(whole);
    expect(gunzipSync(await readFile(tarball))).toEqual(Buffer.alloc(1024));
    expect(await code(porto.exportLayer(whole))).toBe("InvalidValue");
    const packed = { volume: VOLUME, tarball: path.join(folder, "out.txz") };
    expect(await code(porto.exportLayer(packed))).toBe("NotSupported");
    const layer = { layer: "l", tarball: path.join(folder, "l.tar") };
    expect(await code(porto.exportLayer(layer))).toBe("NotSupported");
    const none = { volume: "/none", tarball: path.join(folder, "n.tar") };
    expect(await code(porto.exportLayer(none))).toBe("VolumeNotFound");
  });
});

describe("storages", () => {
  it("are made by volumes, outlive them, and are used by one at a time", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    const properties = { storage: "st", private: "p" };
    await porto.createVolume({ properties });
    expect(await code(porto.createVolume({ properties }))).toBe("Busy");
    expect(await code(porto.removeStorage({ name: "st" }))).toBe("Busy");
    await porto.unlinkVolume({ path: VOLUME });
    await clock.advance(5000);
    expect((await porto.listStorages()).storages).toMatchObject([
      { name: "st", private_value: "p", last_usage: 5n },
    ]);
    await porto.removeStorage({ name: "st" });
    expect(await code(porto.removeStorage({ name: "st" }))).toBe(
      "VolumeNotFound",
    );
  });

  it("are imported, and packed as far as nothing is in them", async () => {
    await using bench = await openBench();
    const { porto, folder } = bench;
    const tarball = path.join(folder, "in.tar");
    await writeFile(tarball, archive);
    await porto.importStorage({ name: "full", tarball });
    await porto.createVolume({ properties: { storage: "empty" } });
    await porto.unlinkVolume({ path: VOLUME });
    const out = path.join(folder, "out.tar");
    await porto.exportStorage({ name: "empty", tarball: out });
    expect(await readFile(out)).toEqual(Buffer.alloc(1024));
    const full = { name: "full", tarball: path.join(folder, "full.tar") };
    expect(await code(porto.exportStorage(full))).toBe("NotSupported");
  });

  it("have room together in meta storages", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const meta = { name: "meta", space_limit: 10n, inode_limit: 2n };
    await porto.createMetaStorage({ ...meta, private_value: "p" });
    expect(await code(porto.createMetaStorage(meta))).toBe("Unknown");
    await importLayer(bench, "meta/l");
    await porto.createVolume({ properties: { storage: "meta/st" } });
    await porto.resizeMetaStorage({ name: "meta", space_limit: 20n });
    const { storages, meta_storages } = await porto.listStorages();
    expect(storages).toMatchObject([{ name: "meta/st" }]);
    expect(meta_storages).toMatchObject([
      { name: "meta", space_limit: 20n, inode_limit: 2n, private_value: "p" },
    ]);
    expect((await porto.listLayers()).layer).toEqual(["meta/l"]);
    expect(await code(porto.removeMetaStorage({ name: "meta" }))).toBe("Busy");
    await porto.unlinkVolume({ path: VOLUME });
    await porto.removeStorage({ name: "meta/st" });
    await porto.removeLayer({ layer: "meta/l" });
    await porto.removeMetaStorage({ name: "meta" });
    expect(await code(porto.resizeMetaStorage({ name: "meta" }))).toBe(
      "Unknown",
    );
  });
});
