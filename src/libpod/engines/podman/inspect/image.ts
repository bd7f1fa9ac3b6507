import { parseAs, type Shape } from "./shape.ts";

/** What InspectImage says, as far as the engine and its users read it: Podman 1.0's and 1.9's members together. */
export interface PodmanImageInspect {
  readonly Id?: string | null;
  readonly Digest?: string | null;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Parent?: string | null;
  readonly Comment?: string | null;
  /** By RFC 3339. */
  readonly Created?: string | null;
  readonly Author?: string | null;
  readonly Architecture?: string | null;
  readonly Os?: string | null;
  /** Bytes. */
  readonly Size?: number | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Annotations?: Readonly<Record<string, string>> | null;
  readonly User?: string | null;
  /** Podman 1.9's name for what containers get. */
  readonly Config?: PodmanImageConfig | null;
  /** Podman 1.0's name for it. */
  readonly ContainerConfig?: PodmanImageConfig | null;
}

/** The configuration of the OCI's image specification 1.x. */
export interface PodmanImageConfig {
  readonly User?: string | null;
  /** `NAME=value`. */
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly WorkingDir?: string | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly StopSignal?: string | null;
}

const configShape: Shape<PodmanImageConfig> = {
  User: "text",
  Env: ["text"],
  Entrypoint: ["text"],
  Cmd: ["text"],
  WorkingDir: "text",
  Labels: { $each: "text" },
  StopSignal: "text",
};

const shape: Shape<PodmanImageInspect> = {
  Id: "text",
  Digest: "text",
  RepoTags: ["text"],
  RepoDigests: ["text"],
  Parent: "text",
  Comment: "text",
  Created: "text",
  Author: "text",
  Architecture: "text",
  Os: "text",
  Size: "number",
  Labels: { $each: "text" },
  Annotations: { $each: "text" },
  User: "text",
  Config: configShape,
  ContainerConfig: configShape,
};

/**
 * Reads what the daemon says of an image.
 *
 * @param text JSON.
 * @param name Whose it is, for the error.
 * @throws EngineError, naming the member that is something else than its type says.
 */
export function parseImage(text: string, name: string): PodmanImageInspect {
  return parseAs<PodmanImageInspect>(
    text,
    shape,
    `the inspect data of image ${name}`,
  );
}
