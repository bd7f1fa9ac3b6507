import type { Duplex } from "node:stream";

/**
 * A place to connect to or to listen at. Addresses in text are parsed into
 * endpoints (see `address.ts`); anything that moves bytes can be one, so that
 * further transports need no change in clients or servers.
 */
export interface Endpoint {
  /** For messages and logs: `unix:/run/podman/io.podman`. */
  readonly address: string;
  /**
   * Opens a connection. Rejects with the error of the system, which the caller
   * wraps, or with the signal's reason.
   */
  connect(options: { readonly signal?: AbortSignal }): Promise<Duplex>;
  /** Starts to accept connections; resolves once clients can connect. */
  listen(onConnection: (connection: Duplex) => void): Promise<Listener>;
}

/** A listening endpoint. */
export interface Listener {
  /** Where it listens in fact: with the real port where 0 was asked for. */
  readonly address: string;
  /** Stops accepting and removes what was created; open connections stay. */
  close(): Promise<void>;
}
