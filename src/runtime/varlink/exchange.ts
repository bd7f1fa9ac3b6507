import { PortolanError, type VarlinkError } from "../errors.ts";
import type { Connection, Exchange } from "./connection.ts";
import { type CallEvent, endCallEvent, startCallEvent } from "./diagnostics.ts";
import type { Dispatcher, Job } from "./dispatch.ts";
import { type CallMode, encodeCall, type Reply, toError } from "./messages.ts";
import { checkSignal, duration, startTimer } from "./options.ts";
import type { Normalise, Problem } from "./schema.ts";
import { problemText } from "./schema/problem.ts";
import { type AbortTarget, unwatchSignal, watchSignal } from "../signals.ts";
import type { CallOptions } from "./types.ts";

/** What is known of a method: all but its name only where there is a description. */
export interface MethodRules {
  /** Full method name. */
  readonly method: string;
  checkInput(input: object): Problem | undefined;
  /** A checked input as JSON. */
  readonly stringify: (input: object) => string | undefined;
  readonly normaliseOutput: Normalise | undefined;
  /** The parameters of the errors of its interface, by full name. */
  readonly errors: ReadonlyMap<string, Normalise> | undefined;
}

/** A checked call as JSON. @throws PortolanError `INVALID_INPUT` */
export function encodeChecked(
  rules: MethodRules,
  input: object,
  mode: CallMode,
): string {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new PortolanError(
      "INVALID_INPUT",
      `the input of ${rules.method} must be an object`,
    );
  }
  const problem = rules.checkInput(input);
  if (problem !== undefined)
    throw misfit("INVALID_INPUT", `the input of ${rules.method}`, problem);
  return encodeCall(rules.method, input, mode, rules.stringify);
}

function misfit(
  code: "INVALID_INPUT" | "INVALID_REPLY",
  what: string,
  problem: Problem,
): PortolanError {
  return new PortolanError(
    code,
    `${what} does not fit: ${problemText(problem)}`,
  );
}

/** What calls and streams have in common: how they begin, are given up, and end. */
export abstract class ActiveCall implements Exchange, Job, AbortTarget {
  readonly mode: CallMode;
  readonly json: string;
  protected readonly rules: MethodRules;
  protected readonly dispatcher: Dispatcher;
  /** Where it was written; undefined while it waits. */
  protected connection: Connection | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #timeout: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #event: CallEvent | undefined;

  constructor(
    dispatcher: Dispatcher,
    rules: MethodRules,
    mode: CallMode,
    input: object,
    options: CallOptions,
  ) {
    this.mode = mode;
    this.rules = rules;
    this.dispatcher = dispatcher;
    this.#signal = checkSignal(options.signal);
    this.#timeout = duration("timeout", options.timeout);
    this.json = encodeChecked(rules, input, mode);
  }

  get method(): string {
    return this.rules.method;
  }

  get replied(): boolean {
    return false;
  }

  /** Goes for a connection. */
  begin(): void {
    this.#event = startCallEvent(
      this.method,
      this.mode,
      this.dispatcher.address,
    );
    const signal = this.#signal;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.onFailed(this.#abortError(signal.reason));
        return;
      }
      watchSignal(signal, this);
    }
    if (this.#timeout !== undefined) {
      this.#timer = startTimer(this.#timeout, () =>
        this.#onTimeout(this.#timeout),
      );
    }
    this.dispatcher.dispatch(this);
  }

  assign(connection: Connection): void {
    this.connection = connection;
    connection.send(this);
  }

  onRefused(): boolean {
    this.connection = undefined;
    this.dispatcher.dispatch(this);
    return true;
  }

  onAbort(reason: unknown): void {
    this.giveUp(this.#abortError(reason));
  }

  abstract onWritten(): void;
  abstract onReply(reply: Reply): void;
  abstract onFailed(error: PortolanError): void;

  /**
   * Ends it from this side: before it was written without a trace, later by
   * closing its connection, since Varlink cannot cancel.
   */
  protected giveUp(error: PortolanError): void {
    if (this.connection !== undefined) {
      this.connection.fail(error, this);
    } else {
      this.dispatcher.cancel(this);
      this.onFailed(error);
    }
  }

  /**
   * Why it failed, for the program: where calls with one signal share a connection,
   * the first that is told of the abort closes it for the others.
   */
  protected reasonFor(error: PortolanError): PortolanError {
    const signal = this.#signal;
    return signal?.aborted === true && error.code === "CONNECTION_LOST"
      ? this.#abortError(signal.reason)
      : error;
  }

  /** The (first) reply is there. */
  protected clearTimeout(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Lets go of everything that outlives the call. */
  protected finish(error?: PortolanError): void {
    this.clearTimeout();
    if (this.#signal !== undefined) unwatchSignal(this.#signal, this);
    endCallEvent(this.#event, error);
    this.#event = undefined;
  }

  /** Reads what a reply says: its parameters, checked, or its error. Never throws. */
  protected read(reply: Reply): object | PortolanError {
    const { error, parameters, text } = reply;
    const what = `the reply to ${this.method}`;
    try {
      if (error !== undefined) return this.#readError(error, reply);
      const { replies } = this.dispatcher.settings;
      const problem = this.rules.normaliseOutput?.(parameters, replies, text);
      return problem === undefined
        ? parameters
        : misfit("INVALID_REPLY", what, problem);
    } catch (cause) {
      // A descriptor that refers to what it does not have: found here at the latest.
      return new PortolanError("INVALID_REPLY", `${what} cannot be read`, {
        cause,
      });
    }
  }

  #readError(error: string, { parameters, text }: Reply): VarlinkError {
    // An error that does not fit its declaration says what it says nevertheless.
    this.rules.errors?.get(error)?.(parameters, "lenient", text);
    return toError(error, parameters, this.method);
  }

  #onTimeout(limit: number | undefined): void {
    const waited =
      this.connection === undefined
        ? " (it was still waiting for a connection)"
        : "";
    this.giveUp(
      new PortolanError(
        "TIMEOUT",
        `${this.method} was not answered within ${limit} ms${waited}`,
      ),
    );
  }

  #abortError(reason: unknown): PortolanError {
    return new PortolanError("ABORTED", `${this.method} was aborted`, {
      cause: reason,
    });
  }
}
