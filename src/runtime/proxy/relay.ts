import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import { PortolanError } from "../errors.ts";
import {
  countLimit,
  type ServerErrorContext,
  timeLimit,
} from "../serving/options.ts";
import {
  type ConnectionHost,
  type ServedConnection,
  SocketServer,
} from "../serving/server.ts";
import { type AbortTarget, unwatchSignal, watchSignal } from "../signals.ts";
import { resolveEndpoint } from "../transport/address.ts";
import { openConnection } from "../transport/connect.ts";
import type { Endpoint } from "../transport/endpoint.ts";
import { Joint } from "./joint.ts";

/** Who a relayed connection is between. */
export interface RelayedPlaces {
  /** Where the client came to: the address of the listener, or what `accept` was told. */
  readonly client: string;
  /** Where the service is. */
  readonly service: string;
}

/** Sees one connection that goes through a relay. */
export interface RelayTapConnection {
  /**
   * Bytes of the client, after they were handed on. They are not to be changed,
   * and what is done with them delays those that come next.
   */
  fromClient(chunk: Buffer): void;
  /** Bytes of the service; see {@link fromClient}. */
  fromService(chunk: Buffer): void;
  /** It is over; `error` says why, unless it ended as connections do. Told once. */
  closed(error: PortolanError | undefined): void;
}

/** Sees the connections that go through a relay: a `VarlinkTap`, or a program's own. */
export interface RelayTap {
  /** A client has connected; the service is connected to after this. */
  open(places: RelayedPlaces): RelayTapConnection;
}

/** What a relay connects, and its limits. */
export interface RelayOptions {
  /** Where the service is: an address (see `parseAddress`) or an endpoint. */
  readonly connect: string | Endpoint;
  /** Kinds of address that `connect` may have: see `AddressOptions.allow`. */
  readonly allow?: readonly string[] | undefined;
  /** Milliseconds to connect to the service. 0: no limit. Default: 10 000. */
  readonly connectTimeout?: number | undefined;
  /**
   * Clients at a time. Further ones are closed as soon as they are accepted, and
   * `onError` gets `LIMIT_EXCEEDED`, once until there is room again. Default: 4096.
   */
  readonly maxConnections?: number | undefined;
  /** Sees what goes through. Default: nobody does. */
  readonly tap?: RelayTap | undefined;
  /**
   * What went wrong on this side and on the service's: it cannot be connected to
   * (`CONNECT_FAILED`, `TIMEOUT`), its connection broke (`CONNECTION_LOST`), there
   * are too many clients, one could not be accepted, the tap has thrown. Default:
   * `process.emitWarning`.
   */
  readonly onError?:
    ((error: unknown, context: ServerErrorContext) => void) | undefined;
}

/**
 * A transparent bridge between transports: it listens, connects to the service
 * anew for each client, and hands on the bytes of both as they come, so that
 * everything works that works without it, upgraded connections and protocols
 * other than Varlink among it. The end of one side is the end of that side over
 * there, a reader that is slow makes its peer wait, and a connection that breaks
 * closes the other one, after what came before.
 *
 * ```ts
 * const relay = new Relay({ connect: "unix:/run/demo.socket" });
 * await relay.listen("tcp:127.0.0.1:1234");
 * ```
 *
 * `close` hands on what has come from clients, tells the service that there is no
 * more, and goes on until it has answered, for as long as the timeout says.
 *
 * File descriptors do not pass: Node drops those that come with a message, and
 * cannot tell that there were any. The service sees the relay as its peer, not the
 * client.
 */
export class Relay extends SocketServer {
  /** @throws PortolanError `INVALID_ADDRESS`; `INVALID_INPUT` for a limit that is none. */
  constructor(options: RelayOptions) {
    const service = resolveEndpoint(options.connect, { allow: options.allow });
    const limits = {
      maxConnections: countLimit(
        "maxConnections",
        options.maxConnections,
        4096,
      ),
      // No more than two buffers of Node wait for a peer that does not read.
      writeTimeout: 0,
    };
    const connectTimeout =
      timeLimit("connectTimeout", options.connectTimeout, 10_000) || Infinity;
    super(
      { onError: options.onError },
      limits,
      (stream, address, host) =>
        new RelayedConnection(stream, { client: address, service }, host, {
          connectTimeout,
          tap: options.tap,
        }),
    );
  }
}

/** What connections of a relay go by. */
interface RelaySettings {
  /** Milliseconds; `Infinity` is no limit. */
  readonly connectTimeout: number;
  readonly tap: RelayTap | undefined;
}

/** One client of a relay, with a connection to the service of its own. */
class RelayedConnection implements ServedConnection {
  readonly #client: Duplex;
  readonly #address: string;
  readonly #service: Endpoint;
  readonly #host: ConnectionHost;
  readonly #settings: RelaySettings;
  /** Aborted when nobody needs the service's connection any more. */
  readonly #opening = new AbortController();
  readonly #onGone = (): void => this.#opening.abort();
  #watch: Watch | undefined;
  #joint: Joint | undefined;
  /** What the client has sent is the last of it. */
  #draining = false;
  /** Why it was closed on this side. */
  #reason: PortolanError | undefined;

  constructor(
    client: Duplex,
    places: { readonly client: string; readonly service: Endpoint },
    host: ConnectionHost,
    settings: RelaySettings,
  ) {
    this.#client = client;
    this.#address = places.client;
    this.#service = places.service;
    this.#host = host;
    this.#settings = settings;
    // Whoever gets a connection listens at once; the joint does later on.
    client.on("error", ignore);
    client.on("close", this.#onGone);
    // The server counts this connection before it hears of it again.
    queueMicrotask(() => void this.#run());
  }

  drain(): void {
    this.#draining = true;
    this.#joint?.drain();
  }

  destroy(reason: PortolanError): void {
    this.#reason ??= reason;
    this.#opening.abort(reason);
    this.#joint?.destroy();
  }

  sweep(): void {}

  async #run(): Promise<void> {
    const { connectTimeout, tap } = this.#settings;
    const places = { client: this.#address, service: this.#service.address };
    const report = (error: unknown): void => this.#report(error);
    this.#watch = tap && new Watch(tap, places, report);
    const { signal } = this.#opening;
    let stream: Duplex;
    try {
      stream = await openConnection(this.#service, connectTimeout, signal);
    } catch (error) {
      // The client has gone meanwhile, or the relay was closed.
      if (!signal.aborted) this.#report(error);
      this.#client.destroy();
      this.#over(error);
      return;
    }
    this.#client.off("close", this.#onGone);
    const joint = new Joint(this.#client, stream, {
      fromClient: (chunk) => this.#watch?.fromClient(chunk),
      fromService: (chunk) => this.#watch?.fromService(chunk),
      closed: (client, service) => {
        if (service !== undefined) {
          const error = lost(places.service, service);
          this.#report(error);
          this.#over(error);
        } else this.#over(client && lost("the client", client));
      },
    });
    this.#joint = joint;
    joint.start();
    if (signal.aborted) joint.destroy();
    else if (this.#draining) joint.drain();
  }

  #over(error: unknown): void {
    const told = this.#reason ?? error;
    this.#watch?.closed(PortolanError.is(told) ? told : undefined);
    this.#host.closed(this);
  }

  #report(error: unknown): void {
    this.#host.reportError(error, {
      method: undefined,
      address: this.#address,
    });
  }
}

/** How two streams are joined. */
export interface RelayStreamsOptions {
  /** Closes both. */
  readonly signal?: AbortSignal | undefined;
  /** Sees what goes through. Default: nobody does. */
  readonly tap?: RelayTap | undefined;
  /** For the tap and for messages. Default: `client:` and `service:`. */
  readonly places?: RelayedPlaces | undefined;
}

/**
 * Joins two connections that are open, as a {@link Relay} does, until both are
 * closed: an accepted one and one of another kind, say.
 *
 * @throws PortolanError `CONNECTION_LOST` if one of them broke; `ABORTED`.
 */
export function relayStreams(
  client: Duplex,
  service: Duplex,
  options: RelayStreamsOptions = {},
): Promise<void> {
  const { signal, tap } = options;
  const places = options.places ?? { client: "client:", service: "service:" };
  return new Promise((resolve, reject) => {
    const watch = tap && new Watch(tap, places, warn);
    const target: AbortTarget = { onAbort: () => joint.destroy() };
    const joint = new Joint(client, service, {
      fromClient: (chunk) => watch?.fromClient(chunk),
      fromService: (chunk) => watch?.fromService(chunk),
      closed: (clientError, serviceError) => {
        if (signal !== undefined) unwatchSignal(signal, target);
        const error =
          (signal?.aborted === true ? aborted(signal) : undefined) ??
          (serviceError && lost(places.service, serviceError)) ??
          (clientError && lost(places.client, clientError));
        watch?.closed(error);
        if (error === undefined) resolve();
        else reject(error);
      },
    });
    if (signal?.aborted === false) watchSignal(signal, target);
    joint.start();
    if (signal?.aborted === true) joint.destroy();
  });
}

/** A tap that must break nothing: what it throws is reported, and it hears no more. */
class Watch implements RelayTapConnection {
  readonly #report: (error: unknown) => void;
  #inner: RelayTapConnection | undefined;

  constructor(
    tap: RelayTap,
    places: RelayedPlaces,
    report: (error: unknown) => void,
  ) {
    this.#report = report;
    this.#guard(() => {
      this.#inner = tap.open(places);
    });
  }

  fromClient(chunk: Buffer): void {
    this.#guard(() => this.#inner?.fromClient(chunk));
  }

  fromService(chunk: Buffer): void {
    this.#guard(() => this.#inner?.fromService(chunk));
  }

  closed(error: PortolanError | undefined): void {
    this.#guard(() => this.#inner?.closed(error));
  }

  #guard(told: () => unknown): void {
    try {
      const result = told();
      if (result instanceof Promise)
        result.catch((error: unknown) => this.#drop(error));
    } catch (error) {
      this.#drop(error);
    }
  }

  #drop(error: unknown): void {
    this.#inner = undefined;
    this.#report(error);
  }
}

function lost(place: string, cause: Error): PortolanError {
  return new PortolanError(
    "CONNECTION_LOST",
    `the connection to ${place} broke`,
    { cause },
  );
}

function aborted(signal: AbortSignal): PortolanError {
  return new PortolanError("ABORTED", "joining two connections was aborted", {
    cause: signal.reason,
  });
}

function warn(error: unknown): void {
  process.emitWarning(
    `the tap of a relay failed: ${inspect(error)}`,
    "PortolanWarning",
  );
}

function ignore(): void {}
