import { performance } from "node:perf_hooks";
import { PortolanError } from "../runtime/errors.ts";
import { unwatchSignal, watchSignal } from "../runtime/signals.ts";
import type { Container } from "./container.ts";
import type {
  ContainerSummary,
  Engine,
  ImageSummary,
  OperationOptions,
  PodSummary,
} from "./engine.ts";
import { InvalidArgument, InvalidState, RuntimeStopped } from "./errors.ts";
import type { Image } from "./image.ts";
import { type Life, Lives } from "./lives.ts";
import type { RuntimeConfig } from "./options.ts";
import type { Pod } from "./pod.ts";

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

/** The signal and the time that is left of an operation: what each of its engine calls gets. */
export type Left = () => OperationOptions;

/** The kinds of objects that a runtime makes. */
type Kind = keyof Objects;

interface Owned {
  readonly kind: Kind;
  readonly life: Life | undefined;
}

type Phase = "new" | "open" | "shutting down" | "stopped";

/**
 * What all objects of one runtime share: the engine, whether it may still be used,
 * and what became of containers and pods.
 */
export class Core {
  readonly objects: Objects;
  readonly containers: Lives = Lives.ofContainers();
  readonly pods: Lives = Lives.ofPods();
  /** Ids of the containers that were made through this runtime. */
  readonly created: Set<string> = new Set<string>();
  /** How often which container was mounted through this runtime, and not unmounted. */
  readonly mounts: Map<string, number> = new Map<string, number>();
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

  configure(config: RuntimeConfig): void {
    this.#config = config;
  }

  /** Whether it is open then: it may have been stopped meanwhile. */
  open(engine: Engine): boolean {
    if (this.#phase !== "new") return false;
    this.#engine = engine;
    this.#phase = "open";
    return true;
  }

  /**
   * Runs an operation: engine calls that share a signal and a time limit.
   *
   * @param life Of the container or pod that it is about.
   * @throws RuntimeStopped, also if that happens meanwhile; what `life` says; what the engine says
   */
  async run<T>(
    options: OperationOptions,
    call: (engine: Engine, left: Left) => Promise<T>,
    life?: Life,
  ): Promise<T> {
    const { engine } = this;
    return this.#during(options, life, (left) => call(engine, left));
  }

  /** As {@link Core.run}, for what goes on: begins with the first item that is asked for. */
  async *stream<T, R = void>(
    options: OperationOptions,
    open: (engine: Engine, left: Left) => AsyncGenerator<T, R, undefined>,
    { life, cancel }: { life?: Life; cancel?: AbortSignal } = {},
  ): AsyncGenerator<T, R, undefined> {
    const { engine } = this;
    life?.check();
    const scope = new Scope(options, this.#stopped.signal, cancel);
    try {
      return yield* open(engine, scope.left);
    } catch (error) {
      throw this.#explain(error, life);
    } finally {
      scope.end();
    }
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
   * Runs the last operation. Everything else is refused from its beginning on, and
   * again allowed if it fails.
   */
  async last(
    options: OperationOptions,
    call: (engine: Engine, left: Left) => Promise<void>,
  ): Promise<void> {
    const { engine } = this;
    this.#phase = "shutting down";
    try {
      await this.#during(options, undefined, (left) => call(engine, left));
    } finally {
      if (this.#phase === "shutting down") this.#phase = "open";
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
  ): Promise<T> {
    life?.check();
    const scope = new Scope(options, this.#stopped.signal);
    try {
      return await call(scope.left);
    } catch (error) {
      throw this.#explain(error, life);
    } finally {
      scope.end();
    }
  }

  #explain(error: unknown, life: Life | undefined): unknown {
    // Why it failed is then of no interest: the runtime ended it.
    if (this.#phase === "stopped" && !RuntimeStopped.is(error))
      return this.#refusal({ cause: error });
    return life === undefined ? error : life.explain(error);
  }

  #refusal(options?: ErrorOptions): Error {
    if (this.#phase === "new")
      return new InvalidState("the runtime is not open yet: await its open()");
    return new RuntimeStopped(
      this.#phase === "stopped"
        ? "the runtime was shut down or closed"
        : "the runtime is being shut down",
      options,
    );
  }
}

/** The signal and the time limit of one operation. */
class Scope {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #limit: number | undefined;
  readonly #begin = performance.now();

  /**
   * @throws PortolanError `ABORTED` if the operation's signal is aborted already
   * @throws InvalidArgument for a timeout that is none
   */
  constructor(
    { signal, timeout }: OperationOptions,
    ...others: readonly (AbortSignal | undefined)[]
  ) {
    if (timeout !== undefined && !(timeout >= 0))
      throw new InvalidArgument(
        `timeout: milliseconds are needed, not ${timeout}`,
      );
    if (signal?.aborted === true)
      throw new PortolanError("ABORTED", "the operation was aborted", {
        cause: signal.reason,
      });
    this.#limit = timeout;
    this.#sources = [signal, ...others].filter(
      (source) => source !== undefined,
    );
    for (const source of this.#sources) watchSignal(source, this);
  }

  readonly left: Left = () => {
    const { signal } = this.#controller;
    if (this.#limit === undefined) return { signal };
    const timeout = this.#limit - (performance.now() - this.#begin);
    if (timeout < 0)
      throw new PortolanError(
        "TIMEOUT",
        `the operation took longer than ${this.#limit} ms`,
      );
    return { signal, timeout };
  };

  onAbort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  end(): void {
    for (const source of this.#sources) unwatchSignal(source, this);
  }
}
