import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { mkdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import path from "node:path";
import { messageOf, PortolanError } from "../errors.ts";
import type { Listener } from "../transport/endpoint.ts";
import { systemCode } from "../transport/failure.ts";
import { lstatIfAny } from "../transport/files.ts";
import { checkInterfaceName } from "./names.ts";
import { registries, type RegistryOptions } from "./places.ts";

/** A service that is registered. */
export interface Publication extends AsyncDisposable {
  /** The entry: a link to the socket. */
  readonly path: string;
  /** Removes the entry, if it is still this one. May be called again. */
  close(): Promise<void>;
}

/**
 * Registers a socket under an interface, so that clients find it by that name: a
 * symbolic link in the registry, which is there at once or not at all. What
 * somebody else has registered is never replaced, even if nobody is there any
 * more; a link to the same socket, as an earlier process may have left it, is taken
 * over: the earlier publication does not remove it any more.
 *
 * ```ts
 * const listener = await server.listen("unix:/run/demo.socket");
 * await using published = await publishService("org.example.demo", listener);
 * ```
 *
 * The folder is made if there is none. Without options it is the system's registry
 * for root, and the user's for others.
 *
 * @param socket A listener, or the address or path of a socket that is there.
 * @throws PortolanError `INVALID_INPUT` for what is no name of an interface or no
 * socket in the file system; `LISTEN_FAILED` if it cannot be registered.
 */
export async function publishService(
  name: string,
  socket: Listener | string,
  options: RegistryOptions = {},
): Promise<Publication> {
  checkInterfaceName(name);
  const target = pathOf(socket);
  const [registry] = await registries(withScope(options));
  if (registry === undefined) throw new Error("there is no registry");
  const file = path.join(registry.folder, name);
  let ours: BigIntStats;
  try {
    await checkSocket(target);
    // Others have to find their way through the system's.
    const mode = registry.scope === "user" ? 0o700 : 0o755;
    await mkdir(registry.folder, { recursive: true, mode });
    ours = await makeLink(target, file);
  } catch (error) {
    throw failed(name, error);
  }
  const close = async (): Promise<void> => {
    const found = await lstatIfAny(file);
    if (found !== undefined && isSame(found, ours))
      await rm(file, { force: true });
  };
  return { path: file, close, [Symbol.asyncDispose]: close };
}

function withScope(options: RegistryOptions): RegistryOptions {
  if (options.scope !== undefined || options.directory !== undefined)
    return options;
  return { scope: process.getuid?.() === 0 ? "system" : "user" };
}

/** The path of a socket; the links in a registry lead nowhere else. */
function pathOf(socket: Listener | string): string {
  const address = typeof socket === "string" ? socket : socket.address;
  const isAddress = address.startsWith("unix:");
  let file = isAddress ? address.slice("unix:".length) : address;
  // Properties are part of an address that somebody wrote, not of a listener's.
  if (typeof socket === "string") file = file.replace(/;.*$/s, "");
  const isFile = isAddress ? /^[^@]/.test(file) : /^\.{0,2}\//.test(file);
  if (!isFile || file.includes("\0")) {
    throw new PortolanError(
      "INVALID_INPUT",
      `only sockets in the file system can be registered, not ${JSON.stringify(address)}`,
    );
  }
  return path.resolve(file);
}

async function checkSocket(file: string): Promise<void> {
  try {
    if ((await stat(file)).isSocket()) return;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new Error(`there is no ${file}; listen first, then publish`, {
      cause: error,
    });
  }
  throw new Error(`${file} is not a socket`);
}

async function makeLink(target: string, file: string): Promise<BigIntStats> {
  try {
    await symlink(target, file);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    const found = await readLinkIfAny(file);
    // Whose it was has just removed it.
    if (found === undefined) return await makeLink(target, file);
    if (found !== target) {
      const what = found === "" ? "something else" : found;
      throw new Error(`${file} is there already: ${what}`, { cause: error });
    }
    await replaceLink(target, file);
  }
  // Whose link was replaced may have looked at it before, and removed ours since.
  return (await lstatIfAny(file)) ?? (await makeLink(target, file));
}

/** With a link of our own: who has made the other one may still remove it. */
async function replaceLink(target: string, file: string): Promise<void> {
  const made = path.join(
    path.dirname(file),
    `.${randomBytes(8).toString("hex")}`,
  );
  await symlink(target, made);
  try {
    await rename(made, file);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}

/** Where a link leads; the empty text for what is none, `undefined` for nothing. */
async function readLinkIfAny(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (error) {
    return systemCode(error) === "ENOENT" ? undefined : "";
  }
}

/** Numbers of files are used again; so when it was made counts, too. */
function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return (
    one.dev === other.dev &&
    one.ino === other.ino &&
    one.ctimeNs === other.ctimeNs
  );
}

function failed(name: string, cause: unknown): PortolanError {
  const said = messageOf(cause);
  return new PortolanError(
    "LISTEN_FAILED",
    `${name} cannot be registered: ${said}`,
    { cause },
  );
}
