import { InvalidArgument } from "../../../errors.ts";
import type { ImportOptions } from "../../../engine.ts";
import { Archive, type Draft } from "./archive.ts";
import { applyChanges } from "./changes.ts";
import { digestOf, type ImageConfig } from "./config.ts";
import type { ArchiveLimits } from "./limits.ts";
import { manifestOf } from "./manifest.ts";
import { readDockerArchive } from "./read-docker.ts";
import { readFolder, readOciLayout } from "./read-oci.ts";
import { indexSource, openSource, type SourceIndex } from "./source.ts";
import { configOf, storedImage, type StoredImage } from "./stored.ts";
import type { FileKind, FileSource } from "./transport.ts";

/** What was found at a path. */
export interface Found {
  /** Whether it was a root file system, of which an image was made. */
  readonly isRoot: boolean;
  /** At least one. */
  readonly images: readonly StoredImage[];
}

/**
 * Reads images from an archive, compressed with gzip or not, or a folder: Docker's
 * archives (`manifest.json`), OCI image layouts (`oci-layout`, `index.json`), `dir:`
 * folders; any other tar archive is the root file system of a new image.
 *
 * @param now Milliseconds since 1970-01-01 UTC.
 * @throws InvalidArgument saying which file is wrong and how; EngineError if it cannot
 *   be read; the signal's reason.
 */
export async function readImages(
  source: FileSource,
  options: ImportOptions,
  now: number,
  limits: ArchiveLimits,
): Promise<Found> {
  const { changes = [], message, signal } = options;
  const opened = await openSource(source.path, limits, signal);
  const index = await indexSource(opened, limits);
  const read = readerOf(index, source.kind);
  const created = new Date(now).toISOString();
  if (read === undefined) {
    if (opened.isFolder)
      throw new InvalidArgument(`${source.path}: there is no image in it`);
    const image = rootImage(index, created, changes, message);
    return { isRoot: true, images: [image] };
  }
  const archive = new Archive(opened, index, limits);
  const all = await archive.images(read(archive));
  const { name } = source;
  const images =
    name === undefined
      ? all
      : all
          .filter(({ names }) => names.includes(name))
          .map((image) => ({ ...image, names: [name] }));
  if (images.length === 0) {
    const what = name === undefined ? "image" : `image "${name}"`;
    throw new InvalidArgument(`${source.path}: there is no ${what} in it`);
  }
  return {
    isRoot: false,
    images:
      changes.length === 0 && message === undefined
        ? images
        : images.map((image) => derive(image, created, changes, message)),
  };
}

type Reader = (archive: Archive) => readonly Draft[];

const readers: Readonly<Record<FileKind, Reader>> = {
  "docker-archive": readDockerArchive,
  "oci-archive": readOciLayout,
  oci: readOciLayout,
  dir: readFolder,
};

function readerOf(
  { files }: SourceIndex,
  kind: FileKind | undefined,
): Reader | undefined {
  if (kind !== undefined) return readers[kind];
  const manifest = files.get("manifest.json");
  if (manifest !== undefined) {
    const isList = /^\s*\[/.test(manifest.document?.toString() ?? "[");
    return isList ? readDockerArchive : readFolder;
  }
  return files.has("oci-layout") || files.has("index.json")
    ? readOciLayout
    : undefined;
}

/** An image with one layer: the archive as it is. */
function rootImage(
  { digest, size }: SourceIndex,
  created: string,
  changes: readonly string[],
  message: string | undefined,
): StoredImage {
  const config: ImageConfig = {
    created,
    architecture: "amd64",
    os: "linux",
    comment: message,
    config: {},
    rootfs: { type: "layers", diff_ids: [digest] },
    history: [
      {
        created,
        created_by: "import of a root file system",
        comment: message ?? "imported from a tar archive",
      },
    ],
  };
  const text = JSON.stringify(applyChanges(config, changes));
  const manifest = manifestOf("oci", text, [{ digest, size }]);
  return storedImage(text, "oci", digestOf(manifest), [
    { diffId: digest, size },
  ]);
}

/** The image with changes made to it, which is another one. */
function derive(
  image: StoredImage,
  created: string,
  changes: readonly string[],
  message: string | undefined,
): StoredImage {
  const before = configOf(image);
  const config: ImageConfig = {
    ...before,
    created,
    history: [
      ...(before.history ?? []),
      {
        created,
        created_by: changes.join("; "),
        comment: message,
        empty_layer: true,
      },
    ],
  };
  const text = JSON.stringify(applyChanges(config, changes));
  const blobs = image.layers.map(({ diffId, size }) => ({
    digest: diffId,
    size,
  }));
  const digest = digestOf(manifestOf(image.format, text, blobs));
  return {
    ...storedImage(text, image.format, digest, image.layers),
    names: image.names,
  };
}
