import { PortolanError } from "../runtime/errors.ts";
import { checkMembers } from "./check.ts";
import type { Container } from "./container.ts";
import type {
  ContainerSummary,
  Engine,
  ImageSummary,
  OperationOptions,
  PodSummary,
} from "./engine.ts";
import {
  InvalidArgument,
  InvalidState,
  RuntimeFinalized,
  RuntimeStopped,
} from "./errors.ts";
import { tellCaller } from "./frames.ts";
import type { Image } from "./image.ts";
import { Leavable } from "./leaving.ts";
import { Ledger } from "./ledger.ts";
import type { Life } from "./lives.ts";
import { operationMembers } from "./members.ts";
import type { RuntimeConfig } from "./options.ts";
import type { Pod } from "./pod.ts";
import { type Left, Scope } from "./scope.ts";

/** How objects are made: they make each other, and their modules must not import each other. */
export interface Objects {
  container(summary: ContainerSummary): Container;
  pod(summary: PodSummary): Pod;
  image(summary: ImageSummary): Image;
}

/** What is closed with the runtime. */
export interface Held {
  destroy(error: Error): void;
}

/** The kinds of objects that a runtime makes. */
type Kind = keyof Objects;

interface Owned {
  readonly kind: Kind;
  readonly life: Life | undefined;
}

type Phase = "new" | "opening" | "open" | "shutting down" | "stopped";

/**
 * What all objects of one runtime share: the engine, whether it may still be used,
 * and what became of containers and pods.
 */
export class Core {
  readonly objects: Objects;
  readonly ledger: Ledger = new Ledger();
  readonly #owned = new WeakMap<object, Owned>();
  readonly #held = new Set<Held>();
  readonly #stopped = new AbortController();
  #phase: Phase = "new";
  #engine: Engine | undefined;
  #config: RuntimeConfig;

  constructor(config: RuntimeConfig, objects: (core: Core) => Objects) {
    this.#config = config;
    this.objects = objects(this);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** @throws RuntimeStopped; InvalidState before it is open */
  get engine(): Engine {
    if (this.#phase === "open" && this.#engine !== undefined)
      return this.#engine;
    throw this.#refusal();
  }

  /** What the runtime was set up with. @throws RuntimeStopped */
  get config(): RuntimeConfig {
    if (this.#phase === "stopped") throw this.#refusal();
    return this.#config;
  }

  /** @throws RuntimeFinalized once it is open, or being opened */
  configure(config: RuntimeConfig): void {
    if (this.#phase !== "new")
      throw new RuntimeFinalized(
        "the runtime is open: it is configured before",
      );
    this.#config = config;
  }

  /**
   * Opens it. After a failure that can be done again.
   *
   * @param letGo Of an engine that is there too late: it was stopped meanwhile.
   * @throws RuntimeFinalized if it was opened; RuntimeStopped; what `make` throws
   */
  async open(
    options: OperationOptions,
    make: (left: Left) => Promise<Engine>,
    letGo: (engine: Engine) => Promise<void>,
  ): Promise<void> {
    if (this.#phase === "stopped") throw this.#refusal();
    if (this.#phase !== "new")
      throw new RuntimeFinalized("the runtime was opened before");
    this.#phase = "opening";
    try {
      const engine = await this.#during(options, undefined, make);
      if (this.#isStopped()) {
        await letGo(engine);
        throw this.#refusal();
      }
      this.#engine = engine;
      this.#phase = "open";
    } finally {
      if (this.#phase === "opening") this.#phase = "new";
    }
  }

  /**
   * Runs an operation: engine calls that share a signal and a time limit.
   *
   * @param life Of the container or pod that it is about.
   * @param members What there may be in the options.
   * @throws RuntimeStopped, also if that happens meanwhile; what `life` says; InvalidArgument
   *   for options with other members; what the engine says
   */
  async run<T>(
    options: OperationOptions,
    call: (engine: Engine, left: Left) => Promise<T>,
    life?: Life,
    members?: readonly string[],
  ): Promise<T> {
    const { engine } = this;
    return await this.#during(
      options,
      life,
      (left) => call(engine, left),
      members,
    );
  }

  /** As {@link Core.run}, for what goes on: begins with the first item that is asked for. */
  stream<T, R = void>(
    options: OperationOptions,
    open: (engine: Engine, left: Left) => AsyncGenerator<T, R, undefined>,
    life?: Life,
    members: readonly string[] = operationMembers,
  ): AsyncGenerator<T, R, undefined> {
    const leave = new AbortController();
    const items = this.#items(options, open, life, members, leave.signal);
    return new Leavable(items, () =>
      leave.abort(new PortolanError("ABORTED", "the reader has left")),
    );
  }

  /** Closes this with the runtime, unless {@link Core.release}d before. */
  hold(held: Held): void {
    if (this.#phase === "stopped") held.destroy(this.#refusal());
    else this.#held.add(held);
  }

  release(held: Held): void {
    this.#held.delete(held);
  }

  /** An object says that it is of this runtime, and what its life is. */
  own(object: object, kind: Kind, life?: Life): void {
    this.#owned.set(object, { kind, life });
  }

  /**
   * The life of an object that was given to this runtime.
   *
   * @throws InvalidArgument for what is no object of this runtime
   * @throws RuntimeStopped; InvalidState before it is open
   */
  lifeOf(object: unknown, kind: Kind, what: string = kind): Life | undefined {
    if (this.#phase !== "open") throw this.#refusal();
    // What is given may be anything, whatever its type says.
    const owned = this.#owned.get(object as object);
    if (owned?.kind === kind) return owned.life;
    throw new InvalidArgument(`${what}: it is no ${kind} of this runtime`);
  }

  /**
   * Runs the last operation: everything else is refused from its beginning on, and
   * again allowed if it fails.
   */
  async last(
    options: OperationOptions,
    call: (engine: Engine, left: Left) => Promise<void>,
    members?: readonly string[],
  ): Promise<void> {
    const { engine } = this;
    this.#phase = "shutting down";
    try {
      await this.#during(
        options,
        undefined,
        (left) => call(engine, left),
        members,
      );
    } catch (error) {
      if (!this.#isStopped()) this.#phase = "open";
      throw error;
    }
  }

  /**
   * Ends what is under way, and refuses everything from now on.
   *
   * @returns The engine to let go of, once.
   */
  stop(): Engine | undefined {
    const engine = this.#engine;
    this.#engine = undefined;
    if (this.#phase === "stopped") return undefined;
    this.#phase = "stopped";
    this.#stopped.abort(this.#refusal());
    for (const held of this.#held) held.destroy(this.#refusal());
    this.#held.clear();
    return engine;
  }

  async #during<T>(
    options: OperationOptions,
    life: Life | undefined,
    call: (left: Left) => Promise<T>,
    members: readonly string[] = operationMembers,
  ): Promise<T> {
    life?.check();
    checkMembers(options, "options", members);
    const scope = new Scope(options, this.#stopped.signal);
    try {
      return await call(scope.left);
    } catch (error) {
      const explained = this.#explain(error, life);
      tellCaller(explained, "Core.#during");
      throw explained;
    } finally {
      scope.end();
    }
  }

  async *#items<T, R>(
    options: OperationOptions,
    open: (engine: Engine, left: Left) => AsyncGenerator<T, R, undefined>,
    life: Life | undefined,
    members: readonly string[],
    leaving: AbortSignal,
  ): AsyncGenerator<T, R, undefined> {
    const { engine } = this;
    life?.check();
    checkMembers(options, "options", members);
    const scope = new Scope(options, this.#stopped.signal, leaving);
    try {
      return yield* open(engine, scope.left);
    } catch (error) {
      // That it was left ends it, and is nobody's error. There is no result.
      if (leaving.aborted) return undefined as R;
      const explained = this.#explain(error, life);
      tellCaller(explained, "Core.#items");
      throw explained;
    } finally {
      scope.end();
    }
  }

  /** While something is awaited that changes. */
  #isStopped(): boolean {
    return this.#phase === "stopped";
  }

  #explain(error: unknown, life: Life | undefined): unknown {
    // Why it failed is then of no interest: the runtime ended it.
    if (this.#phase === "stopped" && !RuntimeStopped.is(error))
      return this.#refusal({ cause: error });
    return life === undefined ? error : this.ledger.explain(error, life);
  }

  #refusal(options?: ErrorOptions): Error {
    if (this.#phase === "new" || this.#phase === "opening")
      return new InvalidState("the runtime is not open yet: await its open()");
    return new RuntimeStopped(
      this.#phase === "stopped"
        ? "the runtime was shut down or closed"
        : "the runtime is being shut down",
      options,
    );
  }
}
