import type {
  ImageDetails,
  ImageHistoryEntry,
  ImageSummary,
} from "../../../engine.ts";
import {
  dateOf,
  digestOf,
  parseConfig,
  type ImageConfig,
  type ImageFormat,
} from "./config.ts";
import { manifestOf, mediaTypes } from "./manifest.ts";
import { repositoryOfName } from "./reference.ts";

/** A layer that is known by its digest and size only: what it holds is not kept. */
export interface StoredLayer {
  /** `sha256:…` of its tar archive, not compressed. */
  readonly diffId: string;
  /** Bytes of that archive. */
  readonly size: number;
}

/** An image as it is kept: plain data, fit for JSON. */
export interface StoredImage {
  /** SHA-256 of `config`, 64 hexadecimal digits. */
  readonly id: string;
  /** Full names, the first given first. */
  readonly names: readonly string[];
  /** The configuration as it was written; a changed byte would be another image. */
  readonly config: string;
  readonly format: ImageFormat;
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  readonly layers: readonly StoredLayer[];
  /** The id of the image that it was committed from. */
  readonly parent?: string | undefined;
}

/** A tar archive without files: what stands for layers that hold nothing. */
export const emptyLayer: Uint8Array = new Uint8Array(1024);
const emptyDiffId = digestOf(emptyLayer);

/** Layers without files, as many as an image's configuration has to name. */
export function emptyDiffIds(count: number): readonly string[] {
  return Array<string>(count).fill(emptyDiffId);
}

/**
 * An image that was made here. Its layers hold nothing.
 *
 * @param sizes For each of its layers the bytes that it says to have.
 */
export function makeImage(
  config: ImageConfig,
  format: ImageFormat,
  sizes: readonly number[],
): StoredImage {
  const text = JSON.stringify({
    ...config,
    rootfs: { type: "layers", diff_ids: emptyDiffIds(sizes.length) },
  } satisfies ImageConfig);
  const blobs = sizes.map(() => ({
    digest: emptyDiffId,
    size: emptyLayer.length,
  }));
  return storedImage(
    text,
    format,
    digestOf(manifestOf(format, text, blobs)),
    sizes.map((size) => ({ diffId: emptyDiffId, size })),
  );
}

/** An image without a name, from the text of its configuration. */
export function storedImage(
  config: string,
  format: ImageFormat,
  digest: string,
  layers: readonly StoredLayer[],
): StoredImage {
  const id = digestOf(config).slice("sha256:".length);
  return { id, names: [], config, format, digest, layers };
}

/** The configuration of an image that is kept, and so was read before. */
export function configOf(image: StoredImage): ImageConfig {
  return parseConfig(image.config, `image ${image.id}`);
}

/** An image as lists show it. */
export function summaryOf(image: StoredImage): ImageSummary {
  const config = configOf(image);
  return {
    id: image.id,
    names: image.names,
    digests: [...new Set(image.names.map(repositoryOfName))].map(
      (repository) => `${repository}@${image.digest}`,
    ),
    createdAt: dateOf(config.created),
    size: sizeOf(image),
    labels: config.config?.Labels ?? {},
  };
}

function sizeOf({ layers }: StoredImage): bigint {
  return layers.reduce((sum, { size }) => sum + BigInt(size), 0n);
}

/**
 * An image as inspecting it shows it; `raw` is as Podman's `inspect` has it, its
 * sizes as numbers.
 */
export function detailsOf(image: StoredImage): ImageDetails {
  const config = configOf(image);
  const run = config.config ?? {};
  const summary = summaryOf(image);
  const history = config.history ?? [];
  const comment = config.comment ?? history.at(-1)?.comment ?? undefined;
  const size = Number(summary.size);
  return {
    ...summary,
    command: run.Cmd ?? [],
    entrypoint: run.Entrypoint ?? [],
    env: run.Env ?? [],
    workDir: nonEmpty(run.WorkingDir),
    user: nonEmpty(run.User),
    architecture: nonEmpty(config.architecture),
    os: nonEmpty(config.os),
    author: nonEmpty(config.author),
    comment: nonEmpty(comment),
    raw: {
      Id: image.id,
      Digest: image.digest,
      RepoTags: image.names,
      RepoDigests: summary.digests,
      Parent: image.parent ?? "",
      Comment: comment ?? "",
      Created: config.created ?? null,
      Config: run,
      Version: "",
      Author: config.author ?? "",
      Architecture: config.architecture ?? "",
      Os: config.os ?? "",
      Size: size,
      VirtualSize: size,
      RootFS: {
        Type: "layers",
        Layers: image.layers.map(({ diffId }) => diffId),
      },
      Labels: summary.labels,
      Annotations: {},
      ManifestType: mediaTypes[image.format].manifest,
      User: run.User ?? "",
      History: history,
    },
  };
}

function nonEmpty(text: string | null | undefined): string | undefined {
  return text === "" || text === null ? undefined : text;
}

/** The steps an image was made in, the newest first. */
export function historyOf(image: StoredImage): readonly ImageHistoryEntry[] {
  const layers = image.layers.values();
  const steps = (configOf(image).history ?? []).map((step) => {
    const size =
      step.empty_layer === true ? 0 : (layers.next().value?.size ?? 0);
    return { step, size };
  });
  // Layers that no step tells of.
  for (const { size } of layers) steps.push({ step: {}, size });
  return steps.toReversed().map(({ step, size }, index) => ({
    // Only the newest step is known to have made this image.
    id: index === 0 ? image.id : "<missing>",
    createdAt: dateOf(step.created),
    createdBy: step.created_by ?? "",
    tags: image.names,
    size: BigInt(size),
    comment: step.comment ?? "",
  }));
}
