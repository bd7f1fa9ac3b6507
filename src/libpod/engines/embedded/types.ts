import type { ContainerConfig, Engine, EngineEvent } from "../../engine.ts";
import type { Signal } from "../../signals.ts";
import type { ContainerRecord, State } from "../../state.ts";

/** Where an engine's time comes from: the system, or a test. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Resolves after `milliseconds`; rejects with the signal's reason once that is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /**
   * Told of work that the engine does at this moment, without time passing: a clock
   * that is moved by hand waits for it before it moves on. May be left out.
   */
  busy?(work: Promise<unknown>): void;
}

/** What a program that an embedded engine "runs" can see and do. */
export interface ProgramContext {
  /** The container that it runs in. */
  readonly containerId: string;
  /** The container's name. */
  readonly name: string;
  /** The program's name and its arguments. */
  readonly command: readonly string[];
  /** The environment, by name. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it has a terminal. */
  readonly tty: boolean;
  /** Aborted, with the signal's number as reason, by SIGKILL; by others where `onSignal` is not set. */
  readonly signal: AbortSignal;
  /** What is written to its standard input; ends where none is connected. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Time of the engine's clock, frozen while the container is paused. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Takes over what a signal does; SIGKILL cannot be taken over. */
  readonly onSignal: (handler: (signal: number) => void) => void;
}

/** A piece of output; a string is standard output. No newline is added. */
export type ProgramOutput =
  | string
  | { readonly stdout: string | Uint8Array }
  | { readonly stderr: string | Uint8Array };

/** What a container "runs": output and an exit code (absent: 0) over time. */
export type ProgramFunction = (
  context: ProgramContext,
) => AsyncGenerator<ProgramOutput, number | void, undefined>;

/** A program written down instead of programmed. */
export interface ProgramScript {
  /** What it prints, in order, a line each; `after` milliseconds since the line before (default 0). */
  readonly output?:
    | readonly (
        | string
        | {
            readonly after?: number | undefined;
            readonly stdout?: string | undefined;
            readonly stderr?: string | undefined;
          }
      )[]
    | undefined;
  /** Milliseconds it runs after its last line; `"forever"` until it is stopped. Default 0. */
  readonly runsFor?: number | "forever" | undefined;
  /** From 0 to 255. Default 0. */
  readonly exitCode?: number | undefined;
  /** Signals by name or number that it takes no notice of; SIGKILL always ends it. Default: none. */
  readonly ignores?: readonly Signal[] | undefined;
}

/** What a container "runs": written as a function, or written down. */
export type Program = ProgramFunction | ProgramScript;

/** An image in the registry that an embedded engine pretends to reach. */
export interface RegistryImage {
  /** What containers run by default. Default: none. */
  readonly command?: readonly string[] | undefined;
  /** What containers run whatever their command is. Default: none. */
  readonly entrypoint?: readonly string[] | undefined;
  /** `NAME=value` each. Default: none. */
  readonly env?: readonly string[] | undefined;
  /** Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Default: the root. */
  readonly workDir?: string | undefined;
  /** Default: root. */
  readonly user?: string | undefined;
  /** By name. Default: SIGTERM. */
  readonly stopSignal?: string | undefined;
  /** Bytes. Default 0. */
  readonly size?: number | undefined;
}

/** How an embedded engine is set up; all of it may be left out. */
export interface EmbeddedOptions {
  /**
   * What containers run: looked up by the container's name, then its image's (as
   * it was asked for, then without registry and tag), then its command's first
   * word. Programs of `exec` go by the first word. What is not found runs until it
   * is stopped and prints nothing; for `exec` it ends at once with code 127.
   */
  readonly programs?: Readonly<Record<string, Program>> | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** Makes ids: 64 hexadecimal digits each, none twice. Default: random. */
  readonly ids?: (() => string) | undefined;
  /** A folder to keep everything in over restarts; made if it is not there. Default: memory only. */
  readonly directory?: string | undefined;
  /** Where containers and pods are kept, instead of in memory or `directory`. */
  readonly state?: State | undefined;
  /**
   * What can be pulled, by name. Default `"any"`: every name, as an empty image
   * whose digest follows from the name.
   */
  readonly registry?:
    Readonly<Record<string, RegistryImage>> | "any" | undefined;
}

/** An engine in memory. It starts no process: its containers run {@link Program}s. */
export interface EmbeddedEngine extends Required<Omit<Engine, "api">> {
  /** For those who serve the engine: what Podman and Porto can do and {@link Engine} has no word for. */
  readonly inside: EmbeddedInside;
}

/** A value of JSON. */
export type StoredValue =
  | string
  | number
  | boolean
  | null
  | readonly StoredValue[]
  | { readonly [key: string]: StoredValue };

/** See {@link EmbeddedEngine.inside}. */
export interface EmbeddedInside {
  /** The clock of the options. */
  readonly clock: Clock;
  /** The record as it stands. @throws NoSuchContainer */
  record(id: string): Promise<ContainerRecord>;
  /** All records, in the order in which containers were made. */
  records(): Promise<readonly ContainerRecord[]>;
  /** Replaces the configuration of a container that does not run. @throws InvalidState */
  reconfigure(id: string, config: ContainerConfig): Promise<void>;
  /** Back from `exited` or `created` to `configured`, its output forgotten (Porto's stop). @throws InvalidState */
  reset(id: string): Promise<void>;
  /**
   * Makes a container with values of {@link ContainerRecord.extra}: as
   * `createContainer` and `setExtra`, with nothing between them that could be seen, or
   * be left by a crash.
   *
   * @throws As `createContainer`
   */
  create(
    config: ContainerConfig,
    extra: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** Sets values of a container's {@link ContainerRecord.extra}; `undefined` takes one away. */
  setExtra(
    id: string,
    values: Readonly<Record<string, string | undefined>>,
  ): Promise<void>;
  /** All that a container wrote so far, as bytes, one stream of it. */
  output(id: string, stream: "stdout" | "stderr"): Promise<Uint8Array>;
  /** Bytes that were written before those of {@link EmbeddedInside.output} and are not kept. */
  outputLost(id: string, stream: "stdout" | "stderr"): Promise<number>;
  /** Everything that changes, from now on; unlike `events` also states on the way. */
  watch(signal: AbortSignal): AsyncGenerator<
    {
      readonly id: string;
      readonly name: string;
      readonly state: ContainerRecord["state"] | "removed";
    },
    void,
    undefined
  >;
  /** Aborted when the engine is closed. */
  readonly closing: AbortSignal;
  /** What `events` would have told, the oldest first: some thousand are known, none from before a restart. */
  pastEvents(): readonly EngineEvent[];
  /** Full names in the pretended registry that contain a text: see `ImageStore.search`. */
  searchImages(text: string): Promise<readonly string[]>;
  /** A value kept with the engine, over restarts where the engine is; a service's own. */
  load(key: string): Promise<StoredValue | undefined>;
  /** Keeps a value for {@link EmbeddedInside.load}; `undefined` takes it away. */
  store(key: string, value: StoredValue | undefined): Promise<void>;
}
