import type { Stats } from "node:fs";
import {
  chmod,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import {
  isStale,
  OutputError,
  type PlanReport,
  stagingPath,
} from "../emit/write.ts";
import { isDocumentName } from "../config/target.ts";
import { singleLine } from "../model/diagnostics.ts";
import { UsageError } from "./exit.ts";
import { count, type Io } from "./io.ts";

/**
 * Whether a document is where the user said, with just these bytes.
 *
 * @throws UsageError if what is there cannot be read.
 */
export async function isFresh(
  file: string,
  text: string | Uint8Array,
  cwd: string,
): Promise<boolean> {
  try {
    const there = await readFile(path.resolve(cwd, file));
    return there.equals(Buffer.from(text));
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR"].includes(code)) return false;
    throw new UsageError(`cannot read "${file}": ${message}`, { cause: error });
  }
}

/**
 * Writes output.
 *
 * @throws UsageError where it is another's, or the file system refuses: no
 * defect of ours.
 */
export async function withOutputErrors(
  apply: () => Promise<PlanReport>,
): Promise<PlanReport> {
  try {
    return await apply();
  } catch (error) {
    if (error instanceof OutputError)
      throw new UsageError(error.message, { cause: error });
    const { code, path: file, dest = file } = error as FileError;
    if (code === undefined) throw error;
    const what = dest === undefined ? "the output" : `"${finalPath(dest)}"`;
    throw new UsageError(`cannot write ${what}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Node's errors of files; `dest` is where one was to be moved. */
interface FileError extends NodeJS.ErrnoException {
  readonly dest?: string;
}

/** Where a file was to go that has its temporary name yet. */
function finalPath(file: string): string {
  const name = path
    .basename(file)
    .replace(/^\.(?<name>.+)\.\d+\.tmp$/, "$<name>");
  return path.join(path.dirname(file), name);
}

/** Why the file system refuses, without the path, which may be a temporary one. */
function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  // The second is what making a folder says where there is a file.
  if (["ENOTDIR", "EEXIST"].includes(code)) return "it would be inside a file";
  return /^[A-Z0-9]+: (?<reason>[^,]+), /.exec(message)?.[1] ?? message;
}

/** Tells what became of each file. */
export function sayPlan(
  report: PlanReport,
  {
    output,
    check,
    io,
  }: { readonly output: string; readonly check: boolean; readonly io: Io },
): void {
  const { created, updated, removed, unchanged } = report;
  const list = (word: string, files: readonly string[]): void => {
    for (const file of files)
      io.stderr.write(`${word} ${singleLine(path.join(output, file))}\n`);
  };
  if (check) {
    list("missing", created);
    list("stale  ", updated);
    list("left over", removed);
    io.stderr.write(
      isStale(report)
        ? "The output is stale: run the same command without --check.\n"
        : `The output is up to date: ${count(unchanged.length, "file")}.\n`,
    );
    return;
  }
  list("created", created);
  list("updated", updated);
  list("removed", removed);
  if (!isStale(report))
    io.stderr.write(
      `Nothing to do: ${count(unchanged.length, "file")} up to date.\n`,
    );
}

/** What becomes of a document; a pipe or a terminal only takes what is written. */
export type DocumentOutcome = "created" | "updated" | "unchanged" | "passed on";

interface Place {
  /** Through a link, what it leads to is replaced, not the link. */
  readonly target: string;
  readonly there: Stats | undefined;
  readonly outcome: DocumentOutcome;
}

/**
 * Whether a document can go where the user said, as far as that is known before it
 * is written.
 *
 * @throws UsageError when it cannot or must not.
 */
export async function assertDocumentFits(
  file: string,
  text: string | Uint8Array,
  cwd: string,
): Promise<void> {
  await withReason(file, () => placeOf(file, text, cwd));
}

/**
 * Puts a document where the user said, whole or not at all, and makes the folders on
 * the way. A file that is right is not touched; one that is no document is not replaced.
 *
 * @throws UsageError when it cannot or must not go there.
 */
export async function writeDocument(
  file: string,
  text: string | Uint8Array,
  cwd: string,
): Promise<DocumentOutcome> {
  return withReason(file, async () => {
    const { target, there, outcome } = await placeOf(file, text, cwd);
    if (outcome === "unchanged") return outcome;
    if (outcome === "passed on") {
      // Nothing can be moved onto it.
      await writeFile(target, text);
      return outcome;
    }
    await mkdir(path.dirname(target), { recursive: true });
    await replace(target, text, there?.mode);
    return outcome;
  });
}

/** Tells what became of a document. */
export function sayDocument(
  file: string,
  outcome: DocumentOutcome,
  io: Io,
): void {
  if (outcome === "passed on") return;
  const name = singleLine(file);
  io.stderr.write(
    outcome === "unchanged"
      ? `Nothing to do: ${name} is up to date.\n`
      : `${outcome} ${name}\n`,
  );
}

async function placeOf(
  file: string,
  text: string | Uint8Array,
  cwd: string,
): Promise<Place> {
  const named = path.resolve(cwd, file);
  const target = await realpath(named).catch(() => named);
  const there = await stat(target).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (there === undefined) return { target, there, outcome: "created" };
  if (!there.isFile()) return { target, there, outcome: "passed on" };
  if ((await readFile(target)).equals(Buffer.from(text)))
    return { target, there, outcome: "unchanged" };
  if (!isDocumentName(target)) {
    throw new UsageError(
      `"${file}" exists and is not named as a document (.md): remove it first, or choose another name`,
    );
  }
  return { target, there, outcome: "updated" };
}

async function withReason<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`cannot write "${file}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function replace(
  target: string,
  text: string | Uint8Array,
  mode: number | undefined,
): Promise<void> {
  const staged = stagingPath(target);
  try {
    await writeFile(staged, text);
    if (mode !== undefined) await chmod(staged, mode);
    await rename(staged, target);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
}
