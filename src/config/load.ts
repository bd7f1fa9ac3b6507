import { readFile } from "node:fs/promises";
import path from "node:path";
import { ConfigError } from "./error.ts";
import { importModule } from "./import-module.ts";
import { isObject } from "./object.ts";
import { validateConfig } from "./problems.ts";
import type { Config } from "./types.ts";

/**
 * Reads a configuration: a `.json` file, or a module whose default export it is.
 * A module is run, with all that it may do.
 *
 * @param file - Its absolute path.
 * @throws ConfigError if it cannot be read or is wrong.
 */
export async function loadConfig(file: string): Promise<Config> {
  const name = path.basename(file);
  const value = file.endsWith(".json")
    ? await readJson(file, name)
    : await readModule(file, name);
  return validateConfig(value, name);
}

async function readJson(file: string, name: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (!isObject(value)) return value;
    // `$schema` tells an editor what the file may say, and us nothing.
    const entries = Object.entries(value).filter(([key]) => key !== "$schema");
    return Object.fromEntries(entries);
  } catch (error) {
    throw new ConfigError(
      `the configuration "${name}" is not JSON: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function readModule(file: string, name: string): Promise<unknown> {
  // What the module itself cannot find is another matter.
  await readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const module = await importModule(file).catch((error: unknown) => {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `the configuration "${name}" could not be run: ${reasonOf(error, file)}`,
      { cause: error },
    );
  });
  const exported = (module as { readonly default?: unknown }).default;
  // Compiled to CommonJS, which tsx does in a package of that kind, it is one deeper.
  const isDeeper =
    typeof exported === "object" && exported !== null && "default" in exported;
  const value = isDeeper ? exported.default : exported;
  if (value !== undefined) return value;
  throw new ConfigError(
    `the configuration "${name}" has no default export: write export default defineConfig({ … })`,
  );
}

function unreadable(file: string, error: unknown): ConfigError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === "ENOENT" ? "there is no such file" : message;
  return new ConfigError(`cannot read the configuration "${file}": ${reason}`, {
    cause: error,
  });
}

/** What was thrown, and where in the file, as far as its stack tells. */
function reasonOf(error: unknown, file: string): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? "";
  const start = stack.indexOf(file);
  const [place = ""] =
    start < 0
      ? []
      : (/^(?::\d+)+/.exec(stack.slice(start + file.length)) ?? []);
  return place === ""
    ? error.message
    : `${error.message} (${path.basename(file)}${place})`;
}
