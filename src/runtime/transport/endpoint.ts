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
   * There is only ever one connection (standard input and output, a descriptor
   * that was handed over): clients queue their calls on it instead of opening
   * more. Default `false`.
   */
  readonly single?: boolean | undefined;
  /**
   * Opens a connection. Rejects with the error of the system, which the caller
   * wraps, or with the signal's reason.
   */
  connect(options: {
    readonly signal?: AbortSignal | undefined;
  }): Promise<Duplex>;
  /**
   * Starts to accept connections; resolves once clients can connect. Rejects
   * with a `PortolanError` of code `LISTEN_FAILED`, and leaves nothing behind.
   * Whoever gets a connection must listen to its `error` event at once.
   *
   * @param onError Told of connections that could not be accepted; listening goes on.
   * Default: they are dropped silently. Where this process may open no more files
   * Node closes them itself, and tells nobody.
   */
  listen(
    onConnection: (connection: Duplex) => void,
    onError?: (error: unknown) => void,
  ): Promise<Listener>;
}

/** A listening endpoint. */
export interface Listener {
  /** Where it listens in fact: with the real port where 0 was asked for. */
  readonly address: string;
  /** Stops accepting and removes what was created; open connections stay. */
  close(): Promise<void>;
  /** Where there is one: lets the process end though this listens. */
  unref?(): void;
}
