/** A file that an emitter wants to exist: what it holds, and where, below the output folder. */
export interface PlannedFile {
  /** Relative, with forward slashes: `io.podman/types.ts`. */
  readonly path: string;
  readonly text: string;
}
