import { PortolanError } from "../../errors.ts";
import type { ConnectionOwner, Job } from "../../varlink/dispatch.ts";
import { closedError } from "../../varlink/pool.ts";
import { Queue } from "../../varlink/queue.ts";
import type { CommandDispatcher } from "./call.ts";
import type { Connection, ConnectionUse } from "./connection.ts";
import type { Lines } from "./lines.ts";
import type { EnvelopeSettings } from "./options.ts";

/**
 * The connection that lives as long as its client, for commands whose effect
 * lasts as long as their connection. It is opened when the first of them is made,
 * and has one at a time: those behind it are not written before it is answered,
 * so that they can be given up, or made on the next connection, for certain.
 *
 * A call that is given up after it was written does not close it, for all that
 * lives on it would end; its reply is dropped when it comes, and those behind it
 * wait for that.
 */
export class Primary
  implements CommandDispatcher, ConnectionOwner<Connection>, ConnectionUse
{
  readonly lasting = true;
  readonly #lines: Lines;
  readonly #waiting = new Queue<Job<Connection>>();
  /** What lives as long as the connection does. */
  readonly #names = new Set<string>();
  readonly #stop = new AbortController();
  #connection: Connection | undefined;
  #opening = false;
  /** The call on it was given up: nobody waits for its reply but those behind it. */
  #abandoned = false;
  /** It does not keep the process alive, for nobody waits for anything. */
  #resting = false;
  #closing: "drain" | "now" | undefined;
  #closed: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  get address(): string {
    return this.#lines.address;
  }

  get settings(): EnvelopeSettings {
    return this.#lines.settings;
  }

  /** Opens the connection, to know that somebody is there. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    await this.#open(signal);
  }

  dispatch(job: Job<Connection>): void {
    if (this.#closing !== undefined) {
      job.onFailed(closedError(this.address));
      return;
    }
    const ready = this.#connection?.load === 0;
    if (!ready && this.#waiting.length >= this.settings.maxQueuedCalls) {
      job.onFailed(
        new PortolanError(
          "LIMIT_EXCEEDED",
          `${this.#waiting.length} calls to ${this.address} are waiting for the connection that lasts already (maxQueuedCalls)`,
        ),
      );
      return;
    }
    this.#waiting.push(job);
    this.#advance();
  }

  cancel(job: Job<Connection>): boolean {
    const cancelled = this.#waiting.remove(job);
    this.#checkAlive();
    this.#checkDone();
    return cancelled;
  }

  /** Something lives on the connection from now on. */
  bind(connection: Connection, name: string): void {
    if (connection === this.#connection && name !== "") this.#names.add(name);
  }

  /** It does no more. */
  unbind(name: string): void {
    this.#names.delete(name);
  }

  /** Ends it. With `drain` calls that were made finish first. */
  close(drain: boolean): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
    if (drain) this.#closing ??= "drain";
    else this.#closeNow();
    this.#checkDone();
    return this.#closed;
  }

  onDrained(): void {
    this.#abandoned = false;
    this.#advance();
  }

  onAbandoned(): void {
    this.#abandoned = true;
    this.#checkAlive();
    this.#checkDone();
  }

  onClosed(_connection: Connection, error: PortolanError | undefined): void {
    this.#connection = undefined;
    this.#abandoned = false;
    this.#resting = false;
    const names = [...this.#names];
    this.#names.clear();
    if (names.length > 0 && this.#closing !== "now" && error !== undefined)
      this.#lines.reportLost(names, error);
    this.#advance();
  }

  onProtocolError(error: PortolanError): void {
    this.#lines.report(error);
  }

  /** The next call, if the one before is over. */
  #advance(): void {
    const connection = this.#connection;
    if (connection === undefined) {
      if (this.#waiting.length > 0 && !this.#opening) void this.#openForCalls();
    } else {
      this.#checkAlive();
      if (connection.load === 0) this.#waiting.shift()?.assign(connection);
    }
    this.#checkDone();
  }

  /** Whether anybody waits for something on the connection. */
  get #wanted(): boolean {
    const called = this.#connection !== undefined && this.#connection.load > 0;
    return this.#waiting.length > 0 || (called && !this.#abandoned);
  }

  #checkAlive(): void {
    const connection = this.#connection;
    const resting = !this.#wanted;
    // A connection that is new is not told: its first write is no surprise.
    if (connection === undefined || resting === this.#resting) return;
    this.#resting = resting;
    connection.keepAlive(!resting);
  }

  async #openForCalls(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      // Nobody is there: let nobody wait for an attempt of its own to fail as well.
      for (const job of this.#waiting.drain())
        job.onFailed(error as PortolanError);
      this.#checkDone();
    }
  }

  async #open(given?: AbortSignal): Promise<void> {
    this.#opening = true;
    try {
      const { signal: stop } = this.#stop;
      const signal =
        given === undefined ? stop : AbortSignal.any([stop, given]);
      const connection = await this.#lines.open(this, this, signal);
      if (signal.aborted) connection.close(closedError(this.address));
      else this.#connection = connection;
    } finally {
      this.#opening = false;
    }
    this.#advance();
  }

  #closeNow(): void {
    if (this.#closing === "now") return;
    this.#closing = "now";
    const error = closedError(this.address);
    this.#stop.abort(error);
    for (const job of this.#waiting.drain()) job.onFailed(error);
    this.#connection?.close(error);
  }

  #checkDone(): void {
    if (this.#closing === undefined || this.#opening) return;
    if (this.#waiting.length > 0) return;
    if (this.#connection === undefined) this.#onEmpty?.();
    else if (this.#closing === "drain" && !this.#wanted) this.#closeNow();
  }
}
