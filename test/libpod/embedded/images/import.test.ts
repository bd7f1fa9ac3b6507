import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  readImages,
  type Found,
} from "../../../../src/libpod/engines/embedded/images/import.ts";
import {
  defaultLimits,
  type ArchiveLimits,
} from "../../../../src/libpod/engines/embedded/images/limits.ts";
import {
  detailsOf,
  historyOf,
} from "../../../../src/libpod/engines/embedded/images/stored.ts";
import type { ImportOptions } from "../../../../src/libpod/engine.ts";
import {
  blob,
  configText,
  dockerFiles,
  hex,
  layers,
  named,
  ociFiles,
  ociImage,
  sha,
  tar,
  type Files,
} from "./archives.ts";

let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "portolan-import-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const now = Date.UTC(2026, 0, 2);

async function importBytes(
  bytes: Uint8Array,
  options: ImportOptions = {},
  limits: Partial<ArchiveLimits> = {},
): Promise<Found> {
  count += 1;
  const file = path.join(folder, `${count}.tar`);
  await writeFile(file, bytes);
  return await importPath(file, options, limits);
}

function importPath(
  file: string,
  options: ImportOptions = {},
  limits: Partial<ArchiveLimits> = {},
): Promise<Found> {
  return readImages({ path: file }, options, now, {
    ...defaultLimits,
    ...limits,
  });
}

async function expectRefused(
  files: Files | Buffer,
  message: RegExp,
  limits: Partial<ArchiveLimits> = {},
): Promise<void> {
  const bytes = Buffer.isBuffer(files) ? files : tar(files);
  await expect(importBytes(bytes, {}, limits)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(message) as string,
  });
  await expect(importBytes(bytes, {}, limits)).rejects.toThrow(
    path.join(folder, `${count}.tar`),
  );
}

describe("an archive of docker save", () => {
  it("is read, compressed or not, in any order", async () => {
    const files = dockerFiles();
    const reversed = Object.fromEntries(Object.entries(files).reverse());
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

describe("an OCI image layout", () => {
  it("is read, its layers compressed or not, from an archive or a folder", async () => {
    for (const gzip of [true, false]) {
      const image = ociImage(configText(), {
        gzip,
        rest: named("quay.io/a/b:2"),
      });
      const files = ociFiles(image);
      const place = path.join(folder, `layout-${gzip}`);
      for (const [name, data] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(place, name)), { recursive: true });
        await writeFile(path.join(place, name), data);
      }
      for (const found of [
        await importBytes(tar(files)),
        await importPath(place),
      ]) {
        expect(found.images).toMatchObject([
          {
            id: hex(configText()),
            names: ["quay.io/a/b:2"],
            format: "oci",
            digest: (image.descriptor as { digest: string }).digest,
            layers: layers.map((layer) => ({
              diffId: sha(layer),
              size: layer.length,
            })),
          },
        ]);
      }
    }
  });

  it("of several platforms is the one for linux/amd64, else the first", async () => {
    const of = (os: string, architecture: string) =>
      ociImage(configText({ os, architecture }), {
        rest: { platform: { os, architecture } },
      });
    const arm = of("linux", "arm64");
    const amd = of("linux", "amd64");
    const windows = of("windows", "amd64");
    const choose = async (
      ...images: (typeof arm)[]
    ): Promise<string | undefined> => {
      // As a layout has it, and behind an index of its own.
      const plain = await importBytes(tar(ociFiles(...images)));
      const index = blob(
        "application/vnd.oci.image.index.v1+json",
        JSON.stringify({
          schemaVersion: 2,
          manifests: images.map(({ descriptor }) => descriptor),
        }),
        named("x:1"),
      );
      const nested = await importBytes(
        tar(
          ociFiles({
            files: Object.assign(
              {},
              index.file,
              ...images.map(({ files }) => files),
            ) as Files,
            descriptor: index.descriptor,
          }),
        ),
      );
      expect(nested.images).toHaveLength(1);
      expect(nested.images[0]?.names).toEqual(["localhost/x:1"]);
      expect(nested.images[0]?.id).toBe(plain.images[0]?.id);
      return (
        (
          JSON.parse(plain.images[0]?.config ?? "") as {
            architecture: string;
            os: string;
          }
        ).os +
        "/" +
        (JSON.parse(plain.images[0]?.config ?? "") as { architecture: string })
          .architecture
      );
    };
    expect(await choose(arm, windows, amd)).toBe("linux/amd64");
    expect(await choose(arm, windows)).toBe("linux/arm64");
    expect(await choose(windows)).toBe("windows/amd64");
  });

  it("gives names, several to one image, none by a tag alone", async () => {
    const one = ociImage();
    const also = ociImage(configText(), { rest: named("second:2") });
    const first = ociImage(configText(), {
      rest: named("docker.io/library/a:1"),
    });
    const other = ociImage(configText({ author: "x" }), { rest: named("v1") });
    const containerd = ociImage(configText({ author: "y" }), {
      rest: {
        annotations: {
          "io.containerd.image.name": "ghcr.io/c/d:3",
          "org.opencontainers.image.ref.name": "3",
        },
      },
    });
    const { images } = await importBytes(
      tar(ociFiles(first, also, other, containerd)),
    );
    expect(images.map(({ names }) => names)).toEqual([
      ["docker.io/library/a:1", "localhost/second:2"],
      [],
      ["ghcr.io/c/d:3"],
    ]);
    expect((await importBytes(tar(ociFiles(one)))).images[0]?.names).toEqual(
      [],
    );
  });

  it("takes layers of zstd by the digest of what is there", async () => {
    const packed = Buffer.from("28b52ffd00112233", "hex");
    const config = blob(
      "application/vnd.oci.image.config.v1+json",
      configText({}, [layers[0] as Buffer]),
    );
    const layer = blob("application/vnd.oci.image.layer.v1.tar+zstd", packed);
    const manifest = blob(
      "application/vnd.oci.image.manifest.v1+json",
      JSON.stringify({
        schemaVersion: 2,
        config: config.descriptor,
        layers: [layer.descriptor],
      }),
    );
    const { images } = await importBytes(
      tar(
        ociFiles({
          files: { ...config.file, ...layer.file, ...manifest.file },
          descriptor: manifest.descriptor,
        }),
      ),
    );
    expect(images[0]?.layers).toEqual([
      { diffId: sha(layers[0] as Buffer), size: packed.length },
    ]);
  });

  it("is refused with what is wrong in it", async () => {
    const image = ociImage();
    const good = ociFiles(image);
    const index = (manifests: unknown): Files => ({
      ...good,
      "index.json": JSON.stringify({ schemaVersion: 2, manifests }),
    });
    const { digest } = image.descriptor as { digest: string };
    const manifestName = `blobs/sha256/${digest.slice(7)}`;
    const configName = `blobs/sha256/${hex(configText())}`;
    const other = (manifest: object): Files => {
      const changed = blob(
        "application/vnd.oci.image.manifest.v1+json",
        JSON.stringify({
          ...(JSON.parse(good[manifestName] as string) as object),
          ...manifest,
        }),
      );
      return {
        ...good,
        ...changed.file,
        "index.json": JSON.stringify({ manifests: [changed.descriptor] }),
      };
    };
    const config = {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: sha(configText()),
      size: configText().length,
    };
    const endless = blob(
      "application/vnd.oci.image.index.v1+json",
      JSON.stringify({ manifests: [] }),
    );
    const cases: [Files, RegExp][] = [
      [
        { ...good, "oci-layout": '{"imageLayoutVersion":"2.0.0"}' },
        /oci-layout: its version is not 1/,
      ],
      [{ ...good, "oci-layout": "[]" }, /oci-layout: its version/],
      [index(undefined), /index\.json: it names no manifest/],
      [index([5]), /a descriptor does not say/],
      [
        index([{ ...image.descriptor, size: "5" }]),
        /a descriptor does not say/,
      ],
      [index([{ ...image.descriptor, size: 5 }]), /bytes, and not 5/],
      [
        index([{ ...image.descriptor, digest: `sha512:${"0".repeat(128)}` }]),
        /no digest by SHA-256/,
      ],
      [
        index([{ ...image.descriptor, digest: "sha256:../../x" }]),
        /no digest by SHA-256/,
      ],
      [index([{ ...image.descriptor, digest: sha("other") }]), /it is missing/],
      [
        { ...good, [configName]: configText().replace("somebody", "Somebody") },
        /its digest is/,
      ],
      [{ ...good, [manifestName]: "{}" }, /bytes, and not/],
      [
        { ...index([endless.descriptor]), ...endless.file },
        /it names no manifest/,
      ],
      [other({ schemaVersion: 1 }), /no manifest of version 2/],
      [
        other({ mediaType: "application/x" }),
        /of the type application\/x, no image's/,
      ],
      [
        other({
          config: {
            ...config,
            mediaType: "application/vnd.cncf.helm.config.v1+json",
          },
        }),
        /helm.*no image/,
      ],
      [other({ layers: null }), /does not name its layers/],
      [
        other({
          layers: [
            {
              ...config,
              mediaType: "application/vnd.oci.image.layer.v1.tar+encrypted",
            },
          ],
        }),
        /encrypted, which is not read/,
      ],
      [other({ layers: [] }), /2 layers, and the manifest 0/],
    ];
    for (const [files, message] of cases) await expectRefused(files, message);
  });

  it("may not have indexes in indexes without end", async () => {
    let inner = ociImage();
    for (let depth = 0; depth < 6; depth += 1) {
      const index = blob(
        "application/vnd.oci.image.index.v1+json",
        JSON.stringify({ manifests: [inner.descriptor] }),
      );
      inner = {
        files: { ...inner.files, ...index.file },
        descriptor: index.descriptor,
      };
    }
    await expectRefused(ociFiles(inner), /indexes are more than 4 deep/);
  });
});

describe("a root file system", () => {
  const files: Files = { "bin/sh": "#!", "etc/x.json": "{}", "m.txt": "" };

  it("becomes an image with one layer, as it is", async () => {
    const bytes = tar(files);
    for (const packed of [bytes, gzipSync(bytes)]) {
      const { isRoot, images } = await importBytes(packed, {
        message: "hello",
        changes: ["CMD=/bin/sh", "LABEL a=b"],
      });
      expect(isRoot).toBe(true);
      const [image] = images;
      expect(image?.layers).toEqual([
        { diffId: sha(bytes), size: bytes.length },
      ]);
      expect(image?.id).toBe(hex(image?.config ?? ""));
      expect(detailsOf(image as never)).toMatchObject({
        command: ["/bin/sh", "-c", "/bin/sh"],
        labels: { a: "b" },
        comment: "hello",
        createdAt: new Date(now),
        os: "linux",
      });
    }
  });

  it("may have more files than an image archive", async () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ name: `f${at}` }));
    const { isRoot } = await importBytes(tar(many), {}, { files: 10 });
    expect(isRoot).toBe(true);
    await expectRefused(
      tar([{ name: "manifest.json", data: "[]" }, ...many]),
      /at most 10 files/,
      { files: 10 },
    );
  });

  it("is refused with bad changes", async () => {
    await expect(
      importBytes(tar(files), { changes: ["RUN x"] }),
    ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("what changes and messages make of an image in an archive", () => {
  it("is another image", async () => {
    const { images } = await importBytes(tar(dockerFiles()), {
      changes: ["CMD=[]"],
      message: "why",
    });
    const [image] = images;
    expect(image?.id).not.toBe(hex(configText()));
    expect(detailsOf(image as never)).toMatchObject({
      command: [],
      entrypoint: ["/bin/sh"],
      comment: "why",
    });
    expect(JSON.parse(image?.config ?? "")).toMatchObject({
      "some.vendor": { kept: true },
    });
    expect(historyOf(image as never)).toHaveLength(4);
  });
});

describe("a path", () => {
  it("without anything an image could be read from is refused", async () => {
    await mkdir(path.join(folder, "empty"));
    await symlink("/dev/zero", path.join(folder, "zero"));
    const cases: [string, RegExp][] = [
      ["gone.tar", /there is no such file/],
      ["empty", /there is no image in it/],
      // Endless, were it read.
      ["zero", /it is no file/],
    ];
    for (const [name, message] of cases) {
      const file = path.join(folder, name);
      await expect(importPath(file)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(message) as string,
      });
      await expect(importPath(file)).rejects.toThrow(file);
    }
  });

  it("to what is no archive, or cut off, is refused", async () => {
    const whole = tar(dockerFiles());
    const packed = gzipSync(whole);
    const cases: [Buffer, RegExp][] = [
      [Buffer.alloc(0), /it is empty/],
      [Buffer.from("hello"), /cut off/],
      [whole.subarray(0, -600), /cut off/],
      [packed.subarray(0, -20), /gzip data is damaged/],
      [
        Buffer.concat([packed.subarray(0, 200), Buffer.alloc(50, 1)]),
        /gzip data is damaged/,
      ],
      [gzipSync(whole.subarray(0, 2000)), /cut off/],
      [Buffer.from("fd377a585a0000", "hex"), /compressed with xz/],
      [Buffer.from("28b52ffd00", "hex"), /compressed with zstd/],
      [
        tar([{ name: "../../etc/passwd", data: "x" }]),
        /leads out of the archive/,
      ],
      [tar([{ name: "/etc/passwd", data: "x" }]), /leads out of the archive/],
    ];
    for (const [bytes, message] of cases) await expectRefused(bytes, message);
  });

  it("is not read beyond the limits", async () => {
    const bomb = gzipSync(tar({ zeros: Buffer.alloc(4_000_000) }));
    expect(bomb.length).toBeLessThan(10_000);
    await expectRefused(bomb, /more than 1000000 bytes/, {
      unpacked: 1_000_000,
    });
    const big = Buffer.alloc(4_000_000);
    const image = ociImage(configText({}, [big]), { of: [big] });
    await expectRefused(ociFiles(image), /more than 1000000 bytes/, {
      unpacked: 1_000_000,
    });
    await expectRefused(dockerFiles(), /of at most 100/, { document: 100 });
    await expectRefused(dockerFiles(), /too many of them/, { documents: 900 });
  });

  it("is let go of when the signal is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const reading = importBytes(tar({ a: Buffer.alloc(1_000_000) }), {
      signal: controller.signal,
    });
    controller.abort(reason);
    await expect(reading).rejects.toThrow("enough");
  });
});
