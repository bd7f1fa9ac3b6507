import { able, isAble } from "./calls.ts";
import { checkMembers } from "./check.ts";
import type { Container } from "./container.ts";
import {
  checkPodOptions,
  podMembers,
  type PodOptions,
} from "./container-options.ts";
import type { Core } from "./core.ts";
import type {
  ContainerState,
  ContainerStats,
  ContainerSummary,
  Engine,
  OperationOptions,
  PodMember,
  PodState,
  PodSummary,
} from "./engine.ts";
import { PodFinalized } from "./errors.ts";
import type { Life } from "./lives.ts";
import type { Left } from "./scope.ts";
import { type Signal, signalNumber } from "./signals.ts";
import { checkGrace, stopMembers, type StopOptions } from "./stop.ts";
import { showAs } from "./shown.ts";

/** Where a pod and its containers stand. */
export interface PodStatus {
  /** Where the pod stands, by the states of its containers. */
  readonly state: PodState;
  /** The engine's own word for it. */
  readonly engineState: string;
  /** How many of its containers are in each state; states that none is in are absent. */
  readonly counts: Readonly<Partial<Record<ContainerState, number>>>;
  /** Its containers, one by one. */
  readonly members: readonly PodMember[];
}

/**
 * A group of containers that may share namespaces.
 *
 * Its methods throw `PodRemoved` once it was removed, through whichever object of
 * its runtime, or is found to be gone.
 */
export class Pod {
  readonly #core: Core;
  readonly #life: Life;
  #summary: PodSummary;

  /** Pods are made by a {@link Runtime}. @internal */
  constructor(core: Core, summary: PodSummary) {
    this.#core = core;
    this.#summary = summary;
    this.#life = core.ledger.pod(summary.id);
    core.own(this, "pod", this.#life);
  }

  /** What the engine names it by, for good. */
  get id(): string {
    return this.#summary.id;
  }

  /** What people call it, as far as {@link Pod.summary} knows. */
  get name(): string {
    return this.#summary.name;
  }

  /** The pod as it was when this object was made, or last refreshed. */
  get summary(): PodSummary {
    return this.#summary;
  }

  /** Asks for {@link Pod.summary} again. @throws PodRemoved */
  async refresh(options: OperationOptions = {}): Promise<PodSummary> {
    this.#summary = await this.#run(options, (engine, left) =>
      able(engine, "getPod").getPod(this.id, left()),
    );
    return this.#summary;
  }

  /**
   * The containers in it; an infra container that the engine adds by itself is among
   * them.
   *
   * @throws PodRemoved
   */
  async containers(options: OperationOptions = {}): Promise<Container[]> {
    return await this.#run(options, async (engine, left) => {
      const { containers } = await able(engine, "getPod").getPod(
        this.id,
        left(),
      );
      const members = new Set(containers.map(({ id }) => id));
      const all = await engine.listContainers(left());
      return all
        .filter(({ id }) => members.has(id))
        .map((summary) => this.#member(summary));
    });
  }

  /** Starts the containers in it that do not run. @throws PodOperationFailed */
  async start(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "startPod").startPod(this.id, left()),
    );
  }

  /** Stops the containers in it that run, as {@link Container.stop} does. @throws PodOperationFailed */
  async stop(options: StopOptions = {}): Promise<void> {
    await this.#run(
      options,
      (engine, left) => {
        const grace = checkGrace(options);
        return able(engine, "stopPod").stopPod(this.id, { ...left(), grace });
      },
      stopMembers,
    );
  }

  /**
   * Sends a signal to the containers in it that run.
   *
   * @param signal By name or number. Default SIGKILL.
   * @throws PodOperationFailed; InvalidArgument
   */
  async kill(
    signal: Signal = "SIGKILL",
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#run(options, (engine, left) => {
      const number = signalNumber(signal);
      return able(engine, "killPod").killPod(this.id, number, left());
    });
  }

  /** Freezes the containers in it that run. @throws PodOperationFailed; NotSupported */
  async pause(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "pausePod").pausePod(this.id, left()),
    );
  }

  /** Lets the containers in it that are paused go on. @throws PodOperationFailed; NotSupported */
  async unpause(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "unpausePod").unpausePod(this.id, left()),
    );
  }

  /** Stops the containers in it that run, and starts all. @throws PodOperationFailed; NotSupported */
  async restart(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "restartPod").restartPod(this.id, left()),
    );
  }

  /** The state of the pod, and those of its containers, counted and one by one. */
  async status(options: OperationOptions = {}): Promise<PodStatus> {
    const { state, engineState, containers } = await this.#run(
      options,
      (engine, left) => able(engine, "getPod").getPod(this.id, left()),
    );
    const counts: Partial<Record<ContainerState, number>> = {};
    for (const member of containers)
      counts[member.state] = (counts[member.state] ?? 0) + 1;
    return { state, engineState, counts, members: containers };
  }

  /** What each container in it that runs uses. @throws NotSupported */
  async stats(
    options: OperationOptions = {},
  ): Promise<readonly ContainerStats[]> {
    return await this.#run(options, (engine, left) =>
      able(engine, "podStats").podStats(this.id, left()),
    );
  }

  /**
   * Changes what it was made with; members that are not given stay.
   *
   * @throws PodFinalized once it has containers
   * @throws NotSupported on engines that fix a pod when it is made
   */
  async configure(
    options: PodOptions,
    operation: OperationOptions = {},
  ): Promise<void> {
    await this.#run(operation, async (engine, left) => {
      checkMembers(options, "options", podMembers);
      const changes = checkPodOptions(options);
      if (
        !isAble(engine, "configurePod") &&
        this.#summary.containers.length > 0
      )
        throw new PodFinalized(
          `pod ${this.id} has containers: it is configured before`,
        );
      const capable = able(engine, "configurePod");
      await capable.configurePod(this.id, changes, left());
      this.#summary = await able(engine, "getPod").getPod(this.id, left());
    });
  }

  #run<T>(
    options: OperationOptions,
    call: (engine: Engine, left: Left) => Promise<T>,
    members?: readonly string[],
  ): Promise<T> {
    return this.#core.run(options, call, this.#life, members);
  }

  /** What engines do not tell of a container in a list is known here. */
  #member(summary: ContainerSummary): Container {
    return this.#core.objects.container({
      ...summary,
      podId: summary.podId ?? this.id,
    });
  }

  static {
    showAs(Pod, "Pod", ({ id, name, summary: { state } }) => ({
      id,
      name,
      state,
    }));
  }
}
