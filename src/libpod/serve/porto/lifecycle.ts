import { EError, PortoError } from "portolan/porto";
import type { EnvelopeConnection } from "../../../runtime/envelope/types.ts";
import { LibpodError } from "../../errors.ts";
import { signals } from "../../signals.ts";
import { asPortoError, errorText, failure } from "./errors.ts";
import type { Aftermath } from "./hub.ts";
import {
  checkName,
  isInside,
  levelOf,
  MAX_LEVEL,
  parentName,
  resolveName,
  ROOT,
} from "./names.ts";
import { configOf } from "./project.ts";
import { deadTime } from "./properties/readable.ts";
import { splitEscaped } from "./text.ts";
import {
  type Box,
  CHANGED,
  isUp,
  keptKey,
  MADE,
  NUMBER,
  START_ERROR,
  type View,
} from "./view.ts";
import type { Lifecycle, World } from "./world.ts";

/** How many containers there may be. */
export const MAX_CONTAINERS = 3000;

/** Milliseconds that a container gets to end by itself where nobody says another number. */
const STOP_TIMEOUT = 30_000;

/** Milliseconds before a container is started again, at least. */
const MIN_RESPAWN_DELAY = 50;

/** Milliseconds in which the dead are looked at once at most. */
const BURIAL_INTERVAL = 1000;

const LAST_SIGNAL = 64;

/** What Porto does with containers, from `Create` to `Destroy`. */
export class Containers implements Lifecycle {
  readonly #world: World;
  /** When the dead were last looked at. */
  #buried = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Weak containers and respawns that were under way did not outlive the engine that had them. */
  async recover(): Promise<void> {
    const view = await this.#world.view();
    for (const box of view.all()) {
      if (box.text("weak") === "true") {
        if (view.get(box.name) !== undefined) await this.destroy(box.name);
      } else if (box.state === "dead" && box.text("respawn") === "true")
        await this.respawn(box.name).catch(ignoreRefusal);
    }
  }

  /**
   * Makes a container.
   *
   * @param weakTo Connection that it goes with.
   */
  async create(given: string, weakTo?: EnvelopeConnection): Promise<string> {
    const name = resolveName(given);
    checkName(name);
    const { inside, engine, hub, counters, locks } = this.#world;
    const id = await locks.run(name, async () => {
      const view = await this.#world.view();
      const parent = view.get(parentName(name));
      if (name !== ROOT && parent === undefined)
        throw failure(
          EError.ContainerDoesNotExist,
          `parent container not found for ${name}`,
        );
      if (levelOf(name) > MAX_LEVEL)
        throw failure(
          EError.InvalidValue,
          `You shall not go deeper! Maximum level is ${MAX_LEVEL}`,
        );
      if (view.get(name) !== undefined)
        throw failure(
          EError.ContainerAlreadyExists,
          `container ${name} already exists`,
        );
      if (view.all().length >= MAX_CONTAINERS)
        throw failure(
          EError.ResourceNotAvailable,
          `number of containers reached limit: ${MAX_CONTAINERS}`,
        );
      const number = hub.freeNumber();
      const made = await engine.createContainer({ name, spec: {} });
      await inside.setExtra(made, {
        [MADE]: "1",
        [NUMBER]: String(number),
        [CHANGED]: String(inside.clock.now()),
        ...(weakTo === undefined ? {} : { [keptKey("weak")]: "true" }),
      });
      await this.#world.project(name);
      await hub.settled();
      return made;
    });
    counters.created += 1;
    if (weakTo !== undefined) this.tie(id, weakTo);
    return id;
  }

  /** Has a container go when a connection ends, if it is still weak then. */
  tie(id: string, { signal }: EnvelopeConnection): void {
    const go = (): void => this.#world.background(this.#goWeak(id));
    if (signal.aborted) go();
    else signal.addEventListener("abort", go, { once: true });
  }

  async #goWeak(id: string): Promise<void> {
    const view = await this.#world.view();
    const box = view.all().find(({ record }) => record?.id === id);
    if (box?.text("weak") === "true")
      await this.destroy(box.name).catch(ignoreRefusal);
  }

  /** Ends and removes a container and those inside of it. */
  async destroy(given: string): Promise<void> {
    await this.#change(given, async (box) => {
      await this.#destroy(box);
    });
  }

  async #destroy(box: Box): Promise<void> {
    const { engine, volumes, hub } = this.#world;
    const subtree = box.view.subtree(box);
    if (subtree.some(({ state }) => state !== "stopped"))
      await this.#stop(subtree, 0);
    let gone = false;
    for (const { name, written } of subtree) {
      gone = (await volumes.forget(name, parentName(name))) || gone;
      await engine.removeContainer(written.id, { force: true });
    }
    await hub.settled();
    if (gone) this.#world.volumesGone();
  }

  /** Starts a container, and before it those around it that are stopped. */
  async start(given: string): Promise<void> {
    const name = resolveName(given);
    const { locks } = this.#world;
    const first = await this.#world.view();
    const box = first.find(name);
    void box.written;
    const outer = first
      .ancestors(name)
      .find(({ state }) => state === "stopped");
    await locks.run(outer?.name ?? name, async () => {
      const view = await this.#world.view();
      const target = view.find(name);
      this.#checkStart(target);
      const resting = view.ancestors(name).filter(({ state }) => !isUp(state));
      for (const each of [...resting, target]) await this.#startOne(each.name);
    });
  }

  #checkStart({ name, state }: Box): void {
    if (state !== "stopped")
      throw failure(
        EError.InvalidState,
        `Cannot start container ${name} in state ${state}`,
      );
  }

  async #startOne(name: string): Promise<void> {
    const { inside, engine, hub, counters } = this.#world;
    const box = await this.#world.box(name);
    this.#checkStart(box);
    if (box.parent?.state === "paused")
      throw failure(EError.InvalidState, "Parent container is frozen");
    const { id } = box.written;
    await inside.setExtra(id, { [START_ERROR]: undefined });
    try {
      this.#checkSettings(box);
    } catch (error) {
      throw await this.#startFailed(box, error);
    }
    hub.enter(id, "starting");
    try {
      await inside.reconfigure(id, configOf(box));
      await engine.startContainer(id);
    } catch (error) {
      const failed = await this.#startFailed(box, error);
      await hub.leave(id, "stopped", "start_error", errorText(failed));
      throw failed;
    }
    counters.started += 1;
    await hub.leave(id, box.text("command") === "" ? "meta" : "running");
  }

  /** What of a container's settings keeps it from being started. */
  #checkSettings(box: Box): void {
    const mode = box.text("virt_mode");
    const refuse = (text: string): PortoError =>
      failure(
        EError.InvalidValue,
        `Cannot prepare start for container ${box.name}: ${text}`,
      );
    if (mode === "job" && box.level === 1)
      throw refuse("Container in virt_mode=job without parent");
    if (box.parent?.text("virt_mode") === "job")
      throw refuse("Parent container in virt_mode=job");
    if (mode === "job" && box.text("command") === "")
      throw refuse("Job container without command considered useless");
    if ((mode === "host" || mode === "job") && box.text("root") !== "/")
      throw refuse("Cannot change root in this virt_mode");
    for (const path of splitEscaped(box.text("volumes_required"), ";"))
      this.checkRequired(box, path);
  }

  /** @throws PortoError `VolumeNotFound` */
  checkRequired(box: Box, path: string): void {
    const { volumes } = this.#world;
    const linked = volumes
      .linksOf(box.name)
      .some(({ target, path: own }) => target === path || own === path);
    if (!linked && volumes.all().every((volume) => volume.path !== path))
      throw failure(EError.VolumeNotFound, `Required volume ${path} not found`);
  }

  async #startFailed(box: Box, thrown: unknown): Promise<PortoError> {
    const error = asPortoError(thrown);
    if (!PortoError.is(error)) throw thrown;
    this.#world.counters.startFailed += 1;
    const { error: code, errorName: name, text: msg } = error;
    await this.#world.inside.setExtra(box.written.id, {
      [START_ERROR]: JSON.stringify({ error: code, name, msg }),
    });
    return error;
  }

  /** Stops a container and those inside of it; a dead one forgets how it ended. */
  async stop(given: string, timeout: number = STOP_TIMEOUT): Promise<void> {
    await this.#change(given, async (box) => {
      if (box.state === "stopped") return;
      if (box.parent?.state === "paused")
        throw failure(EError.InvalidState, "Parent container is paused");
      await this.#stop(box.view.subtree(box), timeout);
    });
  }

  /** @param subtree Those inside first. */
  async #stop(subtree: readonly Box[], timeout: number): Promise<void> {
    const { inside, hub } = this.#world;
    const deadline = inside.clock.now() + timeout;
    const up = subtree.filter(({ state }) => state !== "stopped");
    for (const box of up) {
      hub.enter(box.written.id, "stopping");
      const left = Math.max(deadline - inside.clock.now(), 0);
      await this.#terminate(box.written.id, left).catch(ignoreGone);
    }
    for (const { written } of up) {
      await inside
        .setExtra(written.id, { [CHANGED]: String(inside.clock.now()) })
        .catch(ignoreGone);
      await inside.reset(written.id).catch(ignoreGone);
      await hub.leave(written.id, "stopped");
    }
  }

  /** Ends what runs in a container: kindly if there is time, and if it can hear. */
  async #terminate(id: string, timeout: number): Promise<void> {
    const { inside, engine } = this.#world;
    const record = await inside.record(id);
    if (!["running", "paused", "stopping"].includes(record.state)) return;
    // A frozen one could not obey, and one that holds others has nobody who would.
    const frozen = record.state === "paused";
    if (frozen) await engine.unpauseContainer(id);
    const grace = frozen ? 0 : timeout;
    await engine.stopContainer(id, { grace });
  }

  async pause(given: string): Promise<void> {
    const { engine, hub } = this.#world;
    await this.#change(given, async (box) => {
      if (!isUp(box.state))
        throw failure(EError.InvalidState, "Container not running");
      for (const each of box.view.subtree(box))
        if (isUp(each.state))
          await engine.pauseContainer(each.written.id).catch(ignoreRefusal);
      await hub.settled();
    });
  }

  async resume(given: string): Promise<void> {
    const { engine, hub } = this.#world;
    await this.#change(given, async (box) => {
      if (box.parent?.state === "paused")
        throw failure(EError.InvalidState, "Parent container is paused");
      if (box.state !== "paused")
        throw failure(EError.InvalidState, "Container not paused");
      for (const each of box.view.subtree(box))
        if (each.state === "paused")
          await engine.unpauseContainer(each.written.id).catch(ignoreRefusal);
      await hub.settled();
    });
  }

  /** Sends a signal to a container's main process. */
  async kill(given: string, signal: number): Promise<void> {
    const { engine, hub } = this.#world;
    const box = await this.#world.box(resolveName(given));
    void box.written;
    if (box.state !== "running")
      throw failure(
        EError.InvalidState,
        `invalid container state=${box.state}`,
      );
    if (signal < 0 || signal > LAST_SIGNAL)
      throw failure(EError.Unknown, `Invalid argument: kill ${signal}`);
    // 0 asks only whether the process is there.
    if (signal === 0) return;
    await engine.killContainer(box.written.id, signal);
    await hub.settled();
  }

  /** Starts a dead container again. */
  async respawn(given: string): Promise<void> {
    await this.#change(given, async (box) => {
      this.#checkRespawn(box);
      await this.#respawn(box);
    });
  }

  #checkRespawn(box: Box): void {
    const { state, parent } = box;
    if (state !== "dead" && state !== "respawning")
      throw failure(
        EError.InvalidState,
        `Cannot respawn: container in state=${state}`,
      );
    if (
      parent !== undefined &&
      !isUp(parent.state) &&
      parent.state !== "respawning"
    )
      throw failure(
        EError.InvalidState,
        `Cannot respawn: parent container in state=${parent.state}`,
      );
    const limit = box.text("max_respawns");
    if (limit !== "" && BigInt(box.text("respawn_count")) >= BigInt(limit))
      throw failure(
        EError.ResourceNotAvailable,
        `Cannot respawn: reached max_respawns=${limit}`,
      );
  }

  async #respawn(box: Box): Promise<void> {
    const { inside, engine, hub, counters } = this.#world;
    const { id } = box.written;
    const count = BigInt(box.text("respawn_count")) + 1n;
    await inside.setExtra(id, {
      [keptKey("respawn_count")]: String(count),
      [START_ERROR]: undefined,
    });
    // Until it runs again it stays what it is, whatever the engine says meanwhile.
    hub.enter(id, box.state);
    try {
      this.#checkSettings(box);
      await inside.reconfigure(id, configOf(box));
      await engine.startContainer(id);
    } catch (error) {
      const failed = await this.#startFailed(box, error);
      await hub.leave(id, "dead", "start_error", errorText(failed));
      throw failed;
    }
    counters.started += 1;
    await hub.leave(id, box.text("command") === "" ? "meta" : "running");
  }

  async died(id: string): Promise<Aftermath> {
    const view = await this.#world.view();
    const box = view.all().find(({ record }) => record?.id === id);
    if (box === undefined) return { state: "dead" };
    const next = (): void => {
      this.#world.background(this.#killInside(view, box));
    };
    if (box.text("respawn") !== "true" || !this.#mayRespawn(box))
      return { state: "dead", next };
    return {
      state: "respawning",
      next: () => {
        next();
        this.#world.background(this.#respawnLater(id, box.name));
      },
    };
  }

  #mayRespawn(box: Box): boolean {
    try {
      this.#checkRespawn(box);
      return true;
    } catch {
      return false;
    }
  }

  /** What is nested in a container ends with it. */
  async #killInside(view: View, box: Box): Promise<void> {
    const { engine, inside, hub } = this.#world;
    for (const { name, written } of view.all()) {
      if (!isInside(name, box.name) || hub.inPhase(written.id)) continue;
      const { state } = await inside.record(written.id);
      if (state === "paused") await engine.unpauseContainer(written.id);
      if (state === "running" || state === "paused")
        await engine
          .killContainer(written.id, signals.SIGKILL)
          .catch(ignoreRefusal);
    }
  }

  async #respawnLater(id: string, name: string): Promise<void> {
    const { inside, hub, locks } = this.#world;
    const { written, text } = await this.#boxOf(id);
    void written;
    const delay = Number(text("respawn_delay").replace("ns", "")) / 1e6;
    await inside.clock
      .sleep(Math.max(delay, MIN_RESPAWN_DELAY), hub.signal)
      .catch(() => undefined);
    if (hub.signal.aborted) return;
    await locks.run(name, async () => {
      const box = (await this.#world.view()).get(name);
      // Somebody else has seen to it meanwhile.
      if (box?.record?.id !== id || box.state !== "respawning") return;
      if (!this.#mayRespawn(box)) await hub.leave(id, "dead");
      else await this.#respawn(box).catch(ignoreRefusal);
    });
  }

  async #boxOf(
    id: string,
  ): Promise<{ readonly written: Box["written"]; text: Box["text"] }> {
    const view = await this.#world.view();
    const box = view.all().find(({ record }) => record?.id === id);
    if (box === undefined)
      throw failure(EError.ContainerDoesNotExist, "Container was destroyed");
    return { written: box.written, text: (property) => box.text(property) };
  }

  volumesGone(): void {
    this.#world.background(this.#stopUnsupplied());
  }

  async #stopUnsupplied(): Promise<void> {
    const view = await this.#world.view();
    for (const box of view.all()) {
      if (box.state === "stopped" || box.state === "dead") continue;
      const missing = splitEscaped(box.text("volumes_required"), ";").some(
        (path) => {
          try {
            this.checkRequired(box, path);
            return false;
          } catch {
            return true;
          }
        },
      );
      if (missing) await this.stop(box.name, 0).catch(ignoreRefusal);
    }
  }

  /** Dead containers go when their time is over. Others than Porto's are left alone. */
  async bury(): Promise<void> {
    const { inside, counters } = this.#world;
    const now = inside.clock.now();
    if (now - this.#buried < BURIAL_INTERVAL) return;
    this.#buried = now;
    const view = await this.#world.view();
    for (const box of view.all()) {
      if (box.state !== "dead" || box.written.extra[MADE] === undefined)
        continue;
      if (deadTime(box.written, now) < BigInt(box.text("aging_time"))) continue;
      await this.destroy(box.name).catch(ignoreRefusal);
      counters.buried += 1;
    }
  }

  /** Changes a container when nothing else changes it, one around it or one inside. */
  async #change(
    given: string,
    work: (box: Box) => Promise<void>,
  ): Promise<void> {
    const name = resolveName(given);
    await this.#world.locks.run(name, async () => {
      const box = await this.#world.box(name);
      void box.written;
      await work(box);
    });
  }
}

/** What the engine or we ourselves refuse has been seen to by somebody else. */
function ignoreRefusal(error: unknown): void {
  if (!LibpodError.is(error) && !PortoError.is(error)) throw error;
}

/** A container that others than Porto removed needs nothing more. */
function ignoreGone(error: unknown): void {
  if (!LibpodError.is(error) || error.code !== "NO_SUCH_CONTAINER") throw error;
}
