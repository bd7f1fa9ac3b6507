// What is generated and bundled lies below node_modules, which everything ignores.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { load } from "./contender.ts";

/** The repository. */
export const root: string = fileURLToPath(new URL("../", import.meta.url));

/** An empty folder for generated modules, from which bench's packages resolve. */
export function emptyFolder(name: string): string {
  const folder = fileURLToPath(
    new URL(`node_modules/.cache/portolan-bench/${name}/`, import.meta.url),
  );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Imports a module by its path. */
export async function loadFile<T>(file: string): Promise<T> {
  return load<T>(pathToFileURL(file).href);
}

/** The path of a file in a package that is installed here. */
export function packageFile(name: string, file: string): string {
  const found = fileURLToPath(
    new URL(`node_modules/${name}/${file}`, import.meta.url),
  );
  if (!existsSync(found))
    throw new Error(`${name} is not installed: run \`npm ci\` in bench/`);
  return found;
}

/** The version of a package that is installed here. */
export function versionOf(name: string): string {
  const text = readFileSync(packageFile(name, "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

/**
 * Runs a program of a package with Node.
 *
 * @returns What it writes to standard output.
 * @throws Error with what it says when it fails.
 */
export function run(file: string, parameters: readonly string[]): Buffer {
  const result = spawnSync(process.execPath, [file, ...parameters], {
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0)
    throw new Error(`${path.basename(file)}: ${result.stderr.toString()}`);
  return result.stdout;
}
