import { EError } from "portolan/porto";
import type {
  ContainerConfig,
  ContainerDetails,
  ContainerSummary,
  Engine,
  OperationOptions,
} from "../../engine.ts";
import {
  InvalidArgument,
  InvalidState,
  NoSuchContainer,
} from "../../errors.ts";
import { lookUp } from "../../lookup.ts";
import type { Spec } from "../../spec.ts";
import { DETAILS, detail, SUMMARY, summarize } from "./describe.ts";
import { type About, answered, asked } from "./errors.ts";
import { EVERY, type Host, isPod } from "./host.ts";
import { readKept } from "./kept.ts";
import { checkName } from "./names.ts";
import { Operation } from "./operation.ts";
import { fromPorto } from "./spec/from-porto.ts";
import { toPorto } from "./spec/to-porto.ts";
import { isIdle, stateOf } from "./states.ts";
import { Waiting } from "./wait.ts";

/** Milliseconds between the stop signal and SIGKILL. */
const DEFAULT_GRACE = 10_000;
const SIGKILL = 9;
const SIGTERM = 15;
/** What an init system takes as the wish to end. */
const SIGPWR = 30;

type Grace = { readonly grace?: number | undefined };

/** The engine's calls that are about containers. */
export class Containers {
  readonly #host: Host;
  readonly #waiting: Waiting;

  constructor(host: Host) {
    this.#host = host;
    this.#waiting = new Waiting(host);
  }

  readonly listContainers = async (
    options?: OperationOptions,
  ): Promise<readonly ContainerSummary[]> => {
    const found = await this.#host.list(
      [EVERY],
      SUMMARY,
      { call: "listContainers" },
      new Operation(options),
    );
    const pods = new Set(
      found.filter(isPod).map(({ spec }) => spec?.name ?? ""),
    );
    return found
      .filter((container) => !isPod(container))
      .map((container) => summarize(container, pods));
  };

  readonly getContainer: Engine["getContainer"] = async (id, options) => {
    const about: About = { call: "getContainer", container: id };
    return this.#read(id, about, SUMMARY, options, summarize);
  };

  readonly lookupContainer: Engine["lookupContainer"] = async (
    idOrName,
    options,
  ) => {
    const all = await this.listContainers(options);
    const found = lookUp(all, idOrName, "container");
    if (found !== undefined) return found;
    throw new NoSuchContainer(`there is no container ${idOrName}`);
  };

  readonly inspectContainer = async (
    id: string,
    options?: OperationOptions,
  ): Promise<ContainerDetails> => {
    const about: About = { call: "inspectContainer", container: id };
    return this.#read(id, about, DETAILS, options, detail);
  };

  readonly containerSpec = async (
    id: string,
    options?: OperationOptions,
  ): Promise<Spec> => {
    const about: About = { call: "containerSpec", container: id };
    const { spec } = await this.#host.container(
      id,
      DETAILS,
      about,
      new Operation(options),
    );
    if (spec === undefined)
      throw new NoSuchContainer(`there is no container ${id}`);
    return fromPorto(spec);
  };

  readonly createContainer = async (
    config: ContainerConfig,
    options?: OperationOptions,
  ): Promise<string> => {
    const id = this.#nameFor(config);
    // Before anything is sent: what Porto cannot do is refused here.
    const plain = toPorto(id, config);
    const operation = new Operation(options);
    const about: About = { call: "createContainer", container: id };
    const { podId, rootfs } = config;
    if (podId !== undefined) {
      const inPod: About = { call: "createContainer", pod: podId };
      await this.#host.pod(podId, [], inPod, operation);
    }
    const fromImage =
      rootfs !== undefined &&
      "image" in rootfs &&
      rootfs.useImageConfig !== false;
    const input = fromImage
      ? toPorto(id, config, await this.#image(rootfs.image, operation))
      : plain;
    await asked(
      about,
      this.#host.client.createFromSpec(input, operation.limits),
    );
    return id;
  };

  readonly startContainer: NonNullable<Engine["startContainer"]> = async (
    id,
    options,
  ) => {
    const operation = new Operation(options);
    const about: About = { call: "startContainer", container: id };
    const word = await this.#state(id, about, operation);
    if (word === "dead") await this.#reset(id, about, operation);
    else if (word !== "stopped")
      throw new InvalidState(`${id} cannot be started: it is ${word}`);
    await asked(about, this.#host.client.start({ name: id }, operation.limits));
  };

  readonly stopContainer = async (
    id: string,
    options?: OperationOptions & Grace,
  ): Promise<void> => {
    await this.#stop(id, "stopContainer", new Operation(options), options);
  };

  readonly killContainer: Engine["killContainer"] = async (
    id,
    signal,
    options,
  ) => {
    const operation = new Operation(options);
    const about: About = {
      call: "killContainer",
      container: id,
      needsRunning: true,
    };
    const word = await this.#state(id, about, operation);
    // Porto takes no signals for these, and the state is then not one of not running.
    if (word === "paused" || word === "meta")
      throw new InvalidState(
        word === "paused"
          ? `${id} is paused: Porto sends signals to what runs only`
          : `${id} has no process of its own to send a signal to`,
      );
    await asked(
      about,
      this.#host.client.kill({ name: id, sig: signal }, operation.limits),
    );
  };

  readonly restartContainer: NonNullable<Engine["restartContainer"]> = async (
    id,
    options,
  ) => {
    const operation = new Operation(options);
    await this.#stop(id, "restartContainer", operation, options);
    const about: About = { call: "restartContainer", container: id };
    await this.#reset(id, about, operation);
    await asked(about, this.#host.client.start({ name: id }, operation.limits));
  };

  readonly pauseContainer: NonNullable<Engine["pauseContainer"]> = async (
    id,
    options,
  ) => {
    const operation = new Operation(options);
    const about: About = { call: "pauseContainer", container: id };
    await this.#state(id, about, operation);
    await asked(about, this.#host.client.pause({ name: id }, operation.limits));
  };

  readonly unpauseContainer: NonNullable<Engine["unpauseContainer"]> = async (
    id,
    options,
  ) => {
    const operation = new Operation(options);
    const about: About = { call: "unpauseContainer", container: id };
    await this.#state(id, about, operation);
    await asked(
      about,
      this.#host.client.resume({ name: id }, operation.limits),
    );
  };

  readonly waitContainer: Engine["waitContainer"] = async (id, options) => {
    const operation = new Operation(options);
    const about: About = { call: "waitContainer", container: id };
    await this.#state(id, about, operation);
    return this.#waiting.exitCode(id, about, operation);
  };

  readonly removeContainer: Engine["removeContainer"] = async (
    id,
    { force = false, ...options } = {},
  ) => {
    const operation = new Operation(options);
    const about: About = { call: "removeContainer", container: id };
    await this.#state(id, about, operation);
    if (!force) {
      const states = await this.#host.statesBelow(id, about, operation);
      for (const [name, word] of states)
        if (!isIdle(word))
          throw new InvalidState(
            `${id} cannot be removed without force: ${name === id ? "it" : name} is ${word}`,
          );
    }
    await asked(
      about,
      this.#host.client.destroy({ name: id }, operation.limits),
    );
  };

  readonly mountContainer: NonNullable<Engine["mountContainer"]> = async (
    id,
    options,
  ) => {
    const about: About = { call: "mountContainer", container: id };
    const { status } = await this.#host.container(
      id,
      ["root_path"],
      about,
      new Operation(options),
    );
    if (status?.root_path !== undefined) return status.root_path;
    throw new InvalidState(`the root of ${id} cannot be reached from here`);
  };

  readonly unmountContainer: NonNullable<Engine["unmountContainer"]> = async (
    id,
    options,
  ) => {
    const about: About = { call: "unmountContainer", container: id };
    await this.#state(id, about, new Operation(options));
  };

  /** A container with some properties, and in which pod it is. */
  async #read<T extends ContainerSummary>(
    id: string,
    about: About,
    properties: readonly string[],
    options: OperationOptions | undefined,
    show: (
      container: Awaited<ReturnType<Host["container"]>>,
      pods: ReadonlySet<string>,
    ) => T,
  ): Promise<T> {
    const operation = new Operation(options);
    const container = await this.#host.container(
      id,
      properties,
      about,
      operation,
    );
    const pods = await this.#host.podAround(id, about, operation);
    return show(container, pods);
  }

  /** Porto's word for its state. @throws NoSuchContainer, also for a pod */
  async #state(
    id: string,
    about: About,
    operation: Operation,
  ): Promise<string> {
    const { status } = await this.#host.container(
      id,
      ["state"],
      about,
      operation,
    );
    return status?.state ?? "";
  }

  /** Back to where it can be started; what it printed and how it ended are forgotten. */
  async #reset(id: string, about: About, operation: Operation): Promise<void> {
    await asked(about, this.#host.client.stop({ name: id }, operation.limits));
  }

  /**
   * Stops a container so that it has ended, and its exit code is known. Porto's own
   * command would forget that and what it printed.
   */
  async #stop(
    id: string,
    call: string,
    operation: Operation,
    { grace = DEFAULT_GRACE }: Grace = {},
  ): Promise<void> {
    if (!(grace >= 0))
      throw new InvalidArgument(
        `grace: milliseconds are needed, not ${String(grace)}`,
      );
    const { client } = this.#host;
    const about: About = { call, container: id };
    const { spec, status } = await this.#host.container(
      id,
      ["state", "private", "respawn", "virt_mode"],
      about,
      operation,
    );
    const word = status?.state ?? "";
    if (isIdle(word)) return;
    if (word === "paused" || stateOf(word) === "unknown")
      throw new InvalidState(`${id} cannot be stopped: it is ${word}`);
    const most = Math.ceil(Math.min(grace, MAX_MILLISECONDS));
    // These have no process to signal, or get another one as soon as it has ended.
    if (word !== "running" || spec?.respawn === true) {
      await asked(
        about,
        client.stop({ name: id, timeout_ms: most }, operation.limits),
      );
      return;
    }
    const { stopSignal = spec?.virt_mode === "os" ? SIGPWR : SIGTERM } =
      readKept(spec?.private);
    for (const [signal, time] of [
      [stopSignal, most],
      [SIGKILL, undefined],
    ] as const) {
      if (!(await this.#signal(id, signal, about, operation))) return;
      const { state } = await this.#host.wait(id, about, operation, time);
      if (state !== "timeout") return;
    }
  }

  /** Sends a signal; false for what does not run any more. */
  async #signal(
    id: string,
    signal: number,
    about: About,
    operation: Operation,
  ): Promise<boolean> {
    try {
      const { client } = this.#host;
      await client.kill({ name: id, sig: signal }, operation.limits);
      return true;
    } catch (error) {
      // It may have ended meanwhile; what it is in then is no state to refuse.
      if (answered(error, EError.InvalidState)) {
        const word = await this.#state(id, about, operation);
        if (isIdle(word)) return false;
      }
      return asked(about, Promise.reject(error as Error));
    }
  }

  async #image(
    name: string,
    operation: Operation,
  ): Promise<
    | NonNullable<
        Awaited<ReturnType<Host["client"]["dockerImageStatus"]>>["image"]
      >
    | undefined
  > {
    const about: About = { call: "createContainer", image: name };
    const { image } = await asked(
      about,
      this.#host.client.dockerImageStatus({ name }, operation.limits),
    );
    return image;
  }

  /** The whole name of a new container. @throws InvalidArgument */
  #nameFor({
    name = this.#host.newName("ctr"),
    podId,
  }: ContainerConfig): string {
    const inPod = podId !== undefined && !name.startsWith(`${podId}/`);
    const id = inPod ? `${podId}/${name}` : name;
    checkName(id, "the name");
    if (podId !== undefined && id.slice(podId.length + 1).includes("/"))
      throw new InvalidArgument(
        `the name "${name}": a container of a pod is directly in it, so its name has no /`,
      );
    return id;
  }
}

/** The most that Porto's fields for milliseconds hold. */
const MAX_MILLISECONDS = 2 ** 32 - 1;
