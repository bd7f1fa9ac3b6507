import { signalNumber } from "../../signals.ts";
import { readReference } from "./images/reference.ts";
import type {
  Program,
  ProgramContext,
  ProgramFunction,
  ProgramOutput,
  ProgramScript,
} from "./types.ts";

/** A program, and the name that it was found by. */
export interface FoundProgram {
  readonly name: string;
  readonly program: Program;
}

/** What runs where no program is known: nothing, until it is stopped. */
export const idle: FoundProgram = {
  name: "idle",
  program: { runsFor: "forever" },
};

/** What `exec` runs where no program is known: it is not found, as shells say it. */
export const notFound: FoundProgram = {
  name: "not found",
  program: { exitCode: 127 },
};

/**
 * Finds what a container runs.
 *
 * @param words Names to look under, the first one known wins; empty ones are passed over.
 */
export function findProgram(
  programs: Readonly<Record<string, Program>>,
  words: readonly string[],
): FoundProgram | undefined {
  for (const name of words) {
    const program =
      name !== "" && Object.hasOwn(programs, name) ? programs[name] : undefined;
    if (program !== undefined) return { name, program };
  }
  return undefined;
}

/** What an image may be called in a list of programs, the most exact first. */
export function imageWords(image: string | undefined): readonly string[] {
  if (image === undefined) return [];
  const path = readReference(image)?.path;
  if (path === undefined) return [image];
  // docker.io's own images are mostly called without the part before the slash.
  return [image, path, path.replace(/^library\//, "")];
}

/** A program as a function, and the signals that it takes no notice of. */
export function asFunction(program: Program): {
  readonly run: ProgramFunction;
  readonly ignores: readonly number[];
} {
  if (typeof program === "function") return { run: program, ignores: [] };
  return {
    run: ({ sleep }) => runScript(program, sleep),
    ignores: (program.ignores ?? []).map((signal) => signalNumber(signal)),
  };
}

async function* runScript(
  { output = [], runsFor = 0, exitCode = 0 }: ProgramScript,
  sleep: ProgramContext["sleep"],
): AsyncGenerator<ProgramOutput, number, undefined> {
  for (const line of output) {
    const {
      after = 0,
      stdout,
      stderr,
    } = typeof line === "string"
      ? { after: undefined, stdout: line, stderr: undefined }
      : line;
    if (after > 0) await sleep(after);
    if (stdout !== undefined) yield { stdout: `${stdout}\n` };
    if (stderr !== undefined) yield { stderr: `${stderr}\n` };
  }
  if (runsFor === "forever") await new Promise<never>(() => undefined);
  else if (runsFor > 0) await sleep(runsFor);
  return exitCode;
}

/** `NAME=value` as a record; later ones win, and what has no `=` is empty. */
export function environment(
  entries: readonly string[],
): Readonly<Record<string, string>> {
  const pairs = entries.map((entry) => {
    const at = entry.indexOf("=");
    return at < 0
      ? ([entry, ""] as const)
      : ([entry.slice(0, at), entry.slice(at + 1)] as const);
  });
  return Object.fromEntries(pairs);
}
