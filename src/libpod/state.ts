import type { ContainerConfig, PodConfig } from "./engine.ts";

/** What a {@link State} keeps of a container: plain data, fit for JSON. */
export interface ContainerRecord {
  /** Its full id. */
  readonly id: string;
  /** Its name; unique among all containers. */
  readonly name: string;
  /** What it was made with, or configured to since. */
  readonly config: ContainerConfig;
  /** The image's id, where there is one. */
  readonly imageId?: string | undefined;
  /** The pod's id, where it is in one. */
  readonly podId?: string | undefined;
  /** Milliseconds since 1970-01-01 UTC, as all times here. */
  readonly createdAt: number;
  /** Where it stands; what is between two of these is not kept. */
  readonly state:
    "configured" | "created" | "running" | "paused" | "stopping" | "exited";
  /** Of its process, while it runs. */
  readonly pid?: number | undefined;
  /** Of its last end; absent before. */
  readonly exitCode?: number | undefined;
  /** When it was last started; absent before. */
  readonly startedAt?: number | undefined;
  /** When it last ended; absent before. */
  readonly finishedAt?: number | undefined;
  /** Why it could not start, or go on. */
  readonly error?: string | undefined;
  /** How often its root is mounted. */
  readonly mounts: number;
  /** Whatever those who serve the engine keep with a container. */
  readonly extra: Readonly<Record<string, string>>;
}

/** What a {@link State} keeps of a pod. Its containers are those with its id. */
export interface PodRecord {
  /** Its full id. */
  readonly id: string;
  /** Its name; unique among all pods. */
  readonly name: string;
  /** What it was made with, or configured to since. */
  readonly config: PodConfig;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly createdAt: number;
}

type Awaitable<T> = T | Promise<T>;

/**
 * Where an engine keeps its containers and pods: libpod's `State`. Implement it to
 * keep them elsewhere than in memory. Calls come one at a time.
 *
 * Go's State keeps pointers, so that what changes later is in it already. This one
 * keeps data: `saveContainer` and `savePod` bring what changed.
 *
 * Errors: `NoSuchContainer`, `NoSuchPod`, `ContainerExists`, `PodExists`, `AmbiguousId`.
 */
export interface State {
  /** By full id. */
  getContainer(id: string): Awaitable<ContainerRecord>;
  /** By full id, else by name, else by the beginning of one id. */
  lookupContainer(idOrName: string): Awaitable<ContainerRecord>;
  /** By full id. */
  hasContainer(id: string): Awaitable<boolean>;
  /** Its pod, if it has one, must be there already. */
  addContainer(container: ContainerRecord): Awaitable<void>;
  /** By full id. It leaves its pod as well. */
  removeContainer(id: string): Awaitable<void>;
  /** In the order in which they were added. */
  getAllContainers(): Awaitable<readonly ContainerRecord[]>;
  /** By full id. */
  getPod(id: string): Awaitable<PodRecord>;
  /** As {@link State.lookupContainer}. */
  lookupPod(idOrName: string): Awaitable<PodRecord>;
  /** By full id. */
  hasPod(id: string): Awaitable<boolean>;
  /** @param containers Those of its containers that are not in the state yet. */
  addPod(
    pod: PodRecord,
    containers?: readonly ContainerRecord[],
  ): Awaitable<void>;
  /** By full id, with all its containers: all of it or nothing. */
  removePod(id: string): Awaitable<void>;
  /** In the order in which they were added. */
  getAllPods(): Awaitable<readonly PodRecord[]>;
  /** Replaces the container with this id; its name may be another. */
  saveContainer(container: ContainerRecord): Awaitable<void>;
  /** Replaces the pod with this id; its name may be another. */
  savePod(pod: PodRecord): Awaitable<void>;
}
