import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  blob,
  configText,
  hex,
  layers,
  named,
  ociFiles,
  ociImage,
  sha,
  tar,
  type Files,
} from "./archives.ts";
import { expectRefused, folder, importBytes, importPath } from "./importing.ts";

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
