import { EError, PortoError } from "portolan/porto";
import type { EnvelopeConnection } from "../../../runtime/envelope/types.ts";
import { IDLE_ANNOTATION } from "../../engines/embedded/idle.ts";
import { LibpodError } from "../../errors.ts";
import { failure } from "./errors.ts";
import {
  checkName,
  isInside,
  levelOf,
  MAX_LEVEL,
  parentName,
  resolveName,
  ROOT,
} from "./names.ts";
import type { Starting } from "./starting.ts";
import { CHANGED, MADE, NUMBER, keptKey } from "./keys.ts";
import { type Box, isUp, type View } from "./view.ts";
import type { World } from "./world.ts";

/** How many containers there may be. */
export const MAX_CONTAINERS = 3000;

/** Milliseconds that a container gets to end by itself where nobody says another number. */
const STOP_TIMEOUT = 30_000;

const LAST_SIGNAL = 64;

/** What Porto does with containers, from `Create` to `Destroy`. */
export class Containers {
  readonly #world: World;
  readonly #starting: Starting;
  /** Ids of weak containers. */
  readonly #tied = new WeakMap<EnvelopeConnection, Set<string>>();

  constructor(world: World, starting: Starting) {
    this.#world = world;
    this.#starting = starting;
  }

  /**
   * Makes a container.
   *
   * @param weakTo Connection that it goes with.
   */
  async create(given: string, weakTo?: EnvelopeConnection): Promise<string> {
    const name = resolveName(given);
    checkName(name);
    const { inside, hub, counters, locks } = this.#world;
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
      const made = await hub.numbered((number) =>
        inside.create(
          // Idle already, should nothing more become of it.
          { name, spec: {}, annotations: { [IDLE_ANNOTATION]: "true" } },
          {
            [MADE]: "1",
            [NUMBER]: String(number),
            [CHANGED]: String(inside.clock.now()),
            ...(weakTo === undefined ? {} : { [keptKey("weak")]: "true" }),
          },
        ),
      );
      await this.#world.project(name);
      return made;
    });
    counters.created += 1;
    if (weakTo !== undefined) this.#tie(id, weakTo);
    return id;
  }

  /** Has a container go when a connection ends, if it is still weak then. */
  #tie(id: string, connection: EnvelopeConnection): void {
    const { signal } = connection;
    const go = (ids: Iterable<string>): void => {
      for (const each of ids) this.#world.background(this.#goWeak(each));
    };
    if (signal.aborted) {
      go([id]);
      return;
    }
    const known = this.#tied.get(connection);
    const tied = known ?? new Set<string>();
    // A connection may make any number of them, and see to their end itself.
    for (const each of tied)
      if (!this.#world.hub.knows(each)) tied.delete(each);
    tied.add(id);
    if (known !== undefined) return;
    this.#tied.set(connection, tied);
    signal.addEventListener("abort", () => go(tied), { once: true });
  }

  async #goWeak(id: string): Promise<void> {
    const box = (await this.#world.view()).byId(id);
    if (box?.text("weak") !== "true") return;
    await this.destroy(
      box.name,
      (now) => now.written.id === id && now.text("weak") === "true",
    ).catch(ignoreRefusal);
  }

  /**
   * Ends and removes a container and those inside of it.
   *
   * @param still Whether it is to go, asked when nobody else changes it.
   * @returns Whether it went.
   */
  async destroy(
    given: string,
    still: (box: Box) => boolean = () => true,
  ): Promise<boolean> {
    let gone = false;
    await this.change(given, async (box) => {
      if (!still(box)) return;
      await this.#destroy(box);
      gone = true;
    });
    return gone;
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
    const outermost = (view: View): string =>
      view.ancestors(name).find(({ state }) => state === "stopped")?.name ??
      name;
    for (;;) {
      const view = await this.#world.view();
      void view.find(name).written;
      const outer = outermost(view);
      const done = await this.#world.locks.run(outer, async () => {
        const now = await this.#world.view();
        // One further out may have been stopped before it was our turn.
        if (isInside(outer, outermost(now))) return false;
        const target = now.find(name);
        this.#checkStart(target);
        const resting = now.ancestors(name).filter(({ state }) => !isUp(state));
        for (const each of [...resting, target])
          await this.#startOne(each.name);
        return true;
      });
      if (done) return;
    }
  }

  #checkStart({ name, state }: Box): void {
    if (state !== "stopped")
      throw failure(
        EError.InvalidState,
        `Cannot start container ${name} in state ${state}`,
      );
  }

  async #startOne(name: string): Promise<void> {
    const box = await this.#world.box(name);
    this.#checkStart(box);
    if (box.parent?.state === "paused")
      throw failure(EError.InvalidState, "Parent container is frozen");
    await this.#starting.run(box, "starting", "stopped");
  }

  /** Stops a container and those inside of it; a dead one forgets how it ended. */
  async stop(given: string, timeout: number = STOP_TIMEOUT): Promise<void> {
    await this.change(given, async (box) => {
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
    await this.change(given, async (box) => {
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
    await this.change(given, async (box) => {
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

  /** Changes a container when nothing else changes it, one around it or one inside. */
  async change(
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
export function ignoreRefusal(error: unknown): void {
  if (!LibpodError.is(error) && !PortoError.is(error)) throw error;
}

/** A container that others than Porto removed needs nothing more. */
function ignoreGone(error: unknown): void {
  if (!LibpodError.is(error) || error.code !== "NO_SUCH_CONTAINER") throw error;
}
