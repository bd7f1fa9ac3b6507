import path from "node:path";
import { GenerateError } from "./errors.ts";

/** The name of an interface file, without folder and extension. */
export function stemOf(file: string): string {
  return path.basename(file).replace(/\.(?:varlink|proto)$/, "");
}

/**
 * The names of output folders and documents: those of the interface files, without
 * folder and extension.
 *
 * @param where - Says in an error where the output of two files would go.
 * @throws GenerateError when two files have the same.
 */
export function stemsOf<T extends { readonly path: string }>(
  sources: readonly T[],
  where: (stem: string) => string,
): ReadonlyMap<T, string> {
  const stems = new Map<T, string>();
  const taken = new Map<string, T>();
  for (const source of sources) {
    const stem = stemOf(source.path);
    // Two names that differ in case alone are one on some systems.
    const key = stem.toLowerCase();
    const other = taken.get(key);
    if (other !== undefined) {
      if (path.resolve(other.path) === path.resolve(source.path))
        throw new GenerateError(`"${source.path}" is named twice`);
      throw new GenerateError(
        `"${other.path}" and "${source.path}" would both be generated ${where(stem)}: rename one of them`,
      );
    }
    taken.set(key, source);
    stems.set(source, stem);
  }
  return stems;
}
