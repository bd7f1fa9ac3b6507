import { EError, type PortoError, type TVolumeSpec } from "portolan/porto";
import { failure } from "../errors.ts";
import { normalPath } from "../names.ts";
import { invalid } from "../properties/kinds.ts";
import { checkStorageName } from "./places.ts";
import { DEFAULT_PERMISSIONS, type KeptVolume } from "./records.ts";
import type { Storages } from "./storages.ts";

const BACKENDS: ReadonlySet<string> = new Set(
  "dir plain bind rbind tmpfs hugetmpfs quota native overlay squash loop".split(
    " ",
  ),
);

/** Backends that are of a host's disks, which there are none of. */
const MISSING_BACKENDS: ReadonlySet<string> = new Set(["rbd", "lvm"]);

/** What a volume is built with, checked as Porto checks it. */
export class Settings {
  readonly #storages: Storages;
  readonly #imageExists: (image: string) => Promise<void>;

  /** @param imageExists Throws for an image that is not there. */
  constructor(
    storages: Storages,
    imageExists: (image: string) => Promise<void>,
  ) {
    this.#storages = storages;
    this.#imageExists = imageExists;
  }

  /** What of a specification needs nothing but itself, layers and images. */
  async of(
    spec: TVolumeSpec,
    place: string,
    hasPath: boolean,
  ): Promise<
    Pick<
      KeptVolume,
      | "backend"
      | "storage"
      | "layers"
      | "image"
      | "readOnly"
      | "permissions"
      | "private"
      | "spaceLimit"
      | "spaceGuarantee"
      | "inodeLimit"
      | "inodeGuarantee"
    >
  > {
    const { layers, image = "", read_only: readOnly = false } = spec;
    const spaceLimit = spec.space?.limit ?? 0n;
    const spaceGuarantee = spec.space?.guarantee ?? 0n;
    const inodeLimit = spec.inodes?.limit ?? 0n;
    const inodeGuarantee = spec.inodes?.guarantee ?? 0n;
    const quota = spaceLimit > 0n || inodeLimit > 0n;
    const layered = layers.length > 0 || image !== "";
    const backend =
      spec.backend === undefined || spec.backend === ""
        ? layered
          ? "overlay"
          : quota
            ? "native"
            : "plain"
        : spec.backend;
    const storage = spec.storage ?? "";
    if (storage.startsWith("/")) {
      if (normalPath(storage) !== storage)
        throw failure(EError.InvalidPath, "Storage path must be normalized");
    } else if (storage !== "") checkStorageName(storage);
    const user =
      storage === ""
        ? undefined
        : this.#storages.userOf("storage", place, storage);
    if (user !== undefined && !readOnly)
      throw failure(EError.Busy, `Storage already in use by volume ${user}`);
    if (image !== "") await this.#imageExists(image);
    else for (const layer of layers) this.#checkLayer(place, layer);
    const stacked = backend === "overlay" || backend === "squash";
    if (layered && !stacked && readOnly)
      throw invalid("Cannot copy layers to read-only volume");
    if (spec.shares.some(({ cow }) => cow === true) && !stacked)
      throw invalid(`Backend ${backend} does not support copy-on-write shares`);
    if (spaceLimit > 0n && spaceLimit < spaceGuarantee)
      throw invalid("Space guarantee bigger than limit");
    if (inodeLimit > 0n && inodeLimit < inodeGuarantee)
      throw invalid("Inode guarantee bigger than limit");
    checkBackend(backend, { hasPath, storage, quota, spaceLimit });
    return {
      backend,
      storage,
      layers: image === "" ? layers : [],
      image,
      readOnly,
      permissions: spec.permissions ?? DEFAULT_PERMISSIONS,
      private: spec.private_value ?? "",
      spaceLimit: String(spaceLimit),
      spaceGuarantee: String(spaceGuarantee),
      inodeLimit: String(inodeLimit),
      inodeGuarantee: String(inodeGuarantee),
    };
  }

  #checkLayer(place: string, layer: string): void {
    if (normalPath(layer) !== layer)
      throw failure(EError.InvalidPath, "Layer path must be normalized");
    // A folder of the host is taken at its word.
    if (layer.startsWith("/")) return;
    checkStorageName(layer);
    if (this.#storages.get("layer", place, layer) === undefined)
      throw failure(
        EError.LayerNotFound,
        `Layer not found ${place}/porto_layers/${layer}`,
      );
  }
}

function checkBackend(
  backend: string,
  {
    hasPath,
    storage,
    quota,
    spaceLimit,
  }: {
    readonly hasPath: boolean;
    readonly storage: string;
    readonly quota: boolean;
    readonly spaceLimit: bigint;
  },
): void {
  const needs = (what: string): PortoError =>
    failure(EError.InvalidProperty, `${backend} backend requires ${what}`);
  if (MISSING_BACKENDS.has(backend))
    throw failure(
      EError.NotSupported,
      `${backend}: there are no disks behind volumes`,
    );
  if (!BACKENDS.has(backend))
    throw invalid(`Unknown volume backend: ${backend}`);
  if (["dir", "bind", "rbind", "quota"].includes(backend) && !hasPath)
    throw needs("path");
  if (["bind", "rbind"].includes(backend) && !storage.startsWith("/"))
    throw needs("storage");
  if (["tmpfs", "hugetmpfs", "loop"].includes(backend) && spaceLimit === 0n)
    throw needs("space_limit");
  if (["dir", "plain", "bind", "rbind"].includes(backend) && quota)
    throw failure(
      EError.InvalidProperty,
      `${backend} backend does not support quota`,
    );
}
