import {
  ContainerStopped,
  InvalidState,
  NoSuchContainer,
} from "../../errors.ts";
import type { ContainerRecord } from "../../state.ts";
import { SIGTERM } from "./config.ts";
import type { Host } from "./host.ts";
import type { Live, Run } from "./live.ts";
import { messageOf } from "./operation.ts";
import { Process } from "./process.ts";
import { findProgram, idle, imageWords } from "./programs.ts";
import { IDLE_ANNOTATION } from "./idle.ts";
import { imageOf, isAlive } from "./views.ts";

/** Exit code of what ran when its engine went away: nobody saw how it ended. */
export const LOST: number = 255;

/**
 * The states of containers and what leads from one to the other. Everything in here
 * is done inside of {@link Host.locked}.
 *
 * ```text
 * configured ─► created ─► running ◄─► paused
 *      ▲           ▲         │  ▲
 *      │           │         ▼  │ (whoever stops it gives up)
 *      │           │     stopping
 *      │           │         ▼
 *      └── reset ──┴────  exited ─► running
 * ```
 *
 * A run's end is recorded when its process has ended, and at the latest before
 * anything is done with the container: so what is told is never older than what
 * the program did.
 */
export class Machine {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The record as it stands. @throws NoSuchContainer */
  async record(id: string): Promise<ContainerRecord> {
    await this.#recordEnd(id);
    return this.#host.state.getContainer(id);
  }

  /** All records as they stand, in the order in which they were added. */
  async records(): Promise<readonly ContainerRecord[]> {
    const { state } = this.#host;
    for (const { id } of await state.getAllContainers())
      await this.#recordEnd(id);
    return state.getAllContainers();
  }

  /** The containers of a pod. */
  async members(podId: string): Promise<readonly ContainerRecord[]> {
    return (await this.records()).filter((record) => record.podId === podId);
  }

  /** Puts a new container in. @throws ContainerExists; NoSuchPod */
  async add(record: ContainerRecord): Promise<void> {
    await this.#host.state.addContainer(record);
    this.#host.born(record.id);
    this.#tell("create", record);
    this.#host.events.changed(record);
  }

  /** Changes a record; returns what it became. @throws ContainerExists for a name that is taken */
  async save(
    record: ContainerRecord,
    changes: Partial<ContainerRecord>,
  ): Promise<ContainerRecord> {
    const changed = { ...record, ...changes };
    await this.#host.state.saveContainer(changed);
    if (changed.state !== record.state) this.#host.events.changed(changed);
    return changed;
  }

  /** @throws InvalidState unless it is configured. */
  async init(record: ContainerRecord): Promise<ContainerRecord> {
    if (record.state !== "configured")
      throw improper(record, "only one that is configured can be set up");
    const created = await this.save(record, { state: "created" });
    this.#tell("init", created);
    return created;
  }

  /**
   * @param prepare Is given the run before its program begins.
   * @throws InvalidState if it runs.
   */
  async start(
    record: ContainerRecord,
    prepare?: (run: Run) => void,
  ): Promise<void> {
    if (isAlive(record))
      throw improper(record, "only one that does not run can be started");
    const ready =
      record.state === "configured" ? await this.init(record) : record;
    const { clock } = this.#host;
    const live = this.#host.live(ready.id);
    await live.output.load();
    const started = await this.save(ready, {
      state: "running",
      pid: this.#host.newPid(),
      startedAt: clock.now(),
      finishedAt: undefined,
      exitCode: undefined,
      error: undefined,
    });
    const run: Run = {
      process: this.#process(started, live),
      sessions: new Set(),
      frozenFor: 0,
      frozenSince: undefined,
      stoppers: 0,
      stopTold: false,
      outputBefore: live.output.written,
      figures: undefined,
      figuresAt: 0,
    };
    live.run = run;
    this.#tell("start", started);
    void this.#watch(started.id, live, run);
    prepare?.(run);
    run.process.begin();
  }

  /** @throws ContainerStopped if it does not run; InvalidState if it is paused. */
  kill(record: ContainerRecord, signal: number): void {
    const run = this.running(record, "no signal reaches it");
    this.#tell("kill", record);
    run.process.signal(signal);
  }

  /** The run of a container that runs. @throws ContainerStopped; InvalidState if it is paused. */
  running(record: ContainerRecord, why: string): Run {
    const { run } = this.#host.live(record.id);
    if (record.state === "paused") throw improper(record, why);
    if (run === undefined)
      throw new ContainerStopped(
        `container ${record.id} is ${record.state}, it does not run: ${why}`,
      );
    return run;
  }

  /** @throws InvalidState unless it is running. */
  async pause(record: ContainerRecord): Promise<void> {
    const { run } = this.#host.live(record.id);
    if (record.state !== "running" || run === undefined)
      throw improper(record, "only one that is running can be paused");
    // First, lest it ends while that is being written.
    this.#freeze(run);
    try {
      await this.save(record, { state: "paused" });
    } catch (error) {
      this.#thaw(run);
      throw error;
    }
    this.#tell("pause", record);
  }

  /** @throws InvalidState unless it is paused. */
  async unpause(record: ContainerRecord): Promise<void> {
    const { run } = this.#host.live(record.id);
    if (record.state !== "paused" || run === undefined)
      throw improper(record, "only one that is paused can go on");
    await this.save(record, { state: "running" });
    this.#tell("unpause", record);
    this.#thaw(run);
  }

  /**
   * Has its stop signal sent, once however many stop it.
   *
   * @returns The run that is to end; nothing if it has ended already.
   * @throws InvalidState if it never ran, and if it is paused: as Podman has it.
   */
  async beginStop(record: ContainerRecord): Promise<Run | undefined> {
    if (record.state === "exited") return undefined;
    const { run } = this.#host.live(record.id);
    if (run === undefined || record.state === "paused")
      throw improper(record, "only one that runs can be stopped");
    if (record.state === "running") {
      await this.save(record, { state: "stopping" });
      run.process.signal(record.config.stopSignal ?? SIGTERM);
    }
    run.stoppers += 1;
    return run;
  }

  /** One who stopped it gives up: it runs on, unless others stop it as well. */
  async giveUpStop(id: string, run: Run): Promise<void> {
    run.stoppers -= 1;
    if (run.stoppers > 0 || this.#host.held(id)?.run !== run) return;
    const record = await this.record(id);
    if (record.state === "stopping")
      await this.save(record, { state: "running" });
  }

  /** @throws InvalidState if it runs. */
  checkResting(record: ContainerRecord): void {
    if (isAlive(record))
      throw improper(record, "this can be done only while it does not run");
  }

  /** Back to the beginning: as if it had never been set up, started or heard. @throws InvalidState if it runs */
  async reset(record: ContainerRecord): Promise<void> {
    this.checkResting(record);
    await this.#host.live(record.id).output.drop();
    await this.save(record, {
      state: "configured",
      exitCode: undefined,
      startedAt: undefined,
      finishedAt: undefined,
      error: undefined,
    });
  }

  /** Tells, once, that a run was stopped. */
  stopped(record: ContainerRecord, run: Run): void {
    if (!run.stopTold) this.#tell("stop", record);
    run.stopTold = true;
  }

  /**
   * Whether these can be removed, without removing anything.
   *
   * @throws InvalidState if one runs and `force` is not set, or a container that stays
   *   shares its namespaces.
   */
  async checkRemovable(
    records: readonly ContainerRecord[],
    force: boolean,
  ): Promise<void> {
    const alive = records.find(isAlive);
    if (alive !== undefined && !force)
      throw improper(alive, "it is removed only by force");
    const going = new Set(records.map(({ id }) => id));
    for (const { id, config } of await this.#host.state.getAllContainers()) {
      const from = config.sharedNamespaces?.containerId;
      if (from !== undefined && going.has(from) && !going.has(id)) {
        throw new InvalidState(
          `container ${from} shares its namespaces with container ${id}, which must be removed first`,
        );
      }
    }
  }

  /** Kills it, and records its end. */
  async end(record: ContainerRecord): Promise<void> {
    this.#host.live(record.id).run?.process.kill();
    await this.#recordEnd(record.id);
  }

  /** Lets go of containers that are out of the state. */
  forget(records: readonly ContainerRecord[]): void {
    for (const record of records) {
      const { id, name } = record;
      const live = this.#host.live(id);
      live.failed(new NoSuchContainer(`container ${id} was removed`));
      live.output.ended();
      this.#tell("remove", record);
      this.#host.events.changed({ id, name, state: "removed" });
    }
  }

  /**
   * Takes the last of what was forgotten out of the storage. It is no failure of the
   * removal if that fails: what stays belongs to nobody, and goes when the folder is
   * opened next.
   */
  async dropOutput(records: readonly ContainerRecord[]): Promise<void> {
    const outputs = records.map(({ id }) => this.#host.live(id).output);
    for (const { id } of records) this.#host.gone(id);
    await Promise.allSettled(outputs.map((output) => output.drop()));
  }

  /** After a restart nothing runs: what did has ended, nobody knows how. */
  async recover(): Promise<void> {
    const { state, clock } = this.#host;
    for (const record of await state.getAllContainers()) {
      if (!isAlive(record)) continue;
      await state.saveContainer({
        ...record,
        state: "exited",
        pid: undefined,
        exitCode: LOST,
        finishedAt: clock.now(),
        error: "the engine went away while it ran",
      });
    }
  }

  #process(record: ContainerRecord, live: Live): Process {
    const { id, name, config } = record;
    const { process } = config.spec;
    const command = process?.args ?? [];
    return new Process({
      containerId: id,
      name,
      command,
      env: process?.env ?? [],
      tty: process?.terminal ?? false,
      clock: this.#host.clock,
      program:
        findProgram(
          this.#host.programs,
          config.annotations?.[IDLE_ANNOTATION] === "true"
            ? []
            : [name, ...imageWords(imageOf(record)), command[0] ?? ""],
        ) ?? idle,
      emit: (stream, data) => live.output.append(stream, data),
    });
  }

  async #watch(id: string, live: Live, run: Run): Promise<void> {
    await run.process.ended;
    if (this.#host.closing.aborted) return;
    try {
      await this.#host.locked(() => this.#recordEnd(id));
    } catch (error) {
      // It stays unrecorded until somebody asks for the container; those who wait
      // must not wait for that.
      if (live.run === run) live.failed(error);
    }
  }

  async #recordEnd(id: string): Promise<void> {
    const { state, closing } = this.#host;
    const live = this.#host.held(id);
    const run = live?.run;
    const end = run?.process.end;
    if (live === undefined || run === undefined || end === undefined) return;
    // Closing kills processes, which is nobody's doing: see `recover`.
    if (closing.aborted) return;
    for (const session of run.sessions) session.kill();
    let { error } = end;
    await live.output.flush().catch((failure: unknown) => {
      error ??= `its output could not be kept: ${messageOf(failure)}`;
    });
    const record = await state.getContainer(id);
    const ended = await this.save(record, {
      state: "exited",
      pid: undefined,
      exitCode: end.exitCode,
      finishedAt: end.at,
      error,
    });
    this.#tell("died", ended);
    live.ended(end.exitCode);
  }

  #freeze(run: Run): void {
    run.frozenSince = this.#host.clock.now();
    for (const process of [run.process, ...run.sessions]) process.freeze();
  }

  #thaw(run: Run): void {
    run.frozenFor += this.#host.clock.now() - (run.frozenSince ?? 0);
    run.frozenSince = undefined;
    for (const process of [run.process, ...run.sessions]) process.thaw();
  }

  #tell(status: string, record: ContainerRecord): void {
    const { id, name } = record;
    this.#host.events.tell("container", status, {
      id,
      name,
      image: imageOf(record),
    });
  }
}

function improper({ id, state }: ContainerRecord, why: string): InvalidState {
  return new InvalidState(`container ${id} is ${state}: ${why}`);
}
