import type { Duplex } from "node:stream";
import { PortolanError } from "../errors.ts";
import { openConnection } from "../transport/connect.ts";
import type { Endpoint } from "../transport/endpoint.ts";
import {
  connectionClose,
  type ConnectionEvent,
  connectionOpen,
} from "./diagnostics.ts";
import type {
  ConnectionOwner,
  Dispatcher,
  Job,
  PooledConnection,
} from "./dispatch.ts";
import { type PoolSettings, startTimer } from "./options.ts";
import { Queue } from "./queue.ts";

/** What holds a connection for itself. */
export interface Holder<C> {
  /** All calls on the connection are answered. */
  onDrained(connection: C): void;
}

interface Idle<C> {
  readonly connection: C;
  readonly since: number;
}

/** Makes a connection of what was opened; the owner is told of what happens on it. */
export type MakeConnection<C> = (
  stream: Duplex,
  owner: ConnectionOwner<C>,
) => C;

/** How long a closing client waits for oneway calls to be written, in milliseconds. */
const CLOSE_GRACE = 1000;

/**
 * The connections of one client. A call has a connection to itself; the one used
 * last is taken first, so that a program that does one thing at a time has one
 * connection, and its calls stay in order.
 *
 * A connection that answered is not used again before the event loop has looked
 * for bytes once more: some services send two replies to one call (Podman does),
 * and the second must close the connection instead of answering the next call. A
 * second reply that comes later than that, while the next call is under way,
 * looks like its answer: nothing in the protocol could tell.
 */
export class Pool<C extends PooledConnection, S extends PoolSettings>
  implements Dispatcher<C, S>, ConnectionOwner<C>
{
  readonly endpoint: Endpoint;
  readonly settings: S;
  readonly #make: MakeConnection<C>;
  readonly #maxConnections: number;
  readonly #all = new Map<C, ConnectionEvent>();
  /** The connection used last is at the end. */
  #idle: Idle<C>[] = [];
  readonly #held = new Map<C, Holder<C>>();
  readonly #waiting = new Queue<Job<C>>();
  #connecting = 0;
  readonly #stopConnecting = new AbortController();
  /** Answered in this turn of the event loop, and in the one before. */
  #justAnswered: C[] = [];
  #answeredBefore: C[] = [];
  #turnScheduled = false;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Whether a stream, or an upgrade, has the only connection there is. */
  #streaming = false;
  #closing = false;
  #draining = false;
  #closed: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  /** @param make What is spoken on a connection that was opened. */
  constructor(endpoint: Endpoint, settings: S, make: MakeConnection<C>) {
    this.#make = make;
    this.endpoint = endpoint;
    this.settings = settings;
    this.#maxConnections =
      endpoint.single === true ? 1 : settings.maxConnections;
  }

  get address(): string {
    return this.endpoint.address;
  }

  /** Whether new calls are refused. */
  get closing(): boolean {
    return this.#closing || this.#draining;
  }

  /** Opens a connection for later, to know that somebody is there. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    const { connectTimeout } = this.settings;
    const stream = await openConnection(this.endpoint, connectTimeout, signal);
    this.#release(this.#adopt(stream));
  }

  dispatch(job: Job<C>): void {
    if (this.closing) {
      job.onFailed(closedError(this.address));
      return;
    }
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      idle.connection.keepAlive(true);
      this.#assign(idle.connection, job);
      return;
    }
    if (this.#streaming) {
      job.onFailed(this.#busyError());
      return;
    }
    // Those for which a connection is, or may still be, opened are not in excess.
    const startable = this.#maxConnections - this.#all.size;
    if (this.#waiting.length - startable >= this.settings.maxQueuedCalls) {
      job.onFailed(
        new PortolanError(
          "LIMIT_EXCEEDED",
          `${this.#waiting.length} calls to ${this.address} are waiting for a connection already (maxQueuedCalls)`,
        ),
      );
      return;
    }
    this.#waiting.push(job);
    this.#openIfNeeded();
  }

  cancel(job: Job<C>): boolean {
    const cancelled = this.#waiting.remove(job);
    if (cancelled) this.#checkDone();
    return cancelled;
  }

  /** Keeps a connection out of the pool until {@link release}. */
  hold(connection: C, holder: Holder<C>): void {
    this.#held.set(connection, holder);
  }

  /** Gives a connection back that was held; all calls on it are answered. */
  release(connection: C): void {
    this.#held.delete(connection);
    if (!connection.closed) this.onDrained(connection);
  }

  /** See `VarlinkClient.close`. */
  close(drain: boolean): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
    if (drain && !this.#closing) this.#drain();
    else this.#closeNow();
    return this.#closed;
  }

  onDrained(connection: C): void {
    const holder = this.#held.get(connection);
    if (holder !== undefined) {
      holder.onDrained(connection);
      return;
    }
    this.#streaming = false;
    if (connection.doubtful) {
      connection.close(closedError(this.address));
      return;
    }
    this.#justAnswered.push(connection);
    this.#scheduleTurn();
    if (this.#draining) this.#checkDrained();
  }

  onClosed(connection: C, error: PortolanError | undefined): void {
    const event = this.#all.get(connection);
    this.#all.delete(connection);
    this.#held.delete(connection);
    this.#streaming = false;
    this.#justAnswered = this.#justAnswered.filter((one) => one !== connection);
    this.#answeredBefore = this.#answeredBefore.filter(
      (one) => one !== connection,
    );
    const index = this.#idle.findIndex(
      (idle) => idle.connection === connection,
    );
    if (index >= 0) this.#idle.splice(index, 1);
    if (event !== undefined && connectionClose.hasSubscribers) {
      if (error !== undefined) event.error = error;
      connectionClose.publish(event);
    }
    this.#openIfNeeded();
    this.#checkDone();
  }

  onProtocolError(error: PortolanError): void {
    try {
      this.settings.onProtocolError(error);
    } catch (thrown) {
      // The program's own mistake must not stop the replies of others.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  #openIfNeeded(): void {
    const coming =
      this.#connecting +
      this.#justAnswered.length +
      this.#answeredBefore.length;
    const room = this.#maxConnections - this.#all.size - this.#connecting;
    const needed = Math.min(this.#waiting.length - coming, room);
    for (let count = 0; count < needed; count++) void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#connecting++;
    let connection: C | undefined;
    let failure: unknown;
    try {
      const { connectTimeout } = this.settings;
      const { signal } = this.#stopConnecting;
      connection = this.#adopt(
        await openConnection(this.endpoint, connectTimeout, signal),
      );
    } catch (error) {
      failure = error;
    } finally {
      this.#connecting--;
    }
    if (connection === undefined) this.#onConnectFailed(failure);
    else this.#release(connection);
    this.#checkDone();
  }

  #adopt(stream: Duplex): C {
    const connection = this.#make(stream, this);
    const event: ConnectionEvent = { address: this.address };
    this.#all.set(connection, event);
    if (connectionOpen.hasSubscribers) connectionOpen.publish(event);
    return connection;
  }

  #onConnectFailed(failure: unknown): void {
    const error = PortolanError.is(failure)
      ? failure
      : new PortolanError(
          "CONNECT_FAILED",
          `cannot connect to ${this.address}`,
          {
            cause: failure,
          },
        );
    if (this.#all.size === 0 && this.#connecting === 0) {
      // Nobody is there: let nobody wait for his own attempt to fail as well.
      for (const job of this.#waiting.drain()) job.onFailed(error);
      return;
    }
    this.#waiting.shift()?.onFailed(error);
    this.#openIfNeeded();
  }

  /** A connection is free for whoever waits. */
  #release(connection: C): void {
    if (connection.closed) return;
    const job = this.#waiting.shift();
    if (job !== undefined) {
      this.#assign(connection, job);
      return;
    }
    if (this.#closing) {
      connection.close(closedError(this.address));
      return;
    }
    connection.keepAlive(false);
    this.#idle.push({ connection, since: performance.now() });
    this.#startIdleTimer();
    if (this.#draining) this.#checkDrained();
  }

  #assign(connection: C, job: Job<C>): void {
    const lasting = job.mode === "more" || job.mode === "upgrade";
    if (this.endpoint.single === true && lasting) {
      this.#streaming = true;
      // It may never end, and there is no other connection to wait for.
      for (const waiting of this.#waiting.drain())
        waiting.onFailed(this.#busyError());
    }
    job.assign(connection);
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    // Between one immediate and the next the event loop polls its sockets.
    setImmediate(() => {
      this.#turnScheduled = false;
      const quiet = this.#answeredBefore;
      this.#answeredBefore = this.#justAnswered;
      this.#justAnswered = [];
      for (const connection of quiet) this.#release(connection);
      if (this.#answeredBefore.length > 0) this.#scheduleTurn();
    });
  }

  #startIdleTimer(): void {
    if (this.#idleTimer !== undefined) return;
    const oldest = this.#idle[0];
    if (oldest === undefined) return;
    const { idleTimeout } = this.settings;
    const left = Math.max(
      1,
      Math.ceil(oldest.since + idleTimeout - performance.now()),
    );
    this.#idleTimer = startTimer(left, () => {
      this.#idleTimer = undefined;
      const now = performance.now();
      // Closing takes them out of the list.
      for (const { connection, since } of this.#idle.slice()) {
        if (since + idleTimeout <= now)
          connection.close(closedError(this.address));
      }
      this.#startIdleTimer();
    })?.unref();
  }

  #busyError(): PortolanError {
    return new PortolanError(
      "CONNECTION_BUSY",
      `${this.address} has only one connection, and a stream or an upgrade is using it`,
    );
  }

  #drain(): void {
    this.#draining = true;
    // Streams may never end; calls do, and so do pipelines, made of calls.
    for (const connection of this.#all.keys()) {
      if (connection.streaming) connection.leave(closedError(this.address));
    }
    this.#checkDrained();
  }

  #checkDone(): void {
    if (this.#draining) this.#checkDrained();
    this.#checkEmpty();
  }

  #checkDrained(): void {
    if (this.#waiting.length > 0 || this.#connecting > 0 || this.#held.size > 0)
      return;
    for (const connection of this.#all.keys()) if (connection.load > 0) return;
    this.#closeNow();
  }

  #closeNow(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#draining = false;
    const error = closedError(this.address);
    for (const job of this.#waiting.drain()) {
      if (job.mode === "oneway") this.#waiting.push(job);
      else job.onFailed(error);
    }
    for (const connection of this.#all.keys()) connection.leave(error);
    this.#openIfNeeded();
    clearTimeout(this.#idleTimer);
    const grace = setTimeout(() => {
      this.#stopConnecting.abort(error);
      for (const job of this.#waiting.drain()) job.onFailed(error);
      for (const connection of this.#all.keys()) connection.close(error);
      this.#checkEmpty();
    }, CLOSE_GRACE);
    const settle = this.#onEmpty;
    this.#onEmpty = () => {
      clearTimeout(grace);
      settle?.();
    };
    // Nobody is left to connect for.
    if (this.#waiting.length === 0) this.#stopConnecting.abort(error);
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (!this.#closing || this.#all.size > 0 || this.#waiting.length > 0)
      return;
    this.#onEmpty?.();
  }
}

/** The error of what is used after this program has closed it. */
export function closedError(address: string): PortolanError {
  return new PortolanError("CLOSED", `the client of ${address} was closed`);
}
