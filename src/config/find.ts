import { existsSync } from "node:fs";
import path from "node:path";
import { ConfigError } from "./error.ts";

/** Names that a configuration may have. */
export const configNames: readonly string[] = [
  "portolan.config.ts",
  "portolan.config.mts",
  "portolan.config.js",
  "portolan.config.mjs",
  "portolan.config.json",
];

/**
 * The configuration that holds for a folder: in it, else in the nearest folder
 * above that has one, up to the first with a `package.json`: other packages'
 * configurations are not ours. Undefined where there is none.
 *
 * @throws ConfigError where a folder has two: which one counts is not for us to guess.
 */
export function findConfig(folder: string): string | undefined {
  const there = configNames.filter((name) =>
    existsSync(path.join(folder, name)),
  );
  const [first, second] = there;
  if (first !== undefined && second !== undefined) {
    throw new ConfigError(
      `"${folder}" has ${first} and ${second}: remove one of them, or name one with --config`,
    );
  }
  if (first !== undefined) return path.join(folder, first);
  const above = path.dirname(folder);
  const isTop =
    above === folder || existsSync(path.join(folder, "package.json"));
  return isTop ? undefined : findConfig(above);
}
