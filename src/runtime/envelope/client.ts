import { PortolanError } from "../errors.ts";
import { addMethods } from "../methods.ts";
import type { Endpoint } from "../transport/endpoint.ts";
import type { ClientCloseOptions } from "../varlink/client.ts";
import { methodNames } from "../varlink/names.ts";
import type { Stream } from "../varlink/types.ts";
import type { Command, Reply } from "./client/command.ts";
import { EnvelopeCore } from "./client/core.ts";
import type { EnvelopeConnectOptions } from "./client/options.ts";
import type { EnvelopeDescriptor } from "./descriptor.ts";
import type { CommandOptions, SubscriptionOptions } from "./types.ts";

/** A command of a client, its types left to generated code. */
interface UntypedCommand {
  (input?: object, options?: CommandOptions): Promise<object | undefined>;
  reply(input?: object, options?: CommandOptions): Promise<Reply>;
}

/** A command that subscribes, the same. */
type UntypedSubscription = (
  input?: object,
  options?: SubscriptionOptions,
) => Stream<object>;

const NO_INPUT: object = Object.freeze({});
const NO_OPTIONS: object = Object.freeze({});

type ClientClass<C> = (new (core: EnvelopeCore) => C) & {
  readonly descriptor: EnvelopeDescriptor;
};

let methodOf: (
  client: EnvelopeClient,
  name: string,
  wireName: string,
) => UntypedCommand | UntypedSubscription;

/**
 * The base of generated clients of envelope RPCs: an address with a pool of
 * connections. Its own members begin with `$`.
 *
 * - A call has a connection to itself, so that one that blocks stalls no other;
 *   at most `maxConnections` are open for calls, and further ones wait.
 * - Commands that make what lives as long as its connection (Porto's weak
 *   containers) share one that lives as long as the client; see `onLost`.
 * - Each subscription has a connection of its own. It is restored when that is
 *   lost, for as long as `restoreTimeout`, with the same input (a time in it
 *   shortened by what has passed): the service may then tell again how things
 *   stand, and what happened meanwhile is not told. The command that ends it is
 *   sent where the subscription is whose input is the same; where there is none,
 *   the service answers as it does.
 * - A command that was written is never sent a second time, unless it only reads,
 *   its option `idempotent` says that it may be, or the system refused to take it.
 * - A time limit or abort closes the connection of its call and no other; the
 *   service may do what it was asked nevertheless.
 */
export abstract class EnvelopeClient implements AsyncDisposable {
  static readonly descriptor: EnvelopeDescriptor;
  readonly #core: EnvelopeCore;
  readonly #methods = new Map<string, UntypedCommand | UntypedSubscription>();

  /** See {@link EnvelopeClient.connect}. */
  constructor(core: EnvelopeCore) {
    if (!(core instanceof EnvelopeCore)) {
      throw new PortolanError(
        "INVALID_INPUT",
        `to open a client, use ${new.target.name}.connect(address)`,
      );
    }
    this.#core = core;
    addMethods(new.target, namesOf, methodOf);
  }

  /**
   * Opens a client, and its first connection to know that somebody is there.
   *
   * @param target An address (see `parseAddress`), the path of a socket, or an
   * endpoint. Default: where the service usually is.
   * @throws PortolanError `INVALID_ADDRESS`; `CONNECT_FAILED`; `TIMEOUT`; `ABORTED`;
   * `INVALID_INPUT` for an option that makes no sense.
   */
  static async connect<C>(
    this: ClientClass<C>,
    target?: string | Endpoint,
    options: EnvelopeConnectOptions = {},
  ): Promise<C> {
    return new this(
      await EnvelopeCore.connect(this.descriptor, target, options),
    );
  }

  /** Where the service is. */
  get $address(): string {
    return this.#core.address;
  }

  /**
   * Makes calls share one connection: those made through `client` inside of `calls`
   * are written in order, without waiting for the replies of those before. One
   * that blocks blocks those behind it; one that is aborted or times out closes
   * the connection, and the others fail with `CONNECTION_LOST`. Commands that have
   * a connection of their own in any case have it here as well.
   *
   * Resolves as `calls` does. Replies may still come then; the connection goes
   * back when they have.
   */
  $pipeline<T>(calls: (client: this) => T): Promise<Awaited<T>> {
    return this.#core.pipeline((core) => {
      const type = this.constructor as ClientClass<this>;
      return calls(core === this.#core ? this : new type(core));
    });
  }

  /**
   * Closes the client and its connections, and with them ends what lives as long
   * as they do. Calls and subscriptions under way fail with `CLOSED`, as all later
   * ones do: what the service makes of a call that was written is not known. With
   * `drain` calls that were made finish first; subscriptions end at once.
   *
   * In a pipeline this is the client itself.
   */
  $close(options: ClientCloseOptions = {}): Promise<void> {
    return this.#core.close(options.drain === true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.$close();
  }

  static {
    methodOf = (client, _name, wireName) => {
      let method = client.#methods.get(wireName);
      if (method === undefined) {
        const command = client.#core.commands.get(wireName);
        method =
          command.method.push === undefined
            ? makeCommand(client.#core, command)
            : makeSubscription(client.#core, command);
        client.#methods.set(wireName, method);
      }
      return method;
    };
  }
}

function makeCommand(core: EnvelopeCore, command: Command): UntypedCommand {
  const reply: UntypedCommand["reply"] = (
    input = NO_INPUT,
    options = NO_OPTIONS,
  ) => core.call(command, input, options);
  const call = async (
    input?: object,
    options?: CommandOptions,
  ): Promise<object | undefined> => (await reply(input, options)).result;
  return Object.assign(call, { reply });
}

function makeSubscription(
  core: EnvelopeCore,
  command: Command,
): UntypedSubscription {
  return (input = NO_INPUT, options = NO_OPTIONS) =>
    core.subscribe(command, input, options);
}

function* namesOf(descriptor: EnvelopeDescriptor): Iterable<[string, string]> {
  for (const [wireName, name] of methodNames(Object.keys(descriptor.methods)))
    yield [name, wireName];
}
