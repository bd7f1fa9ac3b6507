import { digestOf, type ImageFormat } from "./config.ts";

/** A piece of an image in a registry or an archive. */
export interface Blob {
  /** `sha256:…` */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

interface MediaTypes {
  readonly manifest: string;
  readonly config: string;
  readonly layer: string;
  readonly gzipLayer: string;
}

/** What the parts of an image are called in manifests. */
export const mediaTypes: Readonly<Record<ImageFormat, MediaTypes>> = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar",
    gzipLayer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar",
    gzipLayer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
};

/**
 * The text of an image's manifest.
 *
 * @param config The text of its configuration.
 * @param layers The lowest first; `gzip` where they are compressed.
 */
export function manifestOf(
  format: ImageFormat,
  config: string,
  layers: readonly (Blob & { readonly gzip?: boolean })[],
): string {
  const types = mediaTypes[format];
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: {
      mediaType: types.config,
      digest: digestOf(config),
      size: Buffer.byteLength(config),
    },
    layers: layers.map(({ digest, size, gzip = false }) => ({
      mediaType: gzip ? types.gzipLayer : types.layer,
      digest,
      size,
    })),
  });
}
