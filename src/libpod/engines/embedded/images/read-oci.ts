import type { Archive, Draft } from "./archive.ts";
import { isObject, type ImageFormat } from "./config.ts";
import { mediaTypes } from "./manifest.ts";
import { localName, readReference } from "./reference.ts";

/** What an index or a manifest says of a blob. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly platform: Readonly<Record<string, unknown>> | undefined;
}

const indexTypes: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);

const formats: ReadonlyMap<string, ImageFormat> = new Map([
  [mediaTypes.oci.manifest, "oci"],
  [mediaTypes.docker.manifest, "docker"],
]);

const configTypes: ReadonlySet<string> = new Set([
  mediaTypes.oci.config,
  mediaTypes.docker.config,
]);

/** Layers of a file system; those of encryption and other uses are not. */
const layerType =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.(?:diff|foreign\.diff)\.tar(?:\.gzip)?)$/;

/** How deep indexes may be in indexes. */
const maxDepth = 4;

/**
 * The images of an OCI image layout: `index.json` names manifests, which name
 * configurations and layers, all of them files by digest.
 *
 * Manifests of one name are the same image for several platforms, of which the one
 * for linux/amd64 is taken, else the first. A name is `io.containerd.image.name`, else
 * `org.opencontainers.image.ref.name` where that is more than a tag.
 *
 * @throws InvalidArgument
 */
export function readOciLayout(archive: Archive): readonly Draft[] {
  if (archive.has("oci-layout")) {
    const layout = archive.json("oci-layout");
    const version = isObject(layout) ? layout["imageLayoutVersion"] : undefined;
    if (typeof version !== "string" || !version.startsWith("1."))
      throw archive.wrong("oci-layout", "its version is not 1");
  }
  const found = descriptors(archive, "index.json");
  const byName = new Map<string, Descriptor[]>();
  for (const each of found) {
    const name = nameOf(each);
    const same = byName.get(name) ?? [];
    same.push(each);
    byName.set(name, same);
  }
  // One manifest may have several names.
  const drafts = new Map<string, Draft>();
  for (const [name, candidates] of byName) {
    const chosen = choose(archive, candidates, 1);
    const reference = /[/:]/.test(name) ? readReference(name) : undefined;
    const names = reference === undefined ? [] : [localName(reference)];
    const before = drafts.get(chosen.digest);
    drafts.set(chosen.digest, {
      ...(before ?? readManifest(archive, blobName(archive, chosen), chosen)),
      names: [...(before?.names ?? []), ...names],
    });
  }
  return [...drafts.values()];
}

/** The image of a folder as `dir:` has it: `manifest.json`, and blobs by their digests. */
export function readFolder(archive: Archive): readonly Draft[] {
  return [readManifest(archive, "manifest.json", undefined)];
}

function nameOf({ annotations }: Descriptor): string {
  const name =
    annotations["io.containerd.image.name"] ??
    annotations["org.opencontainers.image.ref.name"];
  return typeof name === "string" ? name : "";
}

/** The manifests that an index names. */
function descriptors(archive: Archive, name: string): readonly Descriptor[] {
  const index = archive.json(name);
  const list = isObject(index) ? index["manifests"] : undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw archive.wrong(name, "it names no manifest");
  return list.map((item) => descriptor(archive, name, item));
}

function descriptor(archive: Archive, name: string, item: unknown): Descriptor {
  const { mediaType, digest, size, annotations, platform } = isObject(item)
    ? item
    : {};
  if (
    typeof mediaType !== "string" ||
    typeof digest !== "string" ||
    !Number.isSafeInteger(size)
  )
    throw archive.wrong(name, "a descriptor does not say what it should");
  if (!/^sha256:[a-f0-9]{64}$/.test(digest))
    throw archive.wrong(name, `"${digest}" is no digest by SHA-256`);
  return {
    mediaType,
    digest,
    size: size as number,
    annotations: isObject(annotations) ? annotations : {},
    platform: isObject(platform) ? platform : undefined,
  };
}

function choose(
  archive: Archive,
  candidates: readonly Descriptor[],
  depth: number,
): Descriptor {
  const [first] = candidates;
  const chosen =
    candidates.find(
      ({ platform }) =>
        platform?.["os"] === "linux" && platform["architecture"] === "amd64",
    ) ?? first;
  if (chosen === undefined) throw archive.wrong("index.json", "it is empty");
  if (!indexTypes.has(chosen.mediaType)) return chosen;
  const name = blobName(archive, chosen);
  if (depth === maxDepth)
    throw archive.wrong(name, `indexes are more than ${maxDepth} deep`);
  return choose(archive, descriptors(archive, name), depth + 1);
}

/** The name of a blob's file, which has the digest and size it should have. */
function blobName(
  archive: Archive,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
): string {
  const hex = digest.slice("sha256:".length);
  const inLayout = `blobs/sha256/${hex}`;
  const name = archive.has(inLayout) ? inLayout : hex;
  if (!archive.has(name)) throw archive.wrong(inLayout, "it is missing");
  const file = archive.file(name);
  if (file.size !== size)
    throw archive.wrong(name, `it has ${file.size} bytes, and not ${size}`);
  if (file.digest !== digest)
    throw archive.wrong(name, `its digest is ${file.digest}`);
  return name;
}

function readManifest(
  archive: Archive,
  name: string,
  from: Descriptor | undefined,
): Draft {
  const manifest = archive.json(name);
  if (!isObject(manifest) || manifest["schemaVersion"] !== 2)
    throw archive.wrong(name, "it is no manifest of version 2");
  const said = manifest["mediaType"];
  // OCI's manifests need not say it.
  const type =
    typeof said === "string"
      ? said
      : (from?.mediaType ?? mediaTypes.oci.manifest);
  const format = formats.get(type);
  if (format === undefined)
    throw archive.wrong(name, `it is of the type ${type}, no image's`);
  const config = descriptor(archive, name, manifest["config"]);
  if (!configTypes.has(config.mediaType))
    throw archive.wrong(name, `it is of ${config.mediaType}, no image`);
  const layers = manifest["layers"];
  if (!Array.isArray(layers))
    throw archive.wrong(name, "it does not name its layers");
  return {
    names: [],
    config: archive.text(blobName(archive, config)),
    format,
    digest: archive.file(name).digest,
    layers: layers.map((item) => {
      const layer = descriptor(archive, name, item);
      if (!layerType.test(layer.mediaType)) {
        throw archive.wrong(
          name,
          `a layer is of the type ${layer.mediaType}, which is not read`,
        );
      }
      return blobName(archive, layer);
    }),
  };
}
