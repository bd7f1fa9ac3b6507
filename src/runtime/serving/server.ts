import { setMaxListeners } from "node:events";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import { PortolanError } from "../errors.ts";
import { resolveEndpoint } from "../transport/address.ts";
import type { Endpoint, Listener } from "../transport/endpoint.ts";
import type {
  CloseOptions,
  ConnectionLimits,
  ServerErrorContext,
  ServerHooks,
} from "./options.ts";

const CLOSE_TIMEOUT = 5000;

/** Looks at a connection in one `writeTimeout`, so that it is exceeded by a quarter at most. */
const SWEEPS = 4;

/** What a connection needs of its server, whatever they speak. */
export interface ConnectionHost {
  reportError(error: unknown, context: ServerErrorContext): void;
  reportProtocolError(error: PortolanError, context: ServerErrorContext): void;
  /** The connection is closed, and everything on it settled or aborted. */
  closed(connection: ServedConnection): void;
}

/** A client, as its server sees it. */
export interface ServedConnection {
  /** Answers what has arrived whole, then ends the connection. */
  drain(): void;
  /** Ends the connection at once. */
  destroy(reason: PortolanError): void;
  /** Looks whether the client still takes what is written for it. */
  sweep(now: number): void;
}

/** What a server keeps to over all its connections. */
interface ServerLimits extends Pick<ConnectionLimits, "writeTimeout"> {
  readonly maxConnections: number;
}

/** Begins to serve a connection. */
export type Serve = (
  stream: Duplex,
  address: string,
  host: ConnectionHost,
) => ServedConnection;

/**
 * What all servers do, whatever they speak: they listen, keep to a number of
 * connections, report, and close with grace.
 */
export abstract class SocketServer implements AsyncDisposable {
  readonly #hooks: ServerHooks;
  readonly #maxConnections: number;
  readonly #serve: Serve;
  readonly #listeners = new Set<Listener>();
  readonly #connections = new Set<ServedConnection>();
  readonly #closing = new AbortController();
  /** There are as many connections as may be, and that was reported. */
  #full = false;
  /** Told when the last connection is gone. */
  #waiting: (() => void)[] = [];
  readonly #writeTimeout: number;
  /** Runs while there are connections. */
  #sweeper: NodeJS.Timeout | undefined;

  /** @internal */
  protected constructor(
    hooks: ServerHooks,
    limits: ServerLimits,
    serve: Serve,
  ) {
    this.#hooks = hooks;
    this.#maxConnections = limits.maxConnections;
    this.#writeTimeout = limits.writeTimeout;
    this.#serve = serve;
    // Any number of handlers may wait for it.
    setMaxListeners(0, this.#closing.signal);
  }

  /** How many clients are connected, or have left calls that are still being done. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Aborted when {@link close} begins, before it waits for anything: handlers that go
   * on for as long as they may, those of streams without end for instance, see
   * here that it is time to finish. What they still answer is sent. The reason is a
   * `PortolanError` of code `CLOSED`. A call's own signal is aborted only if its
   * client leaves, or when the time for closing is over.
   */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Accepts connections at an address (`unix:/run/demo.socket;mode=0660`,
   * `tcp:127.0.0.1:1234`) or endpoint, besides those it listens at already.
   * Resolves with the listener, which knows the real address where port 0 was
   * asked for; closing it leaves the server and its connections alone.
   *
   * @throws PortolanError `INVALID_ADDRESS`, `LISTEN_FAILED`; `CLOSED` if the
   * server was closed.
   */
  async listen(address: string | Endpoint): Promise<Listener> {
    this.#refuseIfClosed();
    const endpoint = resolveEndpoint(address);
    let name = endpoint.address;
    const inner = await endpoint.listen(
      (connection) => this.#connect(connection, name),
      (error) => this.#reportError(error, { method: undefined, address: name }),
    );
    name = inner.address;
    const listener: Listener = {
      address: inner.address,
      close: async () => {
        if (this.#listeners.delete(listener)) await inner.close();
      },
    };
    if (this.closing.aborted) await inner.close();
    this.#refuseIfClosed();
    this.#listeners.add(listener);
    return listener;
  }

  /**
   * Serves a connection that is open already. `address` is for messages only.
   * One that is over the limit, or closed by now, is destroyed.
   *
   * @throws PortolanError `CLOSED` if the server was closed.
   */
  accept(connection: Duplex, address: string = "accepted:"): void {
    this.#refuseIfClosed();
    // A client may end its side and wait for replies; what accepts by itself tells
    // its sockets that, others' end their own side then.
    connection.allowHalfOpen = true;
    this.#connect(connection, address);
  }

  /**
   * Stops to listen, answers the calls that have arrived, and ends all
   * connections. A stream without end is cut off after the timeout, unless its
   * handler heeds {@link closing}. May be called again, with a shorter timeout for
   * instance.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const { timeout = CLOSE_TIMEOUT } = options;
    if (Number.isNaN(timeout) || timeout < 0) {
      throw new PortolanError(
        "INVALID_INPUT",
        "timeout must be 0 milliseconds or more",
      );
    }
    // Once aborted it stays so, with its first reason.
    this.#closing.abort(
      new PortolanError("CLOSED", "the server is being closed"),
    );
    const stopped = Promise.allSettled(
      [...this.#listeners].map((listener) => listener.close()),
    );
    for (const connection of this.#connections) connection.drain();
    await this.#untilEmpty(timeout);
    for (const result of await stopped) {
      if (result.status === "rejected") throw result.reason;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #refuseIfClosed(): void {
    if (this.closing.aborted)
      throw new PortolanError("CLOSED", "the server was closed");
  }

  #connect(stream: Duplex, address: string): void {
    if (this.closing.aborted || stream.destroyed) {
      stream.destroy();
      return;
    }
    if (this.#connections.size >= this.#maxConnections) {
      this.#refuse(stream, address);
      return;
    }
    this.#connections.add(this.#serve(stream, address, this.#host));
    this.#startSweeper();
  }

  #startSweeper(): void {
    if (this.#writeTimeout === 0 || this.#sweeper !== undefined) return;
    this.#sweeper = setInterval(() => {
      const now = performance.now();
      for (const connection of this.#connections) connection.sweep(now);
    }, this.#writeTimeout / SWEEPS).unref();
  }

  #refuse(stream: Duplex, address: string): void {
    // Nobody else listens to what may still go wrong with it.
    stream.on("error", ignore);
    stream.destroy();
    // Once, not for each of what may be a flood.
    if (this.#full) return;
    this.#full = true;
    this.#reportError(
      new PortolanError(
        "LIMIT_EXCEEDED",
        `connections are refused: there are ${this.#maxConnections} already (maxConnections)`,
      ),
      { method: undefined, address },
    );
  }

  readonly #host: ConnectionHost = {
    reportError: (error, context) => this.#reportError(error, context),
    reportProtocolError: (error, context) => {
      const { onProtocolError } = this.#hooks;
      if (onProtocolError !== undefined)
        guard(() => onProtocolError(error, context));
    },
    closed: (connection) => this.#forget(connection),
  };

  #forget(connection: ServedConnection): void {
    this.#connections.delete(connection);
    this.#full = false;
    if (this.#connections.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  async #untilEmpty(timeout: number): Promise<void> {
    if (this.#connections.size === 0) return;
    const reason = new PortolanError(
      "CLOSED",
      "the server was closed before the last reply",
    );
    const force = (): void => {
      for (const connection of this.#connections) connection.destroy(reason);
    };
    let timer: NodeJS.Timeout | undefined;
    const empty = new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    if (timeout === 0) force();
    else if (timeout < 2 ** 31) timer = setTimeout(force, timeout);
    await empty;
    clearTimeout(timer);
  }

  #reportError(error: unknown, context: ServerErrorContext): void {
    const { onError } = this.#hooks;
    if (onError !== undefined) {
      guard(() => onError(error, context));
      return;
    }
    const where = context.method ?? "a connection";
    process.emitWarning(
      `${where} (${context.address}): ${inspect(error)}`,
      "PortolanWarning",
    );
  }
}

/** A hook that throws must neither break a connection nor end the process, nor be silent. */
function guard(hook: () => unknown): void {
  try {
    const result = hook();
    if (result instanceof Promise) result.catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  process.emitWarning(
    `a hook of a server failed: ${inspect(error)}`,
    "PortolanWarning",
  );
}

function ignore(): void {}
