import { resolveEndpoint } from "../../transport/address.ts";
import type { Endpoint } from "../../transport/endpoint.ts";
import { PortolanError } from "../../errors.ts";
import { checkSignal } from "../../varlink/options.ts";
import { Pipeline } from "../../varlink/pipeline.ts";
import { closedError, Pool } from "../../varlink/pool.ts";
import { ReplyStream } from "../../varlink/stream.ts";
import type { Stream } from "../../varlink/types.ts";
import type { EnvelopeDescriptor } from "../descriptor.ts";
import type { CommandOptions, SubscriptionOptions } from "../types.ts";
import { callCommand, type CommandDispatcher } from "./call.ts";
import { type Command, Commands, type Reply } from "./command.ts";
import type { Connection } from "./connection.ts";
import { Lines } from "./lines.ts";
import {
  type EnvelopeConnectOptions,
  type EnvelopeSettings,
  resolveEnvelopeOptions,
} from "./options.ts";
import { Primary } from "./primary.ts";
import { Subscription, type SubscriptionHost } from "./subscription.ts";

/** What a client has in common with its pipelines: every connection it has. */
interface Connections extends SubscriptionHost {
  readonly pool: Pool<Connection, EnvelopeSettings>;
  readonly primary: Primary;
}

/** What is behind a generated client. Made by its `connect`. */
export class EnvelopeCore {
  readonly #connections: Connections;
  /** Where calls go that may be made on any connection. */
  readonly #dispatcher: CommandDispatcher;

  private constructor(connections: Connections, dispatcher: CommandDispatcher) {
    this.#connections = connections;
    this.#dispatcher = dispatcher;
  }

  /** See `EnvelopeClient.connect`. */
  static async connect(
    descriptor: EnvelopeDescriptor,
    target: string | Endpoint | undefined,
    options: EnvelopeConnectOptions,
  ): Promise<EnvelopeCore> {
    const settings = resolveEnvelopeOptions(options);
    checkSignal(options.signal);
    const endpoint = findEndpoint(descriptor, target, options);
    const commands = new Commands(descriptor, settings.maxRequestSize);
    const lines = new Lines(endpoint, settings, commands);
    const pool: Connections["pool"] = new Pool(
      endpoint,
      settings,
      (stream, owner) => lines.make(stream, owner),
    );
    const primary = new Primary(lines);
    const single = endpoint.single === true;
    if (single) await primary.open(options.signal);
    else await pool.open(options.signal);
    return new EnvelopeCore(
      {
        lines,
        pool,
        primary,
        subscriptions: new Set(),
        refuseSubscription: () =>
          pool.closing
            ? closedError(lines.address)
            : single
              ? busyError(lines.address)
              : undefined,
      },
      // There is only one: what lives as long as it must stay there.
      single ? primary : pool,
    );
  }

  get address(): string {
    return this.#connections.lines.address;
  }

  get commands(): Commands {
    return this.#connections.lines.commands;
  }

  /** Sends a command. */
  async call(
    command: Command,
    input: object,
    options: CommandOptions,
  ): Promise<Reply> {
    const stopped = this.#findStopped(command, input);
    if (stopped !== undefined)
      return callCommand(
        stopped,
        command,
        input,
        options,
        stopped.stopObserver,
      );
    const { primary } = this.#connections;
    const bound = command.boundName(input);
    const unbound = command.unboundName(input);
    return callCommand(
      bound === undefined ? this.#dispatcher : primary,
      command,
      input,
      options,
      {
        onDone(connection) {
          if (bound !== undefined) primary.bind(connection, bound);
          if (unbound !== undefined) primary.unbind(unbound);
        },
      },
    );
  }

  /** Subscribes, at the first `next()` of the stream. */
  subscribe(
    command: Command,
    input: object,
    options: SubscriptionOptions,
  ): Stream<object> {
    try {
      return new ReplyStream(
        new Subscription(this.#connections, command, input, options),
        undefined,
      );
    } catch (error) {
      // A bad input is told like every other failure: by the iteration.
      return new ReplyStream(undefined, error);
    }
  }

  /** Makes calls share one connection. See `EnvelopeClient.$pipeline`. */
  async pipeline<T>(calls: (core: EnvelopeCore) => T): Promise<Awaited<T>> {
    const { pool } = this.#connections;
    // A pipeline in a pipeline is part of it: apart it would be out of its order.
    // And where there is only one connection, calls are in order anyway.
    if (this.#dispatcher !== pool) return await calls(this);
    const pipeline = new Pipeline(pool);
    try {
      return await calls(new EnvelopeCore(this.#connections, pipeline));
    } finally {
      pipeline.finish();
    }
  }

  /** See `EnvelopeClient.$close`. */
  async close(drain: boolean): Promise<void> {
    const { pool, primary, subscriptions } = this.#connections;
    const error = closedError(this.address);
    for (const subscription of subscriptions) subscription.abort(error);
    await Promise.all([pool.close(drain), primary.close(drain)]);
  }

  /** The subscription that a command is to end, if it is of this client. */
  #findStopped(command: Command, input: object): Subscription | undefined {
    const { subscriptions } = this.#connections;
    const subscribing = this.commands.stoppedBy(command);
    if (subscribing === undefined || subscriptions.size === 0) return undefined;
    command.checkObject(input);
    const identity = subscribing.identify(input);
    for (const subscription of subscriptions)
      if (subscription.is(subscribing, identity)) return subscription;
    return undefined;
  }
}

function busyError(address: string): PortolanError {
  return new PortolanError(
    "CONNECTION_BUSY",
    `${address} has only one connection, and a subscription needs one of its own`,
  );
}

function findEndpoint(
  descriptor: EnvelopeDescriptor,
  target: string | Endpoint | undefined,
  options: EnvelopeConnectOptions,
): Endpoint {
  const place = target ?? descriptor.address;
  if (place === undefined)
    throw new PortolanError(
      "INVALID_ADDRESS",
      `${descriptor.name} has no address of its own: say where to connect`,
    );
  // A path says by itself that it is a socket's.
  const address =
    typeof place === "string" && place.startsWith("/")
      ? `unix:${place}`
      : place;
  return resolveEndpoint(address, { allow: options.allow });
}
