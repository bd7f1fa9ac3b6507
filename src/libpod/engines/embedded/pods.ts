import { setMaxListeners } from "node:events";
import type { OperationOptions, PodConfig } from "../../engine.ts";
import {
  PodFinalized,
  PodOperationFailed,
  type PodContainerFailure,
} from "../../errors.ts";
import { signalNumber } from "../../signals.ts";
import type { ContainerRecord, PodRecord } from "../../state.ts";
import { checkName, nameFor } from "./config.ts";
import { checkGrace, type Containers } from "./containers.ts";
import type { Host } from "./host.ts";
import type { Machine } from "./machine.ts";
import { asOurs, messageOf, operate } from "./operation.ts";
import type { EmbeddedEngine } from "./types.ts";
import { podSummaryOf } from "./views.ts";

type PodCalls = Pick<
  EmbeddedEngine,
  | "listPods"
  | "getPod"
  | "lookupPod"
  | "createPod"
  | "configurePod"
  | "startPod"
  | "stopPod"
  | "killPod"
  | "pausePod"
  | "unpausePod"
  | "restartPod"
  | "removePod"
>;

/**
 * The calls of pods. There is no infra container: `share` is noted, as namespaces
 * of containers are, and nothing is shared. What is asked of a pod is tried on all
 * of its containers, in the order in which they were added; whatever fails.
 */
export function podCalls(
  host: Host,
  machine: Machine,
  containers: Containers,
): PodCalls {
  /** A change or question of the state alone. */
  const locked = <T>(
    options: OperationOptions | undefined,
    work: () => Promise<T>,
  ): Promise<T> =>
    operate(host, options, (signal) => host.locked(work, signal));

  const summaryOf = async (pod: PodRecord) =>
    podSummaryOf(pod, await machine.members(pod.id));

  const tell = (status: string, pod: PodRecord): void =>
    host.events.tell("pod", status, pod);

  /** Does something to every container of a pod, and tells where it failed. */
  const toEach = (
    status: string,
    id: string,
    options: OperationOptions | undefined,
    act: (record: ContainerRecord, signal: AbortSignal) => Promise<void>,
  ): Promise<void> =>
    operate(host, options, async (signal) => {
      // What is done to each of them listens.
      setMaxListeners(0, signal);
      const { pod, members } = await host.locked(
        async () => ({
          pod: await host.state.getPod(id),
          members: await machine.members(id),
        }),
        signal,
      );
      const results = await Promise.allSettled(
        members.map((member) => act(member, signal)),
      );
      const failures = results.flatMap((result, index) =>
        result.status === "fulfilled"
          ? []
          : [
              {
                containerId: members[index]?.id ?? "",
                error: result.reason as unknown,
              },
            ],
      );
      report(id, failures, signal);
      tell(status, pod);
    });

  /** Changes a state, for those containers that it is for when their turn comes. */
  const change =
    (
      isFor: (record: ContainerRecord) => boolean,
      act: (record: ContainerRecord) => void | Promise<void>,
    ) =>
    ({ id }: ContainerRecord, signal: AbortSignal): Promise<void> =>
      host.locked(async () => {
        const record = await machine.record(id);
        if (isFor(record)) await act(record);
      }, signal);

  return {
    listPods: (options) =>
      locked(options, async () => {
        const records = await machine.records();
        const pods = await host.state.getAllPods();
        return pods.map((pod) =>
          podSummaryOf(
            pod,
            records.filter(({ podId }) => podId === pod.id),
          ),
        );
      }),
    getPod: (id, options) =>
      locked(options, async () => summaryOf(await host.state.getPod(id))),
    lookupPod: (idOrName, options) =>
      locked(options, async () =>
        summaryOf(await host.state.lookupPod(idOrName)),
      ),
    createPod: (config, options) =>
      locked(options, async () => {
        if (config.name !== undefined) checkName(config.name);
        const id = host.newId();
        const name = config.name ?? nameFor(id, await containers.names());
        const pod = { id, name, config, createdAt: host.clock.now() };
        await host.state.addPod(pod);
        tell("create", pod);
        return id;
      }),
    configurePod: (id, changes, options) =>
      locked(options, async () => {
        const pod = await host.state.getPod(id);
        await configure(host, machine, pod, changes);
      }),
    startPod: (id, options) =>
      toEach(
        "start",
        id,
        options,
        change(
          (record) => !runs(record),
          (record) => machine.start(record),
        ),
      ),
    stopPod: async (id, options) => {
      const grace = checkGrace(options?.grace);
      await toEach("stop", id, options, async (record, signal) => {
        if (runs(record)) await containers.stop(record.id, grace, signal);
      });
    },
    killPod: async (id, signal, options) => {
      const number = signalNumber(signal);
      await toEach(
        "kill",
        id,
        options,
        change(runs, (record) => machine.kill(record, number)),
      );
    },
    pausePod: (id, options) =>
      toEach(
        "pause",
        id,
        options,
        change(runs, (record) => machine.pause(record)),
      ),
    unpausePod: (id, options) =>
      toEach(
        "unpause",
        id,
        options,
        change(
          ({ state }) => state === "paused",
          (record) => machine.unpause(record),
        ),
      ),
    restartPod: (id, options) =>
      toEach("restart", id, options, (record, signal) =>
        containers.restart(record.id, undefined, signal),
      ),
    removePod: (id, options) =>
      locked(options, async () => {
        const pod = await host.state.getPod(id);
        const members = await machine.members(id);
        await machine.checkRemovable(members, options?.force === true);
        for (const member of members) await machine.end(member);
        await host.state.removePod(id);
        machine.forget(members);
        tell("remove", pod);
        await machine.dropOutput(members);
      }),
  };
}

/** @throws PodFinalized once it has containers; PodExists */
async function configure(
  host: Host,
  machine: Machine,
  pod: PodRecord,
  changes: PodConfig,
): Promise<void> {
  const given = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as PodConfig;
  if ((await machine.members(pod.id)).length > 0) {
    throw new PodFinalized(
      `pod ${pod.id} has containers: what it is made with can no longer change`,
    );
  }
  const name = given.name ?? pod.name;
  checkName(name);
  await host.state.savePod({
    ...pod,
    name,
    config: { ...pod.config, ...given },
  });
}

function runs({ state }: ContainerRecord): boolean {
  return state === "running" || state === "stopping";
}

interface Failure {
  readonly containerId: string;
  readonly error: unknown;
}

/** @throws PodOperationFailed, the first error being its cause; the signal's reason. */
function report(
  podId: string,
  failures: readonly Failure[],
  signal: AbortSignal,
): void {
  const [first] = failures;
  if (first === undefined) return;
  signal.throwIfAborted();
  throw new PodOperationFailed(
    podId,
    failures.map(({ containerId, error }): PodContainerFailure => ({
      containerId,
      reason: messageOf(error),
    })),
    { cause: asOurs(first.error) },
  );
}
