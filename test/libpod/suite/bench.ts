import type {
  Container,
  ContainerOptions,
  Engine,
  Pod,
  Runtime,
  Spec,
} from "portolan/libpod";

/**
 * What a program of the suite does, and the command that does it on an engine that
 * starts processes. Engines that pretend get {@link programs} instead.
 */
export const commands = {
  /** Runs until it is killed, and takes no notice of SIGTERM (it is the first process of its namespace). */
  forever: ["sleep", "1000"],
  /** Prints to both streams and ends with 3. */
  speaks: ["sh", "-c", "echo one; echo two; echo three >&2; exit 3"],
  /** Prints, waits, prints and goes on until it is stopped, which it obeys. */
  ticks: [
    "sh",
    "-c",
    "trap 'exit 0' TERM; echo tick; sleep 1 & wait; echo tock; sleep 1000 & wait",
  ],
  /** Gives back what it reads. */
  echoes: ["cat"],
} as const;

export type CommandName = keyof typeof commands;

/** One engine, as the suite meets it. */
export interface Bench {
  /** `porto through its socket`. */
  readonly name: string;
  /** Opens a runtime of its own. */
  open(): Promise<Runtime>;
  /** The calls that this engine lacks: each must answer NotSupported, and no other may. */
  readonly lacks: ReadonlySet<keyof Engine>;
  /** Where the engine differs from the rules, by the names of {@link Difference}. */
  readonly differences: ReadonlySet<Difference>;
  /** What containers of the suite are made with, besides their command. */
  container(command: readonly string[]): Promise<{
    readonly spec: Spec;
    readonly options: ContainerOptions;
  }>;
  /** Begins the names of what the suite makes, so that nothing else is touched. */
  readonly prefix: string;
  /** Whether time is real and processes are: limits are longer then. */
  readonly live: boolean;
  close(): Promise<void>;
}

/**
 * How engines differ, each with why. The suite says at the rule what holds instead.
 */
export type Difference =
  /** Porto, Podman 1.0: the step from `configured` to `created` is part of starting. */
  | "creates when started"
  /** Podman 1.0 and 1.9, Porto: what exists cannot be configured anew. */
  | "fixed when made"
  /** Porto: an id is the name, so every beginning of a name is a partial id. */
  | "ids are names"
  /** Podman 1.x: starting an empty pod is an error. */
  | "empty pods do not start";

/** What was made in a test, to be removed after it whatever happened. */
export class Made {
  readonly #runtime: Runtime;
  readonly #bench: Bench;
  readonly #containers: Container[] = [];
  readonly #pods: Pod[] = [];
  #count = 0;

  constructor(runtime: Runtime, bench: Bench) {
    this.#runtime = runtime;
    this.#bench = bench;
  }

  name(word: string): string {
    this.#count += 1;
    return `${this.#bench.prefix}-${word}-${this.#count}`;
  }

  async container(
    command: CommandName,
    options: ContainerOptions = {},
  ): Promise<Container> {
    const base = await this.#bench.container(commands[command]);
    const container = await this.#runtime.newContainer(base.spec, {
      name: this.name("ctr"),
      ...base.options,
      ...options,
    });
    this.#containers.push(container);
    return container;
  }

  async pod(name: string = this.name("pod")): Promise<Pod> {
    const pod = await this.#runtime.newPod({ name });
    this.#pods.push(pod);
    return pod;
  }

  async remove(): Promise<void> {
    for (const container of this.#containers.toReversed()) {
      await this.#runtime
        .removeContainer(container, { force: true })
        .catch(unlessGone);
    }
    for (const pod of this.#pods) {
      await this.#runtime.removePod(pod, { force: true }).catch(unlessGone);
    }
  }
}

const gone = new Set([
  "NO_SUCH_CONTAINER",
  "CONTAINER_REMOVED",
  "NO_SUCH_POD",
  "POD_REMOVED",
]);

function unlessGone(error: unknown): void {
  const { code } = error as { readonly code?: string };
  if (code === undefined || !gone.has(code)) throw error;
}
