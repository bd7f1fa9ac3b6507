import { ErrorOccurred, ImageNotFound, PodNotFound } from "portolan/podman/1.9";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../support/peer.ts";
import { type Bench, create, openBench, run } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

describe("volumes", () => {
  const make = async (
    volumeName: string,
    more: object = {},
  ): Promise<string> => {
    const options = {
      volumeName,
      driver: "",
      labels: {},
      options: {},
      ...more,
    };
    return (await bench.podman.volumeCreate({ options })).volumeName;
  };
  const names = async (): Promise<readonly string[]> =>
    (await bench.podman.getVolumes({ args: [], all: true })).volumes.map(
      ({ name }) => name,
    );

  it("are made, found by the beginning of a name, and inspected", async () => {
    await make("data", { labels: { a: "b" } });
    await make("dump");
    expect(await names()).toEqual(["data", "dump"]);
    const { volume } = await bench.podman.inspectVolume({ name: "dat" });
    expect(JSON.parse(volume)).toMatchObject({
      Name: "data",
      Driver: "local",
      Labels: { a: "b" },
    });
    for (const wrong of ["d", "", "other"])
      expect(
        await failure(bench.podman.inspectVolume({ name: wrong })),
        wrong,
      ).toBeInstanceOf(ErrorOccurred);
    const args = ["data", "other"];
    expect(
      await failure(bench.podman.getVolumes({ args, all: false })),
    ).toBeInstanceOf(ErrorOccurred);
  });

  it("have each a name of their own, and a driver that there is", async () => {
    await make("data");
    for (const wrong of [
      () => make("data"),
      () => make("a/b"),
      () => make("x", { driver: "nfs" }),
    ])
      expect(await failure(wrong())).toBeInstanceOf(ErrorOccurred);
    const [first, second] = [await make(""), await make("")];
    expect(first).not.toBe(second);
    expect(await names()).toEqual(["data", first, second]);
  });

  it("are none twice, however many make them at once", async () => {
    const made = await Promise.allSettled(
      Array.from({ length: 5 }, () => make("data")),
    );
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const unnamed = await Promise.all(
      Array.from({ length: 5 }, () => make("")),
    );
    expect(new Set(unnamed).size).toBe(5);
  });

  it("that are in use stay, unless by force, and others go", async () => {
    const { podman } = bench;
    await run(bench, "web", undefined, { volume: ["used:/x", "/y"] });
    await make("free");
    const remove = (more: object) =>
      podman.volumeRemove({
        options: { volumes: [], all: false, force: false, ...more },
      });
    const { successes, failures } = await remove({
      volumes: ["used", "free", "none"],
    });
    expect(successes).toEqual(["free"]);
    expect(failures["used"]).toContain("is being used");
    expect(failures["none"]).toContain("no such volume");
    await make("free");
    expect(await podman.volumesPrune()).toEqual({
      prunedNames: ["free"],
      prunedErrors: [],
    });
    expect(await remove({ all: true, force: true })).toEqual({
      successes: ["used"],
      failures: {},
    });
    expect((await podman.listContainers()).containers).toEqual([]);
  });
});

describe("images", () => {
  beforeEach(async () => {
    const { podman } = bench;
    await podman.pullImage({
      name: "alpine",
      creds: { username: "", password: "" },
    });
    await bench.clock.advance(1000);
    await create(bench, "web");
    await podman.commit({
      name: "web",
      image_name: "localhost/shop:2",
      changes: ["LABEL tier=web"],
    });
    await bench.clock.advance(1000);
    await podman.commit({ name: "web", changes: ["CMD=x"] });
  });

  const found = async (...filters: string[]): Promise<readonly string[]> =>
    (await bench.podman.listImagesWithFilters({ filters })).images.map(
      ({ repoTags: [name = "none"] }) => name,
    );

  it("are listed by conditions", async () => {
    const alpine = "docker.io/library/alpine:latest";
    const shop = "localhost/shop:2";
    expect(await found()).toEqual([alpine, shop, "none"]);
    expect(await found("dangling=true")).toEqual(["none"]);
    expect(await found("dangling=false", "label=tier")).toEqual([shop]);
    expect(await found("reference=alpine")).toEqual([alpine]);
    expect(await found("reference=localhost/*:2")).toEqual([shop]);
    expect(await found("reference=(a+)+$")).toEqual([]);
    expect(await found(`since=${shop}`)).toEqual(["none"]);
    expect(
      await found("bogus=1").catch((error: unknown) => error),
    ).toBeInstanceOf(ErrorOccurred);
  });

  it("know what they are built on", async () => {
    const { images } = await bench.podman.listImages();
    const [alpine, shop] = images;
    expect(alpine).toMatchObject({ isParent: true, parentId: "" });
    expect(shop).toMatchObject({ isParent: false, parentId: alpine?.id });
    const { tree } = await bench.podman.imageTree({
      name: "alpine",
      whatRequires: true,
    });
    expect(tree).toContain("localhost/shop:2");
    const { imageInfo } = await bench.podman.buildImageHierarchyMap({
      name: "localhost/shop:2",
    });
    expect(JSON.parse(imageInfo)).toMatchObject({
      ID: shop?.id,
      Tags: ["localhost/shop:2"],
    });
  });

  it("tell what went when they are removed, and what was pruned", async () => {
    const { podman } = bench;
    await podman.tagImage({
      name: "localhost/shop:2",
      tagged: "localhost/shop:3",
    });
    const { id } = (await podman.getImage({ id: "localhost/shop:2" })).image;
    const remove = async (name: string): Promise<object> =>
      (await podman.removeImageWithResponse({ name, force: false })).response;
    expect(await remove("localhost/shop:2")).toEqual({
      untagged: ["localhost/shop:2"],
      deleted: "",
    });
    expect(await remove("localhost/shop:3")).toEqual({
      untagged: ["localhost/shop:3"],
      deleted: id,
    });
    expect(await failure(remove("localhost/shop:3"))).toBeInstanceOf(
      ImageNotFound,
    );
    expect(
      (await podman.imagesPrune({ all: false, filter: [] })).pruned,
    ).toHaveLength(1);
    expect(await found()).toEqual(["docker.io/library/alpine:latest"]);
    const filtered = podman.imagesPrune({ all: true, filter: ["label=x"] });
    expect(await failure(filtered)).toBeInstanceOf(ErrorOccurred);
  });
});

describe("pods", () => {
  it("are described as Kubernetes does, and so are containers", async () => {
    const { podman } = bench;
    await podman.createPod({ create: { name: "my_shop" } });
    await create(bench, "till", undefined, {
      pod: "my_shop",
      publish: ["8080:80"],
      env: ["A=b=c"],
    });
    const { pod } = await podman.generateKube({
      name: "my_shop",
      service: true,
    });
    expect(JSON.parse(pod.pod)).toMatchObject({
      kind: "Pod",
      metadata: { name: "my-shop", labels: { app: "my-shop" } },
      spec: {
        containers: [
          {
            name: "till",
            command: ["sleep", "1000"],
            env: expect.arrayContaining([
              { name: "A", value: "b=c" },
            ]) as object[],
            ports: [{ containerPort: 80, hostPort: 8080, protocol: "TCP" }],
          },
        ],
      },
    });
    expect(JSON.parse(pod.service)).toMatchObject({
      spec: { ports: [{ port: 80 }] },
    });
    const alone = await podman.generateKube({ name: "till", service: false });
    expect(JSON.parse(alone.pod.pod)).toMatchObject({
      metadata: { name: "till" },
    });
    expect(alone.pod.service).toBe("{}");
    expect(
      await failure(podman.generateKube({ name: "nope", service: false })),
    ).toBeInstanceOf(ErrorOccurred);
  });

  it("are chosen, shown and removed as in 1.9", async () => {
    const { podman } = bench;
    const { pod: id } = await podman.createPod({
      create: { name: "shop" },
    });
    await run(bench, "till", undefined, { pod: "shop" });
    const context = { all: false, latest: false, args: [] as string[] };
    expect(
      (await podman.getPodsByContext({ ...context, latest: true })).pods,
    ).toEqual([id]);
    expect(
      (await podman.getPodsByStatus({ statuses: ["Exited", "none"] })).pods,
    ).toEqual([]);
    const top = { pod: "", latest: true, descriptors: ["pid", "comm"] };
    expect((await podman.topPod(top)).stats).toEqual([
      "PID\tCOMMAND",
      "1\tsleep 1000",
    ]);
    const remove = podman.removePod({ name: "shop", force: false });
    expect(await failure(remove)).toBeInstanceOf(ErrorOccurred);
    await podman.killPod({ name: "shop", signal: 9 });
    expect(await failure(podman.topPod(top))).toBeInstanceOf(ErrorOccurred);
    // Unlike with 1.0, what does not run goes without force.
    await podman.removePod({ name: "shop", force: false });
    expect(await failure(podman.topPod(top))).toBeInstanceOf(PodNotFound);
    const some = podman.getPodsByContext({ ...context, args: ["shop"] });
    expect(await failure(some)).toBeInstanceOf(ErrorOccurred);
  });
});
