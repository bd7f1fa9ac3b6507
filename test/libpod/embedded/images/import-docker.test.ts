import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  detailsOf,
  historyOf,
} from "../../../../src/libpod/engines/embedded/images/stored.ts";
import {
  configText,
  dockerFiles,
  hex,
  layers,
  sha,
  tar,
  type Files,
} from "./archives.ts";
import { expectRefused, importBytes } from "./importing.ts";

describe("an archive of docker save", () => {
  it("is read, compressed or not, in any order", async () => {
    const files = dockerFiles();
    const reversed = Object.fromEntries(Object.entries(files).toReversed());
    for (const bytes of [tar(files), tar(reversed), gzipSync(tar(files))]) {
      const { isRoot, images } = await importBytes(bytes);
      expect(isRoot).toBe(false);
      expect(images).toHaveLength(1);
      const [image] = images;
      expect(image).toMatchObject({
        id: hex(configText()),
        names: ["docker.io/library/web:1", "quay.io/x/web:latest"],
        config: configText(),
        format: "docker",
        layers: layers.map((layer) => ({
          diffId: sha(layer),
          size: layer.length,
        })),
      });
    }
  });

  it("tells what it was made with", async () => {
    const [image] = (await importBytes(tar(dockerFiles()))).images;
    expect(detailsOf(image as never)).toMatchObject({
      command: ["run"],
      entrypoint: ["/bin/sh"],
      env: ["PATH=/bin", "A=b=c"],
      labels: { one: "1" },
      user: "nobody",
      workDir: "/app",
      architecture: "arm64",
      os: "linux",
      author: "somebody",
      comment: "the app",
      createdAt: new Date("2020-01-02T03:04:05.678Z"),
      size: BigInt(layers.reduce((sum, { length }) => sum + length, 0)),
      raw: { Config: { StopSignal: "SIGINT", ExposedPorts: { "80/tcp": {} } } },
    });
    const sizes = layers.map(({ length }) => BigInt(length));
    expect(
      historyOf(image as never).map(({ createdBy, size }) => [createdBy, size]),
    ).toEqual([
      ["app", sizes[1]],
      ["ENV", 0n],
      ["base", sizes[0]],
    ]);
  });

  it("may have several images, links between layers, and older names", async () => {
    const one = configText();
    const two = configText({ author: "else" });
    const { images } = await importBytes(
      tar([
        { name: `${hex(one)}.json`, data: one },
        { name: `${hex(two)}.json`, data: two },
        { name: "a/layer.tar", data: layers[0] as Buffer },
        { name: "b/layer.tar", data: layers[1] as Buffer },
        { name: "c/layer.tar", type: "symlink", linkName: "../b/layer.tar" },
        {
          name: "repositories",
          data: JSON.stringify({ older: { "1": "c", "2": "x" } }),
        },
        {
          name: "./manifest.json",
          data: JSON.stringify([
            {
              Config: `${hex(one)}.json`,
              RepoTags: ["one:1"],
              Layers: ["a/layer.tar", "b/layer.tar"],
            },
            {
              Config: `${hex(two)}.json`,
              RepoTags: null,
              Layers: ["a/layer.tar", "c/layer.tar"],
            },
          ]),
        },
      ]),
    );
    expect(images.map(({ id, names }) => [id, names])).toEqual([
      [hex(one), ["docker.io/library/one:1"]],
      [hex(two), ["docker.io/library/older:1"]],
    ]);
  });

  it("may have compressed layers", async () => {
    const files = {
      ...dockerFiles(),
      "l2/layer.tar": gzipSync(layers[1] as Buffer),
    };
    const [image] = (await importBytes(tar(files))).images;
    expect(image?.layers.map(({ size }) => size)).toEqual(
      layers.map(({ length }) => length),
    );
  });

  it("is refused with what is wrong in it", async () => {
    const good = dockerFiles();
    const configName = `${hex(configText())}.json`;
    const manifest = (value: unknown): Files => ({
      ...good,
      "manifest.json": JSON.stringify(value),
    });
    const item = {
      Config: configName,
      RepoTags: [],
      Layers: ["l1/layer.tar", "l2/layer.tar"],
    };
    const badConfig = (config: string): Files => ({
      ...good,
      "c.json": config,
      "manifest.json": JSON.stringify([{ ...item, Config: "c.json" }]),
    });
    const cases: [Files, RegExp][] = [
      [manifest([]), /manifest\.json: it is no list of images/],
      [{ ...good, "manifest.json": "[" }, /manifest\.json: it is no JSON/],
      [manifest([5]), /image 1: it is no object/],
      [manifest([{ ...item, Layers: "x" }]), /does not say what it should/],
      [
        manifest([{ ...item, RepoTags: ["A B"] }]),
        /"A B" is no image reference/,
      ],
      [
        manifest([{ ...item, Config: "gone.json" }]),
        /gone\.json: it is missing/,
      ],
      [manifest([{ ...item, Config: "../x" }]), /it is missing/],
      [manifest([{ ...item, Config: "__proto__" }]), /it is missing/],
      [
        manifest([{ ...item, Layers: ["l1/layer.tar"] }]),
        /2 layers, and the manifest 1/,
      ],
      [
        manifest([{ ...item, Layers: ["l1/layer.tar", "l3"] }]),
        /l3: it is missing/,
      ],
      [
        manifest([{ ...item, Layers: ["l2/layer.tar", "l1/layer.tar"] }]),
        /l2\/layer\.tar: its digest is/,
      ],
      [{ ...good, [configName]: `${configText()} ` }, /\.json: its digest is/],
      [{ ...good, "l1/layer.tar": "cut" }, /l1\/layer\.tar: its digest is/],
      [
        {
          ...good,
          "l1/layer.tar": gzipSync(layers[0] as Buffer).subarray(0, 40),
        },
        /l1\/layer\.tar: its gzip data is damaged/,
      ],
      [badConfig("[]"), /it is no JSON object/],
      [badConfig("{"), /it is no JSON/],
      [badConfig(configText({ os: 5 })), /its "os" is not what it should be/],
      [badConfig(configText({ config: { Env: "x" } })), /config: its "Env"/],
      [
        badConfig(configText({ config: { Labels: { a: 1 } } })),
        /config: its "Labels"/,
      ],
      [
        badConfig(configText({ rootfs: { diff_ids: [1] } })),
        /rootfs: its "diff_ids"/,
      ],
      [
        badConfig(configText({ history: [{ empty_layer: "no" }] })),
        /history\[0\]: its "empty_layer"/,
      ],
    ];
    for (const [files, message] of cases) await expectRefused(files, message);
    await expectRefused(
      {
        ...good,
        "c.json": Buffer.from([0x7b, 0xff, 0x7d]),
        "manifest.json": JSON.stringify([{ ...item, Config: "c.json" }]),
      },
      /c\.json: it is no UTF-8/,
    );
  });

  it("cannot lead round in circles with links", async () => {
    const config = configText();
    await expectRefused(
      tar([
        { name: "c.json", data: config },
        { name: "a", type: "symlink", linkName: "b" },
        { name: "b", type: "symlink", linkName: "a" },
        {
          name: "manifest.json",
          data: JSON.stringify([{ Config: "c.json", Layers: ["a", "b"] }]),
        },
      ]),
      /a: it is no file/,
    );
  });
});
