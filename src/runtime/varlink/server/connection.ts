import type { Duplex } from "node:stream";
import { PortolanError } from "../../errors.ts";
import { Conversation, type Speaker } from "../../serving/conversation.ts";
import type { AnyHandler } from "../../serving/handlers.ts";
import { ReadAhead } from "../../serving/queue.ts";
import type { ConnectionHost, ServedConnection } from "../../serving/server.ts";
import { FrameReader, MessageWriter } from "../framing.ts";
import { RawStream } from "../raw.ts";
import {
  ExpectedMore,
  ExpectedUpgrade,
  InterfaceNotFound,
  InvalidParameter,
  MethodNotFound,
  MethodNotImplemented,
} from "../standard.ts";
import { endCall, type ServerCallEvent, startCall } from "./events.ts";
import { Exchange, type ExchangeHost } from "./exchange.ts";
import { asksUpgrade, type CallMessage, parseCall } from "./message.ts";
import type { ServerSettings } from "./options.ts";
import { encodeError, encodeThrown } from "./reply.ts";
import type { Operation, Services } from "./services.ts";

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
  readonly #stream: Duplex;
  readonly #reader: FrameReader;
  readonly #writer: MessageWriter;
  readonly #conversation: Conversation<string>;
  #exchange: Exchange | undefined;
  #event: ServerCallEvent | undefined;
  /** What the connection is upgraded to. */
  #raw: RawStream | undefined;

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
    this.#stream = stream;
    this.#reader = new FrameReader(settings.maxMessageSize);
    this.#writer = new MessageWriter(stream);
    const queue = new ReadAhead(
      this.#reader,
      settings.maxPipelinedCalls,
      asksUpgrade,
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

  upgrade(json: string): RawStream {
    void this.#writer.write(json);
    void this.#writer.flush();
    const raw = new RawStream(this.#stream, this.#reader.takeRest(), {
      lost: (cause) =>
        new PortolanError(
          "CONNECTION_LOST",
          "the upgraded connection to the client broke",
          { cause },
        ),
      dropped: (error) => this.destroy(error ?? handlerClosed()),
    });
    this.#raw = raw;
    this.#conversation.lend(raw);
    return raw;
  }

  speakAgain(raw: RawStream): void {
    // Closed meanwhile, and with it what it was upgraded to.
    if (raw !== this.#raw) return;
    const rest = raw.writableEnded ? undefined : raw.takeUnread();
    this.#raw = undefined;
    raw.letGo();
    this.#conversation.takeBack(rest);
  }

  drop(): void {
    this.destroy(handlerClosed());
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
    if (exchange?.error !== undefined) event.error = exchange.error;
    if (exchange?.thrown !== undefined) event.thrown = exchange.thrown;
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
    const raw = this.#raw;
    this.#raw = undefined;
    // An upgrade that both sides have ended is not cut off: it may still be read.
    if (raw?.complete !== true) this.#exchange?.abort(reason);
    raw?.lose(reason);
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
    if (handler === undefined) {
      return this.#refuse(
        message,
        refusal(MethodNotImplemented, { method: message.method }),
        event,
      );
    }
    const expected = wrongForm(operation, message);
    if (expected !== undefined) return this.#refuse(message, expected, event);
    const problem = operation.schema.checkParameters(
      message.parameters,
      message.text,
    );
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

/** The refusal of a call whose flags are not among those that the method requires. */
function wrongForm(
  { requiresMore, requiresUpgrade }: Operation,
  { more, upgrade }: CallMessage,
): Refusal | undefined {
  if ((requiresMore && more) || (requiresUpgrade && upgrade)) return undefined;
  if (requiresMore) return refusal(ExpectedMore, {});
  return requiresUpgrade ? refusal(ExpectedUpgrade, {}) : undefined;
}

function handlerClosed(): PortolanError {
  return new PortolanError("CLOSED", "the handler has closed the connection");
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
