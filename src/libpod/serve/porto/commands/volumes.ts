import {
  EError,
  type TVolumeDescriptionInput,
  type TVolumeSpec,
  type TVolumeSpecInput,
} from "portolan/porto";
import { failure } from "../errors.ts";
import { innerPath, joinPaths, matches, resolveName, ROOT } from "../names.ts";
import type { Box, View } from "../view.ts";
import {
  describeVolume,
  type KeptVolume,
  specOf,
  volumeProperties,
  volumeSpec,
} from "../volumes/records.ts";
import type { Sighting } from "../volumes/volumes.ts";
import { buildVolume, requireVolume } from "./build-volume.ts";
import type { Commands, Context } from "./context.ts";

/** Volumes and their links to containers. */
export function volumeCommands({
  world,
}: Context): Commands<
  | "listVolumeProperties"
  | "listVolumes"
  | "createVolume"
  | "tuneVolume"
  | "newVolume"
  | "getVolume"
  | "linkVolume"
  | "linkVolumeTarget"
  | "unlinkVolume"
  | "unlinkVolumeTarget"
> {
  const { volumes } = world;

  const link: Commands<"linkVolume">["linkVolume"] = async ({
    path = "",
    container = "",
    target,
    read_only: readOnly,
    required,
  }) => {
    const given = container === "" ? ROOT : container;
    const name = resolveName(given);
    await world.locks.run(name, async () => {
      const view = await world.view();
      await volumes.link(view, path, {
        container: name,
        target,
        readOnly,
        required,
      });
      if (required === true) await requireVolume(world, name, target ?? "");
    });
  };

  const unlink: Commands<"unlinkVolume">["unlinkVolume"] = async ({
    path = "",
    container = ROOT,
    target = "***",
    strict = false,
  }) => {
    const view = await world.view();
    let gone = true;
    if (container === "***") await volumes.destroy(view, path);
    else {
      const box = view.find(resolveName(container === "" ? ROOT : container));
      gone = await volumes.unlink(view, path, box, target, strict);
    }
    if (gone) world.volumesGone();
  };

  return {
    listVolumeProperties: () => ({
      list: volumeProperties.map(({ name, description, readOnly }) => ({
        name,
        desc: `${description}${readOnly === true ? " (ro)" : ""}`,
      })),
    }),
    async listVolumes({ path = "", container, changed_since: since = 0n }) {
      const view = await world.view();
      const tell = (seen: Sighting, at: string): TVolumeDescriptionInput =>
        BigInt(seen.volume.changeTime) < since
          ? {
              path: at,
              change_time: BigInt(seen.volume.changeTime),
              no_changes: true,
            }
          : describeVolume(
              seen.volume,
              at,
              seen.link === undefined ? undefined : [seen.link],
            );
      if (path !== "" && !path.includes("*"))
        return { volumes: [tell(volumes.find(view, path), path)] };
      const base = view.find(resolveName(container ?? ROOT)).rootPath;
      const found = inside(base, volumes.sightings(view)).filter(
        ({ inner }) => path === "" || matches(inner, path),
      );
      // Porto leaves an empty list out.
      return found.length === 0
        ? undefined
        : { volumes: found.map(({ seen, inner }) => tell(seen, inner)) };
    },
    async createVolume({ path = "", properties }) {
      const given = new Map(Object.entries(properties));
      const volume = await buildVolume(world, () => specOf(path, given));
      return describeVolume(volume, volume.path);
    },
    async tuneVolume({ path = "", properties }) {
      await volumes.tune(
        await world.view(),
        path,
        new Map(Object.entries(properties)),
      );
    },
    async newVolume({ volume }) {
      const made = await buildVolume(world, () => volume ?? emptySpec);
      return { volume: volumeSpec(made, made.path) };
    },
    async getVolume({ container, path: paths, changed_since: since = 0n }) {
      const view = await world.view();
      const box = view.find(resolveName(container ?? ROOT));
      const tell = (volume: KeptVolume, at: string): TVolumeSpecInput => ({
        ...(BigInt(volume.changeTime) < since
          ? { change_time: BigInt(volume.changeTime), no_changes: true }
          : volumeSpec(volume, at)),
        path: at,
        container: container ?? ROOT,
      });
      if (paths.length === 0)
        return {
          volume: inside(box.rootPath, volumes.sightings(view)).map(
            ({ seen, inner }) => tell(seen.volume, inner),
          ),
        };
      return {
        volume: paths.flatMap((path) => {
          const seen = sightingAt(view, box, path);
          if (seen === undefined && paths.length > 1) return [];
          if (seen === undefined)
            throw failure(EError.VolumeNotFound, `Volume ${path} not found`);
          return [tell(seen.volume, path)];
        }),
      };
    },
    linkVolume: link,
    linkVolumeTarget: link,
    unlinkVolume: unlink,
    unlinkVolumeTarget: unlink,
  };

  function sightingAt(
    view: View,
    box: Box,
    path: string,
  ): Sighting | undefined {
    const at = joinPaths(box.rootPath, path);
    return volumes.sightings(view).find((seen) => seen.path === at);
  }
}

/** Those that can be seen from a root folder, with their paths there. */
function inside(
  base: string,
  sightings: readonly Sighting[],
): readonly { readonly seen: Sighting; readonly inner: string }[] {
  return sightings.flatMap((seen) => {
    const inner = innerPath(base, seen.path);
    return inner === undefined ? [] : [{ seen, inner }];
  });
}

const emptySpec: TVolumeSpec = {
  links: [],
  layers: [],
  directories: [],
  symlinks: [],
  shares: [],
};
