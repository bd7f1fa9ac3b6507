import type { TContainerSpecInput, TVolumeSpecInput } from "portolan/porto";
import type { RootFs } from "../../../engine.ts";
import type { SpecMount, SpecRoot } from "../../../spec.ts";
import { InvalidArgument } from "../../../errors.ts";
import { refuse, refuseOthers } from "./refuse.ts";

/** A container's root: a property of its, or a volume that is built for it. */
export interface RootSpec {
  readonly container: TContainerSpecInput;
  readonly volumes: readonly TVolumeSpecInput[];
}

/**
 * Where the root comes from.
 *
 * @throws NotSupported; InvalidArgument
 */
export function rootSpec(
  id: string,
  rootfs: RootFs | undefined,
  root: SpecRoot = {},
): RootSpec {
  refuseOthers(root, ["path", "readonly"], "spec.root.");
  const { path = "", readonly } = root;
  const container = {
    ...(readonly !== undefined && { root_readonly: readonly }),
  };
  if (rootfs === undefined || "path" in rootfs) {
    const place = rootfs?.path ?? path;
    if (path !== "" && path !== place)
      throw new InvalidArgument(
        `the root is to be ${place}, and by its specification ${path}`,
      );
    return {
      container: { ...container, ...(place !== "" && { root: place }) },
      volumes: [],
    };
  }
  if (path !== "") refuse("spec.root.path beside an image or layers");
  const links = [{ container: id, container_root: true }];
  const volume =
    "image" in rootfs
      ? { image: rootfs.image, links }
      : { layers: rootfs.layers, links };
  if ("layers" in rootfs && rootfs.layers.length === 0)
    throw new InvalidArgument("a root of layers has one layer at least");
  return { container, volumes: [volume] };
}

/** What Porto mounts into containers by itself, as other engines are asked to. */
const ownMounts: ReadonlyMap<string, string> = new Map([
  ["/proc", "proc"],
  ["/sys", "sysfs"],
  ["/sys/fs/cgroup", "cgroup"],
  ["/dev", "tmpfs"],
  ["/dev/pts", "devpts"],
  ["/dev/shm", "tmpfs"],
  ["/dev/mqueue", "mqueue"],
]);

/** Options of bind mounts by Porto's words; those without one are what Porto does anyway. */
const flags: ReadonlyMap<string, string | undefined> = new Map([
  ["bind", undefined],
  ["rbind", "rec"],
  ["ro", "ro"],
  ["rw", "rw"],
  ["dev", "dev"],
  ["nodev", "nodev"],
  ["suid", "suid"],
  ["nosuid", "nosuid"],
  ["exec", "exec"],
  ["noexec", "noexec"],
  ["private", "private"],
  ["rprivate", "private"],
  ["unbindable", "unbindable"],
  ["noatime", "noatime"],
  ["nodiratime", "nodiratime"],
  ["relatime", "relatime"],
]);

/** Mounts: those of files and folders of the host. @throws NotSupported; InvalidArgument */
export function mountsSpec(
  mounts: readonly SpecMount[] = [],
): TContainerSpecInput {
  const bind = mounts.flatMap((mount) => {
    const { destination, type, source = "", options = [] } = mount;
    const binds =
      type === "bind" || options.some((o) => o === "bind" || o === "rbind");
    if (!binds) {
      if (ownMounts.get(destination) === type) return [];
      refuse(`spec.mounts of type ${type ?? "none"} at ${destination}`);
    }
    if (source === "")
      throw new InvalidArgument(`the mount at ${destination} has no source`);
    return {
      source,
      target: destination,
      flag: options.flatMap((option) => {
        if (!flags.has(option)) refuse(`spec.mounts with the option ${option}`);
        return flags.get(option) ?? [];
      }),
    };
  });
  return bind.length > 0 ? { bind: { bind } } : {};
}
