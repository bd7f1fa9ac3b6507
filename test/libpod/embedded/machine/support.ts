import {
  embedded,
  manualClock,
  type EmbeddedEngine,
  type EmbeddedOptions,
  type ManualClock,
} from "../../../../src/libpod/engines/embedded/index.ts";
import type { ContainerConfig } from "../../../../src/libpod/engine.ts";

/** The time at which every clock of these tests starts. */
export const START: number = Date.UTC(2024, 0, 1);

/** Ids in order, each as long as an id is. */
export function countedIds(): () => string {
  let made = 0;
  return () => {
    made += 1;
    return made.toString(16).padStart(64, "0");
  };
}

/** An engine whose time stands still until it is moved. */
export interface Bench {
  readonly engine: EmbeddedEngine;
  readonly clock: ManualClock;
  /** Makes a container that runs the named program. */
  readonly container: (
    program: string,
    config?: Partial<ContainerConfig>,
  ) => Promise<string>;
  /** As {@link Bench.container}, and starts it. */
  readonly started: (
    program: string,
    config?: Partial<ContainerConfig>,
  ) => Promise<string>;
}

export async function bench(options: EmbeddedOptions = {}): Promise<Bench> {
  const clock = manualClock(START);
  const engine = await embedded({ clock, ids: countedIds(), ...options });
  const container: Bench["container"] = (program, config) =>
    engine.createContainer({
      spec: { process: { args: [program] } },
      ...config,
    });
  return {
    engine,
    clock,
    container,
    async started(program, config) {
      const id = await container(program, config);
      await engine.startContainer(id);
      return id;
    },
  };
}

/** What a promise rejects with. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`it resolved, with ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

/** Reads a stream to its end. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A stream that is read as it comes, with what came so far. */
export function collecting<T>(items: AsyncIterable<T>): {
  readonly seen: T[];
  readonly done: Promise<void>;
} {
  const seen: T[] = [];
  const done = (async () => {
    for await (const item of items) seen.push(item);
  })();
  // Looked at in the end; until then a failure must not end the test run.
  done.catch(() => undefined);
  return { seen, done };
}

export async function stateOf(
  engine: EmbeddedEngine,
  id: string,
): Promise<string> {
  return (await engine.getContainer(id)).state;
}

/** The lines of a container's log, with their stream where it is stderr. */
export async function linesOf(
  engine: EmbeddedEngine,
  id: string,
): Promise<string[]> {
  const entries = await all(engine.containerLogs(id));
  return entries.map(({ stream, text }) =>
    stream === "stderr" ? `! ${text}` : text,
  );
}
