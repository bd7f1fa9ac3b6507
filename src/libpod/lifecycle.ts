import { able, isAble } from "./calls.ts";
import { Container } from "./container.ts";
import { Core } from "./core.ts";
import type {
  Engine,
  EngineEvent,
  EngineInfo,
  EngineVersion,
  OperationOptions,
  OptionalCall,
} from "./engine.ts";
import { Image } from "./image.ts";
import { membersOf } from "./members.ts";
import { openEngine } from "./open.ts";
import {
  checkRuntimeOptions,
  configOf,
  type RuntimeConfig,
  type RuntimeOptions,
} from "./options.ts";
import { Pod } from "./pod.ts";
import { refuseBusy, stopAll } from "./shutdown.ts";
import { checkGrace, type StopOptions } from "./stop.ts";
import { showAs } from "./shown.ts";

/** How a runtime is shut down. */
export interface ShutdownOptions extends StopOptions {
  /** Stop and unmount what runs or is mounted, instead of refusing. Default `false`. */
  readonly force?: boolean | undefined;
}

const shutdownMembers = membersOf<ShutdownOptions>({
  force: true,
  grace: true,
});

/** How a {@link Runtime} begins and ends, and what it tells of its engine. */
export abstract class Lifecycle implements AsyncDisposable {
  readonly #target: string | Engine;
  /** @internal */
  protected readonly core: Core;
  #options: RuntimeOptions = {};
  /** Settles when nothing is being opened any more. Never rejects. */
  #opening: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  /**
   * A runtime that is not open yet: {@link Lifecycle.configure} it, then
   * {@link Lifecycle.open} it.
   *
   * @param target An engine, or the address of one: `podman:` with a Varlink address
   * (default `unix:/run/podman/io.podman`), `porto:` with a path (default
   * `/run/portod.socket`), `embedded:` for one in memory, with a folder for one that
   * is kept there.
   * @throws InvalidArgument
   */
  constructor(target: string | Engine, options: RuntimeOptions = {}) {
    this.#target = target;
    this.core = new Core(configOf({}), (core) => ({
      container: (summary) => new Container(core, summary),
      pod: (summary) => new Pod(core, summary),
      image: (summary) => new Image(core, summary),
    }));
    this.configure(options);
  }

  /**
   * Sets options; those that are not given stay.
   *
   * @throws RuntimeFinalized once it is open, or being opened; InvalidArgument
   */
  configure(options: RuntimeOptions): void {
    const given = Object.entries(checkRuntimeOptions(options));
    const set = given.filter(([, value]) => value !== undefined);
    const all = { ...this.#options, ...Object.fromEntries(set) };
    this.core.configure(configOf(all));
    this.#options = all;
  }

  /**
   * Opens the engine. After a failure it may be configured and opened again.
   *
   * @throws RuntimeFinalized if it was opened; what {@link Runtime.open} of the class throws
   */
  async open(options: OperationOptions = {}): Promise<void> {
    const opening = this.core.open(
      options,
      (left) => openEngine(this.#target, this.#options, left),
      (engine) => this.#letGo(engine),
    );
    // One that comes second is refused, while the first goes on.
    this.#opening = Promise.allSettled([this.#opening, opening]);
    await opening;
  }

  /** The engine: `podman`, `porto`, `embedded`, or another's name. */
  get engine(): string {
    return this.core.engine.name;
  }

  /** Where the engine is: `podman:unix:/run/podman/io.podman`. */
  get address(): string {
    return this.core.engine.address;
  }

  /** Whether the engine has a call that engines may lack. */
  supports(call: OptionalCall): boolean {
    return isAble(this.core.engine, call);
  }

  /** A copy of what the runtime was set up with. */
  getConfig(): RuntimeConfig {
    return structuredClone(this.core.config);
  }

  async version(options: OperationOptions = {}): Promise<EngineVersion> {
    return await this.core.run(options, (engine, left) =>
      engine.version(left()),
    );
  }

  /** What the engine runs on. @throws NotSupported */
  async info(options: OperationOptions = {}): Promise<EngineInfo> {
    return await this.core.run(options, (engine, left) =>
      able(engine, "info").info(left()),
    );
  }

  /**
   * What happens in the engine, from the first item that is asked for on. Ends when
   * the caller leaves.
   *
   * @throws NotSupported
   */
  events(
    options: OperationOptions = {},
  ): AsyncGenerator<EngineEvent, void, undefined> {
    return this.core.stream(options, (engine, left) =>
      able(engine, "events").events(left()),
    );
  }

  /**
   * Finishes the runtime, and what belongs to it. With the embedded engine these are
   * all containers; a daemon's others are left alone, and only those that were made
   * through this object count.
   *
   * If it fails the runtime stays open. While it goes on everything else is refused.
   *
   * @throws InvalidState if a container runs or is mounted, unless `force` is set
   * @throws EngineError if one could not be stopped or unmounted
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { core } = this;
    await core.last(
      options,
      (engine, left) => {
        const grace = checkGrace(options);
        return options.force === true
          ? stopAll(core.ledger, engine, left, grace)
          : refuseBusy(core.ledger, engine, left);
      },
      shutdownMembers,
    );
    await this.close();
  }

  /**
   * Finishes the runtime and lets go of the engine; what runs goes on. What is under
   * way ends with `RuntimeStopped`. Idempotent.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const engine = this.core.stop();
    await this.#opening;
    if (engine !== undefined) await this.#letGo(engine);
  }

  /** An engine belongs to who opened it. */
  async #letGo(engine: Engine): Promise<void> {
    if (typeof this.#target === "string") await engine.close();
  }

  static {
    // Runtimes are the only ones.
    showAs(Lifecycle, "Runtime", (runtime) => {
      const target = runtime.#target;
      return { engine: typeof target === "string" ? target : target.address };
    });
  }
}
