import type { PodCreate, PodmanHandlers } from "portolan/podman";
import type { PodConfig, PodSummary } from "../../engine.ts";
import { InvalidArgument, PodOperationFailed } from "../../errors.ts";
import type { Namespace } from "../../constants.ts";
import { signalNumber } from "./containers.ts";
import { goTime } from "./format.ts";
import type { AllHandlers } from "./handlers.ts";
import { inspectPod } from "./inspect-pod.ts";
import { type FormatTime, listPod, measure } from "./list.ts";
import { parseName } from "./parse.ts";
import { findPod, type PodAnswers, type Served } from "./served.ts";

type PodHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  | "createPod"
  | "listPods"
  | "getPod"
  | "inspectPod"
  | "startPod"
  | "stopPod"
  | "restartPod"
  | "killPod"
  | "pausePod"
  | "unpausePod"
  | "removePod"
  | "getPodStats"
>;

/** By Podman's words; the control group is every pod's own anyway. */
const shareable: ReadonlyMap<string, Namespace | undefined> = new Map<
  string,
  Namespace | undefined
>([
  ["cgroup", undefined],
  ["ipc", "ipc"],
  ["net", "net"],
  ["pid", "pid"],
  ["uts", "uts"],
]);

/**
 * Reads what a pod is made with.
 *
 * @throws InvalidArgument
 */
export function readPodCreate(create: PodCreate): PodConfig {
  const { name, cgroupParent, labels, share, infra } = create;
  if (share.length > 0 && !infra) {
    throw new InvalidArgument(
      "You cannot share kernel namespaces on the pod level without an infra container",
    );
  }
  if (share.length === 0 && infra) {
    throw new InvalidArgument(
      "You must share kernel namespaces to run an infra container",
    );
  }
  const shared = share.flatMap((word) => {
    if (!shareable.has(word)) {
      throw new InvalidArgument(
        `${JSON.stringify(word)} is nothing that a pod's containers share: there are ${[...shareable.keys()].join(", ")}`,
      );
    }
    return shareable.get(word) ?? [];
  });
  return {
    name: parseName(name),
    labels,
    cgroupParent: cgroupParent === "" ? undefined : cgroupParent,
    share: shared,
  };
}

/** Finds a pod, does something to it and answers with its id. */
export async function actOnPod(
  served: Served<PodAnswers>,
  name: string,
  action: (pod: PodSummary) => Promise<unknown>,
): Promise<{ pod: string }> {
  const pod = await findPod(served, name);
  try {
    await action(pod);
  } catch (error) {
    throw PodOperationFailed.is(error)
      ? served.answers.podContainers(
          pod.id,
          error.failures.map(({ containerId, reason }) => ({
            containerid: containerId,
            reason,
          })),
          error,
        )
      : served.translate(error);
  }
  return { pod: pod.id };
}

/**
 * The methods for pods, as Podman 1.0 has them.
 *
 * @param format How the interface writes times. Default: as Podman 1.0.
 */
export function podHandlers(
  served: Served<PodAnswers>,
  format: FormatTime = goTime,
): PodHandlers {
  const { engine, answers } = served;
  /** For calls that an empty pod refuses. */
  const filled = (
    name: string,
    action: (pod: PodSummary) => Promise<unknown>,
  ): Promise<{ pod: string }> =>
    actOnPod(served, name, (pod) => {
      if (pod.containers.length === 0) throw answers.noContainersInPod(name);
      return action(pod);
    });
  return {
    async createPod({ create }) {
      const made = async (): Promise<string> =>
        engine.createPod(readPodCreate(create));
      return { pod: await served.attempt(made()) };
    },

    async listPods() {
      const pods = await served.attempt(engine.listPods());
      return { pods: pods.map((pod) => listPod(pod, format)) };
    },

    async getPod({ name }) {
      return { pod: listPod(await findPod(served, name), format) };
    },

    async inspectPod({ name }) {
      return { pod: JSON.stringify(inspectPod(await findPod(served, name))) };
    },

    async startPod({ name }) {
      return filled(name, ({ id }) => engine.startPod(id));
    },

    async stopPod({ name }) {
      return actOnPod(served, name, ({ id }) => engine.stopPod(id));
    },

    async restartPod({ name }) {
      return filled(name, ({ id }) => engine.restartPod(id));
    },

    async killPod({ name, signal }) {
      return actOnPod(served, name, ({ id }) =>
        engine.killPod(id, signalNumber(signal)),
      );
    },

    async pausePod({ name }) {
      return actOnPod(served, name, ({ id }) => engine.pausePod(id));
    },

    async unpausePod({ name }) {
      return actOnPod(served, name, ({ id }) => engine.unpausePod(id));
    },

    async removePod({ name, force }) {
      return actOnPod(served, name, ({ id, containers }) => {
        // Podman 1.0 minds all containers, not only those that run.
        if (containers.length > 0 && !force) {
          throw answers.occurred(
            `pod ${id} contains containers and cannot be removed without force: container state improper`,
          );
        }
        return engine.removePod(id, { force });
      });
    },

    async getPodStats({ name }) {
      const { id } = await findPod(served, name);
      const stats = await served.attempt(engine.podStats(id));
      if (stats.length === 0)
        throw answers.noContainerRunning(
          `no container of pod ${id} is running`,
          undefined,
        );
      return {
        pod: id,
        containers: stats.map((measured) => measure(measured, 0)),
      };
    },
  };
}
