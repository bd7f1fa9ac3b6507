import {
  chmod,
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
import { singleLine } from "../model/diagnostics.ts";
import { UsageError } from "./exit.ts";
import { count, type Io } from "./io.ts";

/** Names that a document may have: any other file is taken for something else. */
const DOCUMENT = /\.(?:md|markdown|mdx|txt)$/i;

/** Whether a path is named as a document is. */
export function isDocumentName(file: string): boolean {
  return DOCUMENT.test(file);
}

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
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof OutputError)
      throw new UsageError(message, { cause: error });
    if (code !== undefined)
      throw new UsageError(`cannot write the output: ${message}`, {
        cause: error,
      });
    throw error;
  }
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

/**
 * Puts a document where the user said, whole or not at all. A file that is right
 * is not touched; one that is no document is not replaced.
 *
 * @throws UsageError when it cannot or must not go there.
 */
export async function writeDocument(
  file: string,
  text: string | Uint8Array,
  cwd: string,
): Promise<void> {
  try {
    const named = path.resolve(cwd, file);
    // Through a link, what it leads to is replaced, not the link.
    const target = await realpath(named).catch(() => named);
    const there = await stat(target).catch(() => undefined);
    if (there !== undefined && !there.isFile()) {
      // A pipe or a terminal, which nothing can be moved onto.
      await writeFile(target, text);
      return;
    }
    if (there !== undefined) {
      if ((await readFile(target)).equals(Buffer.from(text))) return;
      if (!DOCUMENT.test(target)) {
        throw new UsageError(
          `"${file}" exists and is not named as a document (.md): remove it first, or choose another name`,
        );
      }
    }
    await replace(target, text, there?.mode);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? `there is no folder "${path.dirname(file)}"`
        : message;
    throw new UsageError(`cannot write "${file}": ${reason}`, {
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
