import { lookup } from "node:dns/promises";
import { BlockList, isIPv6, type Server } from "node:net";
import { messageOf, PortolanError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { listenFailed, systemCode } from "./failure.ts";
import { connectSocket, KEEP_ALIVE, listenSocket } from "./net.ts";

export interface TcpEndpointOptions {
  /**
   * Whether it may be listened at where others than this machine reach it.
   * Default `false`.
   */
  readonly public?: boolean | undefined;
}

/**
 * A TCP endpoint. It has neither authentication nor encryption: whoever reaches
 * the port may call. So listening takes the addresses of this machine only
 * (`127.0.0.1`, `::1`, `localhost`), where every user and every container that
 * shares its network still can call; any other host, `0.0.0.0` and `::` included,
 * needs `public`, and fails with `LISTEN_FAILED` without it.
 *
 * @param host Name or address; an IPv6 address without its brackets.
 * @param port 0 to 65535; listening at 0 takes any free port, see `Listener.address`.
 */
export function tcpEndpoint(
  host: string,
  port: number,
  options: TcpEndpointOptions = {},
): Endpoint {
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
      let server: Server;
      try {
        // What was looked at is what is bound, whatever the name means later.
        const bindTo = (await lookup(host)).address;
        if (options.public !== true && !isLoopback(bindTo)) {
          throw listenFailed(
            address,
            `others than this machine reach ${bindTo}, and there is neither authentication nor encryption: everybody who does may call; add ;public to the address if that is meant`,
          );
        }
        server = await listenSocket(
          { host: bindTo, port },
          onConnection,
          onError,
        );
      } catch (error) {
        if (PortolanError.is(error)) throw error;
        throw listenFailed(address, reasonOf(error), error);
      }
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
        unref: () => void server.unref(),
      };
    },
  };
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLoopback(address: string): boolean {
  // An IPv4 address in IPv6's clothes is seen through.
  return loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4");
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
  return reason ?? messageOf(error);
}
