import type {
  ContainerChanges,
  ContainerConfig,
  OperationOptions,
} from "../../engine.ts";
import { ContainerFinalized, InvalidArgument } from "../../errors.ts";
import { signalNumber } from "../../signals.ts";
import type { ContainerRecord } from "../../state.ts";
import { checkName, completed, nameFor } from "./config.ts";
import type { Host } from "./host.ts";
import type { RunConfig } from "./images/config.ts";
import type { Machine } from "./machine.ts";
import { operate } from "./operation.ts";
import type { EmbeddedEngine } from "./types.ts";
import { detailsOf, summaryOf } from "./views.ts";

/** Milliseconds between the stop signal and SIGKILL where nobody says another number. */
const GRACE = 10_000;

type ContainerCalls = Pick<
  EmbeddedEngine,
  | "listContainers"
  | "getContainer"
  | "lookupContainer"
  | "inspectContainer"
  | "containerSpec"
  | "createContainer"
  | "configureContainer"
  | "initContainer"
  | "startContainer"
  | "stopContainer"
  | "killContainer"
  | "restartContainer"
  | "pauseContainer"
  | "unpauseContainer"
  | "waitContainer"
  | "removeContainer"
>;

/** What the engine does with containers, one by one. */
export class Containers {
  readonly #host: Host;
  readonly #machine: Machine;

  constructor(host: Host, machine: Machine) {
    this.#host = host;
    this.#machine = machine;
  }

  /** These as the calls of an engine. */
  calls(): ContainerCalls {
    const host = this.#host;
    const machine = this.#machine;
    /** An operation on the record of one container. */
    const on = <T>(
      id: string,
      options: OperationOptions | undefined,
      work: (record: ContainerRecord) => T | Promise<T>,
    ): Promise<T> =>
      operate(host, options, (signal) =>
        host.locked(async () => work(await machine.record(id)), signal),
      );
    return {
      listContainers: (options) =>
        operate(host, options, (signal) =>
          host.locked(
            async () => (await machine.records()).map(summaryOf),
            signal,
          ),
        ),
      getContainer: (id, options) => on(id, options, summaryOf),
      lookupContainer: (idOrName, options) =>
        operate(host, options, (signal) =>
          host.locked(async () => {
            const { id } = await host.state.lookupContainer(idOrName);
            return summaryOf(await machine.record(id));
          }, signal),
        ),
      inspectContainer: (id, options) => on(id, options, detailsOf),
      containerSpec: (id, options) =>
        on(id, options, ({ config }) => config.spec),
      createContainer: (config, options) =>
        operate(host, options, (signal) =>
          host.locked(() => this.create(config), signal),
        ),
      configureContainer: (id, changes, options) =>
        on(id, options, (record) => this.configure(record, changes)),
      initContainer: (id, options) =>
        on(id, options, async (record) => {
          await machine.init(record);
        }),
      startContainer: (id, options) =>
        on(id, options, (record) => machine.start(record)),
      stopContainer: (id, options) =>
        operate(host, options, (signal) =>
          this.stop(id, options?.grace, signal),
        ),
      killContainer: (id, signal, options) =>
        on(id, options, (record) => machine.kill(record, signalNumber(signal))),
      restartContainer: (id, options) =>
        operate(host, options, (signal) =>
          this.restart(id, options?.grace, signal),
        ),
      pauseContainer: (id, options) =>
        on(id, options, (record) => machine.pause(record)),
      unpauseContainer: (id, options) =>
        on(id, options, (record) => machine.unpause(record)),
      waitContainer: (id, options) =>
        operate(host, options, (signal) => this.wait(id, signal)),
      removeContainer: (id, options) =>
        on(id, options, (record) =>
          this.remove(record, options?.force === true),
        ),
    };
  }

  /** Locked. @throws InvalidArgument; ContainerExists; NoSuchImage; NoSuchPod; NoSuchContainer */
  async create(
    config: ContainerConfig,
    extra: ContainerRecord["extra"] = {},
  ): Promise<string> {
    const { state, clock } = this.#host;
    if (config.name !== undefined) checkName(config.name);
    const podId = await this.#podOf(config);
    if (podId !== undefined) await state.getPod(podId);
    const { imageId, image } = await this.#image(config);
    const resolved = completed({ ...config, podId }, image);
    const id = this.#host.newId();
    await this.#machine.add({
      id,
      name: config.name ?? nameFor(id, await this.names()),
      config: resolved,
      imageId,
      podId,
      createdAt: clock.now(),
      state: "configured",
      mounts: 0,
      extra,
    });
    return id;
  }

  /**
   * Locked. A new root filesystem brings the new image's command and so on along
   * where the configuration has none; what an image before it brought stays.
   *
   * @throws ContainerFinalized once it is set up.
   */
  async configure(
    record: ContainerRecord,
    changes: ContainerChanges,
  ): Promise<void> {
    const given = Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined),
    ) as ContainerChanges;
    if (Object.keys(given).length === 0) return;
    if (record.state !== "configured") {
      throw new ContainerFinalized(
        `container ${record.id} is ${record.state}: what it is made with can no longer change`,
      );
    }
    await this.reconfigure(record, { ...record.config, ...given });
  }

  /** Locked. Replaces what a container is made with. @throws InvalidArgument; ContainerExists; NoSuchImage */
  async reconfigure(
    record: ContainerRecord,
    config: ContainerConfig,
  ): Promise<void> {
    const name = config.name ?? record.name;
    checkName(name);
    if ((config.podId ?? record.podId) !== record.podId)
      throw new InvalidArgument("podId: a container stays in its pod");
    const { imageId, image } = await this.#image(config);
    const resolved = completed({ ...config, podId: record.podId }, image);
    await this.#machine.save(record, { name, config: resolved, imageId });
  }

  /** @throws InvalidState; InvalidArgument; the signal's reason, and then it runs on. */
  async stop(
    id: string,
    asked: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const grace = checkGrace(asked);
    const begun = await this.#host.locked(async () => {
      const record = await this.#machine.record(id);
      const run = await this.#machine.beginStop(record);
      if (run === undefined) return undefined;
      const ended = this.#host.live(id).nextEnd(signal);
      return { record, run, ended };
    }, signal);
    if (begun === undefined) return;
    const { record, run, ended } = begun;
    const timer = new AbortController();
    const kill = (): void => {
      // Also where the clock fails: a stop ends.
      if (!timer.signal.aborted) run.process.kill();
    };
    const waited = async (): Promise<void> =>
      this.#host.clock.sleep(grace, timer.signal);
    if (grace === 0) kill();
    else if (grace !== Infinity) waited().then(kill, kill);
    try {
      await ended;
      this.#machine.stopped(record, run);
    } catch (error) {
      if (!this.#host.closing.aborted)
        await this.#host.locked(() => this.#machine.giveUpStop(id, run));
      throw error;
    } finally {
      timer.abort();
    }
  }

  /** Stops it if it runs, and starts it. @throws InvalidState if it is paused. */
  async restart(
    id: string,
    grace: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { state } = await this.#host.locked(
      () => this.#machine.record(id),
      signal,
    );
    // Stopping says itself what of a paused one.
    if (state !== "configured" && state !== "created")
      await this.stop(id, grace, signal);
    await this.#host.locked(
      async () => this.#machine.start(await this.#machine.record(id)),
      signal,
    );
  }

  /** @throws NoSuchContainer, also if it is removed meanwhile. */
  async wait(id: string, signal: AbortSignal): Promise<number> {
    const { ended } = await this.#host.locked(async () => {
      const { state, exitCode = 0 } = await this.#machine.record(id);
      const code =
        state === "exited"
          ? Promise.resolve(exitCode)
          : this.#host.live(id).nextEnd(signal);
      // In an object, for the lock must not wait for it.
      return { ended: code };
    }, signal);
    return ended;
  }

  /** Locked. @throws InvalidState */
  async remove(record: ContainerRecord, force: boolean): Promise<void> {
    await this.#machine.checkRemovable([record], force);
    await this.#machine.end(record);
    await this.#host.state.removeContainer(record.id);
    this.#machine.forget([record]);
    await this.#machine.dropOutput([record]);
  }

  /** Names that containers and pods have. */
  async names(): Promise<readonly string[]> {
    const { state } = this.#host;
    const all = [
      ...(await state.getAllContainers()),
      ...(await state.getAllPods()),
    ];
    return all.map(({ name }) => name);
  }

  /** The pod that a container is to be in: that of the one whose namespaces it shares, too. */
  async #podOf({
    podId,
    sharedNamespaces,
  }: ContainerConfig): Promise<string | undefined> {
    if (sharedNamespaces === undefined) return podId;
    const from = await this.#host.state.getContainer(
      sharedNamespaces.containerId,
    );
    if (podId !== undefined && from.podId !== undefined && podId !== from.podId)
      throw new InvalidArgument(
        `podId: container ${from.id}, whose namespaces are to be shared, is in another pod`,
      );
    return podId ?? from.podId;
  }

  async #image({ rootfs }: ContainerConfig): Promise<{
    readonly imageId: string | undefined;
    readonly image: RunConfig | undefined;
  }> {
    if (rootfs === undefined || !("image" in rootfs))
      return { imageId: undefined, image: undefined };
    const { images } = this.#host;
    const { id } = await images.find(rootfs.image);
    return {
      imageId: id,
      image:
        rootfs.useImageConfig === false
          ? undefined
          : await images.runConfig(id),
    };
  }
}

/** Milliseconds that a stop waits before it kills. @throws InvalidArgument */
export function checkGrace(grace: number = GRACE): number {
  if (!(grace >= 0)) throw new InvalidArgument(`grace: ${grace} is no time`);
  return grace;
}
