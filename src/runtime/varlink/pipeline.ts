import { PortolanError } from "../errors.ts";
import type { Dispatcher, Job, PooledConnection } from "./dispatch.ts";
import type { PoolSettings } from "./options.ts";
import { closedError, type Holder, type Pool } from "./pool.ts";
import { Queue } from "./queue.ts";

/**
 * Calls that share one connection and are written in order, none waiting for the
 * replies of those before. The connection is taken at the first call and given
 * back when the pipeline is over and all replies came.
 */
export class Pipeline<C extends PooledConnection, S extends PoolSettings>
  implements Dispatcher<C, S>, Job<C>, Holder<C>
{
  readonly mode = "pipeline";
  readonly #pool: Pool<C, S>;
  /** Made before there is a connection. */
  readonly #early = new Queue<Job<C>>();
  #connection: C | undefined;
  #requested = false;
  #over = false;

  constructor(pool: Pool<C, S>) {
    this.#pool = pool;
  }

  get address(): string {
    return this.#pool.address;
  }

  get settings(): S {
    return this.#pool.settings;
  }

  dispatch(job: Job<C>): void {
    if (this.#over) {
      job.onFailed(
        new PortolanError(
          "CLOSED",
          `the pipeline to ${this.address} is over; call the client`,
        ),
      );
      return;
    }
    if (job.mode === "upgrade") {
      // The service would take the calls behind it for what comes after Varlink.
      job.onFailed(
        new PortolanError(
          "INVALID_INPUT",
          `an upgrade needs a connection of its own: call ${this.address} outside of the pipeline`,
        ),
      );
      return;
    }
    const { maxQueuedCalls } = this.settings;
    const unanswered = this.#connection?.load ?? this.#early.length;
    if (unanswered > maxQueuedCalls) {
      job.onFailed(
        new PortolanError(
          "LIMIT_EXCEEDED",
          `${unanswered} calls of a pipeline to ${this.address} are unanswered already (maxQueuedCalls)`,
        ),
      );
      return;
    }
    if (this.#connection !== undefined) {
      // A pipeline outlives no connection: its calls are one after another.
      if (this.#connection.closed && this.#pool.closing)
        job.onFailed(closedError(this.address));
      else job.assign(this.#connection);
      return;
    }
    this.#early.push(job);
    if (this.#requested) return;
    this.#requested = true;
    this.#pool.dispatch(this);
  }

  cancel(job: Job<C>): boolean {
    return this.#early.remove(job);
  }

  assign(connection: C): void {
    this.#connection = connection;
    this.#pool.hold(connection, this);
    for (const job of this.#early.drain()) job.assign(connection);
    this.#releaseIfOver();
  }

  onFailed(error: PortolanError): void {
    // The next call tries again.
    this.#requested = false;
    for (const job of this.#early.drain()) job.onFailed(error);
  }

  onDrained(): void {
    this.#releaseIfOver();
  }

  /** No more calls will be made. */
  finish(): void {
    this.#over = true;
    this.#releaseIfOver();
  }

  #releaseIfOver(): void {
    const connection = this.#connection;
    if (!this.#over || connection === undefined || connection.load > 0) return;
    this.#pool.release(connection);
  }
}
