import type { Duplex } from "node:stream";
import type { PortolanError } from "../../errors.ts";
import { openConnection } from "../../transport/connect.ts";
import type { Endpoint } from "../../transport/endpoint.ts";
import {
  connectionClose,
  type ConnectionEvent,
  connectionOpen,
} from "../../varlink/diagnostics.ts";
import type { ConnectionOwner } from "../../varlink/dispatch.ts";
import type { Commands } from "./command.ts";
import { Connection, type ConnectionUse, ORDINARY } from "./connection.ts";
import { publishLost } from "./diagnostics.ts";
import type { EnvelopeSettings } from "./options.ts";

/** How connections of one client are made, and how its program is told of things. */
export class Lines {
  readonly endpoint: Endpoint;
  readonly settings: EnvelopeSettings;
  readonly commands: Commands;

  constructor(
    endpoint: Endpoint,
    settings: EnvelopeSettings,
    commands: Commands,
  ) {
    this.endpoint = endpoint;
    this.settings = settings;
    this.commands = commands;
  }

  get address(): string {
    return this.endpoint.address;
  }

  /** Speaks the protocol on a connection that was opened. */
  make(
    stream: Duplex,
    owner: ConnectionOwner<Connection>,
    use: ConnectionUse = ORDINARY,
  ): Connection {
    const { maxMessageSize } = this.settings;
    return new Connection(
      stream,
      this.address,
      maxMessageSize,
      this.commands,
      owner,
      use,
    );
  }

  /**
   * Opens a connection of its own, which belongs to no pool.
   *
   * @throws PortolanError `CONNECT_FAILED`, `TIMEOUT`, `ABORTED`.
   */
  async open(
    owner: ConnectionOwner<Connection>,
    use: ConnectionUse,
    signal: AbortSignal,
  ): Promise<Connection> {
    const { connectTimeout } = this.settings;
    const stream = await openConnection(this.endpoint, connectTimeout, signal);
    const event: ConnectionEvent = { address: this.address };
    const observed: ConnectionOwner<Connection> = {
      onDrained: (connection) => owner.onDrained(connection),
      onClosed(connection, error) {
        if (error !== undefined) event.error = error;
        if (connectionClose.hasSubscribers) connectionClose.publish(event);
        owner.onClosed(connection, error);
      },
      onProtocolError: (error) => owner.onProtocolError(error),
    };
    if (connectionOpen.hasSubscribers) connectionOpen.publish(event);
    return this.make(stream, observed, use);
  }

  /** Tells the program what the service did wrong. */
  report(error: PortolanError): void {
    tell(() => this.settings.onProtocolError(error));
  }

  /** Tells the program what is gone with a connection. */
  reportLost(names: readonly string[], error: PortolanError): void {
    const { name: service } = this.commands.descriptor;
    publishLost({ service, address: this.address, names, error });
    tell(() => this.settings.onLost(names, error));
  }
}

/** The program's own mistake must not stop the replies of others. */
function tell(callback: () => void): void {
  try {
    callback();
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
