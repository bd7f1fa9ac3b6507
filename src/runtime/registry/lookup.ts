import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Endpoint } from "../transport/endpoint.ts";
import { refuseListening, systemCode } from "../transport/failure.ts";
import { MAX_SOCKET_PATH, unixEndpoint } from "../transport/unix.ts";
import { checkInterfaceName, isInterfaceName } from "./names.ts";
import {
  registries,
  type Registry,
  type RegistryOptions,
  type RegistryScope,
} from "./places.ts";

/** A service that can be found by an interface. */
export interface RegistryEntry {
  /** The interface that it is found by; it may have others too. */
  readonly interface: string;
  /** Where it is, for `connect`: `unix:` and the path of the socket. */
  readonly address: string;
  /** The entry itself: a socket, or a link to one. */
  readonly path: string;
  /** Whose registry it is in; `undefined` where a directory was named. */
  readonly scope: RegistryScope | undefined;
}

/**
 * What is registered, by name; of an interface that is in both registries the
 * user's first. What is no socket, and what is not named as interfaces are, is
 * left out, as by `varlinkctl list-registry`. A registry that does not exist is
 * empty.
 *
 * @throws PortolanError `INVALID_INPUT` for options that make no sense; the
 * system's error for a folder that cannot be read.
 */
export async function listRegistry(
  options: RegistryOptions = {},
): Promise<RegistryEntry[]> {
  const found: RegistryEntry[] = [];
  for (const registry of await registries(options)) {
    for (const name of await namesIn(registry.folder)) {
      const entry = isInterfaceName(name)
        ? await look(registry, name)
        : undefined;
      if (entry !== undefined) found.push(entry);
    }
  }
  // Stable: those of the first registry stay before the others.
  return found.toSorted((one, other) =>
    compare(one.interface, other.interface),
  );
}

/**
 * Where an interface is served, or `undefined` where nobody has registered it: in
 * the user's registry, or else in the system's. Whether somebody listens there is
 * learned by connecting.
 *
 * @throws PortolanError `INVALID_INPUT` for what is no name of an interface, or
 * options that make no sense.
 */
export async function findService(
  name: string,
  options: RegistryOptions = {},
): Promise<RegistryEntry | undefined> {
  checkInterfaceName(name);
  for (const registry of await registries(options)) {
    const entry = await look(registry, name);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/**
 * The service that is registered under an interface, looked up anew for each
 * connection: `HostnameClient.connect(registryEndpoint("io.systemd.Hostname"))`.
 * Connecting fails with `CONNECT_FAILED` where nobody is.
 *
 * @throws PortolanError `INVALID_INPUT` for what is no name of an interface.
 */
export function registryEndpoint(
  name: string,
  options: RegistryOptions = {},
): Endpoint {
  checkInterfaceName(name);
  const address = `registry:${name}`;
  return {
    address,
    async connect(connecting) {
      const entry = await findService(name, options);
      if (entry === undefined) {
        const looked = (await registries(options)).map(({ folder }) => folder);
        throw new Error(
          `nobody is registered for ${name} (looked in ${looked.join(" and ")})`,
        );
      }
      const socketPath = entry.address.slice("unix:".length);
      return await unixEndpoint(socketPath).connect(connecting);
    },
    listen: () => refuseListening(address, "what is registered"),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** An entry, if it is a socket, or leads to one that can be reached. */
async function look(
  { folder, scope }: Registry,
  name: string,
): Promise<RegistryEntry | undefined> {
  const file = path.join(folder, name);
  try {
    if (!(await stat(file)).isSocket()) return undefined;
    const socket = await realpath(file);
    // Where the name behind the link is none that an address can have, the link is.
    const place = [socket, file].find(isAddress);
    if (place === undefined) return undefined;
    return { interface: name, address: `unix:${place}`, path: file, scope };
  } catch {
    // It leads nowhere, to itself, or to where this user may not look: no matter
    // which, this user cannot connect.
    return undefined;
  }
}

/** Whether a path can be written behind `unix:`, where a `;` begins a property. */
function isAddress(file: string): boolean {
  return !file.includes(";") && Buffer.byteLength(file) <= MAX_SOCKET_PATH;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
