import { EError, PortoError } from "portolan/porto";
import { asPortoError, errorText, failure } from "./errors.ts";
import { configOf } from "./project.ts";
import { splitEscaped } from "./text.ts";
import { START_ERROR, keptKey } from "./keys.ts";
import type { Box, PortoState } from "./view.ts";
import type { World } from "./world.ts";

/** Has what a container is to run begin, the first time or again. */
export class Starting {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Starts what a container runs.
   *
   * @param phase Its state until it runs; the state it has now tells nobody of it.
   * @param otherwise Its state if it cannot be started.
   * @throws PortoError which is kept as the container's `start_error` too
   */
  async run(box: Box, phase: PortoState, otherwise: PortoState): Promise<void> {
    const { inside, engine, hub, counters } = this.#world;
    const { id } = box.written;
    await inside.setExtra(id, { [START_ERROR]: undefined });
    try {
      this.#check(box);
    } catch (error) {
      throw await this.#failed(box, error, otherwise);
    }
    hub.enter(id, phase);
    try {
      await inside.reconfigure(id, configOf(box));
      await engine.startContainer(id);
    } catch (error) {
      throw await this.#failed(box, error, otherwise);
    }
    counters.started += 1;
    await hub.leave(id, box.text("command") === "" ? "meta" : "running");
  }

  /** Counts a start that nobody asked for. */
  async countRespawn(box: Box): Promise<void> {
    const count = BigInt(box.text("respawn_count")) + 1n;
    await this.#world.inside.setExtra(box.written.id, {
      [keptKey("respawn_count")]: String(count),
    });
  }

  /** What of a container's settings keeps it from being started. */
  #check(box: Box): void {
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
    const missing = this.missingVolume(box);
    if (missing !== undefined)
      throw failure(
        EError.VolumeNotFound,
        `Required volume ${missing} not found`,
      );
  }

  /** A volume that a container cannot do without, and has not. */
  missingVolume(box: Box): string | undefined {
    const { volumes } = this.#world;
    const linked = volumes.linksOf(box.name);
    return splitEscaped(box.text("volumes_required"), ";").find(
      (needed) =>
        linked.every(
          ({ target, path }) => target !== needed && path !== needed,
        ) && volumes.all().every(({ path }) => path !== needed),
    );
  }

  async #failed(
    box: Box,
    thrown: unknown,
    state: PortoState,
  ): Promise<unknown> {
    const error = asPortoError(thrown);
    const { id } = box.written;
    const { hub, inside, counters } = this.#world;
    if (!PortoError.is(error)) {
      await hub.leave(id, state);
      return error;
    }
    counters.startFailed += 1;
    const { error: code, errorName: name, text: msg } = error;
    await inside.setExtra(id, {
      [START_ERROR]: JSON.stringify({ error: code, name, msg }),
    });
    const told = hub.inPhase(id) || box.state !== state;
    if (told) await hub.leave(id, state, "start_error", errorText(error));
    return error;
  }
}
