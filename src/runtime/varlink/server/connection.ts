import type { Duplex } from "node:stream";
import type { PortolanError } from "../../errors.ts";
import { Conversation, type Speaker } from "../../serving/conversation.ts";
import type { AnyHandler } from "../../serving/handlers.ts";
import { ReadAhead } from "../../serving/queue.ts";
import type { ConnectionHost, ServedConnection } from "../../serving/server.ts";
import { FrameReader, MessageWriter } from "../framing.ts";
import {
  ExpectedMore,
  InterfaceNotFound,
  InvalidParameter,
  MethodNotFound,
  MethodNotImplemented,
} from "../standard.ts";
import { endCall, type ServerCallEvent, startCall } from "./events.ts";
import { Exchange, type ExchangeHost } from "./exchange.ts";
import { type CallMessage, parseCall } from "./message.ts";
import type { ServerSettings } from "./options.ts";
import { encodeError, encodeThrown } from "./reply.ts";
import type { Services } from "./services.ts";

/** What is answered without asking a handler. */
interface Refusal {
  readonly error: string;
  readonly parameters: object;
}

/** One client. Calls are answered one at a time, in order. */
export class ServerConnection
  implements ServedConnection, ExchangeHost, Speaker<string>
{
  readonly services: Services;
  /** Calls alone need the connection. */
  readonly engaged: boolean = false;
  readonly #host: ConnectionHost;
  readonly #address: string;
  readonly #writer: MessageWriter;
  readonly #conversation: Conversation<string>;
  #exchange: Exchange | undefined;
  #event: ServerCallEvent | undefined;

  constructor(
    stream: Duplex,
    address: string,
    services: Services,
    settings: ServerSettings,
    host: ConnectionHost,
  ) {
    this.services = services;
    this.#host = host;
    this.#address = address;
    this.#writer = new MessageWriter(stream);
    const queue = new ReadAhead(
      new FrameReader(settings.maxMessageSize),
      settings.maxPipelinedCalls,
    );
    this.#conversation = new Conversation(stream, this, queue, settings);
    this.#conversation.start();
  }

  drain(): void {
    this.#conversation.drain();
  }

  destroy(reason: PortolanError): void {
    this.#conversation.destroy(reason);
  }

  write(json: string): undefined | Promise<void> {
    return this.#conversation.closed ? undefined : this.#writer.write(json);
  }

  report(error: unknown, method: string): void {
    this.#host.reportError(error, { method, address: this.#address });
  }

  answer(text: string): undefined | Promise<void> {
    const message = parseCall(text);
    const event = startCall(message, this.#address);
    this.#event = event;
    const pending = this.#dispatch(message, event);
    if (pending === undefined) this.answered();
    return pending;
  }

  answered(): void {
    const exchange = this.#exchange;
    const event = this.#event;
    // Answered: what happens to the connection from now on is not its business.
    this.#exchange = undefined;
    this.#event = undefined;
    if (event === undefined) return;
    if (exchange?.error !== undefined) {
      event.error = exchange.error;
      event.thrown = exchange.thrown;
    }
    if (exchange?.aborted === true) event.aborted = true;
    endCall(event);
  }

  finish(): void {
    void this.#writer.flush();
  }

  broken(error: PortolanError): void {
    this.#host.reportProtocolError(error, {
      method: undefined,
      address: this.#address,
    });
  }

  closed(reason: PortolanError): void {
    this.#exchange?.abort(reason);
    // Not when the handler has settled: it may never do so.
    this.answered();
    this.#host.closed(this);
  }

  #dispatch(
    message: CallMessage,
    event: ServerCallEvent | undefined,
  ): undefined | Promise<void> {
    const operation = this.services.operation(message.method);
    if (operation === undefined) {
      return this.#refuse(message, this.#notFound(message.method), event);
    }
    let handler: AnyHandler | undefined;
    try {
      handler = operation.find();
    } catch (thrown) {
      // A getter of the handlers object.
      const reply = encodeThrown(thrown, () => undefined);
      this.report(reply.report, message.method);
      return this.#refuse(
        message,
        { error: reply.error, parameters: {} },
        event,
      );
    }
    if (message.upgrade || handler === undefined) {
      // Upgrades are not offered: any reply but an error would confirm one.
      return this.#refuse(
        message,
        refusal(MethodNotImplemented, { method: message.method }),
        event,
      );
    }
    if (operation.requiresMore && !message.more) {
      return this.#refuse(message, refusal(ExpectedMore, {}), event);
    }
    const problem = operation.schema.checkParameters(message.parameters);
    if (problem !== undefined) {
      const parameter = problem.path === "" ? "parameters" : problem.path;
      return this.#refuse(
        message,
        refusal(InvalidParameter, { parameter }),
        event,
      );
    }
    const exchange = new Exchange(operation, message, this);
    this.#exchange = exchange;
    return exchange.run(handler, message.parameters);
  }

  #notFound(method: string): Refusal {
    const dot = method.lastIndexOf(".");
    if (dot < 0) return refusal(InvalidParameter, { parameter: "method" });
    const name = method.slice(0, dot);
    return this.services.has(name)
      ? refusal(MethodNotFound, { method })
      : refusal(InterfaceNotFound, { interface: name });
  }

  #refuse(
    message: CallMessage,
    { error, parameters }: Refusal,
    event: ServerCallEvent | undefined,
  ): undefined | Promise<void> {
    if (event !== undefined) event.error = error;
    return message.oneway
      ? undefined
      : this.write(encodeError(error, parameters));
  }
}

function refusal<P extends object>(
  type: {
    readonly error: string;
    new (parameters: P): { readonly parameters: P };
  },
  parameters: P,
): Refusal {
  return { error: type.error, parameters };
}
