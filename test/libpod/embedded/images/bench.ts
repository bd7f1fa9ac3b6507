import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import type { ProgressStream } from "../../../../src/libpod/engine.ts";
import {
  ImageStore,
  type ImageStoreOptions,
} from "../../../../src/libpod/engines/embedded/images/store.ts";
import { memoryStorage } from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import type { Storage } from "../../../../src/libpod/engines/embedded/storage/types.ts";
import type { Clock } from "../../../../src/libpod/engines/embedded/types.ts";

/** A folder for the files of a test file. */
export const folder: string = await mkdtemp(
  path.join(tmpdir(), "portolan-images-"),
);
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;

/** A path in the folder where nothing is. */
export function newPath(): string {
  count += 1;
  return path.join(folder, `${count}`);
}

/** What the clock says. */
export const now: number = Date.UTC(2026, 4, 6);

const clock: Clock = {
  now: () => now,
  sleep: () => Promise.reject(new Error("nothing here waits")),
};

/** A store, and what it told of. */
export interface Bench {
  readonly store: ImageStore;
  readonly events: string[];
}

export function bench(
  registry?: ImageStoreOptions["registry"],
  storage: Storage = memoryStorage(),
): Bench {
  const events: string[] = [];
  const store = new ImageStore(storage, clock, {
    registry,
    onEvent: (status, { name }) => events.push(`${status} ${name}`),
  });
  return { store, events };
}

/** Reads a stream to its end; resolves with what it returns. */
export async function finish(stream: ProgressStream): Promise<string> {
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return next.value;
    expect(next.value.text).not.toBe("");
  }
}

/** The names of all images. */
export async function namesOf(
  store: ImageStore,
): Promise<readonly (readonly string[])[]> {
  return (await store.list()).map(({ names }) => names);
}

/** An error with this code, for matchers. */
export function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}
