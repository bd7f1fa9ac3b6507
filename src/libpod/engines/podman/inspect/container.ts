import { parseAs, type Shape } from "./shape.ts";

/**
 * What InspectContainer says, as far as the engine and its users read it: Podman 1.0's
 * and 1.9's members together. Times are by RFC 3339, `0001-01-01T00:00:00Z` for never.
 */
export interface PodmanContainerInspect {
  readonly Id?: string | null;
  /** What Podman 1.0 has instead of `Id`. */
  readonly ID?: string | null;
  readonly Name?: string | null;
  readonly Created?: string | null;
  /** The first word of the command. */
  readonly Path?: string | null;
  /** The other words of the command. */
  readonly Args?: readonly string[] | null;
  readonly State?: PodmanContainerState | null;
  /** The image's id. */
  readonly Image?: string | null;
  readonly ImageName?: string | null;
  /** The pod's id; not in Podman 1.0. */
  readonly Pod?: string | null;
  readonly IsInfra?: boolean | null;
  readonly RestartCount?: number | null;
  readonly Driver?: string | null;
  readonly LogPath?: string | null;
  readonly Mounts?: readonly PodmanMount[] | null;
  readonly Config?: PodmanContainerConfig | null;
  readonly HostConfig?: PodmanHostConfig | null;
}

export interface PodmanContainerState {
  readonly Status?: string | null;
  readonly Running?: boolean | null;
  readonly Paused?: boolean | null;
  readonly OOMKilled?: boolean | null;
  readonly Dead?: boolean | null;
  readonly Pid?: number | null;
  readonly ExitCode?: number | null;
  readonly Error?: string | null;
  readonly StartedAt?: string | null;
  readonly FinishedAt?: string | null;
}

export interface PodmanMount {
  readonly Source?: string | null;
  readonly Destination?: string | null;
}

export interface PodmanContainerConfig {
  readonly Hostname?: string | null;
  readonly Tty?: boolean | null;
  readonly OpenStdin?: boolean | null;
  /** `NAME=value`. */
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly WorkingDir?: string | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Annotations?: Readonly<Record<string, string>> | null;
  readonly StopSignal?: number | null;
}

/** Limits in bytes; 0 is none. */
export interface PodmanHostConfig {
  readonly NetworkMode?: string | null;
  readonly Memory?: number | null;
  readonly MemoryReservation?: number | null;
  readonly MemorySwap?: number | null;
  readonly KernelMemory?: number | null;
}

const shape: Shape<PodmanContainerInspect> = {
  Id: "text",
  ID: "text",
  Name: "text",
  Created: "text",
  Path: "text",
  Args: ["text"],
  State: {
    Status: "text",
    Running: "boolean",
    Paused: "boolean",
    OOMKilled: "boolean",
    Dead: "boolean",
    Pid: "number",
    ExitCode: "number",
    Error: "text",
    StartedAt: "text",
    FinishedAt: "text",
  },
  Image: "text",
  ImageName: "text",
  Pod: "text",
  IsInfra: "boolean",
  RestartCount: "number",
  Driver: "text",
  LogPath: "text",
  Mounts: [{ Source: "text", Destination: "text" }],
  Config: {
    Hostname: "text",
    Tty: "boolean",
    OpenStdin: "boolean",
    Env: ["text"],
    Cmd: ["text"],
    WorkingDir: "text",
    Labels: { $each: "text" },
    Annotations: { $each: "text" },
    StopSignal: "number",
  },
  HostConfig: {
    NetworkMode: "text",
    Memory: "number",
    MemoryReservation: "number",
    MemorySwap: "number",
    KernelMemory: "number",
  },
};

/**
 * Reads what the daemon says of a container.
 *
 * @param text JSON.
 * @param id Whose it is, for the error.
 * @throws EngineError, naming the member that is something else than its type says.
 */
export function parseContainer(
  text: string,
  id: string,
): PodmanContainerInspect {
  return parseAs<PodmanContainerInspect>(
    text,
    shape,
    `the inspect data of container ${id}`,
  );
}
