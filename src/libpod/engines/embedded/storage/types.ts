import type { State } from "../../../state.ts";
import type { StoredValue } from "../types.ts";

/** A piece of what a container wrote. */
export interface OutputChunk {
  /** Milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
}

/**
 * Everything that an embedded engine keeps, in memory or in a folder. What a
 * promise here resolves for is on disk, where there is one, and a crash at any
 * moment leaves the state before a call or the one after it.
 *
 * Errors: StateCorrupted.
 */
export interface Storage {
  readonly state: State;
  /** A value by key: images, and what services keep. */
  load(key: string): Promise<StoredValue | undefined>;
  store(key: string, value: StoredValue | undefined): Promise<void>;
  /** What a container wrote, in order. */
  output(containerId: string): Promise<readonly OutputChunk[]>;
  appendOutput(
    containerId: string,
    chunks: readonly OutputChunk[],
  ): Promise<void>;
  /** In the place of all that it wrote. */
  replaceOutput(
    containerId: string,
    chunks: readonly OutputChunk[],
  ): Promise<void>;
  dropOutput(containerId: string): Promise<void>;
  /** Writes what is not written and lets go of the folder. */
  close(): Promise<void>;
}
