import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { describe } from "vitest";

/**
 * Real inputs that are not part of the repository: interface files, documents
 * and recorded traffic. They are looked for where `PORTOLAN_CORPUS` says, else in
 * `shared/` beside the clone. Without them the tests that read them are skipped,
 * and counted as such.
 */
const repository = fileURLToPath(new URL("../../", import.meta.url));

const corpusFolder =
  process.env["PORTOLAN_CORPUS"] ??
  path.join(repository, "..", "shared", "corpus");

/** Whether real inputs are at hand. */
export const hasCorpus: boolean = existsSync(corpusFolder);

/** The path of a file or folder of the corpus: `corpus("systemd")`. */
export function corpus(...segments: string[]): string {
  return path.join(corpusFolder, ...segments);
}

/** The path of one of the documents the project started from: `seed("io.podman.varlink")`. */
export function seed(...segments: string[]): string {
  return path.join(corpusFolder, "..", "seeds", ...segments);
}

/** `describe` for tests that need the corpus. */
export const describeCorpus: typeof describe.skip | typeof describe = hasCorpus
  ? describe
  : describe.skip;
