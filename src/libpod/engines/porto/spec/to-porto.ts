import type {
  TContainerSpecInput,
  TCreateFromSpecRequestInput,
  TDockerImage,
} from "portolan/porto";
import type { ContainerConfig } from "../../../engine.ts";
import { splitLabels, writeKept } from "../kept.ts";
import { mountsSpec, rootSpec } from "./files.ts";
import { processSpec } from "./process.ts";
import { refuse, refuseOthers } from "./refuse.ts";
import { linuxSpec } from "./resources.ts";

/**
 * What creates a container on Porto, in one command that the daemon does whole or
 * not at all.
 *
 * @param id Its whole name.
 * @param image Its image, where command and environment are taken from that.
 * @throws NotSupported for what Porto has no word for; InvalidArgument
 */
export function toPorto(
  id: string,
  config: ContainerConfig,
  image?: TDockerImage,
): TCreateFromSpecRequestInput {
  const { spec, rootfs } = config;
  refuseOthers(
    spec,
    [
      "ociVersion",
      "process",
      "root",
      "hostname",
      "mounts",
      "annotations",
      "linux",
    ],
    "spec.",
  );
  if ((config.sharedNamespaces?.namespaces.length ?? 0) > 0)
    refuse("sharedNamespaces");
  const labels = splitLabels(config.labels);
  const root = rootSpec(id, rootfs, spec.root);
  const kept = writeKept({
    labels: labels.rest,
    annotations: { ...spec.annotations, ...config.annotations },
    stopSignal: config.stopSignal,
    image: rootfs !== undefined && "image" in rootfs ? rootfs.image : undefined,
    imageId: image?.id,
  });
  return {
    container: {
      ...linuxSpec(spec.linux),
      ...(config.network !== undefined && networkSpec(config.network)),
      ...processSpec(withImage(config, image)),
      ...mountsSpec(spec.mounts),
      ...root.container,
      ...((spec.hostname ?? "") !== "" && { hostname: spec.hostname }),
      ...(kept !== undefined && { private: kept }),
      ...(labels.porto.length > 0 && { labels: { map: labels.porto } }),
      name: id,
    },
    ...(root.volumes.length > 0 && { volumes: root.volumes }),
  };
}

/** The process, with the image's command and environment where it has none of its own. */
function withImage(
  { spec }: ContainerConfig,
  image: TDockerImage | undefined,
): ContainerConfig["spec"]["process"] {
  const { process = {} } = spec;
  if (image === undefined) return process;
  const { cmd = [], env = [] } = image.config ?? {};
  const own = process.env ?? [];
  const named = new Set(own.map((entry) => entry.split("=", 1)[0]));
  return {
    ...process,
    args: process.args?.length ? process.args : cmd,
    env: [...env.filter((entry) => !named.has(entry.split("=", 1)[0])), ...own],
  };
}

/** Words of other engines for what Porto calls otherwise. */
const networks: ReadonlyMap<string, string> = new Map([["host", "inherited"]]);

/**
 * The network, in the form of Porto's property `net`: `none`, `inherited`,
 * `L3 eth0; MTU eth0 1400`. A container that is in a pod inherits the pod's.
 */
function networkSpec(network: string): TContainerSpecInput {
  const cfg = (networks.get(network) ?? network)
    .split(";")
    .map((option) => option.trim().split(/\s+/))
    .filter(([opt]) => opt !== "")
    .map(([opt = "", ...arg]) => ({ opt, arg }));
  return { net: { cfg } };
}
