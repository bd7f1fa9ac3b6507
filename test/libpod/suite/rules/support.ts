import type { Container, Engine, Runtime } from "portolan/libpod";
import type { Bench, Made } from "../bench.ts";

/** A rule that holds on every engine that has the calls it needs. */
export interface Rule {
  readonly name: string;
  readonly needs: readonly (keyof Engine)[];
  readonly run: (runtime: Runtime, made: Made, bench: Bench) => Promise<void>;
}

export const started: readonly (keyof Engine)[] = [
  "createContainer",
  "startContainer",
];
export const pods: readonly (keyof Engine)[] = [
  ...started,
  "createPod",
  "listPods",
];

/** Signals by number. */
export const SIGTERM = 15;
export const SIGKILL = 9;

export async function rejection(
  promise: PromiseLike<unknown>,
): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${String(value)}`);
    },
    (error: unknown) => error,
  );
}

export async function running(container: Container): Promise<boolean> {
  return (await container.status()).state === "running";
}

/**
 * Waits until a container has printed a line. Starting is over before the program is
 * where it handles signals, and the first process of a namespace does not even die of
 * those that it does not handle yet.
 */
export async function heard(container: Container, line: string): Promise<void> {
  for await (const { text } of container.logs({ follow: true }))
    if (text === line) return;
  throw new Error(`it ended, and did not say "${line}"`);
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Ids of what the suite itself made: the engine may have more. */
export const ids = (things: readonly { readonly id: string }[]): string[] =>
  things.map(({ id }) => id);
