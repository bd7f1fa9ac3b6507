import type { CreateInput } from "portolan/podman";
import type { ContainerConfig } from "../../../engine.ts";
import { InvalidArgument } from "../../../errors.ts";
import type { Daemon, Limited } from "../daemon.ts";
import { parseContainer } from "../inspect/container.ts";
import { parseImage } from "../inspect/image.ts";
import { imageConfig } from "../summaries.ts";
import { notSupported, type Root } from "./members.ts";
import { newCreate } from "./new.ts";
import { asksForLimit, forgottenLimit, oldCreate, withImage } from "./old.ts";

/**
 * Makes a container, and resolves with its id.
 *
 * @throws NotSupported for what this daemon has no field for; InvalidArgument.
 */
export function createContainer(
  daemon: Daemon,
  config: ContainerConfig,
  limited: Limited,
): Promise<string> {
  const root = rootOf(config);
  return daemon.knows("Create", "capAdd")
    ? createNew(daemon, config, root, limited)
    : createOld(daemon, config, root, limited);
}

function rootOf({ rootfs, spec }: ContainerConfig): Root {
  if (rootfs === undefined) {
    const path = spec.root?.path;
    if (path?.startsWith("/") === true) return { path };
    throw new InvalidArgument(
      "a container of Podman needs an image or a root filesystem",
    );
  }
  if ("path" in rootfs) return rootfs;
  if ("layers" in rootfs) throw notSupported("rootfs.layers");
  if (rootfs.useImageConfig === false)
    throw notSupported("rootfs.useImageConfig: false");
  return rootfs;
}

async function createNew(
  daemon: Daemon,
  config: ContainerConfig,
  root: Root,
  limited: Limited,
): Promise<string> {
  const create = newCreate(config, root);
  for (const field of Object.keys(create))
    if (!daemon.knows("Create", field)) throw notSupported(field);
  if ("image" in root && !daemon.knows("Create", "pull"))
    // It would pull an image that is not there: this asks for it first.
    await daemon.common.inspectImage({ name: root.image }, limited);
  const { container } = await daemon.v19.createContainer(
    {
      create: daemon.knows("Create", "pull")
        ? { ...create, pull: "never" }
        : create,
    },
    limited,
  );
  return container;
}

async function createOld(
  daemon: Daemon,
  config: ContainerConfig,
  root: Root,
  limited: Limited,
): Promise<string> {
  const told = oldCreate(config, root);
  const { image: name = "" } = told;
  const { image } = await daemon.common.inspectImage({ name }, limited);
  const create = withImage(told, imageConfig(parseImage(image, name)));
  const { container: id } = await daemon.v10.createContainer(
    { create },
    limited,
  );
  if (asksForLimit(create)) await checkLimits(daemon, id, create, limited);
  return id;
}

/** A limit that the daemon forgot is worse than an error: the container goes again. */
async function checkLimits(
  { common }: Daemon,
  id: string,
  create: CreateInput,
  limited: Limited,
): Promise<void> {
  try {
    const { container } = await common.inspectContainer({ name: id }, limited);
    const forgotten = forgottenLimit(create, parseContainer(container, id));
    if (forgotten !== undefined) throw notSupported(forgotten);
  } catch (error) {
    // Also where the caller has given up: nobody else knows of it.
    await common.removeContainer({ name: id, force: true });
    throw error;
  }
}
