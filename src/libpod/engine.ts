import type {
  AttachOptions,
  CommitOptions,
  ContainerChanges,
  ContainerConfig,
  ContainerDetails,
  ContainerDiff,
  ContainerStats,
  ContainerSummary,
  CopyOptions,
  EngineEvent,
  EngineInfo,
  EngineVersion,
  ExecOptions,
  ImageDetails,
  ImageHistoryEntry,
  ImageSummary,
  ImportOptions,
  LogEntry,
  LogOptions,
  OperationOptions,
  PodConfig,
  PodSummary,
  ProcessStreams,
  ProgressStream,
  PullOptions,
} from "./data.ts";
import type { Spec } from "./spec.ts";

export type * from "./data.ts";

/**
 * What runs containers: the ground that `Runtime`, `Container`, `Pod` and `Image`
 * stand on. Data goes in and out; objects are made above it.
 *
 * Members that are optional here are what engines may lack: a missing one is
 * answered with {@link NotSupported} before anything is sent. What an engine has
 * but cannot do with certain options it refuses with the same error itself, before
 * it changes anything.
 *
 * Each call ends, with code `ABORTED` or `TIMEOUT`, when its signal is aborted or its
 * time is over; the objects above give both and wait for it. Generators ask nothing
 * before their first `next()`, and let go of everything when they are returned from.
 *
 * Containers, pods and images are named by id; `lookup…` takes names and unique
 * beginnings of ids too. Methods reject with a `LibpodError` whose `cause` is the
 * engine's own error, or with the runtime's `PortolanError` where the connection is
 * at fault.
 */
export interface Engine {
  /** `podman`, `porto`, `embedded`, or another name. */
  readonly name: string;
  /** Where it is: `podman:unix:/run/podman/io.podman`. */
  readonly address: string;
  /** How it is talked to, as {@link EngineVersion.api}; absent where all engines of this name are alike in that. */
  readonly api?: string | undefined;

  /** Which engine it is. */
  version(options?: OperationOptions): Promise<EngineVersion>;
  /** What it runs on. */
  info?(options?: OperationOptions): Promise<EngineInfo>;
  /** Lets go of the engine; what runs goes on. Idempotent. */
  close(): Promise<void>;

  /** All containers, ended ones and infra containers of pods among them. */
  listContainers(
    options?: OperationOptions,
  ): Promise<readonly ContainerSummary[]>;
  /** By full id. @throws NoSuchContainer */
  getContainer(
    id: string,
    options?: OperationOptions,
  ): Promise<ContainerSummary>;
  /** By full id, else by name, else by the beginning of one id. @throws NoSuchContainer; AmbiguousId */
  lookupContainer(
    idOrName: string,
    options?: OperationOptions,
  ): Promise<ContainerSummary>;
  /** By full id. @throws NoSuchContainer */
  inspectContainer(
    id: string,
    options?: OperationOptions,
  ): Promise<ContainerDetails>;
  /** What it was made with, completed by the engine. @throws NoSuchContainer */
  containerSpec?(id: string, options?: OperationOptions): Promise<Spec>;
  /** Makes a container known, `configured`. Resolves with its id. @throws ContainerExists; NoSuchImage; NoSuchPod */
  createContainer?(
    config: ContainerConfig,
    options?: OperationOptions,
  ): Promise<string>;
  /** @throws ContainerFinalized for what makes sense only before `initContainer` */
  configureContainer?(
    id: string,
    changes: ContainerChanges,
    options?: OperationOptions,
  ): Promise<void>;
  /** Sets it up: `configured` to `created`. @throws InvalidState */
  initContainer?(id: string, options?: OperationOptions): Promise<void>;
  /** Starts one that does not run, setting it up where that was not done. @throws InvalidState if it runs */
  startContainer?(id: string, options?: OperationOptions): Promise<void>;
  /** The stop signal, and SIGKILL after `grace` milliseconds (default 10,000). One that has ended is left alone. */
  stopContainer(
    id: string,
    options?: OperationOptions & { readonly grace?: number | undefined },
  ): Promise<void>;
  /** @throws ContainerStopped */
  killContainer(
    id: string,
    signal: number,
    options?: OperationOptions,
  ): Promise<void>;
  /** Stops it as {@link stopContainer} does, if it runs, and starts it. @throws NoSuchContainer */
  restartContainer?(
    id: string,
    options?: OperationOptions & { readonly grace?: number | undefined },
  ): Promise<void>;
  /** Freezes its processes. @throws InvalidState unless it runs */
  pauseContainer?(id: string, options?: OperationOptions): Promise<void>;
  /** Lets its processes go on. @throws InvalidState unless it is paused */
  unpauseContainer?(id: string, options?: OperationOptions): Promise<void>;
  /** Resolves with the exit code, at once if it has ended. */
  waitContainer(id: string, options?: OperationOptions): Promise<number>;
  /** @throws InvalidState if it runs and `force` is not set */
  removeContainer(
    id: string,
    options?: OperationOptions & {
      readonly force?: boolean | undefined;
      readonly volumes?: boolean | undefined;
    },
  ): Promise<void>;
  /** What it printed, oldest first. Asks nothing before the first `next()`. @throws NoSuchContainer */
  containerLogs(
    id: string,
    options?: LogOptions,
  ): AsyncGenerator<LogEntry, void, undefined>;
  /** What it uses now. @throws ContainerStopped */
  containerStats?(
    id: string,
    options?: OperationOptions,
  ): Promise<ContainerStats>;
  /** What `ps` says, the heading first. */
  containerProcesses?(
    id: string,
    options?: OperationOptions,
  ): Promise<readonly string[]>;
  /** What differs from the image. */
  containerDiff?(
    id: string,
    options?: OperationOptions,
  ): Promise<ContainerDiff>;
  /** Runs a program in it. The signal is for the beginning; later `close` ends it. @throws ContainerStopped */
  execContainer?(id: string, options: ExecOptions): Promise<ProcessStreams>;
  /** Connects to its process, which it starts with `start`. As {@link execContainer} otherwise. @throws ContainerStopped */
  attachContainer?(id: string, options: AttachOptions): Promise<ProcessStreams>;
  /** Resolves with the new image's id. */
  commitContainer?(id: string, options?: CommitOptions): Promise<string>;
  /** Writes its root as a tar archive to `path` on the engine's host. */
  exportContainer?(
    id: string,
    path: string,
    options?: OperationOptions,
  ): Promise<void>;
  /** Resolves with where its root is mounted on the engine's host. */
  mountContainer?(id: string, options?: OperationOptions): Promise<string>;
  /** Undoes one {@link mountContainer}, with `force` all. @throws NoSuchContainer */
  unmountContainer?(
    id: string,
    options?: OperationOptions & { readonly force?: boolean | undefined },
  ): Promise<void>;

  /** All pods, with the states of their containers. */
  listPods?(options?: OperationOptions): Promise<readonly PodSummary[]>;
  /** By full id. @throws NoSuchPod */
  getPod?(id: string, options?: OperationOptions): Promise<PodSummary>;
  /** As {@link lookupContainer}. @throws NoSuchPod; AmbiguousId */
  lookupPod?(idOrName: string, options?: OperationOptions): Promise<PodSummary>;
  /** @throws PodExists */
  createPod?(config: PodConfig, options?: OperationOptions): Promise<string>;
  /** @throws PodFinalized once it has containers */
  configurePod?(
    id: string,
    changes: PodConfig,
    options?: OperationOptions,
  ): Promise<void>;
  /** Starts what does not run. @throws PodOperationFailed */
  startPod?(id: string, options?: OperationOptions): Promise<void>;
  /** Stops what runs. @throws PodOperationFailed */
  stopPod?(
    id: string,
    options?: OperationOptions & { readonly grace?: number | undefined },
  ): Promise<void>;
  /** Sends a signal to what runs. @throws PodOperationFailed */
  killPod?(
    id: string,
    signal: number,
    options?: OperationOptions,
  ): Promise<void>;
  /** Freezes what runs. @throws PodOperationFailed */
  pausePod?(id: string, options?: OperationOptions): Promise<void>;
  /** Lets what is paused go on. @throws PodOperationFailed */
  unpausePod?(id: string, options?: OperationOptions): Promise<void>;
  /** Stops what runs, and starts all. @throws PodOperationFailed */
  restartPod?(id: string, options?: OperationOptions): Promise<void>;
  /** All of its containers or none. @throws InvalidState if one runs and `force` is not set */
  removePod?(
    id: string,
    options?: OperationOptions & { readonly force?: boolean | undefined },
  ): Promise<void>;
  /** What each of its containers that runs uses. @throws NoSuchPod */
  podStats?(
    id: string,
    options?: OperationOptions,
  ): Promise<readonly ContainerStats[]>;

  /** All images, as the engine lists them. */
  listImages?(options?: OperationOptions): Promise<readonly ImageSummary[]>;
  /** By name, with `latest` where it has no tag, by digest, by id or the beginning of one. @throws NoSuchImage; AmbiguousId */
  getImage?(image: string, options?: OperationOptions): Promise<ImageSummary>;
  /** As {@link getImage}. @throws NoSuchImage; AmbiguousId */
  inspectImage?(
    image: string,
    options?: OperationOptions,
  ): Promise<ImageDetails>;
  /** How it was made, the last step first. As {@link getImage}. @throws NoSuchImage; AmbiguousId */
  imageHistory?(
    image: string,
    options?: OperationOptions,
  ): Promise<readonly ImageHistoryEntry[]>;
  /** Returns the id. */
  pullImage?(name: string, options?: PullOptions): ProgressStream;
  /** Returns the id. `destination` is a reference, or `docker-archive:PATH`, `oci-archive:PATH`, `dir:PATH` on the engine's host. */
  pushImage?(
    image: string,
    destination: string,
    options?: CopyOptions,
  ): ProgressStream;
  /** From an archive on the engine's host. Returns the id. */
  importImage?(path: string, options?: ImportOptions): ProgressStream;
  /** Gives it a further name, which another image loses. @throws NoSuchImage */
  tagImage?(
    image: string,
    tag: string,
    options?: OperationOptions,
  ): Promise<void>;
  /** Takes a name from it. @throws NoSuchImage */
  untagImage?(
    image: string,
    tag: string,
    options?: OperationOptions,
  ): Promise<void>;
  /** @throws InvalidState if a container uses it and `force` is not set */
  removeImage?(
    image: string,
    options?: OperationOptions & { readonly force?: boolean | undefined },
  ): Promise<void>;

  /** From now on. Ends when the caller stops, the signal is aborted, or the engine goes. */
  events?(
    options?: OperationOptions,
  ): AsyncGenerator<EngineEvent, void, undefined>;
}

/** The names of {@link Engine}'s calls that an engine may lack. */
export type OptionalCall = {
  [K in keyof Engine]-?: undefined extends Engine[K] ? K : never;
}[Exclude<keyof Engine, "api">];
