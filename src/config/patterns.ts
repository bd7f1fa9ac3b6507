import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";

/** Whether a path has a part that stands for several names. */
export function isPattern(text: string): boolean {
  return text.includes("*");
}

/**
 * Files that a pattern stands for, absolute, in code-unit order. `*` is any
 * characters of one name, `**` any folders, or none. Neither stands for names that
 * begin with a full stop; `**` leaves out `node_modules` and does not follow links.
 *
 * @param folder - What the pattern is relative to.
 * @throws the file system's error for a folder that cannot be read.
 */
export async function filesOf(
  pattern: string,
  folder: string,
): Promise<string[]> {
  const { root } = path.parse(path.resolve(folder, pattern));
  const isAbsolute = path.isAbsolute(pattern);
  const parts = (isAbsolute ? pattern.slice(root.length) : pattern)
    .split("/")
    // One `**` after another says nothing more, and would take long.
    .filter(
      (part, at, all) =>
        part !== "" && !(part === "**" && all[at - 1] === part),
    );
  // All that is below, as in `docs/**`.
  if (parts.at(-1) === "**") parts.push("*");
  const found = new Set<string>();
  await collect(isAbsolute ? root : folder, parts, found);
  return [...found].toSorted();
}

async function collect(
  folder: string,
  [part = "", ...rest]: readonly string[],
  found: Set<string>,
): Promise<void> {
  if (part === "**") {
    await collect(folder, rest, found);
    for (const entry of await entriesOf(folder)) {
      if (!entry.isDirectory() || isHidden(entry.name)) continue;
      if (entry.name === "node_modules") continue;
      await collect(path.join(folder, entry.name), [part, ...rest], found);
    }
    return;
  }
  for (const name of await namesOf(folder, part)) {
    const there = path.join(folder, name);
    if (rest.length > 0) await collect(there, rest, found);
    else if (await isFile(there)) found.add(there);
  }
}

async function namesOf(folder: string, part: string): Promise<string[]> {
  if (!isPattern(part)) return [part];
  return (await entriesOf(folder))
    .map(({ name }) => name)
    .filter((name) => fits(name, part))
    .filter((name) => !isHidden(name) || part.startsWith("."));
}

/** Not a regular expression, which may try for very long. */
function fits(name: string, part: string): boolean {
  const [first = "", ...pieces] = part.split("*");
  const last = pieces.pop() ?? "";
  let at = first.length;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  const fitsEnds = name.startsWith(first) && name.endsWith(last);
  return fitsEnds && at + last.length <= name.length;
}

function isHidden(name: string): boolean {
  return name.startsWith(".");
}

/** None where there is no such folder: a pattern may then stand for nothing. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = readdir(folder, { withFileTypes: true });
  return (await ifThere(entries)) ?? [];
}

/** A link that leads nowhere, or to itself, is no file. */
async function isFile(file: string): Promise<boolean> {
  return (await ifThere(stat(file)))?.isFile() === true;
}

async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(code)) return undefined;
    throw error;
  }
}
