import { randomBytes } from "node:crypto";
import { EError, PortoError } from "portolan/porto";
import type { Endpoint } from "../../../runtime/transport/endpoint.ts";
import type { Engine, OperationOptions } from "../../engine.ts";
import { InvalidArgument } from "../../errors.ts";
import { PortoBytes } from "./client.ts";
import { Containers } from "./containers.ts";
import { answered } from "./errors.ts";
import { portoEvents } from "./events.ts";
import { Host } from "./host.ts";
import { Images } from "./images.ts";
import { leaving } from "./leaving.ts";
import { containerLogs } from "./logs.ts";
import { Operation } from "./operation.ts";
import { Pods } from "./pods.ts";
import { Stats } from "./stats.ts";
import { askInfo, askVersion } from "./system.ts";

export { portoSupports } from "./supports.ts";

/** How to open the Porto engine. `signal` and `timeout` bound the opening. */
export interface PortoOptions extends OperationOptions {
  /** Kinds of address that may be used. Default: `unix` and `tcp`. */
  readonly allow?: readonly string[] | undefined;
  /** Milliseconds between two looks at the output of a container whose logs are followed. Default 250. */
  readonly logInterval?: number | undefined;
  /** Milliseconds, of any beginning: what shares of the CPU are measured by. Default: the system's. */
  readonly now?: (() => number) | undefined;
  /** Makes names for containers and pods that are given none. Default: `ctr-` or `pod-` and twelve random hexadecimal digits. */
  readonly newName?: ((kind: "ctr" | "pod") => string) | undefined;
}

/** Milliseconds. */
const LOG_INTERVAL = 250;

/**
 * Everybody who waits for a container has a connection for that time, and those who
 * stop it need one more. The daemon takes 500 of one client's container.
 */
const MAX_CONNECTIONS = 256;

/**
 * Opens the engine of a Porto daemon (measured with 5.3.15).
 *
 * - Porto knows containers by their names, which may be nested (`a/b`): an id is the
 *   name, from the client's point of view. What Porto keeps no labels for (it takes
 *   `PREFIX.name` and few characters), annotations, stop signal and image are kept as
 *   JSON in its property `private`.
 * - A pod is a container without a command and with the label `LIBPOD.pod`; those
 *   directly in it are the pod's. Other containers may have containers in them too,
 *   and are none.
 * - `stopped` is `configured`: Porto sets a container up when it starts it, so there
 *   is no `initContainer`. Stopping sends the stop signal and then SIGKILL, so that the
 *   container is `dead` and its exit code and output are kept; only what has no process
 *   of its own, or is started anew by the daemon, is stopped by Porto's own command,
 *   which forgets both. The daemon removes dead containers after a day by itself
 *   (property `aging_time`).
 * - Image calls are absent where the daemon has Docker images switched off.
 *
 * @param target An address (see `parseAddress`), or an endpoint.
 * @throws PortolanError `INVALID_ADDRESS`; `CONNECT_FAILED`; `TIMEOUT`; `ABORTED`
 * @throws LibpodError if the daemon does not tell its version; InvalidArgument
 */
export async function openPorto(
  target: string | Endpoint,
  options: PortoOptions = {},
): Promise<Engine> {
  const { allow, logInterval = LOG_INTERVAL } = options;
  if (!(logInterval >= 1))
    throw new InvalidArgument(
      `logInterval: milliseconds, 1 at least, are needed, not ${String(logInterval)}`,
    );
  const operation = new Operation(options);
  const { signal } = operation;
  const client = await PortoBytes.connect(target, {
    // Operations have no time limit that their caller does not set.
    timeout: Infinity,
    maxConnections: MAX_CONNECTIONS,
    ...(allow !== undefined && { allow }),
    ...(signal !== undefined && { signal }),
    ...(operation.left !== undefined && { connectTimeout: operation.left }),
  });
  const host = new Host(client, {
    logInterval,
    now: options.now ?? ((): number => performance.now()),
    newName:
      options.newName ??
      ((kind): string => `${kind}-${randomBytes(6).toString("hex")}`),
  });
  try {
    await askVersion(host, operation);
    return engineOf(host, await keepsImages(host, operation));
  } catch (error) {
    await client.$close();
    throw error;
  }
}

/** Whether the daemon keeps Docker images: they can be switched off, and old ones know none. */
async function keepsImages(host: Host, operation: Operation): Promise<boolean> {
  try {
    await host.client.listDockerImages({}, operation.limits);
    return true;
  } catch (error) {
    if (answered(error, EError.NotSupported, EError.InvalidMethod))
      return false;
    // What else keeps it from answering now does not say that there are none.
    if (PortoError.is(error)) return true;
    throw error;
  }
}

function engineOf(host: Host, hasImages: boolean): Engine {
  const containers = new Containers(host);
  const stats = new Stats(host);
  const pods = new Pods(host, containers);
  return {
    name: "porto",
    address: `porto:${host.client.$address}`,
    version: (options) => askVersion(host, new Operation(options)),
    info: (options) => askInfo(host, new Operation(options)),
    close: () => host.client.$close(),
    listContainers: containers.listContainers,
    getContainer: containers.getContainer,
    lookupContainer: containers.lookupContainer,
    inspectContainer: containers.inspectContainer,
    containerSpec: containers.containerSpec,
    createContainer: containers.createContainer,
    startContainer: containers.startContainer,
    stopContainer: containers.stopContainer,
    killContainer: containers.killContainer,
    restartContainer: containers.restartContainer,
    pauseContainer: containers.pauseContainer,
    unpauseContainer: containers.unpauseContainer,
    waitContainer: containers.waitContainer,
    async removeContainer(id, options) {
      await containers.removeContainer(id, options);
      stats.forget(id);
    },
    containerLogs: (id, options) =>
      leaving(
        (signal) => containerLogs(host, id, { ...options, signal }),
        options?.signal,
      ),
    containerStats: stats.containerStats,
    mountContainer: containers.mountContainer,
    unmountContainer: containers.unmountContainer,
    listPods: pods.listPods,
    getPod: pods.getPod,
    lookupPod: pods.lookupPod,
    createPod: pods.createPod,
    startPod: pods.startPod,
    stopPod: pods.stopPod,
    killPod: pods.killPod,
    pausePod: pods.pausePod,
    unpausePod: pods.unpausePod,
    restartPod: pods.restartPod,
    removePod: pods.removePod,
    podStats: stats.podStats,
    ...(hasImages && imageCalls(new Images(host))),
    events: (options) =>
      leaving(
        (signal) => portoEvents(host, { ...options, signal }),
        options?.signal,
      ),
  };
}

function imageCalls(images: Images): Partial<Engine> {
  return {
    listImages: images.listImages,
    getImage: images.getImage,
    inspectImage: images.inspectImage,
    pullImage: images.pullImage,
    removeImage: images.removeImage,
  };
}
