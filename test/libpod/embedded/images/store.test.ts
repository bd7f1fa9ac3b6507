import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../../../src/libpod/engines/embedded/storage/directory.ts";
import type { RegistryImage } from "../../../../src/libpod/engines/embedded/types.ts";
import { bench, code, finish, namesOf, newPath, now } from "./bench.ts";

describe("pulling", () => {
  it("finds any name in a registry that has every name", async () => {
    const { store, events } = bench();
    const id = await finish(store.pull("busybox"));
    expect(await store.find("busybox")).toMatchObject({
      id,
      names: ["docker.io/library/busybox:latest"],
      size: 0n,
      labels: {},
    });
    expect(events).toEqual(["pull docker.io/library/busybox:latest"]);
    // It follows from the name, and only from that.
    expect(await finish(bench("any").store.pull("docker.io/busybox"))).toBe(id);
    expect(await finish(store.pull("busybox:2"))).not.toBe(id);
    const [digest] = (await store.find("busybox")).digests;
    expect(digest).toMatch(
      /^docker\.io\/library\/busybox@sha256:[0-9a-f]{64}$/,
    );
    expect(await finish(store.pull(digest as string))).toBe(id);
    await expect(
      finish(store.pull(`busybox@sha256:${"0".repeat(64)}`)),
    ).rejects.toThrow(code("NO_SUCH_IMAGE"));
  });

  it("finds what is in the registry, with what it says of it", async () => {
    const web: RegistryImage = {
      command: ["serve"],
      entrypoint: ["/bin/web"],
      env: ["A=1"],
      labels: { tier: "front" },
      workDir: "/srv",
      user: "www",
      stopSignal: "SIGQUIT",
      size: 12_345,
    };
    const { store } = bench({ "quay.io/team/web:1": web });
    const id = await finish(store.pull("docker://quay.io/team/web:1"));
    expect(await store.inspect(id)).toMatchObject({
      command: ["serve"],
      entrypoint: ["/bin/web"],
      env: ["A=1"],
      labels: { tier: "front" },
      workDir: "/srv",
      user: "www",
      size: 12_345n,
    });
    expect(await store.runConfig("web:1")).toMatchObject({
      StopSignal: "SIGQUIT",
    });
    for (const name of ["quay.io/team/web", "web:1", "busybox"])
      await expect(finish(store.pull(name))).rejects.toThrow(
        code("NO_SUCH_IMAGE"),
      );
    expect(await store.search("team")).toEqual(["quay.io/team/web:1"]);
  });

  it("takes all tags of a repository", async () => {
    const { store } = bench({
      "r.io/a:1": {},
      "r.io/a:2": { size: 1 },
      "r.io/ab:3": {},
    });
    const id = await finish(store.pull("r.io/a:2", { allTags: true }));
    expect(await namesOf(store)).toEqual([["r.io/a:1"], ["r.io/a:2"]]);
    expect((await store.find("r.io/a:2")).id).toBe(id);
    await expect(
      finish(store.pull("r.io/c", { allTags: true })),
    ).rejects.toThrow(code("NO_SUCH_IMAGE"));
  });

  it("does nothing before it is read, nor once the signal is aborted", async () => {
    const { store, events } = bench();
    const stream = store.pull("busybox");
    expect(await store.list()).toEqual([]);
    await stream.return("");
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(
      finish(store.pull("busybox", { signal: aborted })),
    ).rejects.toThrow("enough");
    expect([await store.list(), events]).toEqual([[], []]);
  });

  it("moves a name over from another image", async () => {
    const { store } = bench();
    const first = await finish(store.pull("a:1"));
    const second = await finish(store.pull("b:1"));
    await store.tag(second, "docker.io/library/a:1");
    expect((await store.find("a:1")).id).toBe(second);
    expect((await store.find(first)).names).toEqual([]);
  });

  it("refuses names and options that it cannot heed", async () => {
    const { store } = bench();
    await expect(finish(store.pull("A B"))).rejects.toThrow(
      code("INVALID_ARGUMENT"),
    );
    for (const options of [
      { signing: { signBy: "key" } },
      { signaturePolicyPath: "/policy.json" },
    ])
      await expect(finish(store.pull("a", options))).rejects.toThrow(
        code("NOT_SUPPORTED"),
      );
    await expect(finish(store.pull("docker-daemon:a:1"))).rejects.toThrow(
      code("NOT_SUPPORTED"),
    );
    expect(() => bench({ "not a name": {} })).toThrow(code("INVALID_ARGUMENT"));
  });
});

describe("names", () => {
  it("are given and taken away; the image stays", async () => {
    const { store, events } = bench();
    const id = await finish(store.pull("busybox"));
    await store.tag("busybox", "mine");
    await store.tag("busybox", "mine");
    await store.tag(id, "quay.io/x/y:2");
    const all = [
      "docker.io/library/busybox:latest",
      "localhost/mine:latest",
      "quay.io/x/y:2",
    ];
    expect(await namesOf(store)).toEqual([all]);
    expect((await store.find("mine")).digests).toHaveLength(3);
    for (const [name, left] of [
      ["y:2", all.slice(0, 2)],
      ["mine", all.slice(0, 1)],
      ["busybox", []],
    ] as const) {
      await store.untag(id, name);
      expect(await namesOf(store)).toEqual([left]);
    }
    expect(events.slice(-3)).toEqual([
      "untag quay.io/x/y:2",
      "untag localhost/mine:latest",
      "untag docker.io/library/busybox:latest",
    ]);
    await expect(store.untag(id, "mine")).rejects.toThrow(
      code("NO_SUCH_IMAGE"),
    );
  });

  it("are refused where they are none, or the image is not there", async () => {
    const { store } = bench();
    await finish(store.pull("busybox"));
    await expect(store.tag("busybox", "No")).rejects.toThrow(
      code("INVALID_ARGUMENT"),
    );
    await expect(
      store.tag("busybox", `x@sha256:${"0".repeat(64)}`),
    ).rejects.toThrow(code("INVALID_ARGUMENT"));
    await expect(store.tag("other", "x")).rejects.toThrow(
      code("NO_SUCH_IMAGE"),
    );
  });

  it("belong to one image each, whatever happens", async () => {
    const images = fc.constantFrom("a", "b", "c");
    const tags = fc.constantFrom("x", "y", "z");
    const step = fc.tuple(
      fc.constantFrom("tag", "untag", "remove", "pull"),
      images,
      tags,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { store } = bench();
        const ids = new Map<string, string>();
        for (const name of ["a", "b", "c"])
          ids.set(name, await finish(store.pull(name)));
        for (const [what, image, tag] of steps) {
          const id = ids.get(image) as string;
          if (what === "pull") await finish(store.pull(image));
          const has = (await store.list()).find((each) => each.id === id);
          const own = has?.names.includes(`localhost/${tag}:latest`) === true;
          if (what === "tag" && has) await store.tag(id, tag);
          if (what === "untag") {
            const done = await store.untag(id, tag).then(
              () => true,
              () => false,
            );
            expect(done).toBe(own);
          }
          if (what === "remove" && has) await store.remove(id, { force: true });
          const all = (await namesOf(store)).flat();
          expect(new Set(all).size).toBe(all.length);
          for (const name of all)
            expect((await store.find(name)).names).toContain(name);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("removing", () => {
  it("takes one of several names only, and the image with its last", async () => {
    const { store, events } = bench();
    const id = await finish(store.pull("busybox"));
    await store.tag(id, "mine");
    expect(await store.remove("mine", {}, ["c1"])).toBe(id);
    expect(await namesOf(store)).toEqual([
      ["docker.io/library/busybox:latest"],
    ]);
    await store.remove("busybox");
    expect(await store.list()).toEqual([]);
    expect(events.slice(-2)).toEqual([
      "untag localhost/mine:latest",
      "remove docker.io/library/busybox:latest",
    ]);
  });

  it("by id needs force where there are several names, or containers", async () => {
    const { store } = bench();
    const id = await finish(store.pull("busybox"));
    await expect(store.remove(id, {}, ["c".repeat(64)])).rejects.toMatchObject({
      code: "INVALID_STATE",
      message: expect.stringContaining("cccccccccccc") as string,
    });
    await store.tag(id, "mine");
    await expect(store.remove(id)).rejects.toThrow(code("INVALID_STATE"));
    await store.remove(id, { force: true }, ["c1"]);
    expect(await store.list()).toEqual([]);
    await expect(store.remove(id, { force: true })).rejects.toThrow(
      code("NO_SUCH_IMAGE"),
    );
  });
});

describe("committing", () => {
  it("lays the container's configuration over its image's", async () => {
    const { store, events } = bench({
      base: { command: ["a"], labels: { x: "1" }, size: 7 },
    });
    const baseId = await finish(store.pull("base"));
    const id = await store.commit(
      {
        containerId: "c1",
        imageId: baseId,
        config: { Env: ["E=1"], Cmd: undefined },
      },
      {
        image: "made:2",
        changes: ['CMD=["/bin/ls"]', "LABEL y=2"],
        author: "me",
        message: "msg",
        format: "docker",
      },
    );
    expect(await store.inspect("made:2")).toMatchObject({
      id,
      names: ["localhost/made:2"],
      command: ["/bin/ls"],
      env: ["E=1"],
      labels: { x: "1", y: "2" },
      author: "me",
      comment: "msg",
      createdAt: new Date(now),
      raw: {
        Parent: baseId,
        ManifestType: "application/vnd.docker.distribution.manifest.v2+json",
      },
    });
    expect(await store.history(id)).toMatchObject([
      { id, comment: "msg", tags: ["localhost/made:2"], size: 0n },
      { id: "<missing>", size: 7n },
    ]);
    expect(events.at(-1)).toBe("commit localhost/made:2");
    const unnamed = await store.commit({
      containerId: "c1",
      imageId: baseId,
      config: { Cmd: undefined },
    });
    expect(await store.inspect(unnamed)).toMatchObject({
      names: [],
      command: ["a"],
    });
  });

  it("makes a base image where there is none, and nothing where it is refused", async () => {
    const { store } = bench();
    const id = await store.commit({
      containerId: "c1",
      config: { Cmd: ["x"] },
    });
    expect((await store.inspect(id)).command).toEqual(["x"]);
    for (const options of [{ image: "A" }, { changes: ["RUN x"] }])
      await expect(
        store.commit({ containerId: "c1" }, options),
      ).rejects.toThrow(code("INVALID_ARGUMENT"));
    expect(await store.list()).toHaveLength(1);
  });
});

describe("images in a folder", () => {
  it("are there again, with what was pushed", async () => {
    const place = newPath();
    const first = await openDirectory(place);
    const { store } = bench(undefined, first);
    const id = await finish(store.pull("busybox"));
    await store.tag(id, "mine");
    await finish(store.push(id, "r.io/x:1"));
    const before = await store.inspect(id);
    await first.close();
    const second = await openDirectory(place);
    const again = bench({}, second).store;
    expect(await again.inspect("mine")).toEqual(before);
    expect(await finish(again.pull("r.io/x:1"))).toBe(id);
    await second.close();
  });
});
