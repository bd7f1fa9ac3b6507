import { PortolanError } from "../errors.ts";
import { addMethods } from "../methods.ts";
import { resolveEndpoint } from "../transport/address.ts";
import type { Endpoint } from "../transport/endpoint.ts";
import { callOnce, callUpgrade } from "./call.ts";
import { Connection } from "./connection.ts";
import type { InterfaceDescriptor } from "./descriptor.ts";
import type { Dispatcher } from "./dispatch.ts";
import type { ServiceInfo } from "./introspection.ts";
import {
  interfaceRules,
  makeMethod,
  type UntypedMethod,
  undescribed,
} from "./methods.ts";
import {
  checkSignal,
  type ClientSettings,
  type ConnectOptions,
  resolveOptions,
} from "./options.ts";
import { Pipeline } from "./pipeline.ts";
import { Pool } from "./pool.ts";
import { SERVICE_INTERFACE } from "./standard.ts";
import { callMore } from "./stream.ts";
import type {
  CallOptions,
  JsonObject,
  Stream,
  StreamOptions,
  Upgraded,
} from "./types.ts";

type VarlinkPool = Pool<Connection, ClientSettings>;

/** What this module knows of a client and nobody else: set by the classes themselves. */
let inside: {
  isClient(value: unknown): boolean;
  dispatcherOf(client: VarlinkClient): Dispatcher;
  poolOf(client: VarlinkClient): VarlinkPool;
  derive(pool: VarlinkPool, dispatcher: Dispatcher): VarlinkClient;
};

let methodOf: (
  client: Client,
  name: string,
  wireName: string,
  descriptor: InterfaceDescriptor,
) => UntypedMethod;

/** The reply to `org.varlink.service.GetInfo`. */
export interface GetInfoReply extends ServiceInfo {
  /** The interfaces of the service, by full name. */
  readonly interfaces: readonly string[];
}

export interface ClientCloseOptions {
  /**
   * Let calls that were made finish first, those waiting for a connection
   * included; streams and upgrades are ended. Default `false`. A call that is never answered
   * keeps the client open: give calls a `timeout`.
   */
  readonly drain?: boolean | undefined;
}

/**
 * A client of a Varlink service: an address with a pool of connections. Each call
 * has a connection to itself, so that none waits behind another; a pipeline
 * shares one on purpose. Typed clients are generated on top of it, and several
 * may share one: `new PodmanClient(other.$connection)`.
 *
 * A call that was written is never sent a second time, unless its option
 * `idempotent` says that it may be, or the system refused to take it.
 */
export class VarlinkClient implements AsyncDisposable {
  readonly #pool: VarlinkPool;
  /** The pool, or a pipeline in it. */
  readonly #dispatcher: Dispatcher;

  /** See {@link VarlinkClient.connect}. */
  private constructor(pool: VarlinkPool, dispatcher: Dispatcher) {
    this.#pool = pool;
    this.#dispatcher = dispatcher;
  }

  /**
   * Opens a client, and its first connection to know that somebody is there.
   *
   * @param target An address (see `parseAddress`) or an endpoint.
   * @throws PortolanError `INVALID_ADDRESS`; `CONNECT_FAILED`; `TIMEOUT`; `ABORTED`;
   * `INVALID_INPUT` for an option that makes no sense.
   */
  static async connect(
    target: string | Endpoint,
    options: ConnectOptions = {},
  ): Promise<VarlinkClient> {
    const settings = resolveOptions(options);
    checkSignal(options.signal);
    const endpoint = resolveEndpoint(target, { allow: options.allow });
    const pool: VarlinkPool = new Pool(
      endpoint,
      settings,
      (stream, owner) =>
        new Connection(stream, endpoint.address, settings, owner),
    );
    await pool.open(options.signal);
    return new VarlinkClient(pool, pool);
  }

  /** Where the service is. */
  get address(): string {
    return this.#pool.address;
  }

  /**
   * Calls a method by its full name (`io.podman.Ping`) and resolves with the
   * parameters of the reply.
   *
   * @throws VarlinkError when the service answers with an error; PortolanError
   * `INVALID_INPUT`, `CONNECT_FAILED`, `CONNECTION_LOST`, `CONNECTION_BUSY`, `TIMEOUT`,
   * `ABORTED`, `CLOSED`, `PROTOCOL`, `LIMIT_EXCEEDED`.
   */
  async call(
    method: string,
    parameters: object = {},
    options: CallOptions = {},
  ): Promise<JsonObject> {
    const reply = await callOnce(
      this.#dispatcher,
      undescribed(method),
      "call",
      parameters,
      options,
    );
    return reply as JsonObject;
  }

  /** Calls a method with the `more` flag: every reply is an item. Errors: as {@link call}. */
  more(
    method: string,
    parameters: object = {},
    options: StreamOptions = {},
  ): Stream<JsonObject> {
    const stream = callMore(
      this.#dispatcher,
      undescribed(method),
      parameters,
      options,
    );
    return stream as Stream<JsonObject>;
  }

  /**
   * Calls a method without asking for a reply. Resolves when the system has taken
   * the message, which says nothing of the service: to know that it was read,
   * make a normal call next in the same pipeline.
   */
  async oneway(
    method: string,
    parameters: object = {},
    options: CallOptions = {},
  ): Promise<void> {
    await callOnce(
      this.#dispatcher,
      undescribed(method),
      "oneway",
      parameters,
      options,
    );
  }

  /**
   * Calls a method with the `upgrade` flag. Resolves with the reply and the
   * connection, which is the caller's from there on: what the service speaks on it
   * is the method's to say. An error reply leaves the connection as it was.
   * Options: `timeout` is for the reply alone, as `signal` is.
   *
   * @throws As {@link call}; PortolanError `INVALID_INPUT` in a pipeline.
   */
  async upgrade(
    method: string,
    parameters: object = {},
    options: CallOptions = {},
  ): Promise<Upgraded<JsonObject>> {
    const upgraded = await callUpgrade(
      this.#dispatcher,
      undescribed(method),
      parameters,
      options,
    );
    return upgraded as Upgraded<JsonObject>;
  }

  /**
   * Makes calls share one connection: those made through `client` inside of `calls`
   * are written in order, without waiting for the replies of those before. One
   * that blocks blocks those behind it; one that is aborted or times out closes
   * the connection, and the others fail with `CONNECTION_LOST`, or with `ABORTED` where
   * the signal was theirs as well.
   *
   * Resolves as `calls` does. Replies may still come then; the connection goes
   * back when they have.
   */
  pipeline<T>(calls: (client: VarlinkClient) => T): Promise<Awaited<T>> {
    return runPipeline(this, calls);
  }

  /** What the service says of itself. Errors: as {@link call}. */
  async getInfo(options: CallOptions = {}): Promise<GetInfoReply> {
    const reply = await this.call(`${SERVICE_INTERFACE}.GetInfo`, {}, options);
    const { interfaces } = reply;
    return {
      vendor: text(reply["vendor"]),
      product: text(reply["product"]),
      version: text(reply["version"]),
      url: text(reply["url"]),
      interfaces: Array.isArray(interfaces)
        ? interfaces.filter((name): name is string => typeof name === "string")
        : [],
    };
  }

  /**
   * The definition of an interface, as the service has it.
   *
   * @throws InterfaceNotFound; PortolanError `INVALID_REPLY` if it is no text; as {@link call}.
   */
  async getInterfaceDescription(
    name: string,
    options: CallOptions = {},
  ): Promise<string> {
    const method = `${SERVICE_INTERFACE}.GetInterfaceDescription`;
    const { description } = await this.call(
      method,
      { interface: name },
      options,
    );
    if (typeof description === "string") return description;
    throw new PortolanError(
      "INVALID_REPLY",
      `the reply to ${method} has no description`,
    );
  }

  /**
   * Closes the client and its connections. Oneway calls that were made are still
   * written (within a second); other calls and streams under way, and upgraded
   * connections, fail with `CLOSED`, as all later ones do: what the service makes
   * of a call that was written is not known. With `drain` calls finish first.
   *
   * In a pipeline this is the client itself.
   */
  close(options: ClientCloseOptions = {}): Promise<void> {
    return this.#pool.close(options.drain === true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  static {
    inside = {
      isClient: (value) =>
        typeof value === "object" && value !== null && #pool in value,
      dispatcherOf: (client) => client.#dispatcher,
      poolOf: (client) => client.#pool,
      derive: (pool, dispatcher) => new VarlinkClient(pool, dispatcher),
    };
  }
}

async function runPipeline<T>(
  client: VarlinkClient,
  calls: (client: VarlinkClient) => T,
): Promise<Awaited<T>> {
  // A pipeline in a pipeline is part of it: apart it would be out of its order.
  if (inside.dispatcherOf(client) instanceof Pipeline)
    return await calls(client);
  const pool = inside.poolOf(client);
  const pipeline = new Pipeline(pool);
  try {
    return await calls(inside.derive(pool, pipeline));
  } finally {
    pipeline.finish();
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

type ClientClass<C> = new (connection: VarlinkClient) => C;

/** The base of generated clients. Its own members begin with `$`. */
export abstract class Client implements AsyncDisposable {
  static readonly descriptor: InterfaceDescriptor;
  readonly $connection: VarlinkClient;
  readonly #methods = new Map<string, UntypedMethod>();

  /** @param connection A client of the service, which others may share. */
  constructor(connection: VarlinkClient) {
    if (!inside.isClient(connection)) {
      throw new PortolanError(
        "INVALID_INPUT",
        `new ${new.target.name}(…) takes the connection of another client; to open one, use ${new.target.name}.connect(address)`,
      );
    }
    this.$connection = connection;
    addMethods(
      new.target,
      (descriptor: InterfaceDescriptor) => interfaceRules(descriptor).names,
      methodOf,
    );
  }

  /**
   * Opens a client of its own. Errors and options: see {@link VarlinkClient.connect}.
   */
  static async connect<C>(
    this: ClientClass<C>,
    target: string | Endpoint,
    options?: ConnectOptions,
  ): Promise<C> {
    return new this(await VarlinkClient.connect(target, options));
  }

  /** See {@link VarlinkClient.pipeline}; `client` is one like this. */
  $pipeline<T>(calls: (client: this) => T): Promise<Awaited<T>> {
    return runPipeline(this.$connection, (connection) => {
      const type = this.constructor as ClientClass<this>;
      return calls(new type(connection));
    });
  }

  /** Closes the connection, for all that share it. See {@link VarlinkClient.close}. */
  $close(options?: ClientCloseOptions): Promise<void> {
    return this.$connection.close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.$close();
  }

  static {
    methodOf = (client, name, wireName, descriptor) => {
      let method = client.#methods.get(name);
      if (method === undefined) {
        const rules = interfaceRules(descriptor).rulesOf(wireName);
        method = makeMethod(inside.dispatcherOf(client.$connection), rules);
        client.#methods.set(name, method);
      }
      return method;
    };
  }
}
