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

/** A connection without a call. */
interface Idle<C> {
  readonly connection: C;
  /** When its last call ended, in milliseconds. */
  readonly since: number;
  /** The same, by the pool's own count of such events. */
  readonly freed: number;
  /** The next call uses it, to come behind what has no reply that was waited for. */
  readonly inOrder: boolean;
  /** The event loop has looked for bytes since, and there were none. */
  quiet: boolean;
}

/** What a pool keeps of each of its connections. */
interface Kept {
  readonly event: ConnectionEvent;
  /** Nobody waited for it when it was opened. */
  readonly spare: boolean;
  /** When it was last given to a job, by the pool's count; 0: never. */
  assigned: number;
  /** The last job was neither a call with a reply nor a stream. */
  inOrder: boolean;
}

/** Makes a connection of what was opened; the owner is told of what happens on it. */
export type MakeConnection<C> = (
  stream: Duplex,
  owner: ConnectionOwner<C>,
) => C;

/**
 * Calls that had to wait for the one connection to be quiet before a second one is
 * opened for them to take turns. It takes one of the service's places, so that the
 * waits must have cost some milliseconds by then: a few dozen calls are no reason.
 */
const PATIENCE = 256;

/** How long a closing client waits for oneway calls to be written, in milliseconds. */
const CLOSE_GRACE = 1000;

/**
 * The connections of one client. A call has a connection to itself; of those that
 * are quiet the one used last is taken first.
 *
 * A connection that answered is not quiet before the event loop has looked for
 * bytes once more: some services send two replies to one call (Podman does), and
 * the second must close the connection instead of answering the next call. A
 * second reply that comes later than that, while the next call is under way,
 * looks like its answer: nothing in the protocol could tell. Waiting for that look
 * would cost a program that makes one call after the other a quarter of its
 * speed. So after some hundreds of them it has two connections that take turns:
 * while one waits for its reply, the other is looked at.
 */
export class Pool<C extends PooledConnection, S extends PoolSettings>
  implements Dispatcher<C, S>, ConnectionOwner<C>
{
  readonly endpoint: Endpoint;
  readonly settings: S;
  readonly #make: MakeConnection<C>;
  readonly #maxConnections: number;
  readonly #all = new Map<C, Kept>();
  /** The connection used last is at the end. */
  #idle: Idle<C>[] = [];
  /** Those of them that are not quiet. */
  #restless: Idle<C>[] = [];
  /** Counts what is given to connections and what they are done with. */
  #count = 0;
  /** Calls that had to wait for a connection to be quiet, and how many may. */
  #waits = 0;
  #patience = PATIENCE;
  readonly #held = new Map<C, Holder<C>>();
  readonly #waiting = new Queue<Job<C>>();
  #connecting = 0;
  readonly #stopConnecting = new AbortController();
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
    this.#putBack(this.#adopt(stream), "new");
  }

  dispatch(job: Job<C>): void {
    if (this.closing) {
      job.onFailed(closedError(this.address));
      return;
    }
    const connection = this.#takeQuiet();
    if (connection !== undefined) {
      this.#assign(connection, job);
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
    if (this.#restless.length > 0) {
      this.#scheduleTurn();
      this.#openSecond();
    }
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
    this.#hush(this.#all.get(connection)?.assigned ?? 0);
    this.#putBack(connection, "used");
  }

  onClosed(connection: C, error: PortolanError | undefined): void {
    const kept = this.#all.get(connection);
    this.#all.delete(connection);
    this.#held.delete(connection);
    this.#streaming = false;
    const other = (idle: Idle<C>): boolean => idle.connection !== connection;
    this.#idle = this.#idle.filter(other);
    this.#restless = this.#restless.filter(other);
    if (kept !== undefined && connectionClose.hasSubscribers) {
      if (error !== undefined) kept.event.error = error;
      connectionClose.publish(kept.event);
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
    const needed = Math.min(this.#unserved, this.#room);
    for (let count = 0; count < needed; count++) void this.#connect();
  }

  /** How many jobs wait that no connection is about to be free for. */
  get #unserved(): number {
    return this.#waiting.length - this.#connecting - this.#idle.length;
  }

  get #room(): number {
    return this.#maxConnections - this.#all.size - this.#connecting;
  }

  /** @param spare Nobody waits for it. */
  async #connect(spare = false): Promise<void> {
    this.#connecting++;
    let connection: C | undefined;
    let failure: unknown;
    try {
      const { connectTimeout } = this.settings;
      const { signal } = this.#stopConnecting;
      connection = this.#adopt(
        await openConnection(this.endpoint, connectTimeout, signal),
        spare,
      );
    } catch (error) {
      failure = error;
    } finally {
      this.#connecting--;
    }
    if (connection === undefined) this.#onConnectFailed(failure);
    // A service that has no room for it gets a round trip to say so before it is used.
    else this.#putBack(connection, spare ? "spare" : "new");
    this.#checkDone();
  }

  #adopt(stream: Duplex, spare = false): C {
    const connection = this.#make(stream, this);
    const event: ConnectionEvent = { address: this.address };
    this.#all.set(connection, { event, spare, assigned: 0, inOrder: false });
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
    // Those that have a connection to come need no other.
    if (this.#unserved > 0) this.#waiting.shift()?.onFailed(error);
    this.#openIfNeeded();
  }

  /** A connection has no call any more, or not yet. */
  #putBack(connection: C, state: "new" | "spare" | "used"): void {
    if (connection.closed) return;
    const job = state === "new" ? this.#waiting.shift() : undefined;
    if (job !== undefined) {
      this.#assign(connection, job);
      return;
    }
    connection.keepAlive(false);
    const idle = {
      connection,
      since: performance.now(),
      freed: ++this.#count,
      inOrder: this.#all.get(connection)?.inOrder === true,
      quiet: state === "new",
    };
    if (state === "spare") this.#idle.unshift(idle);
    else this.#idle.push(idle);
    if (!idle.quiet) this.#restless.push(idle);
    this.#serve();
    if (this.#waiting.length === 0) {
      if (this.#closing) {
        for (const one of this.#idle.slice())
          one.connection.close(closedError(this.address));
        return;
      }
      this.#startIdleTimer();
    }
    if (this.#draining) this.#checkDrained();
  }

  /** Gives the jobs that wait what connections are quiet. */
  #serve(): void {
    while (this.#waiting.length > 0) {
      const connection = this.#takeQuiet();
      if (connection === undefined) {
        if (this.#restless.length > 0) this.#scheduleTurn();
        return;
      }
      const job = this.#waiting.shift();
      if (job !== undefined) this.#assign(connection, job);
    }
  }

  /** The quiet connection used last, unless the next call must use another. */
  #takeQuiet(): C | undefined {
    const idle = this.#idle;
    let index = idle.length - 1;
    if (idle[index]?.inOrder === false)
      while (index >= 0 && idle[index]?.quiet === false) index--;
    const found = idle[index];
    if (found === undefined || !found.quiet) return undefined;
    idle.splice(index, 1);
    found.connection.keepAlive(true);
    return found.connection;
  }

  /**
   * The reply to something that was sent at `time` is there. What was free before
   * that has been looked at since.
   */
  #hush(time: number): void {
    let some = false;
    for (const idle of this.#restless)
      if (idle.freed < time) idle.quiet = some = true;
    if (some) this.#restless = this.#restless.filter(({ quiet }) => !quiet);
  }

  /** Opens a connection to take turns with, for a program that often waits for its only one. */
  #openSecond(): void {
    if (this.#idle.at(-1)?.inOrder !== false || this.#room <= 0) return;
    if (++this.#waits < this.#patience) return;
    this.#waits = 0;
    // A service that has no room for one is asked less and less.
    this.#patience *= 2;
    void this.#connect(true);
  }

  #assign(connection: C, job: Job<C>): void {
    const kept = this.#all.get(connection);
    if (kept !== undefined) {
      if (kept.spare && kept.assigned === 0) this.#patience = PATIENCE;
      kept.assigned = ++this.#count;
      kept.inOrder = job.mode !== "call" && job.mode !== "more";
    }
    const lasting = job.mode === "more" || job.mode === "upgrade";
    if (this.endpoint.single === true && lasting) {
      this.#streaming = true;
      // It may never end, and there is no other connection to wait for.
      for (const waiting of this.#waiting.drain())
        waiting.onFailed(this.#busyError());
    }
    job.assign(connection);
  }

  /** Sees to it that restless connections are looked at. */
  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    // Between one immediate and the next the event loop polls its sockets.
    setImmediate(() => {
      const time = ++this.#count;
      setImmediate(() => {
        this.#turnScheduled = false;
        this.#hush(time);
        this.#serve();
      });
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
