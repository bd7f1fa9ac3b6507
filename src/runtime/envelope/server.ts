import { SocketServer } from "../serving/server.ts";
import { Commands } from "./server/commands.ts";
import { ServerConnection } from "./server/connection.ts";
import { type EnvelopeServerOptions, readOptions } from "./server/options.ts";
import { Replies } from "./server/replies.ts";
import type { EnvelopeService } from "./service.ts";

export type { EnvelopeServerCallEvent } from "./server/events.ts";
export type { EnvelopeServerOptions } from "./server/options.ts";

/**
 * Serves an envelope RPC, Porto's for instance, on any number of addresses.
 *
 * ```ts
 * const server = new EnvelopeServer(portoService({
 *   version: () => ({ tag: "1.0", revision: "0" }),
 *   create({ name = "" }, call) { … },
 * }));
 * await server.listen("unix:/run/demo.socket");
 * ```
 *
 * The rules are those of Porto's daemon:
 *
 * - Requests of a connection are answered one at a time, in order; a subscription
 *   pushes its items between any two messages, and there is one a connection.
 * - Unknown fields are ignored. Of several commands in one request the first is
 *   answered ({@link EnvelopeDescriptor.priority}). A request without a command,
 *   with an unknown one or one without a handler is answered with the failure
 *   that the interface's configuration names, and the connection stays.
 * - What is no request (bytes that cannot be decoded, a required field missing, a
 *   length above the limit or not spelled as short as can be) ends its connection,
 *   after what came before it was answered, and no other.
 *
 * Commands are published on diagnostics channels ({@link EnvelopeServerCallEvent}).
 */
export class EnvelopeServer extends SocketServer {
  /**
   * @throws PortolanError `INVALID_INPUT` for an option that makes no sense, a
   * handler that is no function, or a failure that is no value of the interface.
   */
  constructor(service: EnvelopeService, options: EnvelopeServerOptions = {}) {
    const settings = readOptions(options);
    const { descriptor } = service;
    const served = {
      name: descriptor.name,
      success: descriptor.success,
      commands: new Commands(service),
      replies: new Replies(descriptor, settings.clock),
      settings,
    };
    super(
      options,
      settings,
      (stream, address, host) =>
        new ServerConnection(stream, address, served, host),
    );
  }
}
