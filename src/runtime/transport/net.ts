/** What Unix and TCP sockets have in common. */
import {
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from "node:net";
import type { Duplex } from "node:stream";

/**
 * For TCP, and of no effect elsewhere: after 30 s without traffic the system asks whether the peer is still
 * there. A machine that lost its power or its network says no goodbye, and a call
 * that waits for it would wait for ever.
 */
export const KEEP_ALIVE = {
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
} as const;

/** Connects a socket; rejects with the system's error or the signal's reason. */
export function connectSocket(
  options: NetConnectOpts & { readonly allowHalfOpen: true },
  signal: AbortSignal | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect(options);
    const settled = (): void => {
      socket.off("connect", onConnect);
      socket.off("error", onError);
      signal?.removeEventListener("abort", onAbort);
    };
    const onConnect = (): void => {
      settled();
      resolve(socket);
    };
    const onError = (error: Error): void => {
      settled();
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => {
      settled();
      // A late failure of the connect has nobody to tell.
      socket.on("error", ignore);
      socket.destroy();
      const reason: unknown = signal?.reason;
      reject(reason);
    };
    socket.on("connect", onConnect);
    socket.on("error", onError);
    signal?.addEventListener("abort", onAbort);
  });
}

/**
 * Listens with a server of Node; rejects with the system's error. `allowHalfOpen`
 * keeps a connection whose client has sent its last call and still wants replies.
 */
export function listenSocket(
  options:
    | { readonly path: string }
    | { readonly fd: number }
    | { readonly host: string; readonly port: number },
  onConnection: (connection: Duplex) => void,
  onError: ((error: unknown) => void) | undefined,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({
      allowHalfOpen: true,
      // Of a descriptor nobody knows whether it is TCP.
      noDelay: true,
      ...KEEP_ALIVE,
    });
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      server.on("error", onError ?? ignore);
      server.on("connection", onConnection);
      resolve(server);
    });
  });
}

function ignore(): void {}
