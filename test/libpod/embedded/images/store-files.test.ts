import fc from "fast-check";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { RegistryImage } from "../../../../src/libpod/engines/embedded/types.ts";
import {
  configText,
  dockerFiles,
  hex,
  named,
  ociFiles,
  ociImage,
  writeTar,
} from "./archives.ts";
import { bench, code, finish, folder, namesOf, newPath } from "./bench.ts";

describe("pushing", () => {
  it("to a name puts the image into the registry", async () => {
    const { store, events } = bench({ base: {} });
    const id = await finish(store.pull("base"));
    expect(await finish(store.push(id, "docker://r.io/mine:2"))).toBe(id);
    expect(events.at(-1)).toBe("push r.io/mine:2");
    await expect(store.find("r.io/mine:2")).rejects.toThrow(
      code("NO_SUCH_IMAGE"),
    );
    await store.remove(id, { force: true });
    expect(await finish(store.pull("r.io/mine:2"))).toBe(id);
    expect(await store.search("mine")).toEqual(["r.io/mine:2"]);
    expect(await namesOf(store)).toEqual([["r.io/mine:2"]]);
  });

  it("keeps a tag that is called as what objects have of their own", async () => {
    const { store } = bench({ base: {} });
    const id = await finish(store.pull("base"));
    await store.tag(id, "quay.io/x/web:__proto__");
    const file = path.join(folder, "proto.tar");
    await finish(store.push(id, `docker-archive:${file}`));
    const archive = (await readFile(file)).toString();
    expect(archive).toMatch(
      /"quay\.io\/x\/web":\{"__proto__":"[0-9a-f]{64}"\}/,
    );
  });

  const text = fc.string({ maxLength: 12 });
  const registryImage: fc.Arbitrary<RegistryImage> = fc.record(
    {
      command: fc.array(text, { maxLength: 3 }),
      entrypoint: fc.array(text, { maxLength: 3 }),
      env: fc.array(text, { maxLength: 3 }),
      labels: fc.dictionary(text, text, { maxKeys: 3 }),
      workDir: text,
      user: text,
      stopSignal: text,
      size: fc.nat(),
    },
    { requiredKeys: [] },
  );

  for (const [kind, options] of [
    ["docker-archive", {}],
    ["oci-archive", {}],
    ["oci-archive", { compression: "gzip" }],
    ["oci", {}],
    ["dir", {}],
    ["dir", { compression: "gzip" }],
  ] as const) {
    it(`to ${kind}: ${JSON.stringify(options)} writes what importing reads back equal`, async () => {
      await fc.assert(
        fc.asyncProperty(
          registryImage,
          fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}$/), {
            maxLength: 2,
          }),
          async (image, tags) => {
            const { store } = bench({ "r.io/base:1": image });
            const id = await finish(store.pull("r.io/base:1"));
            for (const tag of tags) await store.tag(id, `${tag}:x`);
            const before = await store.inspect(id);
            const target = `${kind}:${newPath()}`;
            await finish(store.push(id, target, options));
            const other = bench().store;
            expect(await finish(other.import(target))).toBe(id);
            const after = await other.inspect(id);
            expect(after).toMatchObject({
              command: before.command,
              entrypoint: before.entrypoint,
              env: before.env,
              labels: before.labels,
              workDir: before.workDir,
              user: before.user,
              createdAt: before.createdAt,
              names: kind === "dir" ? [] : before.names,
            });
            // What a pull of such a place reads is the same.
            expect(await finish(bench().store.pull(target))).toBe(id);
          },
        ),
        { numRuns: 8 },
      );
    });
  }

  it("writes layers that hold nothing for those it does not know, and says it by the id", async () => {
    const { store } = bench();
    const source = await writeTar(newPath(), dockerFiles());
    const id = await finish(store.import(source));
    const target = newPath();
    await finish(store.push(id, `docker-archive:${target}`));
    const other = bench().store;
    const made = await finish(other.import(target));
    expect(made).not.toBe(id);
    const [before, after] = [
      await store.inspect(id),
      await other.inspect(made),
    ];
    expect(after).toMatchObject({
      names: before.names,
      env: before.env,
      labels: before.labels,
    });
    expect((await other.history(made)).length).toBe(
      (await store.history(id)).length,
    );
    // Writing that once more changes nothing any more.
    const again = newPath();
    await finish(other.push(made, `docker-archive:${again}`));
    expect(await readFile(again)).toEqual(await readFile(target));
  });

  it("gives the name that the destination says", async () => {
    const { store } = bench();
    const id = await finish(store.pull("busybox"));
    const target = newPath();
    await finish(store.push(id, `oci-archive:${target}:other:3`));
    const imported = bench();
    await finish(imported.store.import(target));
    expect(await namesOf(imported.store)).toEqual([
      ["docker.io/library/other:3"],
    ]);
    await expect(
      finish(bench().store.import(`oci-archive:${target}:nope`)),
    ).rejects.toThrow('no image "docker.io/library/nope:latest"');
  });

  it("is all or nothing, and refuses what it cannot do", async () => {
    const { store, events } = bench();
    const id = await finish(store.pull("busybox"));
    events.length = 0;
    const taken = newPath();
    await mkdir(taken);
    await writeFile(path.join(taken, "mine"), "");
    const refused: [string, string][] = [
      [`docker-archive:${taken}`, "INVALID_ARGUMENT"],
      [`dir:${taken}`, "INVALID_ARGUMENT"],
      [`oci-archive:${path.join(newPath(), "no", "where")}`, "ENGINE_ERROR"],
      ["docker-archive:", "INVALID_ARGUMENT"],
      ["docker-archive:/x:A B", "INVALID_ARGUMENT"],
      ["docker-daemon:x:1", "NOT_SUPPORTED"],
      ["containers-storage:x", "NOT_SUPPORTED"],
      ["Not a name", "INVALID_ARGUMENT"],
    ];
    for (const [destination, expected] of refused)
      await expect(finish(store.push(id, destination))).rejects.toThrow(
        code(expected),
      );
    await expect(finish(store.push("nope", "x"))).rejects.toThrow(
      code("NO_SUCH_IMAGE"),
    );
    await expect(
      finish(store.push(id, "x", { signing: { signBy: "k" } })),
    ).rejects.toThrow(code("NOT_SUPPORTED"));
    expect(events).toEqual([]);
    expect(await readdir(taken)).toEqual(["mine"]);
    expect(
      (await readdir(folder)).filter((each) => each.startsWith(".")),
    ).toEqual([]);
  });
});

describe("importing", () => {
  it("keeps the archive's names, or takes another", async () => {
    const source = await writeTar(newPath(), dockerFiles());
    const { store, events } = bench();
    const id = await finish(store.import(source));
    expect(id).toBe(hex(configText()));
    expect(await namesOf(store)).toEqual([
      ["docker.io/library/web:1", "quay.io/x/web:latest"],
    ]);
    expect(events).toEqual(["loadfromarchive docker.io/library/web:1"]);
    const other = bench();
    await finish(
      other.store.import(`docker-archive:${source}`, { reference: "mine" }),
    );
    expect(await namesOf(other.store)).toEqual([["localhost/mine:latest"]]);
    await finish(other.store.import(`docker-archive:${source}:web:1`));
    expect(await namesOf(other.store)).toEqual([
      ["localhost/mine:latest", "docker.io/library/web:1"],
    ]);
  });

  it("takes all images, but for one name only one", async () => {
    const source = await writeTar(
      newPath(),
      ociFiles(
        ociImage(configText(), { rest: named("a/one:1") }),
        ociImage(configText({ author: "x" }), { rest: named("a/two:2") }),
      ),
    );
    const { store } = bench();
    await expect(
      finish(store.import(source, { reference: "both" })),
    ).rejects.toThrow(code("INVALID_ARGUMENT"));
    expect(await store.list()).toEqual([]);
    expect(await finish(store.import(source))).toBe(hex(configText()));
    expect(await namesOf(store)).toEqual([
      ["localhost/a/one:1"],
      ["localhost/a/two:2"],
    ]);
  });

  it("of a root file system tells so", async () => {
    const source = await writeTar(newPath(), { "bin/sh": "#!" });
    const { store, events } = bench();
    await finish(
      store.import(source, { reference: "root:1", changes: ["CMD=/bin/sh"] }),
    );
    expect(events).toEqual(["import localhost/root:1"]);
    await expect(finish(store.import(`oci-archive:${source}`))).rejects.toThrow(
      "index.json: it is missing",
    );
  });

  it("refuses a name that is none before it reads", async () => {
    await expect(
      finish(bench().store.import("/nowhere", { reference: "A" })),
    ).rejects.toThrow('"A" is no image reference');
  });
});
