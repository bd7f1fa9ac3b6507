import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import {
  chmod,
  link,
  lstat,
  mkdtemp,
  open,
  rename,
  rm,
} from "node:fs/promises";
import type { Server } from "node:net";
import path from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, PortolanError } from "../errors.ts";
import type { Endpoint, Listener } from "./endpoint.ts";
import { listenFailed, systemCode } from "./failure.ts";
import { lstatIfAny } from "./files.ts";
import { connectSocket, listenSocket } from "./net.ts";

/** Bytes a socket path may have, which the kernel fixes (`sun_path` without its NUL). */
export const MAX_SOCKET_PATH: number = process.platform === "linux" ? 107 : 103;

export interface UnixEndpointOptions {
  /** Permissions of a listening socket. Default `0o600`: this user only. */
  readonly mode?: number | undefined;
}

/**
 * Attempts while the backlog of a busy service is full. The waits between them
 * grow to 100 ms and are random, so that many clients do not come back together.
 */
const MAX_ATTEMPTS = 60;

function backlogDelay(attempt: number): number {
  return 1 + Math.random() * Math.min(100, 4 * 2 ** attempt);
}

/**
 * A Unix socket. `socketPath` is a file path of at most 107 bytes (103 outside of
 * Linux), or `@name` for Linux's abstract name space.
 *
 * Listening creates the socket without a moment in which anybody else could
 * connect to it, replaces a stale one (nobody listens), and refuses where somebody
 * listens or something else than a socket is. Closing removes it if it is still ours.
 *
 * @throws PortolanError `INVALID_ADDRESS` for a path that the system, or a name that
 * this version of Node, cannot take.
 */
export function unixEndpoint(
  socketPath: string,
  options: UnixEndpointOptions = {},
): Endpoint {
  checkPath(socketPath);
  const address = `unix:${socketPath}`;
  const abstract = socketPath.startsWith("@");
  const systemPath = abstract ? `\0${socketPath.slice(1)}` : socketPath;
  return {
    address,
    connect({ signal }) {
      return connectPatiently(systemPath, signal, 0);
    },
    listen(onConnection, onError) {
      return abstract
        ? listenAbstract(address, systemPath, onConnection, onError)
        : listenFile(socketPath, options.mode ?? 0o600, onConnection, onError);
    },
  };
}

/** What is not checked here the system cuts short, and takes for another one. */
function checkPath(socketPath: string): void {
  if (/^@?$/.test(socketPath))
    throw invalid("the path of the socket is missing");
  if (socketPath.includes("\0")) throw invalid("it has a NUL character");
  const bytes = Buffer.byteLength(socketPath);
  if (!socketPath.startsWith("@")) {
    if (bytes <= MAX_SOCKET_PATH) return;
    throw invalid(
      `the path has ${bytes} bytes, and the system allows ${MAX_SOCKET_PATH} for a socket; use a shorter one, or one relative to the working directory`,
    );
  }
  if (process.platform !== "linux")
    throw invalid("abstract sockets (unix:@name) exist on Linux only");
  if (Number.parseInt(process.versions.node, 10) < 22) {
    // It pads the name with zeros, which are part of an abstract name.
    throw invalid(
      `Node ${process.versions.node} cannot reach abstract sockets (unix:@name) of other programs; use Node 22 or newer, or a socket in the file system`,
    );
  }
  if (bytes > MAX_SOCKET_PATH) {
    throw invalid(
      `the name has ${bytes - 1} bytes, and the system allows ${MAX_SOCKET_PATH - 1}`,
    );
  }
}

function invalid(problem: string): PortolanError {
  return new PortolanError("INVALID_ADDRESS", problem);
}

async function connectPatiently(
  systemPath: string,
  signal: AbortSignal | undefined,
  attempt: number,
): Promise<Duplex> {
  try {
    return await connectSocket(
      { path: systemPath, allowHalfOpen: true },
      signal,
    );
  } catch (error) {
    if (systemCode(error) !== "EAGAIN" || attempt + 1 >= MAX_ATTEMPTS)
      throw error;
    await delay(
      backlogDelay(attempt),
      undefined,
      signal === undefined ? {} : { signal },
    );
  }
  return await connectPatiently(systemPath, signal, attempt + 1);
}

async function listenAbstract(
  address: string,
  systemPath: string,
  onConnection: (connection: Duplex) => void,
  onError: ((error: unknown) => void) | undefined,
): Promise<Listener> {
  try {
    const server = await listenSocket(
      { path: systemPath },
      onConnection,
      onError,
    );
    return {
      address,
      close: () => Promise.resolve(void server.close()),
      unref: () => void server.unref(),
    };
  } catch (error) {
    const inUse = systemCode(error) === "EADDRINUSE";
    throw listenFailed(
      address,
      inUse ? "the name is in use" : messageOf(error),
      error,
    );
  }
}

async function listenFile(
  socketPath: string,
  mode: number,
  onConnection: (connection: Duplex) => void,
  onError: ((error: unknown) => void) | undefined,
): Promise<Listener> {
  const address = `unix:${socketPath}`;
  // The working directory may be another one when it is closed.
  const place = path.resolve(socketPath);
  try {
    await refuseLive(address, socketPath);
  } catch (error) {
    throw PortolanError.is(error)
      ? error
      : listenFailed(address, messageOf(error), error);
  }
  // Bound in a directory that only we can enter, given its permissions there, and
  // then put in place: a socket bound in place would be open to others at first,
  // and changing the umask would change it for the whole process.
  let privateFolder: string;
  try {
    privateFolder = await mkdtemp(
      path.join(path.dirname(socketPath), ".socket-"),
    );
  } catch (error) {
    const folder = path.dirname(socketPath);
    const reason =
      systemCode(error) === "ENOENT"
        ? `there is no folder ${folder}`
        : `the folder ${folder} cannot be written to (${messageOf(error)})`;
    throw listenFailed(address, reason, error);
  }
  let server: Server | undefined;
  try {
    // Not a fixed name: libuv unlinks the name it bound when the server closes.
    const name = randomBytes(4).toString("hex");
    server = await bindIn(privateFolder, name, onConnection, onError);
    const bound = path.join(privateFolder, name);
    await chmod(bound, mode);
    const ours = await lstat(bound, { bigint: true });
    await putInPlace(address, bound, socketPath);
    const listening = server;
    return {
      address,
      async close() {
        // Later its inode may be somebody else's.
        if (!listening.listening) return;
        try {
          // First the name, then the socket: nobody connects to what nobody accepts.
          await removeOurs(place, ours);
        } finally {
          listening.close();
        }
      },
      unref: () => void listening.unref(),
    };
  } catch (error) {
    server?.close();
    if (PortolanError.is(error)) throw error;
    throw listenFailed(address, messageOf(error), error);
  } finally {
    await rm(privateFolder, { recursive: true, force: true });
  }
}

/** Throws if something is at the path that must stay. */
async function refuseLive(address: string, socketPath: string): Promise<void> {
  const found = await lstatIfAny(socketPath);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw listenFailed(
      address,
      "the path exists and is not a socket; it is left as it is",
    );
  }
  try {
    const socket = await connectSocket(
      { path: socketPath, allowHalfOpen: true },
      undefined,
    );
    socket.destroy();
  } catch (error) {
    const code = systemCode(error);
    // Refused: nobody listens. Gone: its owner has just removed it.
    if (code === "ECONNREFUSED" || code === "ENOENT") return;
    throw listenFailed(
      address,
      `a socket exists that cannot be checked (${code})`,
      error,
    );
  }
  throw listenFailed(address, "another process listens there");
}

/** Binds `folder/name`, where that path itself may be too long to bind. */
async function bindIn(
  folder: string,
  name: string,
  onConnection: (connection: Duplex) => void,
  onError: ((error: unknown) => void) | undefined,
): Promise<Server> {
  const direct = path.join(folder, name);
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH) {
    return await listenSocket({ path: direct }, onConnection, onError);
  }
  if (process.platform !== "linux") {
    throw new Error(
      `the path is too long to be created safely; the folder's must be shorter`,
    );
  }
  // Through the open folder, whose name there is short.
  const handle = await open(folder, "r");
  try {
    return await listenSocket(
      { path: `/proc/self/fd/${handle.fd}/${name}` },
      onConnection,
      onError,
    );
  } finally {
    await handle.close();
  }
}

/** Links a bound socket into its place, where nothing or a stale socket is. */
async function putInPlace(
  address: string,
  bound: string,
  socketPath: string,
): Promise<void> {
  if ((await lstatIfAny(socketPath)) !== undefined) {
    await removeStale(address, socketPath);
  }
  try {
    // Unlike rename, link never replaces what is there.
    await link(bound, socketPath);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") throw taken(address, error);
    // Some file systems have no hard links; the check above has to do there.
    if ((await lstatIfAny(socketPath)) !== undefined) throw error;
    await rename(bound, socketPath);
  }
}

/** Milliseconds after which a claim is that of a process which died with it. */
const CLAIM_LIFETIME = 10_000;

/**
 * Removes a socket that nobody listens at. Several processes may have found it
 * so at the same time, and one may already have put its own in the place: so a
 * second name of the socket, which only one of them can make, is the right to
 * remove it, and whether it is stale is decided under that right.
 */
async function removeStale(address: string, socketPath: string): Promise<void> {
  const { dir, base } = path.parse(socketPath);
  const claim = path.join(dir, `.${base}.claim`);
  try {
    await makeClaim(address, socketPath, claim);
  } catch (error) {
    const code = systemCode(error);
    // Its owner has just removed it.
    if (code === "ENOENT") return;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS")
      throw error;
    // No hard links there, and so nothing to agree by.
    await refuseLive(address, socketPath);
    await rm(socketPath, { force: true });
    return;
  }
  try {
    await refuseLive(address, socketPath);
    await rm(socketPath, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
}

async function makeClaim(
  address: string,
  socketPath: string,
  claim: string,
): Promise<void> {
  try {
    await link(socketPath, claim);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    const found = await lstatIfAny(claim);
    if (found?.isSocket() === false) {
      throw listenFailed(
        address,
        `${claim} is in the way, and is not a socket; it is left as it is`,
        error,
      );
    }
    // Making the second name is the last thing that changed the socket.
    const made = found?.ctimeMs ?? BigInt(Date.now());
    if (Date.now() - Number(made) < CLAIM_LIFETIME) throw taken(address, error);
    await rm(claim, { force: true });
    await link(socketPath, claim);
  }
}

function taken(address: string, cause: unknown): PortolanError {
  return listenFailed(
    address,
    "another process has begun to listen there",
    cause,
  );
}

async function removeOurs(
  socketPath: string,
  ours: BigIntStats,
): Promise<void> {
  const found = await lstatIfAny(socketPath).catch(() => undefined);
  if (found !== undefined && isSame(found, ours))
    await rm(socketPath, { force: true });
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
