import { EError, PortoError, type PortoHandlers } from "portolan/porto";
import type { CommandCall } from "../../../runtime/envelope/types.ts";
import type { EmbeddedEngine } from "../../engines/embedded/types.ts";
import {
  labelCommands,
  lifecycleCommands,
  pathCommands,
  propertyCommands,
  specCommands,
} from "./commands/containers.ts";
import type { Commands, Context } from "./commands/context.ts";
import { storageCommands } from "./commands/storages.ts";
import { imageCommands, systemCommands } from "./commands/system.ts";
import { volumeCommands } from "./commands/volumes.ts";
import { waitingCommands } from "./commands/waiting.ts";
import { Afterlife } from "./afterlife.ts";
import { asPortoError } from "./errors.ts";
import { Containers } from "./lifecycle.ts";
import { Starting } from "./starting.ts";
import { World } from "./world.ts";

type Handler = (input: object, call: CommandCall) => unknown;

/** An engine is one daemon, however many servers speak for it. */
const daemons = new WeakMap<EmbeddedEngine, Daemon>();

/**
 * Porto's commands, answered by an embedded engine: all of them, for
 * `portoService(portoHandlers(engine))` and an `EnvelopeServer`.
 *
 * Containers are the engine's own, so that who serves Podman from the same engine sees
 * them too, and Porto's clients those of Podman. Clients are taken for root of the
 * host. What a daemon keeps beside containers (volumes, layers, storages) is kept with
 * the engine, as names and numbers without contents.
 *
 * The rules are those of portod 5.3: docs/serve.md says where they cannot be.
 */
export function portoHandlers(
  engine: EmbeddedEngine,
): Commands<keyof PortoHandlers> {
  let daemon = daemons.get(engine);
  if (daemon === undefined) {
    daemon = new Daemon(engine);
    daemons.set(engine, daemon);
  }
  return daemon.handlers();
}

class Daemon {
  readonly #context: Context;
  readonly #clients = new WeakSet();
  #opened: Promise<void> | undefined;

  constructor(engine: EmbeddedEngine) {
    const world = new World(engine);
    const starting = new Starting(world);
    const containers = new Containers(world, starting);
    const afterlife = new Afterlife(world, containers, starting);
    this.#context = { world, containers, afterlife };
  }

  handlers(): Commands<keyof PortoHandlers> {
    const context = this.#context;
    const commands: Commands<keyof PortoHandlers> = {
      ...systemCommands(context),
      ...lifecycleCommands(context),
      ...waitingCommands(context),
      ...propertyCommands(context),
      ...labelCommands(context),
      ...specCommands(context),
      ...volumeCommands(context),
      ...storageCommands(context),
      ...pathCommands(context),
      ...imageCommands(context),
    };
    return Object.fromEntries(
      Object.entries(commands).map(([name, command]) => [
        name,
        this.#guarded(command as Handler),
      ]),
    ) as unknown as Commands<keyof PortoHandlers>;
  }

  /** Each command finds the engine open, and fails in Porto's words. */
  #guarded(command: Handler): Handler {
    const { counters } = this.#context.world;
    return async (input, call) => {
      this.#count(call);
      try {
        await this.#open();
        return await command(input, call);
      } catch (thrown) {
        const error = asPortoError(thrown);
        counters.failed += 1;
        if (!PortoError.is(error)) counters.system += 1;
        else if (error.error === EError.InvalidValue)
          counters.invalidValues += 1;
        else if (error.error === EError.InvalidCommand)
          counters.invalidCommands += 1;
        throw error;
      } finally {
        counters.requests += 1;
      }
    };
  }

  async #open(): Promise<void> {
    const { world, afterlife } = this.#context;
    this.#opened ??= world
      .open(afterlife)
      .then(() => afterlife.recover())
      .catch((error: unknown) => {
        // The next one tries again.
        this.#opened = undefined;
        throw error;
      });
    await this.#opened;
    await afterlife.bury();
  }

  #count({ connection }: CommandCall): void {
    if (this.#clients.has(connection)) return;
    this.#clients.add(connection);
    const { counters } = this.#context.world;
    counters.clients += 1;
    counters.connected += 1;
    const left = (): void => {
      counters.clients -= 1;
    };
    connection.signal.addEventListener("abort", left, { once: true });
  }
}
