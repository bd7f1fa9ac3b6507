import { mkdir, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DockerArchive } from "../../../constants.ts";
import { InvalidArgument } from "../../../errors.ts";
import { PortolanError } from "../../../../runtime/errors.ts";
import { fileError } from "../storage/files.ts";
import { digestOf, type ImageConfig, type ImageFormat } from "./config.ts";
import { manifestOf, mediaTypes, type Blob } from "./manifest.ts";
import {
  configOf,
  emptyDiffIds,
  emptyLayer,
  type StoredImage,
} from "./stored.ts";
import { stagedAt, writeArchive, type TarFile } from "./tar.ts";
import { repositoryOfName } from "./reference.ts";
import type { FileKind } from "./transport.ts";

/** How an image is written to files. */
export interface WriteOptions {
  readonly kind: FileKind;
  readonly path: string;
  /** Full names to give to it there. */
  readonly names: readonly string[];
  /** Of layers; not of those in `docker-archive:`, which has none. Default: none. */
  readonly compression?: "none" | "gzip" | undefined;
}

/**
 * Writes an image to a path on this host, all of it or nothing.
 *
 * What its layers held is not known any more: as many layers without files take
 * their place, and the configuration names these, so that what is written is right in
 * itself and others can load it. An image whose layers held nothing in the first
 * place (one that was pulled from the pretended registry, or committed from such)
 * keeps its id by this; another one is another image there.
 *
 * @throws InvalidArgument if something else is at the path; EngineError if it cannot
 *   be written.
 */
export async function writeImage(
  image: StoredImage,
  options: WriteOptions,
): Promise<void> {
  const { kind, path: target } = options;
  const files = [...filesOf(image, options)];
  if (kind === "dir" || kind === "oci") await writeFolder(target, files);
  else await writeArchive(target, files);
}

function* filesOf(
  image: StoredImage,
  { kind, names, compression = "none" }: WriteOptions,
): Generator<TarFile, void, undefined> {
  const config = withEmptyLayers(image);
  const count = image.layers.length;
  if (kind === DockerArchive) yield* dockerFiles(config, count, names);
  else {
    const gzip = compression === "gzip";
    // A folder has the manifest as it is; an OCI layout only OCI's.
    const format = kind === "dir" ? image.format : "oci";
    yield* ociFiles(config, count, format, gzip, kind === "dir", names);
  }
}

function withEmptyLayers(image: StoredImage): string {
  const empty = emptyDiffIds(image.layers.length);
  if (image.layers.every(({ diffId }, index) => diffId === empty[index]))
    return image.config;
  const config: ImageConfig = configOf(image);
  return JSON.stringify({
    ...config,
    rootfs: { ...config.rootfs, diff_ids: empty },
  } satisfies ImageConfig);
}

function hexOf(digest: string): string {
  return digest.slice("sha256:".length);
}

function* dockerFiles(
  config: string,
  count: number,
  names: readonly string[],
): Generator<TarFile, void, undefined> {
  const layer = hexOf(digestOf(emptyLayer));
  const configName = `${hexOf(digestOf(config))}.json`;
  if (count > 0) yield { name: `${layer}/layer.tar`, data: emptyLayer };
  yield { name: configName, data: config };
  const repositories = [...new Set(names.map(repositoryOfName))].map(
    (repository) => {
      const own = names.filter((name) => repositoryOfName(name) === repository);
      const tags = own.map((name) => name.slice(repository.length + 1));
      // A tag may be called as something that objects have of their own.
      return [repository, Object.fromEntries(tags.map((tag) => [tag, layer]))];
    },
  );
  yield {
    name: "repositories",
    data: JSON.stringify(Object.fromEntries(repositories)),
  };
  const entry = {
    Config: configName,
    RepoTags: names,
    Layers: Array<string>(count).fill(`${layer}/layer.tar`),
  };
  yield { name: "manifest.json", data: JSON.stringify([entry]) };
}

function* ociFiles(
  config: string,
  count: number,
  format: ImageFormat,
  gzip: boolean,
  isFlat: boolean,
  names: readonly string[],
): Generator<TarFile, void, undefined> {
  const blob = (data: Uint8Array | string): TarFile => {
    const hex = hexOf(digestOf(data));
    return { name: isFlat ? hex : `blobs/sha256/${hex}`, data };
  };
  const data = gzip ? gzipSync(emptyLayer) : emptyLayer;
  const layer: Blob = { digest: digestOf(data), size: data.length };
  const manifest = manifestOf(
    format,
    config,
    Array.from({ length: count }, () => ({ ...layer, gzip })),
  );
  if (count > 0) yield blob(data);
  yield blob(config);
  if (isFlat) {
    yield { name: "manifest.json", data: manifest };
    yield { name: "version", data: "Directory Transport Version: 1.1\n" };
    return;
  }
  yield blob(manifest);
  const descriptor = {
    mediaType: mediaTypes[format].manifest,
    digest: digestOf(manifest),
    size: Buffer.byteLength(manifest),
  };
  const named = names.map((name) => ({
    ...descriptor,
    annotations: { "org.opencontainers.image.ref.name": name },
  }));
  yield {
    name: "index.json",
    data: JSON.stringify({
      schemaVersion: 2,
      manifests: named.length > 0 ? named : [descriptor],
    }),
  };
  yield {
    name: "oci-layout",
    data: JSON.stringify({ imageLayoutVersion: "1.0.0" }),
  };
}

/** Writes files into a folder that is not there yet, or is empty. */
async function writeFolder(
  folder: string,
  files: readonly TarFile[],
): Promise<void> {
  const target = path.resolve(folder);
  const staged = stagedAt(target);
  try {
    const there = await readdir(target).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    });
    if (there !== undefined && there.length > 0)
      throw new InvalidArgument(`${folder}: the folder is not empty`);
    for (const { name, data = "" } of files) {
      const file = path.join(staged, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, data, { flush: true });
    }
    if (there !== undefined) await rmdir(target);
    await rename(staged, target);
  } catch (error) {
    await rm(staged, { recursive: true, force: true });
    if (PortolanError.is(error)) throw error;
    throw fileError(folder, "it cannot be written", error);
  }
}
