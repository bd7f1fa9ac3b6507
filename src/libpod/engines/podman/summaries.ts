import type {
  ContainerStats as PodmanStats,
  ImageInList,
  ListContainerData,
  ListPodData,
} from "portolan/podman";
import type {
  ContainerDetails,
  ContainerState,
  ContainerStats,
  ContainerSummary,
  ImageDetails,
  ImageSummary,
  PodSummary,
} from "../../engine.ts";
import type { PodmanContainerInspect } from "./inspect/container.ts";
import type { PodmanImageConfig, PodmanImageInspect } from "./inspect/image.ts";
import { podStateOf } from "../../pod-state.ts";
import { parseTime } from "./times.ts";

/**
 * libpod's words for a container's state, one set in all versions. A container is
 * `stopped` for the moment between the end of its process and the tidying up.
 */
const containerStates: ReadonlyMap<string, ContainerState> = new Map([
  ["configured", "configured"],
  ["created", "created"],
  ["initialized", "created"],
  ["running", "running"],
  ["paused", "paused"],
  ["stopping", "stopping"],
  ["stopped", "exited"],
  ["exited", "exited"],
  ["removing", "removing"],
]);

/** The state of a container by Podman's word. */
export function containerState(word: string): ContainerState {
  return containerStates.get(word.toLowerCase()) ?? "unknown";
}

/** A text that says something; Go has no other way to say nothing than "". */
export function told(text: string | null | undefined): string | undefined {
  return text === null || text === "" ? undefined : text;
}

export function containerSummary(data: ListContainerData): ContainerSummary {
  return {
    id: data.id,
    name: data.names,
    state: containerState(data.status),
    engineState: data.status,
    image: told(data.image),
    imageId: told(data.imageid),
    command: data.command,
    createdAt: parseTime(data.createdat),
    labels: data.labels,
  };
}

/** @param mountPoint Where its root is mounted, while it is. */
export function containerDetails(
  id: string,
  raw: PodmanContainerInspect,
  mountPoint: string | undefined,
): ContainerDetails {
  const state = raw.State ?? {};
  const config = raw.Config ?? {};
  const word = state.Status ?? "";
  const standing = containerState(word);
  return {
    id,
    name: raw.Name ?? "",
    state: standing,
    engineState: word,
    image: told(raw.ImageName),
    imageId: told(raw.Image),
    command: commandOf(raw),
    createdAt: timeOf(raw.Created),
    labels: config.Labels ?? {},
    podId: told(raw.Pod),
    pid: state.Pid === 0 ? undefined : (state.Pid ?? undefined),
    exitCode: standing === "exited" ? (state.ExitCode ?? undefined) : undefined,
    oomKilled: state.OOMKilled ?? undefined,
    error: told(state.Error),
    startedAt: timeOf(state.StartedAt),
    finishedAt: timeOf(state.FinishedAt),
    annotations: config.Annotations ?? {},
    stopSignal:
      config.StopSignal === 0 ? undefined : (config.StopSignal ?? undefined),
    mountPoint,
    raw,
  };
}

/**
 * The command: its first word, and the others. Of one that has no others Podman gives the
 * first once more.
 */
function commandOf({
  Path,
  Args,
  Config,
}: PodmanContainerInspect): readonly string[] {
  const path = told(Path);
  if (path === undefined) return [];
  const args = Args ?? [];
  const again = args.length === 1 && args[0] === path;
  return again && Config?.Cmd?.length !== 2 ? [path] : [path, ...args];
}

function timeOf(text: string | null | undefined): Date | undefined {
  return parseTime(text ?? undefined);
}

/**
 * A pod by its containers. Podman's own word for it is `Running` where one of them
 * runs.
 *
 * @param labels Those of the pod itself: the list's are always empty.
 */
export function podSummary(
  data: ListPodData,
  labels: Readonly<Record<string, string>>,
): PodSummary {
  const containers = data.containersinfo.map(({ id, name, status }) => ({
    id,
    name,
    state: containerState(status),
    engineState: status,
  }));
  return {
    id: data.id,
    name: data.name,
    state: podStateOf(containers.map(({ state }) => state)),
    engineState: data.status,
    labels,
    createdAt: parseTime(data.createdat),
    cgroup: told(data.cgroup),
    containers,
  };
}

export function imageSummary(data: ImageInList): ImageSummary {
  return {
    id: data.id,
    names: data.repoTags,
    digests: data.repoDigests,
    createdAt: parseTime(data.created),
    size: integer(data.size),
    labels: data.labels,
    containers: data.containers,
  };
}

/** What containers get of an image, under either of its names. */
export function imageConfig(raw: PodmanImageInspect): PodmanImageConfig {
  return raw.Config ?? raw.ContainerConfig ?? {};
}

export function imageDetails(
  id: string,
  raw: PodmanImageInspect,
): ImageDetails {
  const config = imageConfig(raw);
  return {
    id,
    names: raw.RepoTags ?? [],
    digests: raw.RepoDigests ?? [],
    createdAt: timeOf(raw.Created),
    size:
      raw.Size === null || raw.Size === undefined
        ? undefined
        : integer(raw.Size),
    labels: raw.Labels ?? config.Labels ?? {},
    command: config.Cmd ?? [],
    entrypoint: config.Entrypoint ?? [],
    env: config.Env ?? [],
    workDir: told(config.WorkingDir),
    user: told(config.User) ?? told(raw.User),
    architecture: told(raw.Architecture),
    os: told(raw.Os),
    author: told(raw.Author),
    comment: told(raw.Comment),
    raw,
  };
}

/** Podman's integers are whole, but for what JSON's numbers round of large ones. */
export function integer(value: number): bigint {
  return BigInt(Math.trunc(value));
}

/** @param cpuPercent The share since the figures before; Podman's own is since 1970. */
export function containerStats(
  data: PodmanStats,
  cpuPercent: number,
): ContainerStats {
  return {
    id: data.id,
    name: data.name,
    cpuNanos: integer(data.cpu_nano),
    cpuPercent,
    memoryUsage: integer(data.mem_usage),
    memoryLimit: integer(data.mem_limit),
    networkInput: integer(data.net_input),
    networkOutput: integer(data.net_output),
    blockInput: integer(data.block_input),
    blockOutput: integer(data.block_output),
    pids: data.pids,
  };
}
