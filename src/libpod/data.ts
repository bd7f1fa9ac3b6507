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
  /** What it is named by for good: 64 hexadecimal digits, with Porto its name. */
  readonly id: string;
  /** What people call it; unique in its engine. */
  readonly name: string;
  /** Where it stands, in the words of all engines. */
  readonly state: ContainerState;
  /** The engine's own word for the state. */
  readonly engineState: string;
  /** The image's name as it was asked for; absent without an image. */
  readonly image?: string | undefined;
  /** The image's id, where the engine says. */
  readonly imageId?: string | undefined;
  /** The program that it runs, and its arguments; empty where that is not known. */
  readonly command: readonly string[];
  /** When it was made, where the engine says. */
  readonly createdAt?: Date | undefined;
  /** What users have noted of it; empty without any. */
  readonly labels: Readonly<Record<string, string>>;
  /** The pod it is in, where the engine says. */
  readonly podId?: string | undefined;
}

/** A container as inspecting it shows it. */
export interface ContainerDetails extends ContainerSummary {
  /** Of its first process on the engine's host, while it runs. */
  readonly pid?: number | undefined;
  /** Absent unless it has ended. Killed by signal n: 128 + n. */
  readonly exitCode?: number | undefined;
  /** Whether the kernel ended it for want of memory, where the engine says. */
  readonly oomKilled?: boolean | undefined;
  /** Why it could not start or go on, in the engine's words. */
  readonly error?: string | undefined;
  /** When it was last started; absent if never, or where the engine does not say. */
  readonly startedAt?: Date | undefined;
  /** When it last ended; absent if never, or where the engine does not say. */
  readonly finishedAt?: Date | undefined;
  /** What users have noted for the OCI runtime; empty without any. */
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
  /** What it runs, and how. */
  readonly spec: Spec;
  /** Absent: the engine chooses. */
  readonly name?: string | undefined;
  /** Absent: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Besides those of `spec`. Absent: none. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Absent: what the engine takes. */
  readonly rootfs?: RootFs | undefined;
  /** The number of the signal that `stop` sends first. Absent: SIGTERM, or what the image says. */
  readonly stopSignal?: number | undefined;
  /** The pod that it is put into. Absent: none. */
  readonly podId?: string | undefined;
  /** The namespaces of another container that it joins. Absent: none. */
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
  /** The container that wrote it. */
  readonly containerId: string;
  /** What it was written to. */
  readonly stream: "stdout" | "stderr";
  /** Without its newline. */
  readonly text: string;
  /** When it was written, where the engine says. */
  readonly time?: Date | undefined;
}

/** Which of a container's output is read. */
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
  /** The container's id. */
  readonly id: string;
  /** The container's name. */
  readonly name: string;
  /** CPU time used since it was started, nanoseconds. */
  readonly cpuNanos: bigint;
  /** Share of all CPUs since the figures before, in percent; 0 where that is not known. */
  readonly cpuPercent: number;
  /** Memory in use. */
  readonly memoryUsage: bigint;
  /** The limit, or the host's memory. */
  readonly memoryLimit: bigint;
  /** Received over the network since it was started. */
  readonly networkInput: bigint;
  /** Sent over the network since it was started. */
  readonly networkOutput: bigint;
  /** Read from block devices since it was started. */
  readonly blockInput: bigint;
  /** Written to block devices since it was started. */
  readonly blockOutput: bigint;
  /** How many processes, or threads where the engine counts these, it has. */
  readonly pids: number;
}

/** A program to run in a container, and how it is connected. */
export interface ExecOptions extends OperationOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Give it a terminal; stdout and stderr are one then. Default `false`. */
  readonly tty?: boolean | undefined;
  /** Connect its standard input. Default `false`: it reads the end of the file at once. */
  readonly stdin?: boolean | undefined;
  /** `NAME=value` each, besides the container's. Default: none. */
  readonly env?: readonly string[] | undefined;
  /** A name or number, or `user:group`. Default: the container's. */
  readonly user?: string | undefined;
  /** An absolute path in the container. Default: the container's. */
  readonly workDir?: string | undefined;
  /** Give it all capabilities. Default `false`. */
  readonly privileged?: boolean | undefined;
}

/** How a session is connected to a container's process. */
export interface AttachOptions extends OperationOptions {
  /** The container has a terminal; stdout and stderr are one then. Default `false`. */
  readonly tty?: boolean | undefined;
  /** Connect its standard input. Default `false`. */
  readonly stdin?: boolean | undefined;
  /** Start the container once attached, so that nothing of its output is missed. Default `false`. */
  readonly start?: boolean | undefined;
}

/** The ends of a process that an engine runs for us. */
export interface ProcessStreams {
  /** Absent where it has none. Ending it ends the process's standard input. */
  readonly stdin?: Writable | undefined;
  /** What it prints; both streams in one, where `stderr` is absent. */
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

/** How an image is made of a container. */
export interface CommitOptions extends OperationOptions {
  /** The new image's name. */
  readonly image?: string | undefined;
  /** Dockerfile instructions: `CMD=/bin/sh`. */
  readonly changes?: readonly string[] | undefined;
  /** Noted in the image. Default: none. */
  readonly author?: string | undefined;
  /** Noted in the image's history. Default: none. */
  readonly message?: string | undefined;
  /** Pause the container meanwhile. Default `false`. */
  readonly pause?: boolean | undefined;
  /** Of the image's manifest. Default: the engine's. */
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

/** A pod as lists show it. */
export interface PodSummary {
  /** What it is named by for good: 64 hexadecimal digits, with Porto its name. */
  readonly id: string;
  /** What people call it; unique in its engine. */
  readonly name: string;
  /** Where it stands, by the states of its containers. */
  readonly state: PodState;
  /** The engine's own word for it. */
  readonly engineState: string;
  /** What users have noted of it; empty without any. */
  readonly labels: Readonly<Record<string, string>>;
  /** When it was made, where the engine says. */
  readonly createdAt?: Date | undefined;
  /** The control group of its containers, where the engine says. */
  readonly cgroup?: string | undefined;
  /** An infra container that the engine adds by itself is among them. */
  readonly containers: readonly PodMember[];
}

/** A container of a pod. */
export interface PodMember {
  /** The container's id. */
  readonly id: string;
  /** The container's name. */
  readonly name: string;
  /** Where it stands, in the words of all engines. */
  readonly state: ContainerState;
  /** The engine's own word for the state. */
  readonly engineState: string;
}

/** What a pod is made with. */
export interface PodConfig {
  /** Absent: the engine chooses. */
  readonly name?: string | undefined;
  /** Absent: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The control group below which its own is. Absent: the engine's. */
  readonly cgroupParent?: string | undefined;
  /** Namespaces that its containers share through an infra container. Default: none. */
  readonly share?: readonly Namespace[] | undefined;
}

/** An image as lists show it. */
export interface ImageSummary {
  /** The digest of its configuration, 64 hexadecimal digits; with Porto what Porto calls it. */
  readonly id: string;
  /** `repository:tag`, the first one the one it is mostly called by. */
  readonly names: readonly string[];
  /** `repository@sha256:…`. */
  readonly digests: readonly string[];
  /** When it was made, where the image says. */
  readonly createdAt?: Date | undefined;
  /** Bytes. */
  readonly size?: bigint | undefined;
  /** What its makers have noted of it; empty without any. */
  readonly labels: Readonly<Record<string, string>>;
  /** How many containers use it, where the engine says. */
  readonly containers?: number | undefined;
}

/** An image as inspecting it shows it. */
export interface ImageDetails extends ImageSummary {
  /** What containers run by default, or the arguments of `entrypoint`. */
  readonly command: readonly string[];
  /** What containers run whatever their command is, which is appended. */
  readonly entrypoint: readonly string[];
  /** `NAME=value` each. */
  readonly env: readonly string[];
  /** Where commands run; absent: the root. */
  readonly workDir?: string | undefined;
  /** Who commands run as; absent: root. */
  readonly user?: string | undefined;
  /** Of its programs: `amd64`. */
  readonly architecture?: string | undefined;
  /** Of its programs: `linux`. */
  readonly os?: string | undefined;
  /** Who made it, where the image says. */
  readonly author?: string | undefined;
  /** What was noted when it was made. */
  readonly comment?: string | undefined;
  /** What the engine answered, parsed: its shape is the engine's. */
  readonly raw: unknown;
}

/** A step of the making of an image. */
export interface ImageHistoryEntry {
  /** The image as it was after this step, where the engine knows; else what the engine says instead. */
  readonly id: string;
  /** When it was done, where the image says. */
  readonly createdAt?: Date | undefined;
  /** The instruction or command. */
  readonly createdBy: string;
  /** The names of the image as it was after this step. */
  readonly tags: readonly string[];
  /** Bytes that it added. */
  readonly size: bigint;
  /** What was noted with it; mostly empty. */
  readonly comment: string;
}

/** A step of a pull, push or import, in the engine's words. */
export interface ImageProgress {
  /** One line, without its newline. */
  readonly text: string;
}

/** How a registry is talked to. */
export interface RegistryOptions {
  /** Default `true`. */
  readonly tlsVerify?: boolean | undefined;
  /** Absent: the engine's own credentials, if any. */
  readonly username?: string | undefined;
  /** Needed with `username`. */
  readonly password?: string | undefined;
}

/** `CopyOptions`: how an image is pulled or pushed. */
export interface CopyOptions extends OperationOptions {
  /** Of the blobs of layers. Default: none. */
  readonly compression?: "none" | "gzip" | undefined;
  /** Default: as the engine is set up. */
  readonly registry?: RegistryOptions | undefined;
  /** Of the image's signatures. Default: they are kept, and none is added. */
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

/** How an image is pulled. */
export interface PullOptions extends CopyOptions {
  /** All tags of the image instead of the one named, or `latest`. Default `false`. */
  readonly allTags?: boolean | undefined;
}

/** How an image is imported from an archive. */
export interface ImportOptions extends OperationOptions {
  /** The image's name. Default: what the archive says. */
  readonly reference?: string | undefined;
  /** Noted in the image's history. Default: none. */
  readonly message?: string | undefined;
  /** Dockerfile instructions: `CMD=/bin/sh`. */
  readonly changes?: readonly string[] | undefined;
}

/** Something that happened in the engine. */
export interface EngineEvent {
  /** The kind of thing that it happened to. */
  readonly type: "container" | "pod" | "image" | "volume" | "system";
  /** `create`, `init`, `start`, `died`, `stop`, `kill`, `pause`, `unpause`, `remove`, `pull`, `tag`, `untag`, … */
  readonly status: string;
  /** Of what it happened to. */
  readonly id: string;
  /** Of what it happened to; empty where the engine does not say. */
  readonly name: string;
  /** The name of a container's image, where the engine says. */
  readonly image?: string | undefined;
  /** When it happened. */
  readonly time: Date;
}

/** Which engine it is. */
export interface EngineVersion {
  /** Of the engine: `1.9.3`. */
  readonly version: string;
  /** How it is talked to: `io.podman (1.9)`, `porto`, `embedded`. */
  readonly api: string;
  /** What it runs on: `linux/amd64`, where the engine says. */
  readonly osArch?: string | undefined;
  /** What the engine answered, parsed. */
  readonly raw: unknown;
}

/** What the engine runs on. Members that it does not tell are absent; sizes are in bytes. */
export interface EngineInfo {
  /** The host's name. */
  readonly hostname?: string | undefined;
  /** The release of the kernel: `6.1.0-18-amd64`. */
  readonly kernel?: string | undefined;
  /** The kind of system, or its distribution: `linux`, `debian`. */
  readonly os?: string | undefined;
  /** `amd64`, in the engine's words. */
  readonly architecture?: string | undefined;
  /** How many processors there are. */
  readonly cpus?: number | undefined;
  /** All of the host's memory. */
  readonly memoryTotal?: bigint | undefined;
  /** Memory that nothing uses. */
  readonly memoryFree?: bigint | undefined;
  /** How many containers there are. */
  readonly containers?: number | undefined;
  /** How many images there are. */
  readonly images?: number | undefined;
  /** What the engine answered, parsed: its shape is the engine's. */
  readonly raw: unknown;
}

/** Paths that differ from the image. */
export interface ContainerDiff {
  /** Paths that the image does not have. */
  readonly added: readonly string[];
  /** Paths that the image has otherwise. */
  readonly changed: readonly string[];
  /** Paths of the image that are gone. */
  readonly deleted: readonly string[];
}

/** A stream of progress whose return value is what was made: an image's id. */
export type ProgressStream = AsyncGenerator<ImageProgress, string, undefined>;
