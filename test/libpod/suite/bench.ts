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
  /** Answers the first line that it reads, and ends with 4. */
  answers: ["sh", "-c", 'read line; echo "you said $line"; exit 4'],
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
  /** Porto: an id is the name, so every beginning of a name is a partial id. */
  | "ids are names"
  /** Podman 1.x: starting an empty pod is an error. */
  | "empty pods do not start"
  /**
   * Podman 1.9: the daemon never closes the input of what `exec` runs. It hangs up a
   * second after the caller has ended it, and with that the exit code is lost.
   */
  | "input of exec has no end"
  /**
   * Podman 1.0 on a host with control groups of the second version: it knows the first
   * one only, and has no figures.
   */
  | "no figures";

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

  /** Removes all of it, and fails if that fails; what it was in is no matter. */
  async remove(): Promise<void> {
    const errors: unknown[] = [];
    const attempt = (work: Promise<void>): Promise<void> =>
      work.catch((error: unknown) => {
        if (!isGone(error)) errors.push(error);
      });
    for (const container of this.#containers.toReversed()) {
      await kill(container);
      await attempt(this.#runtime.removeContainer(container, { force: true }));
    }
    for (const pod of this.#pods)
      await attempt(this.#runtime.removePod(pod, { force: true }));
    if (errors.length > 0)
      throw new AggregateError(errors, "something could not be removed");
  }
}

/** Removing by force gives what runs its time to end: this does not. */
async function kill(container: Container): Promise<void> {
  try {
    await container.kill("SIGKILL");
    await container.wait({ timeout: 10_000 });
  } catch {
    // It does not run, is paused, or is gone: removing tells.
  }
}

const gone = new Set([
  "NO_SUCH_CONTAINER",
  "CONTAINER_REMOVED",
  "NO_SUCH_POD",
  "POD_REMOVED",
]);

function isGone(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code !== undefined && gone.has(code);
}
