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
 */
export async function filesOf(
  pattern: string,
  folder: string,
): Promise<string[]> {
  const { root } = path.parse(path.resolve(folder, pattern));
  const isAbsolute = path.isAbsolute(pattern);
  const parts = (isAbsolute ? pattern.slice(root.length) : pattern)
    .split("/")
    .filter(Boolean);
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
  const pieces = part
    .split(/\*+/)
    .map((piece) => piece.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  const pattern = new RegExp(`^${pieces.join(".*")}$`, "s");
  return (await entriesOf(folder))
    .map(({ name }) => name)
    .filter((name) => pattern.test(name))
    .filter((name) => !isHidden(name) || part.startsWith("."));
}

function isHidden(name: string): boolean {
  return name.startsWith(".");
}

/** None where there is no such folder: a pattern may then stand for nothing. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOENT", "ENOTDIR"].includes(code)) return [];
    throw error;
  }
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    // A link that leads nowhere is no file.
    if (["ENOENT", "ENOTDIR"].includes(code)) return false;
    throw error;
  }
}
