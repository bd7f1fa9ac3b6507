import type {
  ContainerStats,
  ContainerSummary,
  Engine,
  OperationOptions,
} from "../../engine.ts";
import {
  ContainerStopped,
  NoSuchContainer,
  NotSupported,
} from "../../errors.ts";
import { lookUp } from "../../lookup.ts";
import { signalNumber } from "../../signals.ts";
import type { ContainerStats as PodmanStats } from "portolan/podman";
import { createContainer } from "./create/create.ts";
import type { Daemon, Limited } from "./daemon.ts";
import { ENGINE, libpodError } from "./errors.ts";
import { parseContainer } from "./inspect/container.ts";
import { parseAs } from "./inspect/shape.ts";
import { containerLogs } from "./logs.ts";
import { attachContainer, execContainer } from "./process.ts";
import { outcome, progress } from "./progress.ts";
import { CpuShares } from "./shares.ts";
import {
  containerDetails,
  containerState,
  containerStats,
  containerSummary,
} from "./summaries.ts";
import { getContainer, waitForEnd } from "./wait.ts";

/** The engine's calls on containers that every daemon has. */
export type ContainerCalls = Pick<
  Required<Engine>,
  | "listContainers"
  | "getContainer"
  | "lookupContainer"
  | "inspectContainer"
  | "containerSpec"
  | "createContainer"
  | "initContainer"
  | "startContainer"
  | "stopContainer"
  | "killContainer"
  | "restartContainer"
  | "pauseContainer"
  | "unpauseContainer"
  | "waitContainer"
  | "removeContainer"
  | "containerLogs"
  | "containerStats"
  | "containerProcesses"
  | "containerDiff"
  | "execContainer"
  | "attachContainer"
  | "commitContainer"
  | "exportContainer"
  | "mountContainer"
  | "unmountContainer"
>;

/** Milliseconds that a container has to end by itself, where the caller says nothing. */
const GRACE = 10_000;

/** Podman counts whole seconds, and kills at once at 0: a part of one is one. */
export function seconds(grace: number | undefined): number {
  return Math.min(Math.ceil((grace ?? GRACE) / 1000), 2 ** 31 - 1);
}

/** The engine's calls on containers, on one daemon. */
export function containerCalls(
  daemon: Daemon,
  shares: CpuShares,
): ContainerCalls {
  const { common, v10, v19 } = daemon;
  return {
    listContainers: (options) =>
      daemon.run("listContainers", options, (limited) => list(daemon, limited)),

    getContainer: (id, options) =>
      daemon.run("getContainer", options, async (limited) => {
        const { container } = await getContainer(daemon, id, limited);
        // The daemon takes names and parts of ids too.
        if (container.id === id) return containerSummary(container);
        throw new NoSuchContainer(`no container with the id ${id}`);
      }),

    lookupContainer: (idOrName, options) =>
      daemon.run("lookupContainer", options, async (limited) => {
        try {
          const reply = await getContainer(daemon, idOrName, limited);
          return containerSummary(reply.container);
        } catch (error) {
          return await lookUpAgain(
            libpodError(error, "lookupContainer"),
            idOrName,
            () => list(daemon, limited),
          );
        }
      }),

    inspectContainer: (id, options) =>
      daemon.run("inspectContainer", options, async (limited) => {
        const [{ container }, mountPoint] = await Promise.all([
          common.inspectContainer({ name: id }, limited),
          mountPointOf(daemon, id, limited),
        ]);
        const raw = parseContainer(container, id);
        if ((raw.Id ?? raw.ID) === id)
          return containerDetails(id, raw, mountPoint);
        throw new NoSuchContainer(`no container with the id ${id}`);
      }),

    containerSpec: (id, options) =>
      daemon.run("containerSpec", options, async (limited) => {
        const { config } = await v19.spec({ name: id }, limited);
        // What is in it is the engine's affair, and kept as it is.
        return parseAs<object>(config, {}, `the spec of container ${id}`);
      }),

    createContainer: (config, options) =>
      daemon.run("createContainer", options, (limited) =>
        createContainer(daemon, config, limited),
      ),

    initContainer: (id, options) =>
      daemon.run("initContainer", options, async (limited) => {
        await v19.initContainer({ name: id }, limited);
      }),

    startContainer: (id, options) =>
      daemon.run("startContainer", options, async (limited) => {
        await v10.startContainer({ name: id }, limited);
      }),

    stopContainer: (id, options = {}) =>
      daemon.run("stopContainer", options, async (limited) => {
        const timeout = seconds(options.grace);
        if (await isTidiedUp(daemon, id, limited)) return;
        try {
          await common.stopContainer({ name: id, timeout }, limited);
        } catch (error) {
          // One that has ended is left alone, which is an error to Podman 1.9.
          if (!ContainerStopped.is(libpodError(error, "stopContainer")))
            throw error;
        }
      }),

    killContainer: (id, signal, options) =>
      daemon.run("killContainer", options, async (limited) => {
        const input = { name: id, signal: signalNumber(signal) };
        await common.killContainer(input, limited);
      }),

    restartContainer: (id, options = {}) =>
      daemon.run("restartContainer", options, async (limited) => {
        const timeout = seconds(options.grace);
        await common.restartContainer({ name: id, timeout }, limited);
      }),

    pauseContainer: (id, options) =>
      daemon.run("pauseContainer", options, async (limited) => {
        await common.pauseContainer({ name: id }, limited);
      }),

    unpauseContainer: (id, options) =>
      daemon.run("unpauseContainer", options, async (limited) => {
        await common.unpauseContainer({ name: id }, limited);
      }),

    waitContainer: (id, options) =>
      daemon.run("waitContainer", options, (limited) =>
        waitForEnd(daemon, id, limited),
      ),

    removeContainer: (id, options = {}) =>
      daemon.run("removeContainer", options, async (limited) => {
        await remove(daemon, id, options, limited);
        shares.forget(id);
      }),

    containerLogs: (id, options = {}) =>
      daemon.stream("containerLogs", options, (limited) =>
        containerLogs(daemon, id, options, limited),
      ),

    containerStats: (id, options) =>
      daemon.run("containerStats", options, async (limited) => {
        const { container } = await common.getContainerStats(
          { name: id },
          limited,
        );
        return statsOf(container, shares, limited);
      }),

    containerProcesses: (id, options) =>
      daemon.run("containerProcesses", options, async (limited) => {
        const { container } = await common.listContainerProcesses(
          { name: id, opts: [] },
          limited,
        );
        return container;
      }),

    containerDiff: (id, options) =>
      daemon.run("containerDiff", options, async (limited) => {
        const { container } = await common.listContainerChanges(
          { name: id },
          limited,
        );
        const { added, changed, deleted } = container;
        return { added, changed, deleted };
      }),

    execContainer: (id, options) =>
      daemon.run("execContainer", options, (limited) =>
        execContainer(daemon, id, options, limited),
      ),

    attachContainer: (id, options) =>
      daemon.run("attachContainer", options, (limited) =>
        attachContainer(daemon, id, options, limited),
      ),

    commitContainer: (id, options = {}) =>
      daemon.run("commitContainer", options, async (limited) => {
        const input = {
          name: id,
          image_name: options.image ?? "",
          changes: options.changes ?? [],
          author: options.author ?? "",
          message: options.message ?? "",
          pause: options.pause ?? false,
          manifestType: options.format ?? "",
        };
        if (!daemon.gives("Commit", "reply"))
          return (await v10.commit(input, limited)).image;
        return outcome(progress(v19.commit.more(input, limited)));
      }),

    exportContainer: (id, path, options) =>
      daemon.run("exportContainer", options, async (limited) => {
        await common.exportContainer({ name: id, path }, limited);
      }),

    mountContainer: (id, options) =>
      daemon.run("mountContainer", options, async (limited) => {
        const { path } = await v10.mountContainer({ name: id }, limited);
        return path;
      }),

    unmountContainer: (id, options = {}) =>
      daemon.run("unmountContainer", options, async (limited) => {
        const { force = false } = options;
        await v10.unmountContainer({ name: id, force }, limited);
      }),
  };
}

/**
 * Whether a container has ended so that Podman 1.0 is not to be asked to stop it: once it
 * has tidied up it waits for the exit code to come again, in vain, and forgets it.
 */
async function isTidiedUp(
  daemon: Daemon,
  id: string,
  limited: Limited,
): Promise<boolean> {
  if (daemon.dialect === "io.podman (1.9)") return false;
  const { container } = await getContainer(daemon, id, limited);
  return containerState(container.status) === "exited";
}

async function list(
  { common }: Daemon,
  limited: Limited,
): Promise<ContainerSummary[]> {
  const { containers } = await common.listContainers({}, limited);
  return containers.map(containerSummary);
}

/**
 * Looks for something in the list that the daemon did not find, to tell what fits
 * several ids, or is a name that is also the beginning of one, from what is not there.
 *
 * @param error What the daemon said.
 */
export async function lookUpAgain<T extends { id: string; name: string }>(
  error: Error,
  idOrName: string,
  all: () => Promise<readonly T[]>,
): Promise<T> {
  const { code } = error as { readonly code?: string };
  const kind = kinds.get(code ?? "");
  if (kind === undefined) throw error;
  const found = lookUp(await all(), idOrName, kind);
  if (found === undefined) throw error;
  return found;
}

/** What was not found, or fitted several, by the error's code. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["NO_SUCH_CONTAINER", "container"],
  ["NO_SUCH_POD", "pod"],
  ["AMBIGUOUS_ID", "matching"],
]);

/** Where a container's root is mounted, where the daemon says whose a mount is. */
async function mountPointOf(
  daemon: Daemon,
  id: string,
  limited: Limited,
): Promise<string | undefined> {
  if (!daemon.has("ListContainerMounts")) return undefined;
  try {
    const { mounts } = await daemon.v19.listContainerMounts({}, limited);
    // Podman 1.0 has a list of paths.
    const known = !Array.isArray(mounts) && Object.hasOwn(mounts, id);
    return known ? mounts[id] : undefined;
  } catch (error) {
    // The daemon gives up on all where any container is removed while it looks.
    if (NoSuchContainer.is(libpodError(error, "inspectContainer")))
      return undefined;
    throw error;
  }
}

type RemoveOptions = NonNullable<Parameters<Engine["removeContainer"]>[1]>;

async function remove(
  daemon: Daemon,
  id: string,
  options: RemoveOptions,
  limited: Limited,
): Promise<void> {
  const { force = false, volumes = false } = options;
  if (daemon.takes("RemoveContainer", "removeVolumes")) {
    const input = { name: id, force, removeVolumes: volumes };
    await daemon.v19.removeContainer(input, limited);
    return;
  }
  if (volumes)
    throw new NotSupported(ENGINE, "removeContainer: volumes", {
      api: daemon.dialect,
    });
  await daemon.common.removeContainer({ name: id, force }, limited);
}

/** The figures of a container, with its share since the figures before. */
export async function statsOf(
  data: PodmanStats,
  shares: CpuShares,
  limited: OperationOptions & Limited,
): Promise<ContainerStats> {
  return containerStats(data, await shares.next(data, limited));
}
