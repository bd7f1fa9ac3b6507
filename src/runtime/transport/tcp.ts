import type { Endpoint } from "./endpoint.ts";
import { listenFailed, systemCode } from "./failure.ts";
import { connectSocket, KEEP_ALIVE, listenSocket } from "./net.ts";

/**
 * A TCP endpoint. It has neither authentication nor encryption: whoever reaches
 * the port may call.
 *
 * @param host Name or address; an IPv6 address without its brackets.
 * @param port 0 to 65535; listening at 0 takes any free port, see `Listener.address`.
 */
export function tcpEndpoint(host: string, port: number): Endpoint {
  const address = formatTcp(host, port);
  return {
    address,
    connect({ signal }) {
      return connectSocket(
        { host, port, allowHalfOpen: true, noDelay: true, ...KEEP_ALIVE },
        signal,
      );
    },
    async listen(onConnection, onError) {
      const server = await listenSocket(
        { host, port },
        onConnection,
        onError,
      ).catch((error: unknown) => {
        throw listenFailed(address, reasonOf(error), error);
      });
      const bound = server.address();
      const realPort =
        typeof bound === "object" && bound !== null ? bound.port : port;
      return {
        address: formatTcp(host, realPort),
        close() {
          // Its callback would wait for the connections, which stay.
          server.close();
          return Promise.resolve();
        },
      };
    },
  };
}

function formatTcp(host: string, port: number): string {
  return `tcp:${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "permission denied (ports below 1024 are reserved)",
  ENOTFOUND: "the host name is not known",
};

function reasonOf(error: unknown): string {
  const reason = reasons[systemCode(error) ?? ""];
  return reason ?? (error instanceof Error ? error.message : String(error));
}
