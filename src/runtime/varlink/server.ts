import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import { PortolanError } from "../errors.ts";
import { resolveEndpoint } from "../transport/address.ts";
import type { Endpoint, Listener } from "../transport/endpoint.ts";
import { introspection } from "./introspection.ts";
import { type ConnectionHost, ServerConnection } from "./server/connection.ts";
import {
  readOptions,
  type ServerErrorContext,
  type ServerSettings,
  type VarlinkServerOptions,
} from "./server/options.ts";
import { Services } from "./server/services.ts";
import type { Service } from "./service.ts";

export { INTERNAL_ERROR } from "./server/reply.ts";
export type { ServerCallEvent } from "./server/events.ts";
export type {
  ServerErrorContext,
  VarlinkServerOptions,
} from "./server/options.ts";

/** How to close a server. */
export interface CloseOptions {
  /**
   * Milliseconds that calls being answered have to finish. After it their
   * signals are aborted and their connections cut. 0: at once; Infinity: as long
   * as they take. Default: 5000.
   */
  readonly timeout?: number | undefined;
}

const CLOSE_TIMEOUT = 5000;

/**
 * Serves Varlink interfaces (UAPI.20), on any number of addresses.
 *
 * ```ts
 * const server = new VarlinkServer({ vendor: "Example", product: "Demo", version: "1", url: "https://example.org" });
 * server.add(podmanService({ async ping() { return { ping: { message: "OK" } }; } }));
 * await server.listen("unix:/run/demo.socket");
 * ```
 *
 * `org.varlink.service` is answered by the server itself. Malformed messages end
 * the connection that they came on, after the calls before them were answered,
 * and no other. Calls with the `upgrade` flag are answered with
 * `MethodNotImplemented`. Calls are published on diagnostics channels
 * ({@link ServerCallEvent}).
 */
export class VarlinkServer implements AsyncDisposable {
  readonly #options: VarlinkServerOptions;
  readonly #settings: ServerSettings;
  readonly #services = new Services();
  readonly #listeners = new Set<Listener>();
  readonly #connections = new Set<ServerConnection>();
  readonly #host: ConnectionHost;
  #closed = false;
  /** There are as many connections as may be, and that was reported. */
  #full = false;
  /** Told when the last connection is gone. */
  #waiting: (() => void)[] = [];

  /** @throws PortolanError `INVALID_INPUT` for a limit that is none. */
  constructor(options: VarlinkServerOptions) {
    this.#options = options;
    this.#settings = readOptions(options);
    this.#services.add(introspection(options, this.#services));
    this.#host = {
      services: this.#services,
      settings: this.#settings,
      reportError: (error, context) => this.#reportError(error, context),
      reportProtocolError: (error, context) =>
        this.#reportProtocolError(error, context),
      closed: (connection) => this.#forget(connection),
    };
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Adds an interface; also while listening.
   *
   * @throws PortolanError `INVALID_INPUT` if the server has the interface already
   * or a handler is not a function; Error if the descriptor is malformed.
   */
  add(service: Service): this {
    this.#services.add(service);
    return this;
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
    if (this.#closed) await inner.close();
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
    this.#connect(connection, address);
  }

  /**
   * Stops to listen, answers the calls that have arrived, and ends all
   * connections. A stream without end is cut off after the timeout. May be
   * called again, with a shorter timeout for instance.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const { timeout = CLOSE_TIMEOUT } = options;
    if (Number.isNaN(timeout) || timeout < 0) {
      throw new PortolanError(
        "INVALID_INPUT",
        "timeout must be 0 milliseconds or more",
      );
    }
    this.#closed = true;
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
    if (this.#closed)
      throw new PortolanError("CLOSED", "the server was closed");
  }

  #connect(stream: Duplex, address: string): void {
    if (this.#closed || stream.destroyed) {
      stream.destroy();
      return;
    }
    const { maxConnections } = this.#settings;
    if (this.#connections.size >= maxConnections) {
      // Nobody else listens to what may still go wrong with it.
      stream.on("error", ignore);
      stream.destroy();
      // Once, not for each of what may be a flood.
      if (this.#full) return;
      this.#full = true;
      this.#reportError(
        new PortolanError(
          "LIMIT_EXCEEDED",
          `connections are refused: there are ${maxConnections} already (maxConnections)`,
        ),
        { method: undefined, address },
      );
      return;
    }
    this.#connections.add(new ServerConnection(stream, address, this.#host));
  }

  #forget(connection: ServerConnection): void {
    this.#connections.delete(connection);
    this.#full = false;
    if (this.#connections.size > 0) return;
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
    const { onError } = this.#options;
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

  #reportProtocolError(
    error: PortolanError,
    context: ServerErrorContext,
  ): void {
    const { onProtocolError } = this.#options;
    if (onProtocolError !== undefined)
      guard(() => onProtocolError(error, context));
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
    `a hook of a Varlink server failed: ${inspect(error)}`,
    "PortolanWarning",
  );
}

function ignore(): void {}
