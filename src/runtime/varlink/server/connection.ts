import type { Duplex } from "node:stream";
import { PortolanError } from "../../errors.ts";
import {
  Conversation,
  isClientMistake,
  type Speaker,
} from "../../serving/conversation.ts";
import type { AnyHandler } from "../../serving/handlers.ts";
import { ReadAhead } from "../../serving/queue.ts";
import type { ConnectionHost, ServedConnection } from "../../serving/server.ts";
import { FrameReader, MessageWriter } from "../framing.ts";
import { RawStream } from "../raw.ts";
import type { CallReading } from "../schema.ts";
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
import {
  asksUpgrade,
  type CallMessage,
  parseCall,
  parseUsual,
} from "./message.ts";
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
  readonly #calls: CallReading;
  readonly #reader: FrameReader;
  readonly #writer: MessageWriter;
  readonly #queue: ReadAhead<string>;
  readonly #conversation: Conversation<string>;
  /** What was called last is likely to be called next. */
  #lastOperation: Operation | undefined;
  #exchange: Exchange | undefined;
  #event: ServerCallEvent | undefined;
  /** This side has cut the connection. */
  #cut = false;
  /** The client is gone, and has left oneway calls: these are still to be done. */
  #left = false;
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
    this.#calls = settings.calls;
    this.#reader = new FrameReader(settings.maxMessageSize);
    this.#writer = new MessageWriter(stream);
    this.#queue = new ReadAhead(
      this.#reader,
      settings.maxPipelinedCalls,
      asksUpgrade,
    );
    this.#conversation = new Conversation(stream, this, this.#queue, settings);
    this.#conversation.start();
  }

  drain(): void {
    this.#conversation.drain();
  }

  destroy(reason: PortolanError): void {
    this.#cut = true;
    this.#conversation.destroy(reason);
    if (this.#left) this.#end(reason);
  }

  sweep(now: number): void {
    this.#conversation.sweep(now);
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

  answer(text: string, onAnswered: () => void): boolean {
    const message = this.#parse(text);
    return this.#begin(
      message,
      message.oneway ? () => this.#onewayDone(onAnswered) : onAnswered,
    );
  }

  #parse(text: string): CallMessage {
    const last = this.#lastOperation;
    return (
      (last && parseUsual(text, last.method, last.beginning)) ??
      parseCall(text, this.#calls)
    );
  }

  #begin(message: CallMessage, onAnswered: () => void): boolean {
    const event = startCall(message, this.#address);
    this.#event = event;
    const isDone = this.#dispatch(message, event, onAnswered);
    if (isDone) this.answered();
    return isDone;
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

  crashed(error: unknown): void {
    // What is under way may never settle.
    this.#cut = true;
    const event = this.#event;
    if (event !== undefined) {
      event.aborted = true;
      event.thrown = error;
    }
    this.#host.reportError(error, {
      method: this.#exchange?.method,
      address: this.#address,
    });
  }

  get awaited(): boolean {
    return this.#exchange?.oneway !== true;
  }

  closed(reason: PortolanError): boolean {
    this.#left = !this.awaited && !this.#cut;
    if (!this.#left) this.#end(reason);
    return this.#left;
  }

  #onewayDone(onAnswered: () => void): void {
    if (this.#left) this.#finishOneways();
    else onAnswered();
  }

  /**
   * Who calls oneway need not stay: such calls are done nevertheless, up to the first
   * that waits for a reply. The connection counts until then, so that nobody can leave
   * more work behind than a connection may have, and closing the server waits for it.
   */
  #finishOneways(): void {
    this.answered();
    try {
      // A handler may cut the connection.
      while (this.#left) {
        const text = this.#queue.shift();
        if (text === undefined) break;
        const message = parseCall(text, this.#calls);
        if (!message.oneway) break;
        const isDone = this.#begin(message, () => this.#onewayDone(() => {}));
        if (!isDone) return;
      }
    } catch (error) {
      if (isClientMistake(error)) this.broken(error);
      else this.crashed(error);
    }
    if (this.#left) this.#end(clientGone());
  }

  /** The connection is gone, and nothing on it goes on. */
  #end(reason: PortolanError): void {
    this.#left = false;
    this.#queue.clear();
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
    onAnswered: () => void,
  ): boolean {
    const { method } = message;
    const operation =
      this.#lastOperation?.method === method
        ? this.#lastOperation
        : this.services.operation(method);
    if (operation === undefined) {
      return this.#refuse(
        message,
        this.#notFound(message.method),
        event,
        onAnswered,
      );
    }
    this.#lastOperation = operation;
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
        onAnswered,
      );
    }
    if (handler === undefined) {
      return this.#refuse(
        message,
        refusal(MethodNotImplemented, { method: message.method }),
        event,
        onAnswered,
      );
    }
    const expected = wrongForm(operation, message);
    if (expected !== undefined)
      return this.#refuse(message, expected, event, onAnswered);
    const problem = operation.schema.checkParameters(
      message.parameters,
      message.text,
      this.#calls,
    );
    if (problem !== undefined) {
      const parameter = problem.path === "" ? "parameters" : problem.path;
      return this.#refuse(
        message,
        refusal(InvalidParameter, { parameter }),
        event,
        onAnswered,
      );
    }
    const exchange = new Exchange(operation, message, this);
    this.#exchange = exchange;
    return exchange.run(handler, message.parameters, onAnswered);
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
    onAnswered: () => void,
  ): boolean {
    if (event !== undefined) event.error = error;
    if (message.oneway) return true;
    const room = this.write(encodeError(error, parameters));
    void room?.then(onAnswered);
    return room === undefined;
  }
}

/** The refusal of a call whose flags are not what the method requires, or takes. */
function wrongForm(
  { method, requiresMore, requiresUpgrade, refusesUpgrade }: Operation,
  { more, upgrade }: CallMessage,
): Refusal | undefined {
  if (upgrade && refusesUpgrade)
    return refusal(MethodNotImplemented, { method });
  if ((requiresMore && more) || (requiresUpgrade && upgrade)) return undefined;
  if (requiresMore) return refusal(ExpectedMore, {});
  return requiresUpgrade ? refusal(ExpectedUpgrade, {}) : undefined;
}

function clientGone(): PortolanError {
  return new PortolanError(
    "CONNECTION_LOST",
    "the client has closed the connection",
  );
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
