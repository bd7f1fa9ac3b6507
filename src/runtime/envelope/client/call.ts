import { PortolanError } from "../../errors.ts";
import { type AbortTarget, unwatchSignal, watchSignal } from "../../signals.ts";
import type { Dispatcher, Job } from "../../varlink/dispatch.ts";
import { checkSignal, duration, startTimer } from "../../varlink/options.ts";
import { EnvelopeError } from "../error.ts";
import type { CommandOptions } from "../types.ts";
import type { Command, Reply } from "./command.ts";
import type { Connection, Exchange } from "./connection.ts";
import {
  endEnvelopeCall,
  type EnvelopeCallEvent,
  startEnvelopeCall,
} from "./diagnostics.ts";
import type { EnvelopeSettings } from "./options.ts";

/** What finds connections for commands. */
export type CommandDispatcher = Dispatcher<Connection, EnvelopeSettings>;

/** Who is told what became of a call. */
export interface CallObserver {
  /**
   * The service has done it. Told even where the program has given the call up
   * meanwhile, if the reply comes.
   */
  onDone?(connection: Connection): void;
  /** It has failed, or the program has given it up. */
  onNotDone?(): void;
}

/** A command under way. */
class CommandCall implements Exchange, Job<Connection>, AbortTarget {
  readonly mode = "call";
  /** The request; when it is made again, with what is left of its time. */
  frame: Uint8Array;
  readonly #dispatcher: CommandDispatcher;
  readonly #command: Command;
  readonly #observer: CallObserver;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #limit: number;
  /** Where it was written; undefined while it waits. */
  #connection: Connection | undefined;
  #mayResend: boolean;
  /** What to make it again from, where that is not as it was. */
  readonly #input: object | undefined;
  #begunAt = 0;
  /** How it was lost, when it is made again. */
  #lost: PortolanError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #event: EnvelopeCallEvent | undefined;
  #settled = false;

  constructor(
    dispatcher: CommandDispatcher,
    command: Command,
    input: object,
    options: CommandOptions,
    observer: CallObserver,
    resolve: (reply: Reply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#dispatcher = dispatcher;
    this.#command = command;
    this.#observer = observer;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = checkSignal(options.signal);
    const given = duration("timeout", options.timeout);
    this.#mayResend = options.idempotent ?? command.method.idempotent ?? false;
    this.frame = command.encode(input);
    this.#limit = command.limit(input, given, dispatcher.settings.timeout);
    if (this.#mayResend && command.hasOwnTime(input))
      this.#input = command.copy(input);
  }

  get method(): string {
    return this.#command.name;
  }

  /** Goes for a connection. */
  begin(): void {
    const { address } = this.#dispatcher;
    this.#event = startEnvelopeCall(
      this.#command.service.name,
      this.method,
      "call",
      address,
    );
    const signal = this.#signal;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#fail(this.#abortError(signal.reason));
        return;
      }
      watchSignal(signal, this);
    }
    this.#timer = startTimer(this.#limit, () => this.#onTimeout());
    this.#begunAt = performance.now();
    this.#dispatcher.dispatch(this);
  }

  assign(connection: Connection): void {
    this.#connection = connection;
    connection.send(this);
  }

  onRefused(): boolean {
    if (this.#settled) return false;
    this.#connection = undefined;
    this.#dispatcher.dispatch(this);
    return true;
  }

  onAbort(reason: unknown): void {
    this.#giveUp(this.#abortError(reason));
  }

  onReply(response: object): void {
    const reply = this.#command.read(response);
    if (reply instanceof EnvelopeError) {
      this.#fail(reply);
      return;
    }
    if (this.#connection !== undefined)
      this.#observer.onDone?.(this.#connection);
    if (this.#settled) return;
    this.#finish();
    this.#resolve(reply);
  }

  onFailed(error: PortolanError): void {
    if (
      this.#mayResend &&
      !this.#settled &&
      this.#connection !== undefined &&
      error.code === "CONNECTION_LOST"
    ) {
      this.#mayResend = false;
      this.#connection = undefined;
      this.#lost = error;
      // A service that ends, or starts anew, closes all connections at a time: the
      // client has to hear of the others before it takes one of them.
      setImmediate(() => this.#resend());
      return;
    }
    // Where it cannot be made again, it is lost as it was.
    const unsent = this.#connection === undefined && error.code === "CLOSED";
    this.#fail((unsent ? this.#lost : undefined) ?? error);
  }

  #resend(): void {
    if (this.#settled) return;
    if (this.#input !== undefined) {
      const passed = performance.now() - this.#begunAt;
      const input = this.#command.shortened(this.#input, passed);
      this.frame = this.#command.encode(input);
    }
    this.#dispatcher.dispatch(this);
  }

  #fail(error: PortolanError): void {
    if (this.#settled) return;
    this.#finish(error);
    this.#observer.onNotDone?.();
    this.#reject(error);
  }

  /** Before it was written it goes without a trace, later with its connection. */
  #giveUp(error: PortolanError): void {
    if (this.#connection !== undefined) {
      this.#mayResend = false;
      this.#connection.abandon(this, error);
    } else {
      this.#dispatcher.cancel(this);
      this.#fail(error);
    }
  }

  #finish(error?: PortolanError): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    if (this.#signal !== undefined) unwatchSignal(this.#signal, this);
    endEnvelopeCall(this.#event, error);
    this.#event = undefined;
  }

  #onTimeout(): void {
    const waited =
      this.#connection === undefined
        ? " (it was still waiting for a connection)"
        : "";
    this.#giveUp(
      new PortolanError(
        "TIMEOUT",
        `${this.method} was not answered within ${this.#limit} ms${waited}`,
      ),
    );
  }

  #abortError(reason: unknown): PortolanError {
    return new PortolanError("ABORTED", `${this.method} was aborted`, {
      cause: reason,
    });
  }
}

const NOBODY: CallObserver = {};

/** Sends a command; resolves with its reply. */
export function callCommand(
  dispatcher: CommandDispatcher,
  command: Command,
  input: object,
  options: CommandOptions,
  observer: CallObserver = NOBODY,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    new CommandCall(
      dispatcher,
      command,
      input,
      options,
      observer,
      resolve,
      reject,
    ).begin();
  });
}
