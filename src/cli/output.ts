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
import { stagingPath } from "../emit/write.ts";
import { UsageError } from "./exit.ts";

/** Names that a document may have: any other file is taken for something else. */
const DOCUMENT = /\.(?:md|markdown|mdx|txt)$/i;

/**
 * Puts a document where the user said, whole or not at all. A file that is right
 * is not touched; one that is no document is not replaced.
 *
 * @throws UsageError when it cannot or must not go there.
 */
export async function writeDocument(
  file: string,
  text: string,
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
    const { message } = error as Error;
    throw new UsageError(`cannot write "${file}": ${message}`, {
      cause: error,
    });
  }
}

async function replace(
  target: string,
  text: string,
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
