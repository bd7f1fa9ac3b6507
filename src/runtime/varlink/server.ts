import { SocketServer } from "../serving/server.ts";
import { introspection } from "./introspection.ts";
import { ServerConnection } from "./server/connection.ts";
import { readOptions, type VarlinkServerOptions } from "./server/options.ts";
import { Services } from "./server/services.ts";
import type { Service } from "./service.ts";

export type { CloseOptions, ServerErrorContext } from "../serving/options.ts";
export { INTERNAL_ERROR } from "./server/reply.ts";
export type { ServerCallEvent } from "./server/events.ts";
export type { VarlinkServerOptions } from "./server/options.ts";

/**
 * Serves Varlink interfaces (UAPI.20), on any number of addresses.
 *
 * ```ts
 * const server = new VarlinkServer({ vendor: "Example", product: "Demo", version: "1", url: "https://example.org" });
 * server.add(podmanService({ async ping() { return { ping: { message: "OK" } }; } }));
 * await server.listen("unix:/run/demo.socket");
 * ```
 *
 * `org.varlink.service` is answered by the server itself. Malformed messages end
 * the connection that they came on, after the calls before them were answered,
 * and no other. A handler may upgrade its connection (`Call.upgraded`). Calls are
 * published on diagnostics channels ({@link ServerCallEvent}).
 */
export class VarlinkServer extends SocketServer {
  readonly #services: Services;

  /** @throws PortolanError `INVALID_INPUT` for a limit that is none. */
  constructor(options: VarlinkServerOptions) {
    const settings = readOptions(options);
    const services = new Services();
    services.add(introspection(options, services));
    super(
      options,
      settings,
      (stream, address, host) =>
        new ServerConnection(stream, address, services, settings, host),
    );
    this.#services = services;
  }

  /**
   * Adds an interface; also while listening.
   *
   * @throws PortolanError `INVALID_INPUT` if the server has the interface already
   * or a handler is not a function; Error if the descriptor is malformed.
   */
  add(service: Service): this {
    this.#services.add(service);
    return this;
  }
}
