import type { Readable, Writable } from "node:stream";
import type { Namespace } from "./constants.ts";
import type { Spec } from "./spec.ts";

/** What every operation takes. */
export interface OperationOptions {
  /** Ends the operation: it rejects with code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until it rejects with code `TIMEOUT`. Default: none. */
  readonly timeout?: number | undefined;
}

/**
 * Where a container stands, in one vocabulary for all engines.
 *
 * | state | means |
 * | --- | --- |
 * | `configured` | known, with nothing of it set up (Porto: `stopped`) |
 * | `created` | set up, never started |
 * | `starting` | on its way to `running` |
 * | `running` | its process runs (Porto's `meta` too: it has none of its own, and its children may run) |
 * | `paused` | its processes are frozen |
 * | `stopping` | on its way to `exited` |
 * | `exited` | its process ended; there is an exit code (Porto: `dead`) |
 * | `removing` | on its way out |
 * | `unknown` | the engine says a word that this version does not know |
 */
export type ContainerState =
  | "configured"
  | "created"
  | "starting"
  | "running"
  | "paused"
  | "stopping"
  | "exited"
  | "removing"
  | "unknown";

/** A container as lists show it. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
  /** The engine's own word for the state. */
  readonly engineState: string;
  /** The image's name as it was asked for; absent without an image. */
  readonly image?: string | undefined;
  readonly imageId?: string | undefined;
  readonly command: readonly string[];
  readonly createdAt?: Date | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The pod it is in, where the engine says. */
  readonly podId?: string | undefined;
}

/** A container as inspecting it shows it. */
export interface ContainerDetails extends ContainerSummary {
  readonly pid?: number | undefined;
  /** Absent unless it has ended. Killed by signal n: 128 + n. */
  readonly exitCode?: number | undefined;
  readonly oomKilled?: boolean | undefined;
  /** Why it could not start or go on, in the engine's words. */
  readonly error?: string | undefined;
  readonly startedAt?: Date | undefined;
  readonly finishedAt?: Date | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** The number of the signal that `stop` sends first, where the engine says. */
  readonly stopSignal?: number | undefined;
  /** Where its root is mounted on the engine's host, while it is. */
  readonly mountPoint?: string | undefined;
  /** What the engine answered, parsed: its shape is the engine's. */
  readonly raw: unknown;
}

/** What a container is made with. Names and ids are resolved; the engine checks the rest. */
export interface ContainerConfig {
  readonly spec: Spec;
  /** Absent: the engine chooses. */
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly rootfs?: RootFs | undefined;
  /** The number of the signal that `stop` sends first. Absent: SIGTERM, or what the image says. */
  readonly stopSignal?: number | undefined;
  readonly podId?: string | undefined;
  readonly sharedNamespaces?:
    | {
        readonly containerId: string;
        readonly namespaces: readonly Namespace[];
      }
    | undefined;
  /** How it is connected, in the engine's words (Podman: `none`, `host`, `bridge`). Absent: the engine's default. */
  readonly network?: string | undefined;
}

/** Where a container's root filesystem comes from. */
export type RootFs =
  | {
      /** A fresh one from this image. */
      readonly image: string;
      /** Take command, environment, volumes and so on from the image where the spec has none. Default `true`. */
      readonly useImageConfig?: boolean | undefined;
    }
  /** A directory on the engine's host, used as it is. */
  | { readonly path: string }
  /** Layers, the topmost first (Porto). */
  | { readonly layers: readonly string[] };

/** What may change of a container that exists. Absent members stay. */
export type ContainerChanges = Partial<
  Omit<ContainerConfig, "podId" | "sharedNamespaces">
>;

/** A line of a container's output. */
export interface LogEntry {
  readonly containerId: string;
  readonly stream: "stdout" | "stderr";
  /** Without its newline. */
  readonly text: string;
  /** When it was written, where the engine says. */
  readonly time?: Date | undefined;
}

export interface LogOptions extends OperationOptions {
  /** Go on with what is written from now on, until the container ends. Default `false`. */
  readonly follow?: boolean | undefined;
  /** Only so many of the last lines that are there. Default: all. */
  readonly tail?: number | undefined;
  /** Only lines written at or after this time. */
  readonly since?: Date | undefined;
}

/** What a container uses at a moment. Sizes are in bytes. */
export interface ContainerStats {
  readonly id: string;
  readonly name: string;
  /** CPU time used since it was started, nanoseconds. */
  readonly cpuNanos: bigint;
  /** Share of all CPUs since the figures before, in percent; 0 where that is not known. */
  readonly cpuPercent: number;
  readonly memoryUsage: bigint;
  /** The limit, or the host's memory. */
  readonly memoryLimit: bigint;
  readonly networkInput: bigint;
  readonly networkOutput: bigint;
  readonly blockInput: bigint;
  readonly blockOutput: bigint;
  readonly pids: number;
}

export interface ExecOptions extends OperationOptions {
  readonly command: readonly string[];
  /** Give it a terminal; stdout and stderr are one then. Default `false`. */
  readonly tty?: boolean | undefined;
  /** Connect its standard input. Default `false`: it reads the end of the file at once. */
  readonly stdin?: boolean | undefined;
  readonly env?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly workDir?: string | undefined;
  readonly privileged?: boolean | undefined;
}

export interface AttachOptions extends OperationOptions {
  readonly tty?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  /** Start the container once attached, so that nothing of its output is missed. Default `false`. */
  readonly start?: boolean | undefined;
}

/** The ends of a process that an engine runs for us. */
export interface ProcessStreams {
  /** Absent where it has none. Ending it ends the process's standard input. */
  readonly stdin?: Writable | undefined;
  readonly stdout: Readable;
  /** Absent with a terminal, and where the engine cannot tell it apart. */
  readonly stderr?: Readable | undefined;
  /** Settles when the process ended; rejects if that cannot be known. Handled even if nobody looks. */
  readonly exitCode: Promise<number>;
  /** Absent where the engine cannot. */
  readonly resize?: ((columns: number, rows: number) => void) | undefined;
  /** Lets go of the process: streams end, nothing is sent to it. */
  close(): void;
}

export interface CommitOptions extends OperationOptions {
  /** The new image's name. */
  readonly image?: string | undefined;
  /** Dockerfile instructions: `CMD=/bin/sh`. */
  readonly changes?: readonly string[] | undefined;
  readonly author?: string | undefined;
  readonly message?: string | undefined;
  /** Pause the container meanwhile. Default `false`. */
  readonly pause?: boolean | undefined;
  readonly format?: "oci" | "docker" | undefined;
}

/** The state of a pod, from those of its containers. */
export type PodState =
  /** It has no container, or none was started yet. */
  | "created"
  /** All run. */
  | "running"
  /** Some run. */
  | "degraded"
  /** None runs, some are paused. */
  | "paused"
  /** None runs or is paused, and not all have ended. */
  | "stopped"
  /** All have ended. */
  | "exited"
  | "unknown";

export interface PodSummary {
  readonly id: string;
  readonly name: string;
  readonly state: PodState;
  /** The engine's own word for it. */
  readonly engineState: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt?: Date | undefined;
  readonly cgroup?: string | undefined;
  /** An infra container that the engine adds by itself is among them. */
  readonly containers: readonly PodMember[];
}

export interface PodMember {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
  readonly engineState: string;
}

export interface PodConfig {
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly cgroupParent?: string | undefined;
  /** Namespaces that its containers share through an infra container. Default: none. */
  readonly share?: readonly Namespace[] | undefined;
}

export interface ImageSummary {
  readonly id: string;
  /** `repository:tag`, the first one the one it is mostly called by. */
  readonly names: readonly string[];
  /** `repository@sha256:…`. */
  readonly digests: readonly string[];
  readonly createdAt?: Date | undefined;
  /** Bytes. */
  readonly size?: bigint | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** How many containers use it, where the engine says. */
  readonly containers?: number | undefined;
}

export interface ImageDetails extends ImageSummary {
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly env: readonly string[];
  readonly workDir?: string | undefined;
  readonly user?: string | undefined;
  readonly architecture?: string | undefined;
  readonly os?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  /** What the engine answered, parsed: its shape is the engine's. */
  readonly raw: unknown;
}

export interface ImageHistoryEntry {
  readonly id: string;
  readonly createdAt?: Date | undefined;
  readonly createdBy: string;
  readonly tags: readonly string[];
  readonly size: bigint;
  readonly comment: string;
}

/** A step of a pull, push or import, in the engine's words. */
export interface ImageProgress {
  readonly text: string;
}

export interface RegistryOptions {
  /** Default `true`. */
  readonly tlsVerify?: boolean | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** `CopyOptions`: how an image is pulled or pushed. */
export interface CopyOptions extends OperationOptions {
  /** Of the blobs of layers. Default: none. */
  readonly compression?: "none" | "gzip" | undefined;
  readonly registry?: RegistryOptions | undefined;
  readonly signing?:
    | {
        readonly removeSignatures?: boolean | undefined;
        /** The fingerprint of the key to sign with. */
        readonly signBy?: string | undefined;
      }
    | undefined;
  /** A policy file on the engine's host, mainly for tests. */
  readonly signaturePolicyPath?: string | undefined;
}

export interface PullOptions extends CopyOptions {
  /** All tags of the image instead of the one named, or `latest`. Default `false`. */
  readonly allTags?: boolean | undefined;
}

export interface ImportOptions extends OperationOptions {
  /** The image's name. Default: what the archive says. */
  readonly reference?: string | undefined;
  readonly message?: string | undefined;
  /** Dockerfile instructions: `CMD=/bin/sh`. */
  readonly changes?: readonly string[] | undefined;
}

/** Something that happened in the engine. */
export interface EngineEvent {
  readonly type: "container" | "pod" | "image" | "volume" | "system";
  /** `create`, `init`, `start`, `died`, `stop`, `kill`, `pause`, `unpause`, `remove`, `pull`, `tag`, `untag`, … */
  readonly status: string;
  readonly id: string;
  readonly name: string;
  readonly image?: string | undefined;
  readonly time: Date;
}

export interface EngineVersion {
  /** Of the engine: `1.9.3`. */
  readonly version: string;
  /** How it is talked to: `io.podman (1.9)`, `porto`, `embedded`. */
  readonly api: string;
  readonly osArch?: string | undefined;
  /** What the engine answered, parsed. */
  readonly raw: unknown;
}

/** What the engine runs on. Members that it does not tell are absent; sizes are in bytes. */
export interface EngineInfo {
  readonly hostname?: string | undefined;
  readonly kernel?: string | undefined;
  readonly os?: string | undefined;
  readonly architecture?: string | undefined;
  readonly cpus?: number | undefined;
  readonly memoryTotal?: bigint | undefined;
  readonly memoryFree?: bigint | undefined;
  readonly containers?: number | undefined;
  readonly images?: number | undefined;
  readonly raw: unknown;
}

/** Paths that differ from the image. */
export interface ContainerDiff {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
}

/** A stream of progress whose return value is what was made: an image's id. */
export type ProgressStream = AsyncGenerator<ImageProgress, string, undefined>;
