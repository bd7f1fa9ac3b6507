import path from "node:path";
import { ConfigError } from "./error.ts";
import { configNames, findConfig } from "./find.ts";
import { loadConfig } from "./load.ts";
import { resolveConfig, type ResolvedConfig } from "./resolve.ts";

/**
 * Reads the configuration that holds for a folder, or the one that is named.
 *
 * @param folder - The working folder, absolute.
 * @param named - A configuration's path, from there.
 * @throws ConfigError if there is none, or it is wrong.
 */
export async function readConfig(
  folder: string,
  named?: string,
): Promise<ResolvedConfig> {
  const file =
    named === undefined ? findConfig(folder) : path.resolve(folder, named);
  if (file === undefined) {
    throw new ConfigError(
      `there is no configuration (${configNames[0] ?? ""}, or .mts, .js, .mjs, .json) here or in the folders above, up to the package's: name interface files, or write one`,
    );
  }
  if (!/\.(?:m?[jt]s|json)$/.test(file)) {
    throw new ConfigError(
      `"${named ?? file}" is no configuration: its name must end in .ts, .mts, .js, .mjs or .json`,
    );
  }
  return resolveConfig(await loadConfig(file), file);
}
