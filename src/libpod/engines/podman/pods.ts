import type { ListPodData } from "portolan/podman";
import type { PodmanClient as Podman19 } from "portolan/podman/1.9";
import type { Namespace } from "../../constants.ts";
import type {
  ContainerStats,
  Engine,
  OperationOptions,
  PodConfig,
  PodSummary,
} from "../../engine.ts";
import {
  LibpodError,
  NoSuchPod,
  NotSupported,
  type PodContainerFailure,
  PodOperationFailed,
} from "../../errors.ts";
import { signalNumber } from "../../signals.ts";
import { lookUpAgain, seconds, statsOf } from "./containers.ts";
import type { Daemon, Limited } from "./daemon.ts";
import { ENGINE, libpodError } from "./errors.ts";
import { parsePod } from "./inspect/pod.ts";
import type { CpuShares } from "./shares.ts";
import { containerState, podSummary } from "./summaries.ts";

/** The engine's calls on pods. */
export type PodCalls = Pick<
  Required<Engine>,
  | "listPods"
  | "getPod"
  | "lookupPod"
  | "createPod"
  | "startPod"
  | "stopPod"
  | "killPod"
  | "pausePod"
  | "unpausePod"
  | "restartPod"
  | "removePod"
  | "podStats"
>;

/** What the containers of a pod can share; asked for anything else, the daemon hangs up. */
const SHAREABLE: ReadonlySet<Namespace> = new Set(["ipc", "net", "pid", "uts"]);

/** The engine's calls on pods, on one daemon. */
export function podCalls(daemon: Daemon, shares: CpuShares): PodCalls {
  const { v10, v19 } = daemon;

  /** Does something to a pod by a call that may be answered twice. */
  const act = (
    call: string,
    options: OperationOptions | undefined,
    work: (client: Podman19, limited: Limited) => Promise<unknown>,
  ): Promise<void> =>
    daemon.run(call, options, async (limited) => {
      await daemon.alone(limited, (client) => work(client, limited));
    });

  return {
    listPods: (options) =>
      daemon.run("listPods", options, (limited) => list(daemon, limited)),

    getPod: (id, options) =>
      daemon.run("getPod", options, async (limited) => {
        const { pod } = await v10.getPod({ name: id }, limited);
        // The daemon takes names and parts of ids too.
        if (pod.id === id) return withLabels(v10, pod, limited);
        throw new NoSuchPod(`no pod with the id ${id}`);
      }),

    lookupPod: (idOrName, options) =>
      daemon.run("lookupPod", options, async (limited) => {
        let found: ListPodData;
        try {
          found = (await v10.getPod({ name: idOrName }, limited)).pod;
        } catch (error) {
          return await lookUpAgain(
            libpodError(error, "lookupPod"),
            idOrName,
            () => list(daemon, limited),
          );
        }
        return withLabels(v10, found, limited);
      }),

    createPod: (config, options) =>
      daemon.run("createPod", options, async (limited) => {
        const { pod } = await v19.createPod(
          { create: creation(config) },
          limited,
        );
        return pod;
      }),

    startPod: (name, options) =>
      act("startPod", options, (client, limited) =>
        client.startPod({ name }, limited),
      ),

    stopPod(name, options = {}) {
      const timeout = seconds(options.grace);
      if (daemon.takes("StopPod", "timeout")) {
        return act("stopPod", options, (client, limited) =>
          client.stopPod({ name, timeout }, limited),
        );
      }
      // The first interface has no word for the time. Without one it is the
      // containers' own; with one they are stopped one by one.
      if (options.grace === undefined) {
        return act("stopPod", options, (client, limited) =>
          client.stopPod({ name }, limited),
        );
      }
      return daemon.run("stopPod", options, (limited) =>
        stopMembers(daemon, name, timeout, limited),
      );
    },

    killPod: (name, signal, options) =>
      act("killPod", options, (client, limited) =>
        client.killPod({ name, signal: signalNumber(signal) }, limited),
      ),

    pausePod: (name, options) =>
      act("pausePod", options, (client, limited) =>
        client.pausePod({ name }, limited),
      ),

    unpausePod: (name, options) =>
      act("unpausePod", options, (client, limited) =>
        client.unpausePod({ name }, limited),
      ),

    restartPod: (name, options) =>
      act("restartPod", options, (client, limited) =>
        client.restartPod({ name }, limited),
      ),

    removePod: (name, { force = false, ...options } = {}) =>
      act("removePod", options, (client, limited) =>
        remove(daemon, client, { name, force }, limited),
      ),

    podStats: (id, options) =>
      daemon.run("podStats", options, async (limited) => {
        const { containers } = await v10.getPodStats({ name: id }, limited);
        const stats: ContainerStats[] = [];
        for (const data of containers)
          stats.push(await statsOf(data, shares, limited));
        return stats;
      }),
  };
}

/**
 * Removes a pod with what is in it, unless something of that runs. Podman before 1.7
 * takes containers away by force only, so that there the engine looks whether one runs;
 * one that somebody starts just then is stopped.
 */
async function remove(
  { v10 }: Pick<Daemon, "v10">,
  client: Podman19,
  input: { readonly name: string; readonly force: boolean },
  limited: Limited,
): Promise<void> {
  try {
    await client.removePod(input, limited);
  } catch (error) {
    const { message } = libpodError(error, "removePod");
    if (CGROUP_LEFT.test(message)) {
      if (await isGone(v10, input.name, limited)) return;
    } else if (!input.force && NOT_EMPTY.test(message)) {
      const { pod } = await v10.getPod({ name: input.name }, limited);
      if (!pod.containersinfo.some(({ status }) => isBusy(status))) {
        await remove({ v10 }, client, { ...input, force: true }, limited);
        return;
      }
    }
    throw error;
  }
}

/** What Podman before 1.7 says of any pod that has containers. */
const NOT_EMPTY = /contains containers and cannot be removed/;

/**
 * What Podman may say after it has removed a pod: the monitors of its containers are
 * still on their way out, and so the pod's control group stays.
 */
const CGROUP_LEFT = /error (?:removing|retrieving) pod \S+ (?:conmon )?cgroup/;

function isBusy(status: string): boolean {
  const state = containerState(status);
  return state !== "configured" && state !== "created" && state !== "exited";
}

async function isGone(
  client: Pick<Daemon["v10"], "getPod">,
  name: string,
  limited: Limited,
): Promise<boolean> {
  try {
    await client.getPod({ name }, limited);
    return false;
  } catch (error) {
    if (NoSuchPod.is(libpodError(error, "removePod"))) return true;
    throw error;
  }
}

async function stopMembers(
  { v10 }: Daemon,
  name: string,
  timeout: number,
  limited: Limited,
): Promise<void> {
  const { pod } = await v10.getPod({ name }, limited);
  const running = pod.containersinfo.filter(
    ({ status }) => containerState(status) === "running",
  );
  const failures: PodContainerFailure[] = [];
  const causes: unknown[] = [];
  await Promise.all(
    running.map(async ({ id }) => {
      try {
        await v10.stopContainer({ name: id, timeout }, limited);
      } catch (error) {
        const failure = libpodError(error, "stopPod");
        if (!LibpodError.is(failure)) throw failure;
        // It ended by itself.
        if (failure.code === "CONTAINER_STOPPED") return;
        failures.push({ containerId: id, reason: failure.message });
        causes.push(error);
      }
    }),
  );
  if (failures.length > 0) {
    throw new PodOperationFailed(pod.id, failures, {
      cause: new AggregateError(causes),
    });
  }
}

function creation(config: PodConfig): {
  readonly name: string;
  readonly cgroupParent: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly share: readonly string[];
  readonly infra: boolean;
} {
  const { share = [] } = config;
  for (const namespace of share)
    if (!SHAREABLE.has(namespace))
      throw new NotSupported(ENGINE, `createPod: share: ${namespace}`);
  return {
    name: config.name ?? "",
    cgroupParent: config.cgroupParent ?? "",
    labels: config.labels ?? {},
    share,
    // Namespaces are shared through a container that does nothing else.
    infra: share.length > 0,
  };
}

async function list({ v10 }: Daemon, limited: Limited): Promise<PodSummary[]> {
  const { pods } = await v10.listPods({}, limited);
  // One connection for all of them, however many there are.
  const summaries = await v10.$pipeline((client) =>
    Promise.all(
      pods.map(async (pod) => {
        try {
          return await withLabels(client, pod, limited);
        } catch (error) {
          // Removed since the list was made.
          if (NoSuchPod.is(libpodError(error, "listPods"))) return undefined;
          throw error;
        }
      }),
    ),
  );
  return summaries.filter((pod) => pod !== undefined);
}

/** A pod with its labels: lists leave them out, in every version. */
async function withLabels(
  client: Pick<Daemon["v10"], "inspectPod">,
  data: ListPodData,
  limited: Limited,
): Promise<PodSummary> {
  const { pod } = await client.inspectPod({ name: data.id }, limited);
  return podSummary(data, parsePod(pod, data.id).Config?.labels ?? {});
}
