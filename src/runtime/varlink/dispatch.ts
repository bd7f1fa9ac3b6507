import type { PortolanError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import type { ClientSettings } from "./options.ts";

/** Something that waits for a connection: a call, or a pipeline of them. */
export interface Job {
  readonly mode: "call" | "more" | "oneway" | "pipeline";
  /** Gives it a connection to write to. */
  assign(connection: Connection): void;
  /** There is no connection for it. */
  onFailed(error: PortolanError): void;
}

/** What finds connections for calls: the pool of a client, or one of its pipelines. */
export interface Dispatcher {
  /** Where the service is, for messages. */
  readonly address: string;
  readonly settings: ClientSettings;
  /** Sees to it that the job is assigned a connection, or fails. */
  dispatch(job: Job): void;
  /** Forgets a job that waits. Whether it did wait. */
  cancel(job: Job): boolean;
}
