import { EError, type TContainer } from "portolan/porto";
import type {
  Engine,
  OperationOptions,
  PodMember,
  PodSummary,
} from "../../engine.ts";
import {
  ContainerStopped,
  InvalidState,
  LibpodError,
  NoSuchContainer,
  NoSuchPod,
  NotSupported,
  type PodContainerFailure,
  PodOperationFailed,
} from "../../errors.ts";
import { podStateOf } from "../../pod-state.ts";
import { lookUp } from "../../lookup.ts";
import type { Containers } from "./containers.ts";
import { dateOf, labelsOf } from "./describe.ts";
import { type About, answered, asked, translate } from "./errors.ts";
import { EVERY, type FoundPod, type Host, isPod } from "./host.ts";
import {
  POD_LABEL,
  POD_VALUE,
  readKept,
  splitLabels,
  writeKept,
} from "./kept.ts";
import { checkName, parentOf } from "./names.ts";
import { Operation } from "./operation.ts";
import { isIdle, stateOf } from "./states.ts";

const PROPERTIES: readonly string[] = [
  "state",
  "labels",
  "private",
  "creation_time",
];

/**
 * Pods: containers without a command of their own, marked by a label, with the pod's
 * containers directly in them. A container without that label is no pod, whatever is
 * nested in it.
 */
export class Pods {
  readonly #host: Host;
  readonly #containers: Containers;

  constructor(host: Host, containers: Containers) {
    this.#host = host;
    this.#containers = containers;
  }

  readonly listPods = async (
    options?: OperationOptions,
  ): Promise<readonly PodSummary[]> => {
    const all = await this.#host.list(
      [EVERY],
      PROPERTIES,
      { call: "listPods" },
      new Operation(options),
    );
    return all.filter(isPod).map((pod) => {
      const id = pod.spec?.name ?? "";
      const members = all.filter(
        (other) => parentOf(other.spec?.name ?? "") === id && !isPod(other),
      );
      return summarizePod({ pod, members });
    });
  };

  readonly getPod: NonNullable<Engine["getPod"]> = async (id, options) =>
    summarizePod(await this.#find(id, "getPod", new Operation(options)));

  readonly lookupPod: NonNullable<Engine["lookupPod"]> = async (
    idOrName,
    options,
  ) => {
    const found = lookUp(await this.listPods(options), idOrName, "pod");
    if (found !== undefined) return found;
    throw new NoSuchPod(`there is no pod ${idOrName}`);
  };

  readonly createPod: NonNullable<Engine["createPod"]> = async (
    config,
    options,
  ) => {
    const {
      name: id = this.#host.newName("pod"),
      cgroupParent,
      share,
    } = config;
    if (cgroupParent !== undefined)
      throw new NotSupported("porto", "createPod: cgroupParent");
    if ((share?.length ?? 0) > 0)
      throw new NotSupported("porto", "createPod: share");
    checkName(id, "the pod's name");
    const labels = splitLabels(config.labels);
    const kept = writeKept({ labels: labels.rest });
    await asked(
      { call: "createPod", pod: id },
      this.#host.client.createFromSpec(
        {
          container: {
            name: id,
            labels: {
              map: [...labels.porto, { key: POD_LABEL, val: POD_VALUE }],
            },
            ...(kept !== undefined && { private: kept }),
          },
        },
        new Operation(options).limits,
      ),
    );
    return id;
  };

  readonly startPod: NonNullable<Engine["startPod"]> = async (id, options) => {
    const operation = new Operation(options);
    const found = await this.#find(id, "startPod", operation);
    await this.#open(found, "startPod", operation);
    await this.#each(
      found,
      (word) => isIdle(word),
      (name) => this.#containers.startContainer(name, operation.limits),
    );
  };

  readonly stopPod: NonNullable<Engine["stopPod"]> = async (
    id,
    { grace, ...options } = {},
  ) => {
    const operation = new Operation(options);
    const found = await this.#find(id, "stopPod", operation);
    await this.#each(
      found,
      (word) => !isIdle(word),
      (name) =>
        this.#containers.stopContainer(name, { ...operation.limits, grace }),
    );
  };

  readonly killPod: NonNullable<Engine["killPod"]> = async (
    id,
    signal,
    options,
  ) => {
    const operation = new Operation(options);
    const found = await this.#find(id, "killPod", operation);
    await this.#each(
      found,
      (word) => word === "running",
      async (name) => {
        try {
          await this.#containers.killContainer(name, signal, operation.limits);
        } catch (error) {
          // It ended meanwhile: it is not one of those that run.
          if (!ContainerStopped.is(error)) throw error;
        }
      },
    );
  };

  readonly pausePod: NonNullable<Engine["pausePod"]> = async (id, options) => {
    const operation = new Operation(options);
    const found = await this.#find(id, "pausePod", operation);
    await this.#each(
      found,
      (word) => word === "running" || word === "meta",
      (name) => this.#containers.pauseContainer(name, operation.limits),
    );
  };

  readonly unpausePod: NonNullable<Engine["unpausePod"]> = async (
    id,
    options,
  ) => {
    const operation = new Operation(options);
    const found = await this.#find(id, "unpausePod", operation);
    if (found.pod.status?.state === "paused") {
      // Somebody paused the whole, of which no part can be resumed.
      await asked(
        { call: "unpausePod", pod: id },
        this.#host.client.resume({ name: id }, operation.limits),
      );
      return;
    }
    await this.#each(
      found,
      (word) => word === "paused",
      (name) => this.#containers.unpauseContainer(name, operation.limits),
    );
  };

  readonly restartPod: NonNullable<Engine["restartPod"]> = async (
    id,
    options,
  ) => {
    const operation = new Operation(options);
    const found = await this.#find(id, "restartPod", operation);
    await this.#open(found, "restartPod", operation);
    await this.#each(
      found,
      () => true,
      (name) => this.#containers.restartContainer(name, operation.limits),
    );
  };

  /** One command removes the pod with all that is in it. */
  readonly removePod: NonNullable<Engine["removePod"]> = async (
    id,
    { force = false, ...options } = {},
  ) => {
    const operation = new Operation(options);
    const about: About = { call: "removePod", pod: id };
    await this.#find(id, "removePod", operation);
    if (!force) {
      const states = await this.#host.statesBelow(id, about, operation);
      for (const [name, word] of states)
        // The pod itself has no process, and does nothing by itself.
        if (name !== id && !isIdle(word))
          throw new InvalidState(
            `the pod ${id} cannot be removed without force: ${name} is ${word}`,
          );
    }
    await asked(
      about,
      this.#host.client.destroy({ name: id }, operation.limits),
    );
  };

  async #find(
    id: string,
    call: string,
    operation: Operation,
  ): Promise<FoundPod> {
    return this.#host.pod(id, PROPERTIES, { call, pod: id }, operation);
  }

  /**
   * Starts the pod itself where something in it is to run. Porto does so with the
   * first container that starts, and fails others that start at the same time.
   */
  async #open(
    { pod, members }: FoundPod,
    call: string,
    operation: Operation,
  ): Promise<void> {
    if (pod.status?.state !== "stopped" || members.length === 0) return;
    const id = pod.spec?.name ?? "";
    try {
      await this.#host.client.start({ name: id }, operation.limits);
    } catch (error) {
      // Somebody else has started it meanwhile.
      if (!answered(error, EError.InvalidState))
        throw translate(error, { call, pod: id });
    }
  }

  /**
   * Does something to all containers of a pod that it is for, at a time.
   *
   * @param isFor By Porto's word for the state.
   * @throws PodOperationFailed; what ends the operation as a whole, as it is
   */
  async #each(
    { pod, members }: FoundPod,
    isFor: (word: string) => boolean,
    act: (id: string) => Promise<void>,
  ): Promise<void> {
    const names = members
      .filter(({ status }) => isFor(status?.state ?? ""))
      .map(({ spec }) => spec?.name ?? "");
    const outcomes = await Promise.allSettled(names.map(act));
    const errors: unknown[] = [];
    const failures: PodContainerFailure[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") continue;
      const error: unknown = outcome.reason;
      // Removed meanwhile: nothing is left to do with it.
      if (NoSuchContainer.is(error)) continue;
      // An abort, a time limit, a connection that is lost.
      if (!LibpodError.is(error)) throw error;
      errors.push(error);
      failures.push({
        containerId: names[index] ?? "",
        reason: error.message,
      });
    }
    if (failures.length > 0)
      throw new PodOperationFailed(pod.spec?.name ?? "", failures, {
        cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
      });
  }
}

function summarizePod({ pod, members }: FoundPod): PodSummary {
  const { spec, status } = pod;
  const id = spec?.name ?? "";
  const containers = members.map((member) => memberOf(member));
  return {
    id,
    name: id,
    state: podStateOf(containers.map(({ state }) => state)),
    engineState: status?.state ?? "",
    labels: labelsOf(spec, readKept(spec?.private)),
    createdAt: dateOf(status?.creation_time),
    containers,
  };
}

function memberOf({ spec, status }: TContainer): PodMember {
  const id = spec?.name ?? "";
  const word = status?.state ?? "";
  return { id, name: id, state: stateOf(word), engineState: word };
}
