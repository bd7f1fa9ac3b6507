import type { Duplex } from "node:stream";
import { PortolanError } from "../../errors.ts";
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
import type { ServerErrorContext, ServerSettings } from "./options.ts";
import { CallQueue } from "./queue.ts";
import { encodeError, encodeThrown } from "./reply.ts";
import type { AnyHandler, Services } from "./services.ts";

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly services: Services;
  readonly settings: ServerSettings;
  reportError(error: unknown, context: ServerErrorContext): void;
  reportProtocolError(error: PortolanError, context: ServerErrorContext): void;
  /** The connection is closed, and everything on it settled or aborted. */
  closed(connection: ServerConnection): void;
}

/** How often a connection that is not read from is asked whether its client is there. */
const PROBE_INTERVAL = 1000;

/** Milliseconds that a client has to close its side after the last byte to it was sent. */
const LINGER = 500;

/** Milliseconds without progress after which the last bytes to a client are given up. */
const STALL = 30_000;

/** What is answered without asking a handler. */
interface Refusal {
  readonly error: string;
  readonly parameters: object;
}

/**
 * One client. Calls are answered one at a time, in order. While one is answered
 * the next ones are read ahead, up to a limit, so that a client that goes away
 * is noticed.
 */
export class ServerConnection implements ExchangeHost {
  readonly services: Services;
  readonly #stream: Duplex;
  readonly #host: ConnectionHost;
  readonly #address: string;
  readonly #writer: MessageWriter;
  readonly #queue: CallQueue;
  #exchange: Exchange | undefined;
  #event: ServerCallEvent | undefined;
  /** A call is being answered, or the writer is full. */
  #busy = false;
  /** Inside of the loop that answers calls: events must not start another. */
  #looping = false;
  #paused = false;
  /** The client will send nothing more. */
  #ended = false;
  /** Why no further call is taken; earlier ones are answered first. */
  #broken: PortolanError | undefined;
  #draining = false;
  /** The last byte has been handed over; the client's close is waited for. */
  #finished = false;
  #closed = false;
  #reason: PortolanError | undefined;
  #frameTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;

  constructor(stream: Duplex, address: string, host: ConnectionHost) {
    this.services = host.services;
    this.#stream = stream;
    this.#host = host;
    this.#address = address;
    this.#writer = new MessageWriter(stream);
    this.#queue = new CallQueue(
      new FrameReader(host.settings.maxMessageSize),
      host.settings.maxPipelinedCalls,
    );
    stream.on("error", (error) => this.#onError(error));
    stream.on("close", () => this.#onClose());
    stream.on("end", () => this.#onEnd());
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    // One that was handed over may have been paused until then.
    stream.resume();
    if (stream.readableEnded) this.#onEnd();
    else this.#rest();
  }

  write(json: string): undefined | Promise<void> {
    return this.#closed ? undefined : this.#writer.write(json);
  }

  report(error: unknown, method: string): void {
    this.#host.reportError(error, { method, address: this.#address });
  }

  /** Answers what has arrived whole, then ends the connection. */
  drain(): void {
    this.#draining = true;
    this.#stopFrameTimer();
    if (!this.#busy && !this.#looping) this.#advance();
  }

  /** Ends the connection at once. */
  destroy(reason: PortolanError): void {
    this.#reason ??= reason;
    this.#stream.destroy();
    // Not every stream tells that it is closed, and none at once.
    this.#onClose();
  }

  #onData(chunk: Buffer): void {
    // What comes after the end of the conversation is read and dropped: a socket
    // that is closed with bytes unread resets, and the client may lose replies.
    if (this.#finished || this.#draining || this.#broken !== undefined) return;
    this.#queue.push(chunk);
    if (this.#busy || this.#looping) this.#readAhead();
    else this.#advance();
  }

  #onEnd(): void {
    this.#ended = true;
    this.#stopFrameTimer();
    if (this.#finished) return;
    if (this.#busy || this.#looping) this.#startProbing();
    else this.#advance();
  }

  #onError(error: Error): void {
    this.#reason ??= new PortolanError(
      "CONNECTION_LOST",
      "the connection to the client broke",
      {
        cause: error,
      },
    );
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopFrameTimer();
    this.#stopProbing();
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#lingerTimer);
    this.#exchange?.abort(
      this.#reason ??
        new PortolanError(
          "CONNECTION_LOST",
          "the client closed the connection before the last reply",
        ),
    );
    // Not when the handler has settled: it may never do so.
    this.#answered();
    this.#queue.clear();
    this.#host.closed(this);
  }

  /** Answers calls until one takes time or there is none left. */
  #advance(): void {
    clearTimeout(this.#idleTimer);
    this.#looping = true;
    while (!this.#closed && !this.#finished) {
      const pending = this.#answerNext();
      if (pending === undefined) continue;
      if (pending === NOTHING) break;
      this.#busy = true;
      void pending.then(this.#onAnswered);
      break;
    }
    this.#looping = false;
    if (this.#closed || this.#finished) return;
    if (this.#busy) this.#readAhead();
    else this.#rest();
  }

  readonly #onAnswered = (): void => {
    this.#busy = false;
    this.#answered();
    this.#stopProbing();
    if (!this.#closed) this.#advance();
  };

  #answerNext(): undefined | Promise<void> | typeof NOTHING {
    try {
      const text = this.#queue.shift();
      if (text === undefined) return NOTHING;
      this.#stopFrameTimer();
      return this.#answer(parseCall(text));
    } catch (error) {
      this.#break(error);
      return NOTHING;
    }
  }

  /** Looks at what comes while a call is answered, as far as the limit allows. */
  #readAhead(): void {
    if (this.#broken !== undefined || this.#draining) return;
    try {
      if (this.#queue.fill()) this.#stopFrameTimer();
    } catch (error) {
      this.#break(error);
      return;
    }
    if (this.#queue.full) this.#pause();
    else if (!this.#paused) this.#expectFrame();
    else if (this.#queue.low) this.#resume();
    if (this.#ended) this.#startProbing();
  }

  /** No call is being answered and none is waiting. */
  #rest(): void {
    if (this.#broken !== undefined) {
      this.#reportProtocolError(this.#broken);
      this.#finish();
    } else if (this.#ended) {
      if (this.#queue.partial && !this.#draining) {
        this.#reportProtocolError(
          new PortolanError(
            "PROTOCOL",
            "the connection ended in the middle of a message",
          ),
        );
      }
      this.#finish();
    } else if (this.#draining) {
      this.#finish();
    } else {
      this.#resume();
      this.#expectFrame();
      this.#expectCall();
    }
  }

  /** Takes no further call: `error` is why. */
  #break(error: unknown): void {
    this.#broken =
      error instanceof PortolanError
        ? error
        : new PortolanError("PROTOCOL", "a message could not be read", {
            cause: error,
          });
    this.#stopFrameTimer();
    if (this.#busy) this.#pause();
  }

  #reportProtocolError(error: PortolanError): void {
    this.#host.reportProtocolError(error, {
      method: undefined,
      address: this.#address,
    });
  }

  /** Sends what is left to send, and the end. */
  #finish(): void {
    this.#finished = true;
    this.#stopFrameTimer();
    clearTimeout(this.#idleTimer);
    this.#queue.clear();
    this.#stopProbing();
    void this.#writer.flush();
    const stream = this.#stream;
    // Closes by itself once both sides have ended. A client that never ends its
    // side gets some time to read what was sent, and one that does not read some
    // more, then they are cut off.
    let left = stream.writableLength;
    const stalled = setInterval(() => {
      if (stream.writableLength >= left) stream.destroy();
      left = stream.writableLength;
    }, STALL);
    this.#lingerTimer = stalled;
    stream.end(() => {
      clearInterval(stalled);
      if (!this.#closed)
        this.#lingerTimer = setTimeout(() => stream.destroy(), LINGER);
    });
    this.#paused = false;
    stream.resume();
  }

  #answer(message: CallMessage): undefined | Promise<void> {
    const event = startCall(message, this.#address);
    this.#event = event;
    const pending = this.#dispatch(message, event);
    if (pending === undefined) this.#answered();
    return pending;
  }

  #answered(): void {
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

  #pause(): void {
    if (this.#paused || this.#ended) return;
    this.#paused = true;
    this.#stream.pause();
    this.#stopFrameTimer();
    this.#startProbing();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stream.resume();
  }

  /** A message that has begun must be complete in time: slow senders cost memory. */
  #expectFrame(): void {
    const { frameTimeout } = this.#host.settings;
    if (
      frameTimeout === 0 ||
      this.#frameTimer !== undefined ||
      !this.#queue.partial
    )
      return;
    this.#frameTimer = setTimeout(() => {
      this.#break(
        new PortolanError(
          "TIMEOUT",
          `a message was begun and not completed in ${frameTimeout} ms (frameTimeout)`,
        ),
      );
      if (!this.#busy) this.#rest();
    }, frameTimeout);
  }

  #stopFrameTimer(): void {
    if (this.#frameTimer === undefined) return;
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
  }

  #expectCall(): void {
    const { idleTimeout } = this.#host.settings;
    if (idleTimeout === 0 || this.#queue.partial) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (!this.#busy) this.#finish();
    }, idleTimeout);
  }

  /**
   * A client that has ended its side may still wait for replies, or be gone, and
   * a connection that is not read from says nothing either way. Writing nothing
   * tells: a closed Unix socket fails it. (A closed TCP connection does not; there
   * the next reply does.)
   */
  #startProbing(): void {
    if (this.#probeTimer !== undefined || this.#closed) return;
    this.#probe();
    this.#probeTimer = setInterval(() => this.#probe(), PROBE_INTERVAL).unref();
  }

  #probe(): void {
    const stream = this.#stream;
    // With bytes under way their own failure tells.
    if (stream.writable && stream.writableLength === 0) stream.write("");
  }

  #stopProbing(): void {
    if (this.#probeTimer === undefined) return;
    clearInterval(this.#probeTimer);
    this.#probeTimer = undefined;
  }
}

const NOTHING: unique symbol = Symbol("no call is waiting");

function refusal<P extends object>(
  type: {
    readonly error: string;
    new (parameters: P): { readonly parameters: P };
  },
  parameters: P,
): Refusal {
  return { error: type.error, parameters };
}
