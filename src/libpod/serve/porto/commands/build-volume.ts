import type { TVolumeSpec } from "portolan/porto";
import { innerPath, resolveName, ROOT } from "../names.ts";
import { changesOf } from "../properties/write.ts";
import { mergeEscaped, splitEscaped } from "../text.ts";
import type { KeptVolume } from "../volumes/records.ts";
import type { World } from "../world.ts";

/**
 * Builds a volume, and sets what its links ask for of their containers.
 *
 * @param read Gives what the volume is to be; what that throws counts as a failure.
 */
export function buildVolume(
  world: World,
  read: () => TVolumeSpec,
): Promise<KeptVolume> {
  const { volumes } = world;
  return volumes.counted(async () => {
    const spec = read();
    const volume = await volumes.create(await world.view(), spec);
    try {
      await checkLinked(world, spec);
      await setLinked(world, spec, volume);
    } catch (error) {
      // It may have gone with its last link.
      if (volumes.all().some(({ id }) => id === volume.id))
        await volumes.destroy(await world.view(), volume.path);
      throw error;
    }
    return volume;
  });
}

/** A container that went while the volume was built has not taken its link along. */
async function checkLinked(
  world: World,
  { links }: TVolumeSpec,
): Promise<void> {
  const view = await world.view();
  for (const { container = "" } of links) view.find(resolveName(container));
}

async function setLinked(
  world: World,
  { links }: TVolumeSpec,
  { path }: KeptVolume,
): Promise<void> {
  for (const { container = "", ...link } of links) {
    const name = resolveName(container);
    if (name === ROOT) continue;
    if (link.container_root === true) await setPath(world, name, "root", path);
    if (link.container_cwd === true) await setPath(world, name, "cwd", path);
    if (link.required === true)
      await requireVolume(world, name, link.target ?? "");
  }
}

/** Paths are the host's; the root is written as the container's parent sees it. */
async function setPath(
  world: World,
  name: string,
  property: "root" | "cwd",
  path: string,
): Promise<void> {
  const box = await world.box(name);
  const base =
    property === "root" ? (box.parent?.rootPath ?? ROOT) : box.rootPath;
  const inner = innerPath(base, path) ?? path;
  await world.apply(box, changesOf(box, property, inner));
}

/** From now on a container needs what is linked to it at this path. */
export async function requireVolume(
  world: World,
  name: string,
  target: string,
): Promise<void> {
  const box = await world.box(name);
  const needed = splitEscaped(box.text("volumes_required"), ";");
  if (box.isRoot || target === "" || needed.includes(target)) return;
  const all = mergeEscaped([...needed, target], ";");
  await world.apply(box, new Map([["volumes_required", all]]));
}
