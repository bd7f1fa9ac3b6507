import { able, isAble } from "./calls.ts";
import { checkMembers, checkNeeded, checkText } from "./check.ts";
import {
  checkContainerOptions,
  checkExec,
  checkLogs,
  checkStreams,
  containerMembers,
  type ContainerOptions,
  prepareSpec,
} from "./container-options.ts";
import type { Core } from "./core.ts";
import type {
  AttachOptions,
  CommitOptions,
  ContainerDetails,
  ContainerDiff,
  ContainerStats,
  ContainerSummary,
  Engine,
  ExecOptions,
  LogEntry,
  LogOptions,
  OperationOptions,
  ProcessStreams,
} from "./engine.ts";
import { ContainerFinalized } from "./errors.ts";
import type { Image } from "./image.ts";
import type { Life } from "./lives.ts";
import {
  attachMembers,
  commitMembers,
  execMembers,
  forceMembers,
  logMembers,
} from "./members.ts";
import type { Pod } from "./pod.ts";
import { showAs } from "./shown.ts";
import type { Left } from "./scope.ts";
import { Session } from "./session.ts";
import { type Signal, signalNumber } from "./signals.ts";
import type { Spec } from "./spec.ts";
import { checkGrace, stopMembers, type StopOptions } from "./stop.ts";

/** Where a container stands. */
export type ContainerStatus = Pick<
  ContainerDetails,
  | "state"
  | "engineState"
  | "exitCode"
  | "pid"
  | "startedAt"
  | "finishedAt"
  | "oomKilled"
  | "error"
>;

/** What may be changed of a container before it is created. */
export interface ContainerUpdate extends ContainerOptions {
  /** In the place of the one it has. */
  readonly spec?: Spec | undefined;
}

/**
 * A single OCI container.
 *
 * Its methods throw `ContainerRemoved` once it was removed, through whichever object
 * of its runtime, or is found to be gone; `RuntimeStopped` once the runtime is
 * finished; and `NotSupported`, before anything is sent, where the engine lacks what
 * they need.
 */
export class Container {
  readonly #core: Core;
  readonly #life: Life;
  #summary: ContainerSummary;

  /** Containers are made by a {@link Runtime}. @internal */
  constructor(core: Core, summary: ContainerSummary) {
    this.#core = core;
    this.#summary = summary;
    this.#life = core.ledger.container(summary.id);
    this.#life.podId ??= summary.podId;
    core.own(this, "container", this.#life);
  }

  /** What the engine names it by, for good. */
  get id(): string {
    return this.#summary.id;
  }

  /** What people call it, as far as {@link Container.summary} knows. */
  get name(): string {
    return this.#summary.name;
  }

  /** The container as it was when this object was made, or last refreshed. */
  get summary(): ContainerSummary {
    return this.#summary;
  }

  /** Asks for {@link Container.summary} again. */
  async refresh(options: OperationOptions = {}): Promise<ContainerSummary> {
    this.#summary = await this.#run(options, (engine, left) =>
      engine.getContainer(this.id, left()),
    );
    return this.#summary;
  }

  /** Sets it up: `configured` to `created`. {@link Container.start} does so where it was not done. @throws InvalidState */
  async create(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "initContainer").initContainer(this.id, left()),
    );
    this.#life.finalized = true;
  }

  /** Starts it, also again once it has ended. @throws InvalidState if it runs */
  async start(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "startContainer").startContainer(this.id, left()),
    );
    this.#life.finalized = true;
  }

  /** Sends its stop signal, and SIGKILL after `grace`. One that has ended is left alone. */
  async stop(options: StopOptions = {}): Promise<void> {
    await this.#run(
      options,
      (engine, left) => {
        const grace = checkGrace(options);
        return engine.stopContainer(this.id, { ...left(), grace });
      },
      stopMembers,
    );
  }

  /**
   * Sends a signal to its process.
   *
   * @param signal By name or number. Default SIGKILL.
   * @throws ContainerStopped; InvalidArgument for what is no signal
   */
  async kill(
    signal: Signal = "SIGKILL",
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#run(options, (engine, left) =>
      engine.killContainer(this.id, signalNumber(signal), left()),
    );
  }

  /** Freezes its processes. @throws InvalidState */
  async pause(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "pauseContainer").pauseContainer(this.id, left()),
    );
  }

  /** Lets its processes go on. @throws InvalidState */
  async unpause(options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) =>
      able(engine, "unpauseContainer").unpauseContainer(this.id, left()),
    );
  }

  /** Stops it, if it runs, and starts it. */
  async restart(options: StopOptions = {}): Promise<void> {
    await this.#run(
      options,
      (engine, left) => {
        const grace = checkGrace(options);
        const capable = able(engine, "restartContainer");
        return capable.restartContainer(this.id, { ...left(), grace });
      },
      stopMembers,
    );
    this.#life.finalized = true;
  }

  /**
   * Runs a program in it.
   *
   * @param command The program and its arguments.
   * @param options With `signal`, which ends the session also later; `timeout` is for beginning it.
   * @throws ContainerStopped; InvalidArgument
   */
  async exec(
    command: readonly string[],
    options: Omit<ExecOptions, "command"> = {},
  ): Promise<Session> {
    return await this.#session(options, execMembers, (engine, left) => {
      checkExec({ ...options, command });
      const given = { ...options, ...left(), command: [...command] };
      return able(engine, "execContainer").execContainer(this.id, given);
    });
  }

  /**
   * Connects to its process: what it prints from now on, and its input.
   *
   * @param options With `signal`, which ends the session also later; `timeout` is for beginning it.
   * @throws ContainerStopped if it does not run and is not to be started; InvalidArgument
   */
  async attach(options: AttachOptions = {}): Promise<Session> {
    const attach = (engine: Engine, left: Left): Promise<ProcessStreams> => {
      checkStreams(options);
      const given = { ...options, ...left() };
      return able(engine, "attachContainer").attachContainer(this.id, given);
    };
    const session = await this.#session(options, attachMembers, attach);
    if (options.start === true) this.#life.finalized = true;
    return session;
  }

  /** Makes an image of what it is now. */
  async commit(options: CommitOptions = {}): Promise<Image> {
    return await this.#run(
      options,
      async (engine, left) => {
        checkText(options.image, "image");
        // Asked before anything is made.
        const images = able(engine, "getImage");
        const capable = able(engine, "commitContainer");
        const given = { ...options, ...left() };
        const id = await capable.commitContainer(this.id, given);
        return this.#core.objects.image(await images.getImage(id, left()));
      },
      commitMembers,
    );
  }

  /** Writes its root as a tar archive to a file on the engine's host. */
  async export(path: string, options: OperationOptions = {}): Promise<void> {
    await this.#run(options, (engine, left) => {
      checkNeeded(path, "path");
      const capable = able(engine, "exportContainer");
      return capable.exportContainer(this.id, path, left());
    });
  }

  /** Mounts its root on the engine's host. Resolves with where. */
  async mount(options: OperationOptions = {}): Promise<string> {
    const path = await this.#run(options, (engine, left) =>
      able(engine, "mountContainer").mountContainer(this.id, left()),
    );
    const { ledger } = this.#core;
    ledger.setMounts(this.id, ledger.mountsOf(this.id) + 1);
    return path;
  }

  /** Undoes {@link Container.mount}; with `force`, however often that was done. */
  async unmount(
    options: OperationOptions & { readonly force?: boolean | undefined } = {},
  ): Promise<void> {
    await this.#run(
      options,
      (engine, left) => {
        const given = { ...left(), force: options.force };
        const capable = able(engine, "unmountContainer");
        return capable.unmountContainer(this.id, given);
      },
      forceMembers,
    );
    const { ledger } = this.#core;
    const left = options.force === true ? 0 : ledger.mountsOf(this.id) - 1;
    ledger.setMounts(this.id, left);
  }

  /** Its OCI runtime specification. */
  async spec(options: OperationOptions = {}): Promise<Spec> {
    return await this.#run(options, (engine, left) =>
      able(engine, "containerSpec").containerSpec(this.id, left()),
    );
  }

  /** Where it stands now. */
  async status(options: OperationOptions = {}): Promise<ContainerStatus> {
    const details = await this.inspect(options);
    const { state, engineState, exitCode, pid } = details;
    const { startedAt, finishedAt, oomKilled, error } = details;
    return {
      state,
      engineState,
      exitCode,
      pid,
      startedAt,
      finishedAt,
      oomKilled,
      error,
    };
  }

  /** All that the engine tells of it. */
  async inspect(options: OperationOptions = {}): Promise<ContainerDetails> {
    return await this.#run(options, (engine, left) =>
      engine.inspectContainer(this.id, left()),
    );
  }

  /** Resolves with its exit code when it has ended, at once if it has. */
  async wait(options: OperationOptions = {}): Promise<number> {
    return await this.#run(options, (engine, left) =>
      engine.waitContainer(this.id, left()),
    );
  }

  /**
   * What it printed, line by line; with `follow`, also what it will print until it
   * ends. The engine is asked at the first item; the reader may leave at any time.
   *
   * @throws InvalidArgument
   */
  logs(options: LogOptions = {}): AsyncGenerator<LogEntry, void, undefined> {
    return this.#core.stream(
      options,
      (engine, left) => {
        checkLogs(options);
        return engine.containerLogs(this.id, { ...options, ...left() });
      },
      this.#life,
      logMembers,
    );
  }

  /** What it uses at the moment. @throws ContainerStopped */
  async stats(options: OperationOptions = {}): Promise<ContainerStats> {
    return await this.#run(options, (engine, left) =>
      able(engine, "containerStats").containerStats(this.id, left()),
    );
  }

  /** What `ps` says of it, the heading first. @throws ContainerStopped */
  async processes(options: OperationOptions = {}): Promise<readonly string[]> {
    return await this.#run(options, (engine, left) =>
      able(engine, "containerProcesses").containerProcesses(this.id, left()),
    );
  }

  /** The paths in it that differ from its image. */
  async diff(options: OperationOptions = {}): Promise<ContainerDiff> {
    return await this.#run(options, (engine, left) =>
      able(engine, "containerDiff").containerDiff(this.id, left()),
    );
  }

  /** The pod it is in. */
  async pod(options: OperationOptions = {}): Promise<Pod | undefined> {
    return await this.#run(options, async (engine, left) => {
      const pods = able(engine, "getPod");
      const podId = await this.#findPod(engine, left);
      if (podId === undefined) return undefined;
      return this.#core.objects.pod(await pods.getPod(podId, left()));
    });
  }

  /** The id of the pod it is in. */
  async podId(options: OperationOptions = {}): Promise<string | undefined> {
    return await this.#run(options, (engine, left) =>
      this.#findPod(engine, left),
    );
  }

  /**
   * Changes what it was made with; members that are not given stay.
   *
   * @throws ContainerFinalized once it is created; for `pod` and `sharedNamespaces`, which are settled when it is made, always
   * @throws NotSupported on engines that fix a container when it is made
   */
  async configure(
    options: ContainerUpdate,
    operation: OperationOptions = {},
  ): Promise<void> {
    await this.#run(operation, async (engine, left) => {
      checkMembers(options, "options", ["spec", ...containerMembers]);
      const { spec, ...others } = options;
      const changes = {
        ...checkContainerOptions(others),
        ...(spec === undefined
          ? {}
          : { spec: prepareSpec(spec, this.#core.config) }),
      };
      for (const name of ["pod", "sharedNamespaces"] as const) {
        if (options[name] !== undefined)
          throw new ContainerFinalized(
            `container ${this.id} exists: its ${name} is settled`,
          );
      }
      if (!isAble(engine, "configureContainer") && this.#isFinalized())
        throw new ContainerFinalized(
          `container ${this.id} is created: it is configured before`,
        );
      const capable = able(engine, "configureContainer");
      await capable.configureContainer(this.id, changes, left());
      this.#summary = await engine.getContainer(this.id, left());
    });
  }

  #isFinalized(): boolean {
    return this.#life.finalized || this.#summary.state !== "configured";
  }

  async #findPod(engine: Engine, left: Left): Promise<string | undefined> {
    // It never changes. Not every engine says it in a list.
    this.#life.podId ??= (await engine.inspectContainer(this.id, left())).podId;
    return this.#life.podId;
  }

  async #session(
    options: AttachOptions,
    members: readonly string[],
    open: (engine: Engine, left: Left) => Promise<ProcessStreams>,
  ): Promise<Session> {
    return await this.#run(
      options,
      async (engine, left) => {
        const streams = await open(engine, left);
        const session: Session = new Session(streams, {
          engine: engine.name,
          tty: options.tty === true,
          signal: options.signal,
          onClose: () => this.#core.release(session),
        });
        this.#core.hold(session);
        return session;
      },
      members,
    );
  }

  #run<T>(
    options: OperationOptions,
    call: (engine: Engine, left: Left) => Promise<T>,
    members?: readonly string[],
  ): Promise<T> {
    return this.#core.run(options, call, this.#life, members);
  }

  static {
    showAs(Container, "Container", ({ id, name, summary: { state } }) => ({
      id,
      name,
      state,
    }));
  }
}
