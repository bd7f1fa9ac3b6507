import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import {
  tarArchive,
  type TarFile,
} from "../../../../src/libpod/engines/embedded/images/tar.ts";

export type Files = Record<string, string | Uint8Array>;

export function hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

export function sha(data: string | Uint8Array): string {
  return `sha256:${hex(data)}`;
}

/** A tar archive of files by name. */
export function tar(files: Files | readonly TarFile[]): Buffer {
  const list = Array.isArray(files)
    ? (files as readonly TarFile[])
    : Object.entries(files as Files).map(([name, data]) => ({ name, data }));
  return Buffer.concat([...tarArchive(list)]);
}

export async function writeTar(
  file: string,
  files: Files | readonly TarFile[],
): Promise<string> {
  await writeFile(file, tar(files));
  return file;
}

/** Two layers that are not the same. */
export const layers: readonly Buffer[] = [
  tar({ "bin/sh": "#!", "etc/passwd": "root:x:0:0" }),
  tar({ "app/main": "x".repeat(3000) }),
];

/** The text of an image's configuration with these layers, or others. */
export function configText(
  rest: object = {},
  of: readonly Buffer[] = layers,
): string {
  return JSON.stringify({
    created: "2020-01-02T03:04:05.678901234Z",
    author: "somebody",
    architecture: "arm64",
    os: "linux",
    config: {
      Cmd: ["run"],
      Entrypoint: ["/bin/sh"],
      Env: ["PATH=/bin", "A=b=c"],
      Labels: { one: "1" },
      User: "nobody",
      WorkingDir: "/app",
      StopSignal: "SIGINT",
      ExposedPorts: { "80/tcp": {} },
      Volumes: null,
    },
    rootfs: { type: "layers", diff_ids: of.map(sha) },
    history: [
      { created: "2020-01-01T00:00:00Z", created_by: "base" },
      { created_by: "ENV", empty_layer: true },
      { created_by: "app", comment: "the app" },
    ],
    "some.vendor": { kept: true },
    ...rest,
  });
}

/** The files of an archive as `docker save` writes them. */
export function dockerFiles(
  config: string = configText(),
  tags: readonly string[] | null = ["web:1", "quay.io/x/web"],
): Files {
  return {
    [`${hex(config)}.json`]: config,
    "l1/layer.tar": layers[0] as Buffer,
    "l2/layer.tar": layers[1] as Buffer,
    "manifest.json": JSON.stringify([
      {
        Config: `${hex(config)}.json`,
        RepoTags: tags,
        Layers: ["l1/layer.tar", "l2/layer.tar"],
      },
    ]),
  };
}

const oci = "application/vnd.oci.image";

/** A blob of an OCI layout, and what says where it is. */
export function blob(
  mediaType: string,
  data: string | Uint8Array,
  rest: object = {},
): { readonly file: Files; readonly descriptor: object } {
  return {
    file: { [`blobs/sha256/${hex(data)}`]: data },
    descriptor: {
      mediaType,
      digest: sha(data),
      size: Buffer.byteLength(data),
      ...rest,
    },
  };
}

/** A manifest with all it names, its layers compressed or not. */
export function ociImage(
  config: string = configText(),
  {
    gzip = true,
    rest = {},
    of = layers,
  }: { gzip?: boolean; rest?: object; of?: readonly Buffer[] } = {},
): { readonly files: Files; readonly descriptor: object } {
  const configBlob = blob(`${oci}.config.v1+json`, config);
  const layerBlobs = of.map((layer) =>
    gzip
      ? blob(`${oci}.layer.v1.tar+gzip`, gzipSync(layer))
      : blob(`${oci}.layer.v1.tar`, layer),
  );
  const manifest = blob(
    `${oci}.manifest.v1+json`,
    JSON.stringify({
      schemaVersion: 2,
      config: configBlob.descriptor,
      layers: layerBlobs.map(({ descriptor }) => descriptor),
    }),
    rest,
  );
  return {
    files: Object.assign(
      {},
      configBlob.file,
      ...layerBlobs.map(({ file }) => file),
      manifest.file,
    ) as Files,
    descriptor: manifest.descriptor,
  };
}

/** The files of an OCI image layout. */
export function ociFiles(
  ...images: readonly { readonly files: Files; readonly descriptor: object }[]
): Files {
  return {
    ...(Object.assign({}, ...images.map(({ files }) => files)) as Files),
    "oci-layout": JSON.stringify({ imageLayoutVersion: "1.0.0" }),
    "index.json": JSON.stringify({
      schemaVersion: 2,
      manifests: images.map(({ descriptor }) => descriptor),
    }),
  };
}

export function named(name: string): { readonly annotations: object } {
  return { annotations: { "org.opencontainers.image.ref.name": name } };
}
