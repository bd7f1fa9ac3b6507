import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "./error.ts";

type Import = (url: string) => Promise<unknown>;

/** What Node says of TypeScript that it does not read: none at all, or not all of it. */
const NONE = "ERR_UNKNOWN_FILE_EXTENSION";
const NOT_ALL = "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";

/**
 * Runs a module and resolves with what it exports. TypeScript is read by Node
 * itself, from 22.18 on, or whatever the process was started with, else by jiti or
 * tsx where the module's folder has one of them.
 *
 * @param native - Node's own way, for tests.
 * @throws ConfigError for TypeScript that nothing there can read; whatever the module throws.
 */
export async function importModule(
  file: string,
  native: Import = (url) => import(url) as Promise<unknown>,
): Promise<unknown> {
  const url = pathToFileURL(file).href;
  try {
    return await native(url);
  } catch (error) {
    if (!isUnread(error, file)) throw error;
    const read = jiti(file) ?? tsx(file);
    if (read !== undefined) return read(url);
    throw unread(path.basename(file), error as NodeJS.ErrnoException);
  }
}

function unread(name: string, cause: NodeJS.ErrnoException): ConfigError {
  const helpers =
    "add jiti or tsx to your project (npm install --save-dev tsx)";
  const message =
    cause.code === NOT_ALL
      ? `"${name}" has TypeScript that Node cannot run by leaving out types (${cause.message}): write it in another way, or ${helpers}`
      : `"${name}" is TypeScript, which this Node (${process.version}) does not read: use Node 22.18 or later, or ${helpers}, or write ${name.replace(/m?ts$/, "mjs")} or portolan.config.json`;
  return new ConfigError(message, { cause });
}

function isUnread(error: unknown, file: string): boolean {
  if (!/\.m?ts$/.test(file) || !(error instanceof Error)) return false;
  const { code, message } = error as NodeJS.ErrnoException;
  // What the configuration imports may have an extension that nobody knows.
  return code === NOT_ALL || (code === NONE && /"\.m?ts"/.test(message));
}

/** What we use of `jiti` (2), and of `tsx/esm/api` (4). */
interface Jiti {
  readonly createJiti?: (from: string) => { readonly import: Import };
}
interface Tsx {
  readonly tsImport: (url: string, from: string) => Promise<unknown>;
}

function jiti(file: string): Import | undefined {
  const { createJiti } = (installed("jiti", file)?.value ?? {}) as Jiti;
  return createJiti === undefined
    ? undefined
    : (url) => createJiti(file).import(url);
}

function tsx(file: string): Import | undefined {
  const manifest = installed("tsx/package.json", file);
  if (manifest === undefined) return undefined;
  const { exports = {} } = manifest.value as {
    readonly exports?: {
      readonly "./esm/api"?: {
        readonly import?: { readonly default?: string };
      };
    };
  };
  // What `require` is given (4.23) looks for its own files in the wrong folder.
  const api = exports["./esm/api"]?.import?.default;
  if (api === undefined) return undefined;
  return async (url) => {
    const module = pathToFileURL(path.join(path.dirname(manifest.file), api));
    const { tsImport } = (await import(module.href)) as Tsx;
    return tsImport(url, url);
  };
}

/** A module of the project that a file belongs to; undefined where it is not installed. */
function installed(
  name: string,
  file: string,
): { readonly value: unknown; readonly file: string } | undefined {
  const require = createRequire(file);
  try {
    return { value: require(name), file: require.resolve(name) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isAbsent =
      code === "MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
    if (isAbsent) return undefined;
    throw error;
  }
}
