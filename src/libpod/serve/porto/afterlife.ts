import { EError, type PortoError } from "portolan/porto";
import { signals } from "../../signals.ts";
import { failure } from "./errors.ts";
import type { Aftermath } from "./hub.ts";
import { type Containers, ignoreRefusal } from "./lifecycle.ts";
import { isInside, parentName } from "./names.ts";
import { deadTime } from "./properties/readable-facts.ts";
import type { Starting } from "./starting.ts";
import { MADE } from "./keys.ts";
import { type Box, isUp } from "./view.ts";
import type { Lifecycle, World } from "./world.ts";

/** Milliseconds before a container is started again, at least. */
const MIN_RESPAWN_DELAY = 50;

/** Milliseconds in which the dead are looked at once at most. */
const BURIAL_INTERVAL = 1000;

/** What becomes of containers that died, and of those that lost what they need. */
export class Afterlife implements Lifecycle {
  readonly #world: World;
  readonly #containers: Containers;
  readonly #starting: Starting;
  /** When the dead were last looked at. */
  #buried = 0;

  constructor(world: World, containers: Containers, starting: Starting) {
    this.#world = world;
    this.#containers = containers;
    this.#starting = starting;
  }

  /** Weak containers and respawns that were under way did not outlive the engine that had them. */
  async recover(): Promise<void> {
    const { volumes } = this.#world;
    const view = await this.#world.view();
    // Others than Porto may have removed containers when nobody here was told.
    for (const name of volumes.users())
      if (view.get(name) === undefined)
        await volumes.forget(name, parentName(name));
    for (const box of view.all()) {
      // What was nested in another that went is gone by now.
      if (box.text("weak") === "true")
        await this.#containers.destroy(box.name).catch(ignoreRefusal);
      else if (box.state === "dead" && box.text("respawn") === "true")
        await this.respawn(box.name).catch(ignoreRefusal);
    }
  }

  /** Starts a dead container again. */
  async respawn(given: string): Promise<void> {
    await this.#containers.change(given, async (box) => {
      const refusal = refusalToRespawn(box);
      if (refusal !== undefined) throw refusal;
      await this.#respawn(box);
    });
  }

  async #respawn(box: Box): Promise<void> {
    await this.#starting.countRespawn(box);
    await this.#starting.run(box, box.state, "dead");
  }

  async died(id: string): Promise<Aftermath> {
    const view = await this.#world.view();
    const box = view.byId(id);
    if (box === undefined) return { state: "dead" };
    const killInside = (): void =>
      this.#world.background(this.#killInside(box));
    // It is dead from here on, whatever it is still called.
    const refusal = refusalToRespawn(box, "dead");
    if (box.text("respawn") !== "true" || refusal !== undefined)
      return { state: "dead", next: killInside };
    return {
      state: "respawning",
      next: () => {
        killInside();
        void this.#respawnLater(box);
      },
    };
  }

  /** What is nested in a container ends with it. */
  async #killInside(box: Box): Promise<void> {
    const { engine, inside, hub } = this.#world;
    for (const { name, written } of box.view.all()) {
      if (!isInside(name, box.name) || hub.inPhase(written.id)) continue;
      const kill = async (): Promise<void> => {
        const { state } = await inside.record(written.id);
        if (state === "paused") await engine.unpauseContainer(written.id);
        if (state === "running" || state === "paused")
          await engine.killContainer(written.id, signals.SIGKILL);
      };
      await kill().catch(ignoreRefusal);
    }
  }

  async #respawnLater(box: Box): Promise<void> {
    const { inside, hub, locks } = this.#world;
    const { id } = box.written;
    const delay = Number(box.text("respawn_delay").replace("ns", "")) / 1e6;
    try {
      await inside.clock.sleep(Math.max(delay, MIN_RESPAWN_DELAY), hub.signal);
    } catch (error) {
      // Where the engine is gone, so is whoever could be started.
      if (hub.signal.aborted) return;
      // A clock that fails leaves nothing that would start it.
      this.#world.background(
        hub.leave(id, "dead").then(() => {
          throw error;
        }),
      );
      return;
    }
    this.#world.background(
      locks.run(box.name, async () => {
        const now = (await this.#world.view()).byId(id);
        // Somebody else has seen to it meanwhile.
        if (now?.state !== "respawning") return;
        if (refusalToRespawn(now) !== undefined) await hub.leave(id, "dead");
        else await this.#respawn(now).catch(ignoreRefusal);
      }),
    );
  }

  volumesGone(): void {
    this.#world.background(this.#stopUnsupplied());
  }

  async #stopUnsupplied(): Promise<void> {
    const view = await this.#world.view();
    for (const box of view.all()) {
      if (box.state === "stopped" || box.state === "dead") continue;
      if (this.#starting.missingVolume(box) !== undefined)
        await this.#containers.stop(box.name, 0).catch(ignoreRefusal);
    }
  }

  /** Dead containers go when their time is over. Others than Porto's are left alone. */
  async bury(): Promise<void> {
    const { inside, counters, locks } = this.#world;
    const now = inside.clock.now();
    if (now - this.#buried < BURIAL_INTERVAL) return;
    this.#buried = now;
    const isOver = (box: Box): boolean =>
      box.state === "dead" &&
      box.written.extra[MADE] !== undefined &&
      deadTime(box.written, now) >= BigInt(box.text("aging_time"));
    for (const box of (await this.#world.view()).all()) {
      // Whoever asks does not wait for those who are at work on it.
      if (!isOver(box) || locks.isBusy(box.name)) continue;
      const gone = await this.#containers
        .destroy(box.name, isOver)
        .catch(ignoreRefusal);
      if (gone === true) counters.buried += 1;
    }
  }
}

/** Why a container cannot be started again, if it cannot. */
function refusalToRespawn(
  box: Box,
  state: string = box.state,
): PortoError | undefined {
  const { parent } = box;
  if (state !== "dead" && state !== "respawning")
    return failure(
      EError.InvalidState,
      `Cannot respawn: container in state=${state}`,
    );
  if (
    parent !== undefined &&
    !isUp(parent.state) &&
    parent.state !== "respawning"
  )
    return failure(
      EError.InvalidState,
      `Cannot respawn: parent container in state=${parent.state}`,
    );
  const limit = box.text("max_respawns");
  if (limit !== "" && BigInt(box.text("respawn_count")) >= BigInt(limit))
    return failure(
      EError.ResourceNotAvailable,
      `Cannot respawn: reached max_respawns=${limit}`,
    );
  return undefined;
}
