import type { Duplex } from "node:stream";
import { PortolanError } from "../../errors.ts";
import { Conversation, type Speaker } from "../../serving/conversation.ts";
import type { AnyHandler } from "../../serving/handlers.ts";
import { ReadAhead } from "../../serving/queue.ts";
import type { ConnectionHost, ServedConnection } from "../../serving/server.ts";
import { FrameReader } from "../framing.ts";
import type { EnvelopeConnection } from "../types.ts";
import { LazySignal, type Room } from "./call.ts";
import type { Command, Commands, ReceivedCommand } from "./commands.ts";
import { endCall, type EnvelopeServerCallEvent, startCall } from "./events.ts";
import { Exchange } from "./exchange.ts";
import type { EnvelopeServerSettings } from "./options.ts";
import type { Replies, Reply } from "./replies.ts";
import { Subscription, type SubscriptionHost } from "./subscription.ts";
import { FrameWriter } from "./writer.ts";

/** What the connections of a server share. */
export interface ServedService {
  readonly name: string;
  readonly success: number;
  readonly commands: Commands;
  readonly replies: Replies;
  readonly settings: EnvelopeServerSettings;
}

/**
 * One client. Requests are answered one at a time, in order; besides, there may
 * be a subscription, whose items go out between any two messages.
 */
export class ServerConnection
  implements ServedConnection, SubscriptionHost, Speaker<Uint8Array>
{
  readonly replies: Replies;
  readonly connection: EnvelopeConnection;
  /** Every request is answered. */
  readonly awaited: boolean = true;
  readonly #service: ServedService;
  readonly #address: string;
  readonly #host: ConnectionHost;
  readonly #writer: FrameWriter;
  readonly #conversation: Conversation<Uint8Array>;
  readonly #signal = new LazySignal();
  /** What is being answered. */
  #pending: Exchange | Subscription | undefined;
  #event: EnvelopeServerCallEvent | undefined;
  /** The subscription that stands. */
  #subscription: Subscription | undefined;

  constructor(
    stream: Duplex,
    address: string,
    service: ServedService,
    host: ConnectionHost,
  ) {
    this.replies = service.replies;
    this.#service = service;
    this.#address = address;
    this.#host = host;
    this.#writer = new FrameWriter(stream);
    const signal = this.#signal;
    this.connection = {
      address,
      get signal() {
        return signal.signal;
      },
    };
    const { maxRequestSize, maxPipelinedRequests } = service.settings;
    const queue = new ReadAhead(
      new FrameReader(maxRequestSize),
      maxPipelinedRequests,
    );
    this.#conversation = new Conversation(
      stream,
      this,
      queue,
      service.settings,
    );
    this.#conversation.start();
  }

  get engaged(): boolean {
    return this.#subscription !== undefined;
  }

  /** Ends the subscription, answers what has arrived whole, then ends the connection. */
  drain(): void {
    this.#endSubscription(
      new PortolanError("CLOSED", "the server is being closed"),
    );
    this.#conversation.drain();
  }

  destroy(reason: PortolanError): void {
    this.#conversation.destroy(reason);
  }

  sweep(now: number): void {
    this.#conversation.sweep(now);
  }

  answer(body: Uint8Array, onAnswered: () => void): boolean {
    const room = this.#answer(body);
    void room?.then(onAnswered);
    return room === undefined;
  }

  #answer(body: Uint8Array): Room {
    const request = this.#service.commands.decode(body);
    const time = this.replies.now();
    const received = this.#service.commands.find(request);
    if (received === undefined)
      return this.#writer.write(this.replies.failure("method", time).body);
    const { name } = received.command;
    this.#event = startCall(this.#service.name, name, this.#address);
    const pending = this.#dispatch(received, request, time);
    if (pending === undefined) this.answered();
    return pending;
  }

  answered(): void {
    this.#pending = undefined;
    const event = this.#event;
    this.#event = undefined;
    if (event !== undefined) endCall(event);
  }

  finish(): void {
    this.#endSubscription(
      new PortolanError("CONNECTION_LOST", "the connection is being closed"),
    );
    this.#writer.flush();
  }

  broken(error: PortolanError): void {
    this.#host.reportProtocolError(error, {
      method: undefined,
      address: this.#address,
    });
  }

  crashed(error: unknown): void {
    if (this.#event !== undefined) {
      this.#event.aborted = true;
      this.#event.thrown = error;
    }
    this.#host.reportError(error, {
      method: undefined,
      address: this.#address,
    });
  }

  closed(reason: PortolanError): boolean {
    this.#signal.abort(reason);
    if (this.#pending instanceof Exchange) this.#pending.abort(reason);
    else this.#pending?.stop(reason);
    this.#endSubscription(reason);
    if (this.#event !== undefined) this.#event.aborted = true;
    // Not when the handler has settled: it may never do so.
    this.answered();
    this.#host.closed(this);
    return false;
  }

  write(body: Uint8Array): Room {
    return this.#conversation.closed ? undefined : this.#writer.write(body);
  }

  reply(
    { body, code, report }: Reply,
    command: Command,
    thrown?: unknown,
  ): Room {
    if (this.#event !== undefined && code !== this.#service.success) {
      this.#event.error = code;
      this.#event.thrown = thrown;
    }
    if (report !== undefined) this.report(report, command);
    return this.write(body);
  }

  report(error: unknown, command: Command): void {
    this.#host.reportError(error, {
      method: `${this.#service.name}.${command.name}`,
      address: this.#address,
    });
  }

  subscribed(subscription: Subscription): void {
    this.#endSubscription(
      new PortolanError("ABORTED", "the client made another subscription"),
    );
    this.#subscription = subscription;
  }

  unsubscribed(subscription: Subscription): void {
    if (this.#subscription === subscription) this.#subscription = undefined;
  }

  failed(subscription: Subscription): void {
    this.unsubscribed(subscription);
    this.#conversation.drain();
  }

  #dispatch(
    { command, input }: ReceivedCommand,
    request: object,
    time: unknown,
  ): Room {
    if (command.stops !== undefined) return this.#stop(command, input, time);
    let handler: AnyHandler | undefined;
    try {
      handler = command.find();
    } catch (thrown) {
      // A getter of the handlers object.
      const reply = this.replies.thrown(command, thrown, time);
      return this.reply(reply, command, thrown);
    }
    if (handler === undefined)
      return this.reply(this.replies.failure("method", time), command);
    if (command.descriptor.push !== undefined) {
      const subscription = new Subscription(command, input, this, time);
      this.#pending = subscription;
      return subscription.run(handler, request);
    }
    const exchange = new Exchange(command, this, time);
    this.#pending = exchange;
    return exchange.run(handler, input, request);
  }

  /** Ends the subscription, if it is the one that the client means. */
  #stop(command: Command, input: object, time: unknown): Room {
    const subscription = this.#subscription;
    if (
      subscription === undefined ||
      subscription.command !== command.stops ||
      !subscription.matches(command, input)
    )
      return this.reply(this.replies.failure("subscription", time), command);
    this.#endSubscription(
      new PortolanError("ABORTED", "the client ended its subscription"),
    );
    return this.reply(this.replies.success(command, undefined, time), command);
  }

  #endSubscription(reason: PortolanError): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    subscription?.stop(reason);
  }
}
