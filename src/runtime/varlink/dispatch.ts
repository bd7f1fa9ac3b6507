/**
 * How calls find connections, whatever is spoken on these: shared by the clients of
 * all protocols.
 */
import type { PortolanError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import type { ClientSettings } from "./options.ts";

/** A connection as a pool sees it. */
export interface PooledConnection {
  readonly closed: boolean;
  /** Whether another call must not use it. */
  readonly doubtful: boolean;
  /** Whether a stream's turn for replies has come, or it is upgraded, or will be. */
  readonly streaming: boolean;
  /** Calls not answered and oneway calls not written. */
  readonly load: number;
  /** Whether the process stays alive for it. */
  keepAlive(alive: boolean): void;
  /** Closes it; all calls on it fail with this error. */
  close(error: PortolanError): void;
  /** As {@link close}, but first the oneway calls given to it are written. */
  leave(error: PortolanError): void;
}

/** Who looks after a connection. */
export interface ConnectionOwner<C> {
  /** Every call on it is answered, every oneway call written. */
  onDrained(connection: C): void;
  /** It is closed; `error` says why, unless nobody is to blame. */
  onClosed(connection: C, error: PortolanError | undefined): void;
  /** The peer broke the protocol where no call can be told. */
  onProtocolError(error: PortolanError): void;
}

/** Something that waits for a connection: a call, or a pipeline of them. */
export interface Job<C = Connection> {
  readonly mode: "call" | "more" | "oneway" | "upgrade" | "pipeline";
  /** Gives it a connection to write to. */
  assign(connection: C): void;
  /** There is no connection for it. */
  onFailed(error: PortolanError): void;
}

/** What finds connections for calls: the pool of a client, or one of its pipelines. */
export interface Dispatcher<C = Connection, S = ClientSettings> {
  /** Where the service is, for messages. */
  readonly address: string;
  readonly settings: S;
  /** Sees to it that the job is assigned a connection, or fails. */
  dispatch(job: Job<C>): void;
  /** Forgets a job that waits. Whether it did wait. */
  cancel(job: Job<C>): boolean;
}
