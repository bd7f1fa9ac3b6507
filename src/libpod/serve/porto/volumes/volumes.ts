import { realpath } from "node:fs/promises";
import { EError, type TVolumeSpec } from "portolan/porto";
import type { EmbeddedInside } from "../../../engines/embedded/types.ts";
import { errorText, failure } from "../errors.ts";
import { joinPaths, normalPath, resolveName, ROOT } from "../names.ts";
import { parseSize } from "../text.ts";
import { Box, type View } from "../view.ts";
import { Kept } from "./kept.ts";
import { isSystemPath, resolvePlace } from "./places.ts";
import { type KeptLink, type KeptVolume, namesOf } from "./records.ts";
import { Settings } from "./settings.ts";
import { checkPrivate, Storages } from "./storages.ts";
import { problemOf, systemError } from "./system-errors.ts";

interface KeptVolumes {
  readonly nextId: number;
  readonly volumes: readonly KeptVolume[];
}

/** How many volumes there may be. */
export const MAX_VOLUMES = 3000;

/** A link as a request has it. */
export interface NewLink {
  readonly container: string;
  readonly target?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly required?: boolean | undefined;
}

/** Where a volume is seen: at its own path, or where a link of it shows it. */
export interface Sighting {
  readonly path: string;
  readonly volume: KeptVolume;
  /** Absent at the volume's own path. */
  readonly link?: KeptLink | undefined;
}

/**
 * Volumes, without what would be in them: names, links and numbers. A volume that has
 * no link goes.
 */
export class Volumes {
  readonly storages: Storages;
  /** How many were made, and how many could not be. */
  readonly counts: { made: number; failed: number } = { made: 0, failed: 0 };
  readonly #inside: EmbeddedInside;
  readonly #kept: Kept<KeptVolumes>;
  readonly #settings: Settings;

  /** @param imageExists Throws for an image that is not there. */
  constructor(
    inside: EmbeddedInside,
    imageExists: (image: string) => Promise<void>,
  ) {
    this.#inside = inside;
    this.#kept = new Kept<KeptVolumes>(inside, "porto.volumes", {
      nextId: 1,
      volumes: [],
    });
    this.storages = new Storages(inside, (kind, place, name) =>
      this.#users(kind, place, name),
    );
    this.#settings = new Settings(this.storages, imageExists);
  }

  async load(): Promise<void> {
    await this.#kept.load();
    await this.storages.load();
  }

  all(): readonly KeptVolume[] {
    return this.#kept.value.volumes;
  }

  /** Links of a container. */
  linksOf(
    container: string,
  ): readonly (KeptLink & { readonly path: string })[] {
    return this.all().flatMap(({ path, links }) =>
      links
        .filter((link) => link.container === container)
        .map((link) => Object.assign({ path }, link)),
    );
  }

  /** Containers that are linked to volumes or own them. */
  users(): ReadonlySet<string> {
    return new Set(
      this.all().flatMap(({ ownerContainer, links }) => [
        ownerContainer,
        ...links.map(({ container }) => container),
      ]),
    );
  }

  /** All places where volumes are seen, in order of their paths. */
  sightings(view: View): readonly Sighting[] {
    const found = this.all().flatMap((volume): Sighting[] => [
      { path: volume.path, volume },
      ...volume.links.flatMap((link) => {
        const path = hostTarget(view, link);
        return path === undefined ? [] : [{ path, volume, link }];
      }),
    ]);
    return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The volume at a path. @throws PortoError `VolumeNotFound` */
  find(view: View, path: string): Sighting {
    const wanted = normalPath(path);
    const found = this.sightings(view).find((each) => each.path === wanted);
    if (found === undefined)
      throw failure(EError.VolumeNotFound, `Volume ${path} not found`);
    return found;
  }

  /** Counts an attempt to build a volume. */
  async counted<T>(attempt: () => Promise<T>): Promise<T> {
    this.counts.made += 1;
    try {
      return await attempt();
    } catch (error) {
      this.counts.failed += 1;
      throw error;
    }
  }

  /** Builds a volume. @throws PortoError as Porto does */
  async create(view: View, spec: TVolumeSpec): Promise<KeptVolume> {
    checkPrivate(spec.private_value ?? "");
    const place = resolvePlace(spec.place);
    const home = view.find(resolveName(spec.container ?? ROOT));
    const owner = view.find(resolveName(spec.owner_container ?? ROOT));
    const links = spec.links.map((link) => ({
      container: link.container ?? "",
      target: link.target,
      readOnly: link.read_only,
      required: link.required,
    }));
    const made = await this.#kept.change(async ({ nextId, volumes }) => {
      if (volumes.length >= MAX_VOLUMES)
        throw failure(
          EError.ResourceNotAvailable,
          `number of volumes reached limit: ${MAX_VOLUMES}`,
        );
      const path =
        spec.path === undefined || spec.path === ""
          ? undefined
          : await this.#freePath(view, home, spec.path);
      const settings = await this.#settings.of(spec, place, path !== undefined);
      const now = this.#seconds();
      const { user, group } = namesOf(spec.cred);
      const owns = namesOf(spec.owner);
      let volume: KeptVolume = {
        ...settings,
        id: nextId,
        path: path ?? autoPath(home, place, nextId),
        autoPath: path === undefined,
        place,
        user,
        group,
        ownerUser: owns.user,
        ownerGroup: owns.group,
        ownerContainer: owner.name,
        links: [],
        buildTime: now,
        changeTime: now,
      };
      const wanted = links.length === 0 ? [{ container: ROOT }] : links;
      for (const link of wanted)
        volume = this.#linked(view, [...volumes, volume], volume, link);
      return [{ nextId: nextId + 1, volumes: [...volumes, volume] }, volume];
    });
    await this.#keepStorage(made);
    await this.storages.touch(place, usedBy(made), false);
    return made;
  }

  async #keepStorage({
    place,
    storage,
    private: text,
  }: KeptVolume): Promise<void> {
    if (storage === "" || storage.startsWith("/")) return;
    if (this.storages.get("storage", place, storage) === undefined)
      await this.storages.add("storage", place, storage, { private: text });
    else if (text !== "")
      await this.storages.update("storage", place, storage, { private: text });
  }

  /** A path on the host where a volume may appear: it is there, and free. */
  async #freePath(view: View, home: Box, given: string): Promise<string> {
    if (!given.startsWith("/"))
      throw failure(EError.InvalidPath, "Volume path must be absolute");
    if (normalPath(given) !== given)
      throw failure(EError.InvalidPath, "Volume path must be normalized");
    const path = joinPaths(home.rootPath, given);
    if (this.all().some((volume) => volume.path === path))
      throw failure(EError.VolumeAlreadyExists, "Volume already exists");
    let real: string;
    try {
      real = await realpath(path);
    } catch (error) {
      const cause = systemError(problemOf(error), `Cannot open ${path}`);
      throw failure(
        EError.InvalidPath,
        `Cannot open volume path: ${errorText(cause)}`,
      );
    }
    if (real !== path)
      throw failure(EError.InvalidPath, `Volume ${path} real path is ${real}`);
    this.#checkConflicts(view, this.all(), path);
    return path;
  }

  #checkConflicts(
    view: View,
    volumes: readonly KeptVolume[],
    path: string,
  ): void {
    if (isSystemPath(path))
      throw failure(
        EError.InvalidPath,
        `Volume path ${path} in system directory`,
      );
    for (const volume of volumes) {
      if (volume.path === path)
        throw failure(
          EError.Busy,
          `Volume path ${path} is used by volume ${volume.path}`,
        );
      for (const link of volume.links)
        if (hostTarget(view, link) === path)
          throw failure(
            EError.Busy,
            `Volume path ${path} is used by volume ${volume.path} for ${link.container}`,
          );
    }
  }

  /** @throws PortoError `VolumeAlreadyLinked`, `InvalidPath`, `Busy` and others */
  link(view: View, path: string, link: NewLink): Promise<KeptVolume> {
    const { volume: found } = this.find(view, path);
    return this.#kept.change(({ nextId, volumes }) => {
      const volume = current(volumes, found, path);
      const linked = this.#linked(view, volumes, volume, link);
      return [{ nextId, volumes: replaced(volumes, linked) }, linked];
    });
  }

  #linked(
    view: View,
    volumes: readonly KeptVolume[],
    volume: KeptVolume,
    { container, target = "", readOnly = false, required = false }: NewLink,
  ): KeptVolume {
    const box = view.find(resolveName(container));
    const { path } = volume;
    if (target !== "" && !target.startsWith("/"))
      throw failure(
        EError.InvalidPath,
        `Volume ${path} link path ${target} must be absolute`,
      );
    if (target !== "" && normalPath(target) !== target)
      throw failure(
        EError.InvalidPath,
        `Volume ${path} link path ${target} must be normalized`,
      );
    const same = (link: KeptLink): boolean =>
      link.container === box.name && link.target === target;
    if (volume.links.some(same))
      throw failure(EError.VolumeAlreadyLinked, "Volume already linked");
    if (target !== "")
      this.#checkConflicts(view, volumes, joinPaths(box.rootPath, target));
    const link = { container: box.name, target, readOnly, required };
    return {
      ...volume,
      links: [...volume.links, link],
      changeTime: this.#seconds(),
    };
  }

  /**
   * Takes links of a container away; a volume without links goes.
   *
   * @param target Which: `***` for all.
   * @returns Whether the volume is gone.
   * @throws PortoError `VolumeNotLinked`; `Busy` where `strict` and others are linked
   */
  async unlink(
    view: View,
    path: string,
    container: Box,
    target: string,
    strict: boolean,
  ): Promise<boolean> {
    const { volume: found } = this.find(view, path);
    const gone = await this.#kept.change(({ nextId, volumes }) => {
      const volume = current(volumes, found, path);
      const links = volume.links.filter(
        (link) =>
          link.container !== container.name ||
          (target !== "***" && link.target !== target),
      );
      if (links.length === volume.links.length)
        throw failure(
          EError.VolumeNotLinked,
          `Container ${container.name} is not linked with volume ${path}`,
        );
      if (strict && volume.links.length > 1)
        throw failure(
          EError.Busy,
          `More than one container linked with volume ${path}`,
        );
      return [
        { nextId, volumes: unlinked(volumes, volume, links, this.#seconds()) },
        links.length === 0 ? [volume] : [],
      ];
    });
    await this.#leave(gone);
    return gone.length > 0;
  }

  /** Takes a volume away with all its links. */
  async destroy(view: View, path: string): Promise<void> {
    const { volume: found } = this.find(view, path);
    const gone = await this.#kept.change(({ nextId, volumes }) => {
      const volume = current(volumes, found, path);
      return [
        { nextId, volumes: volumes.filter((each) => each !== volume) },
        [volume],
      ];
    });
    await this.#leave(gone);
  }

  /** A container is gone: its links are too, and what it owned is its parent's. */
  async forget(container: string, parent: string): Promise<boolean> {
    const concerned = this.all().some(
      ({ ownerContainer, links }) =>
        ownerContainer === container ||
        links.some((link) => link.container === container),
    );
    if (!concerned) return false;
    const gone = await this.#kept.change(({ nextId, volumes }) => {
      const left: KeptVolume[] = [];
      const unused: KeptVolume[] = [];
      for (const volume of volumes) {
        const links = volume.links.filter(
          (link) => link.container !== container,
        );
        const ownerContainer =
          volume.ownerContainer === container ? parent : volume.ownerContainer;
        if (links.length === 0) unused.push(volume);
        else left.push({ ...volume, links, ownerContainer });
      }
      return [{ nextId, volumes: left }, unused];
    });
    await this.#leave(gone);
    return gone.length > 0;
  }

  /** Changes limits and guarantees. @throws PortoError `InvalidProperty`, `InvalidValue` */
  tune(
    view: View,
    path: string,
    properties: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { volume: found } = this.find(view, path);
    const changes: Record<string, string> = {};
    for (const [name, value] of properties) {
      const key = tunable.get(name);
      if (key === undefined)
        throw failure(
          EError.InvalidProperty,
          `Volume property ${name} cannot be changed`,
        );
      changes[key] = String(parseSize(value));
    }
    return this.#kept.change(({ nextId, volumes }) => {
      const volume = current(volumes, found, path);
      const tuned = { ...volume, ...changes, changeTime: this.#seconds() };
      return [{ nextId, volumes: replaced(volumes, tuned) }, undefined];
    });
  }

  /** What is weak and was used by these alone goes with them. */
  async #leave(gone: readonly KeptVolume[]): Promise<void> {
    for (const volume of gone)
      await this.storages.touch(volume.place, usedBy(volume), true);
  }

  #users(kind: string, place: string, name: string): string | undefined {
    const user = this.all().find(
      (volume) =>
        volume.place === place &&
        (kind === "layer"
          ? volume.layers.includes(name)
          : volume.storage === name),
    );
    return user?.path;
  }

  #seconds(): number {
    return Math.floor(this.#inside.clock.now() / 1000);
  }
}

const tunable: ReadonlyMap<string, keyof KeptVolume> = new Map([
  ["space_limit", "spaceLimit"],
  ["space_guarantee", "spaceGuarantee"],
  ["inode_limit", "inodeLimit"],
  ["inode_guarantee", "inodeGuarantee"],
]);

/** Where a link shows its volume, as a path of the host. */
function hostTarget(
  view: View,
  { container, target }: KeptLink,
): string | undefined {
  const box = view.get(container);
  return target === "" || box === undefined
    ? undefined
    : joinPaths(box.rootPath, target);
}

function autoPath(home: Box, place: string, id: number): string {
  return home.rootPath === "/"
    ? `${place}/porto_volumes/${id}/volume`
    : `${home.rootPath}/porto/volume_${id}`;
}

function usedBy({ layers, storage }: KeptVolume) {
  return [
    ...layers.map((name) => ({ kind: "layer" as const, name })),
    ...(storage === "" ? [] : [{ kind: "storage" as const, name: storage }]),
  ];
}

/** The volume as it is by now. @throws PortoError `VolumeNotFound` if it went meanwhile */
function current(
  volumes: readonly KeptVolume[],
  { id }: KeptVolume,
  path: string,
): KeptVolume {
  const found = volumes.find((volume) => volume.id === id);
  if (found === undefined)
    throw failure(EError.VolumeNotFound, `Volume ${path} not found`);
  return found;
}

function replaced(
  volumes: readonly KeptVolume[],
  volume: KeptVolume,
): readonly KeptVolume[] {
  return volumes.map((each) => (each.id === volume.id ? volume : each));
}

function unlinked(
  volumes: readonly KeptVolume[],
  volume: KeptVolume,
  links: readonly KeptLink[],
  changeTime: number,
): readonly KeptVolume[] {
  return links.length === 0
    ? volumes.filter((each) => each !== volume)
    : replaced(volumes, { ...volume, links, changeTime });
}
