import { parseAs, type Shape } from "./shape.ts";

/** What InspectPod says, as far as the engine and its users read it. */
export interface PodmanPodInspect {
  readonly Config?: PodmanPodConfig | null;
  readonly State?: PodmanPodState | null;
  readonly Containers?: readonly PodmanPodMember[] | null;
}

export interface PodmanPodConfig {
  readonly id?: string | null;
  readonly name?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly cgroupParent?: string | null;
  /** By RFC 3339. */
  readonly created?: string | null;
}

export interface PodmanPodState {
  readonly cgroupPath?: string | null;
  readonly infraContainerID?: string | null;
  /** Not in Podman 1.0. */
  readonly status?: string | null;
}

export interface PodmanPodMember {
  readonly id?: string | null;
  readonly state?: string | null;
}

const shape: Shape<PodmanPodInspect> = {
  Config: {
    id: "text",
    name: "text",
    labels: { $each: "text" },
    cgroupParent: "text",
    created: "text",
  },
  State: { cgroupPath: "text", infraContainerID: "text", status: "text" },
  Containers: [{ id: "text", state: "text" }],
};

/**
 * Reads what the daemon says of a pod.
 *
 * @param text JSON.
 * @param id Whose it is, for the error.
 * @throws EngineError, naming the member that is something else than its type says.
 */
export function parsePod(text: string, id: string): PodmanPodInspect {
  return parseAs<PodmanPodInspect>(
    text,
    shape,
    `the inspect data of pod ${id}`,
  );
}
