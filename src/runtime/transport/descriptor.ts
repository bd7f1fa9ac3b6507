import { fstatSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { messageOf, PortolanError } from "../errors.ts";
import type { Endpoint, Listener } from "./endpoint.ts";
import { listenFailed } from "./failure.ts";
import { KEEP_ALIVE, listenSocket } from "./net.ts";
import { onceEndpoint } from "./once.ts";

export interface DescriptorOptions {
  /** For messages and logs. Default: the socket's own address, or `fd:` and the number. */
  readonly address?: string | undefined;
  /**
   * What the socket is. Default: as the system says (Linux with `/proc`), and
   * `listening` where it says nothing.
   */
  readonly kind?: "listening" | "connected" | undefined;
}

/**
 * A socket that this process was started with. A listening one is listened at, and
 * stays in the file system when that ends, for it belongs to who made it. A
 * connected one is a connection, the only one there is: it can be served, by
 * listening, or be a client's.
 *
 * @param fd Its number, from 3 on. It is closed when the connection, or listening,
 * ends.
 * @throws PortolanError `INVALID_INPUT` if it is no stream socket.
 */
export function descriptorEndpoint(
  fd: number,
  options: DescriptorOptions = {},
): Endpoint {
  const found = lookAt(fd);
  const kind = options.kind ?? found.kind;
  const address = options.address ?? found.address ?? `fd:${fd}`;
  if (kind === "connected") {
    return onceEndpoint(address, () => {
      const socket = new Socket({ fd, allowHalfOpen: true });
      const { keepAlive, keepAliveInitialDelay } = KEEP_ALIVE;
      return socket.setNoDelay().setKeepAlive(keepAlive, keepAliveInitialDelay);
    });
  }
  return {
    address,
    connect: () =>
      Promise.reject(
        new Error(`descriptor ${fd} is a listening socket, and no connection`),
      ),
    listen: (onConnection, onError) =>
      listenAt(fd, address, onConnection, onError),
  };
}

async function listenAt(
  fd: number,
  address: string,
  onConnection: (connection: Duplex) => void,
  onError: ((error: unknown) => void) | undefined,
): Promise<Listener> {
  try {
    const server = await listenSocket({ fd }, onConnection, onError);
    return {
      address,
      close: () => Promise.resolve(void server.close()),
      unref: () => void server.unref(),
    };
  } catch (error) {
    const said = messageOf(error);
    throw listenFailed(address, `descriptor ${fd}: ${said}`, error);
  }
}

interface Found {
  readonly kind: "listening" | "connected";
  readonly address: string | undefined;
}

function lookAt(fd: number): Found {
  let inode: string;
  try {
    const found = fstatSync(fd, { bigint: true });
    if (!found.isSocket()) throw new Error("it is no socket");
    inode = String(found.ino);
  } catch (error) {
    throw unusable(fd, error);
  }
  return (
    findUnix(fd, inode) ??
    findTcp(inode, "tcp") ??
    findTcp(inode, "tcp6") ?? { kind: "listening", address: undefined }
  );
}

/** `SO_ACCEPTCON`, by which the kernel marks sockets that listen. */
const ACCEPTS = 0x1_00_00;

function findUnix(fd: number, inode: string): Found | undefined {
  for (const line of table("unix")) {
    const [, , , flags = "", type, , found, ...name] = line.split(" ");
    if (found !== inode) continue;
    if (type !== "0001") throw unusable(fd, new Error("it is no stream"));
    const listens = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
    const file = name.join(" ");
    return {
      kind: listens ? "listening" : "connected",
      // A connection that was accepted has the name of where it was.
      address: file === "" ? undefined : `unix:${file}`,
    };
  }
  return undefined;
}

function findTcp(inode: string, protocol: "tcp" | "tcp6"): Found | undefined {
  for (const line of table(protocol)) {
    const columns = line.trim().split(/\s+/);
    if (columns[9] !== inode) continue;
    const [, local = ""] = columns;
    return {
      kind: columns[3] === "0A" ? "listening" : "connected",
      address: formatLocal(local),
    };
  }
  return undefined;
}

/** An address of the kernel's tables: words of four bytes in its own order, and the port. */
function formatLocal(local: string): string {
  const [words = "", port = ""] = local.split(":");
  const bytes = Buffer.from(words, "hex");
  for (let at = 0; at < bytes.length; at += 4)
    bytes.subarray(at, at + 4).reverse();
  const host =
    bytes.length === 4
      ? bytes.join(".")
      : `[${(bytes.toString("hex").match(/.{4}/g) ?? []).join(":")}]`;
  return `tcp:${host}:${Number.parseInt(port, 16)}`;
}

/** A table of the kernel, without its heading; empty where there is none. */
function table(name: string): readonly string[] {
  try {
    return readFileSync(`/proc/self/net/${name}`, "utf8").split("\n").slice(1);
  } catch {
    return [];
  }
}

function unusable(fd: number, cause: unknown): PortolanError {
  const said = messageOf(cause);
  return new PortolanError(
    "INVALID_INPUT",
    `descriptor ${fd} cannot be used: ${said}`,
    { cause },
  );
}
