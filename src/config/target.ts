import { stat } from "node:fs/promises";
import path from "node:path";

/** Names that a document may have: any other file is taken for something else. */
const DOCUMENT = /\.(?:md|markdown|mdx|txt)$/i;

/** Whether a path is named as a document is. */
export function isDocumentName(file: string): boolean {
  return DOCUMENT.test(file);
}

/** What an output of `portolan docs` is: one document of all files, or a folder of them. */
export type Target = "document" | "folder";

/**
 * What an output names: a folder if it is one or ends as folders do, else a document.
 * What is not there yet and could be both is a folder for several files.
 *
 * @param count - How many interface files there are.
 * @param folder - What the output is relative to.
 */
export async function targetOf(
  output: string,
  count: number,
  folder: string,
): Promise<Target> {
  if (/[/\\]$/.test(output)) return "folder";
  const there = await stat(path.resolve(folder, output)).catch(() => undefined);
  if (there?.isDirectory() === true) return "folder";
  const isNew = there === undefined && !isDocumentName(output);
  return isNew && count > 1 ? "folder" : "document";
}
