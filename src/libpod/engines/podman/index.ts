import type { Endpoint } from "../../../runtime/transport/endpoint.ts";
import type { Engine } from "../../engine.ts";
import { containerCalls } from "./containers.ts";
import { Daemon, type DaemonOptions } from "./daemon.ts";
import { ENGINE } from "./errors.ts";
import { imageCalls } from "./images.ts";
import { podCalls } from "./pods.ts";
import { CpuShares } from "./shares.ts";
import { withoutLacking } from "./support.ts";
import { systemCalls } from "./system.ts";

export type { DaemonOptions as PodmanOptions, Dialect } from "./daemon.ts";
export type {
  PodmanContainerConfig,
  PodmanContainerInspect,
  PodmanContainerState,
  PodmanHostConfig,
  PodmanMount,
} from "./inspect/container.ts";
export type { PodmanImageConfig, PodmanImageInspect } from "./inspect/image.ts";
export type {
  PodmanPodConfig,
  PodmanPodInspect,
  PodmanPodMember,
  PodmanPodState,
} from "./inspect/pod.ts";
export { type EngineCall, supports, type Supports } from "./support.ts";

/**
 * Opens the engine of a Podman daemon's Varlink API: `io.podman` as Podman 1.0 to 1.9
 * have it, or `io.projectatomic.podman` from before. What it can do it learns from the
 * daemon's interface description; calls that the daemon has no method for are absent.
 *
 * `raw` of details is a {@link PodmanContainerInspect} or {@link PodmanImageInspect}.
 *
 * @param address Where the daemon listens: `unix:/run/podman/io.podman`.
 * @param options The signal and the time are for opening.
 * @throws EngineError where no Podman answers; PortolanError `INVALID_ADDRESS`,
 * `CONNECT_FAILED`, `TIMEOUT`, `ABORTED`.
 */
export async function openPodman(
  address: string | Endpoint,
  options: DaemonOptions = {},
): Promise<Engine> {
  const daemon = await Daemon.connect(address, options);
  const shares = new CpuShares(daemon);
  return withoutLacking(daemon, {
    name: ENGINE,
    address: daemon.address,
    api: daemon.dialect,
    close: () => daemon.close(),
    ...systemCalls(daemon),
    ...containerCalls(daemon, shares),
    ...podCalls(daemon, shares),
    ...imageCalls(daemon),
  });
}
