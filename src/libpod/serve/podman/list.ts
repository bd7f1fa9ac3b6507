import type {
  ContainerMount,
  ContainerPortMappings,
  ContainerStats as PodmanStats,
  ImageHistory,
  ImageInList,
  ListContainerData,
  ListPodData,
} from "portolan/podman";
import type {
  ContainerStats,
  ImageHistoryEntry,
  ImageSummary,
  PodSummary,
} from "../../engine.ts";
import type { SpecMount } from "../../spec.ts";
import { goElapsed } from "./format.ts";
import type { PublishedPort } from "./ports.ts";
import { containerStatus, type ContainerView, podStatus } from "./view.ts";

/** How an interface writes times: `goTime` for Podman 1.0, `rfc3339` for 1.9. */
export type FormatTime = (time: number) => string;

function formatDate(date: Date | undefined, format: FormatTime): string {
  return date === undefined ? "" : format(date.getTime());
}

/**
 * A container in short form, the same in all of Podman's interfaces but for its times.
 * It has no kernel's namespaces, for there is no process.
 *
 * @param now Milliseconds since 1970-01-01 UTC.
 */
export function listContainer(
  { details, record, spec, kept, imageSize }: ContainerView,
  now: number,
  format: FormatTime,
): ListContainerData {
  const status = containerStatus(details.state);
  return {
    id: details.id,
    image: details.image ?? "",
    imageid: details.imageId ?? "",
    command: [...details.command],
    createdat: format(record.createdAt),
    runningfor: goElapsed(record.createdAt, now),
    status,
    ports: (kept.ports ?? []).map(portMapping),
    rootfssize: imageSize,
    rwsize: 0,
    names: details.name,
    labels: { ...details.labels },
    mounts: (spec.mounts ?? []).map(containerMount),
    containerrunning: status === "running",
    namespaces: {
      user: "",
      uts: "",
      pidns: "",
      pid: String(details.pid ?? 0),
      cgroup: "",
      net: "",
      mnt: "",
      ipc: "",
    },
  };
}

function portMapping(port: PublishedPort): ContainerPortMappings {
  return {
    host_port: String(port.hostPort),
    host_ip: port.hostIp,
    protocol: port.protocol,
    container_port: String(port.containerPort),
  };
}

function containerMount(mount: SpecMount): ContainerMount {
  return {
    destination: mount.destination,
    type: mount.type ?? "",
    source: mount.source ?? "",
    options: [...(mount.options ?? [])],
  };
}

/** An image in short form, as Podman 1.0 has it. */
export function listImage(
  image: ImageSummary,
  format: FormatTime,
): ImageInList {
  return {
    id: image.id,
    parentId: "",
    repoTags: [...image.names],
    repoDigests: [...image.digests],
    created: formatDate(image.createdAt, format),
    size: Number(image.size ?? 0n),
    virtualSize: 0,
    containers: image.containers ?? 0,
    labels: { ...image.labels },
  };
}

/** A step in the making of an image. */
export function listStep(
  step: ImageHistoryEntry,
  format: FormatTime,
): ImageHistory {
  return {
    id: step.id,
    created: formatDate(step.createdAt, format),
    createdBy: step.createdBy,
    tags: [...step.tags],
    size: Number(step.size),
    comment: step.comment,
  };
}

/** The control group of pods that name none. */
export const POD_CGROUP = "/libpod_parent";

/** A pod in short form, the same in Podman 1.0 and 1.9 but for its times. */
export function listPod(pod: PodSummary, format: FormatTime): ListPodData {
  return {
    id: pod.id,
    name: pod.name,
    createdat: formatDate(pod.createdAt, format),
    cgroup: pod.cgroup ?? POD_CGROUP,
    status: podStatus(pod.state),
    labels: { ...pod.labels },
    numberofcontainers: String(pod.containers.length),
    containersinfo: pod.containers.map(({ id, name, state }) => ({
      name,
      id,
      status: containerStatus(state),
    })),
  };
}

/**
 * What a container uses.
 *
 * @param systemNanos What the interface means by `system_nano`: Podman 1.0 the time in
 * the kernel, which nothing here spends, 1.9 the host's clock.
 */
export function measure(
  stats: ContainerStats,
  systemNanos: number,
): PodmanStats {
  const usage = Number(stats.memoryUsage);
  const limit = Number(stats.memoryLimit);
  return {
    id: stats.id,
    name: stats.name,
    cpu: stats.cpuPercent,
    cpu_nano: Number(stats.cpuNanos),
    system_nano: systemNanos,
    mem_usage: usage,
    mem_limit: limit,
    mem_perc: limit === 0 ? 0 : (usage / limit) * 100,
    net_input: Number(stats.networkInput),
    net_output: Number(stats.networkOutput),
    block_output: Number(stats.blockOutput),
    block_input: Number(stats.blockInput),
    pids: stats.pids,
  };
}
