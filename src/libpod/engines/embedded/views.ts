import { SIGTERM } from "./config.ts";
import type {
  ContainerDetails,
  ContainerSummary,
  PodSummary,
} from "../../engine.ts";
import { podStateOf } from "../../pod-state.ts";
import type { ContainerRecord, PodRecord } from "../../state.ts";

/** Where a container's root is said to be mounted. Nothing is there: the engine mounts nothing. */
export function mountPointOf(id: string): string {
  return `/run/portolan/embedded/${id}/merged`;
}

export function summaryOf(record: ContainerRecord): ContainerSummary {
  const { id, name, state, config, imageId, podId, createdAt } = record;
  return {
    id,
    name,
    state,
    engineState: state,
    image: imageOf(record),
    imageId,
    command: config.spec.process?.args ?? [],
    createdAt: new Date(createdAt),
    labels: config.labels ?? {},
    podId,
  };
}

export function detailsOf(record: ContainerRecord): ContainerDetails {
  const { config, startedAt, finishedAt, mounts } = record;
  const exited = record.state === "exited";
  return {
    ...summaryOf(record),
    pid: record.pid,
    exitCode: exited ? record.exitCode : undefined,
    oomKilled: exited ? false : undefined,
    error: record.error,
    startedAt: startedAt === undefined ? undefined : new Date(startedAt),
    finishedAt: finishedAt === undefined ? undefined : new Date(finishedAt),
    annotations: config.annotations ?? {},
    stopSignal: config.stopSignal ?? SIGTERM,
    mountPoint: mounts > 0 ? mountPointOf(record.id) : undefined,
    raw: record,
  };
}

/** The name of the image that a container was made from, as it was asked for. */
export function imageOf({ config }: ContainerRecord): string | undefined {
  const { rootfs } = config;
  return rootfs !== undefined && "image" in rootfs ? rootfs.image : undefined;
}

/** Whether a container's process runs, frozen or not. */
export function isAlive({ state }: Pick<ContainerRecord, "state">): boolean {
  return state === "running" || state === "paused" || state === "stopping";
}

/** @param members Its containers, in the order in which they were added. */
export function podSummaryOf(
  pod: PodRecord,
  members: readonly ContainerRecord[],
): PodSummary {
  const state = podStateOf(members.map((member) => member.state));
  return {
    id: pod.id,
    name: pod.name,
    state,
    engineState: state,
    labels: pod.config.labels ?? {},
    createdAt: new Date(pod.createdAt),
    cgroup: pod.config.cgroupParent,
    containers: members.map((member) => ({
      id: member.id,
      name: member.name,
      state: member.state,
      engineState: member.state,
    })),
  };
}
