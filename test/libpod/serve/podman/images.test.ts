import { existsSync } from "node:fs";
import path from "node:path";
import { ErrorOccurred, ImageNotFound } from "portolan/podman";
import { ImageNotFound as AncestorNotFound } from "portolan/podman/projectatomic";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matching } from "../../../support/matching.ts";
import { failure } from "../../../support/peer.ts";
import { type Bench, create, openBench } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench({
    registry: {
      "docker.io/library/alpine": { command: ["sh"], size: 10 },
      "registry.example/web:2": {
        entrypoint: ["/web"],
        labels: { a: "b" },
        user: "web",
      },
      "registry.example/web:3": {},
    },
  });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error = await failure(promise);
  expect(error).toBeInstanceOf(ErrorOccurred);
  return (error as ErrorOccurred).parameters.reason;
}

describe("images", () => {
  it("are told in short and whole, in Podman's form", async () => {
    const { podman } = bench;
    const { id } = await podman.pullImage({ name: "registry.example/web:2" });
    await create(bench, "one", { image: "registry.example/web:2" });
    const { image } = await podman.getImage({ name: "registry.example/web:2" });
    expect(image).toMatchObject({
      id,
      parentId: "",
      repoTags: ["registry.example/web:2"],
      repoDigests: [matching(/^registry\.example\/web@sha256:[0-9a-f]{64}$/)],
      created: matching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC$/),
      labels: { a: "b" },
    });
    expect(await podman.listImages()).toEqual({ images: [image] });
    const whole = JSON.parse(
      (await podman.inspectImage({ name: id.slice(0, 12) })).image,
    ) as object;
    expect(whole).toMatchObject({
      Id: id,
      Digest: image.repoDigests[0]?.split("@")[1],
      RepoTags: image.repoTags,
      Config: { Entrypoint: ["/web"], User: "web", Labels: { a: "b" } },
      Os: "linux",
    });
    const { history } = await podman.historyImage({ name: id });
    expect(history.length).toBeGreaterThan(0);
    expect(history[0]).toMatchObject({ tags: image.repoTags });
  });

  it("that are not there are not found, by either interface", async () => {
    const { podman, ancestor } = bench;
    for (const name of ["nope", "localhost/nope:1", "__proto__"]) {
      for (const call of [
        podman.getImage,
        podman.inspectImage,
        podman.historyImage,
        podman.pushImage,
        podman.tagImage,
        podman.removeImage,
        podman.exportImage,
      ]) {
        const error = await failure(call({ name }));
        expect(error).toBeInstanceOf(ImageNotFound);
        expect(error).toMatchObject({ parameters: { name } });
      }
      expect(await failure(ancestor.inspectImage({ name }))).toBeInstanceOf(
        AncestorNotFound,
      );
      expect(await podman.imageExists({ name })).toEqual({ exists: 1 });
    }
    expect(await reasonOf(podman.pullImage({ name: "nope" }))).toMatch(
      /no such image$/,
    );
  });

  it("are tagged, pushed, searched for and pulled again", async () => {
    const { podman } = bench;
    const { id } = await podman.pullImage({ name: "alpine" });
    expect(
      await podman.tagImage({ name: "alpine", tagged: "localhost/base:1" }),
    ).toEqual({ image: id });
    expect(await podman.imageExists({ name: "localhost/base:1" })).toEqual({
      exists: 0,
    });
    const pushed = "registry.example/mine/base:1";
    expect(
      await podman.pushImage({ name: "localhost/base:1", tag: pushed }),
    ).toEqual({ image: id });
    const names = async (name: string, limit = 0): Promise<string[]> =>
      (await podman.searchImage({ name, limit })).images.map(
        (found) => found.name,
      );
    expect(await names("base")).toEqual([pushed]);
    expect(await names("web", 1)).toHaveLength(1);
    expect(await names("web")).toHaveLength(2);
    await podman.removeImage({ name: id, force: true });
    expect(await podman.listImages()).toEqual({ images: [] });
    expect(await podman.pullImage({ name: pushed })).toEqual({ id });
  });

  it("lose one name, or go with their last one", async () => {
    const { podman } = bench;
    const { id } = await podman.pullImage({ name: "alpine" });
    await podman.tagImage({ name: "alpine", tagged: "localhost/base:1" });
    expect(await podman.removeImage({ name: "localhost/base:1" })).toEqual({
      image: id,
    });
    expect(await podman.imageExists({ name: id })).toEqual({ exists: 0 });
    await podman.removeImage({ name: "alpine" });
    expect(await podman.imageExists({ name: id })).toEqual({ exists: 1 });
  });

  it("in use go by force only, with the containers that use them", async () => {
    const { podman } = bench;
    await create(bench, "one");
    await create(bench, "two", { image: "registry.example/web:2" });
    await podman.startContainer({ name: "one" });
    expect(await reasonOf(podman.removeImage({ name: "alpine" }))).toMatch(
      /container state improper$/,
    );
    await podman.removeImage({ name: "alpine", force: true });
    const { containers } = await podman.listContainers();
    expect(containers.map(({ names }) => names)).toEqual(["two"]);
  });

  it("that nobody uses are deleted, whatever their names", async () => {
    const { podman } = bench;
    await create(bench, "two", { image: "registry.example/web:2" });
    const { id } = await podman.pullImage({ name: "alpine" });
    await podman.tagImage({ name: "alpine", tagged: "localhost/base:1" });
    expect(await podman.deleteUnusedImages()).toEqual({ images: [id] });
    expect((await podman.listImages()).images).toHaveLength(1);
  });

  it("are made of containers", async () => {
    const { podman } = bench;
    await create(bench, "web", { command: ["serve"] });
    const { image } = await podman.commit({
      name: "web",
      image_name: "localhost/web:1",
      changes: ["USER=7"],
      author: "me",
      message: "done",
    });
    const whole = JSON.parse(
      (await podman.inspectImage({ name: "localhost/web:1" })).image,
    ) as object;
    expect(whole).toMatchObject({
      Id: image,
      Author: "me",
      User: "7",
      Config: { Cmd: ["serve"] },
    });
    const name = "web";
    expect(await reasonOf(podman.commit({ name, manifestType: "v1" }))).toMatch(
      /unrecognized image format "v1"/,
    );
    expect(await reasonOf(podman.commit({ name, changes: ["FLY=1"] }))).toMatch(
      /invalid argument$/,
    );
  });
});

describe("archives", () => {
  it("are written and read", async () => {
    const { podman, folder } = bench;
    const { id } = await podman.pullImage({ name: "alpine" });
    const file = path.join(folder, "alpine.tar");
    expect(
      await podman.exportImage({
        name: "alpine",
        destination: `docker-archive:${file}`,
      }),
    ).toEqual({ image: id });
    expect(existsSync(file)).toBe(true);
    const { image } = await podman.importImage({
      source: file,
      reference: "localhost/again:1",
    });
    expect(await podman.getImage({ name: image })).toMatchObject({
      image: {
        repoTags: expect.arrayContaining(["localhost/again:1"]) as unknown,
      },
    });
  });

  it("of a container's files become images", async () => {
    const { podman, folder } = bench;
    await create(bench, "web");
    const file = path.join(folder, "web.tar");
    await podman.exportContainer({ name: "web", path: file });
    const { image } = await podman.importImage({
      source: file,
      reference: "localhost/files:1",
      message: "m",
      changes: ["CMD=/bin/sh"],
    });
    expect(
      JSON.parse((await podman.inspectImage({ name: image })).image),
    ).toMatchObject({ RepoTags: ["localhost/files:1"] });
  });

  it("are paths on this machine", async () => {
    const { podman, folder } = bench;
    expect(
      await reasonOf(
        podman.importImage({ source: "https://example.org/x.tar" }),
      ),
    ).toMatch(/nothing is fetched/);
    expect(
      await reasonOf(podman.importImage({ source: path.join(folder, "no") })),
    ).not.toBe("");
    await podman.pullImage({ name: "alpine" });
    const name = "alpine";
    const destination = path.join(folder, "x");
    expect(await reasonOf(podman.exportImage({ name, destination }))).toMatch(
      /does not say what to write/,
    );
    expect(existsSync(destination)).toBe(false);
  });
});
