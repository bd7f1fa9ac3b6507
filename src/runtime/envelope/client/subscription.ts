import { PortolanError } from "../../errors.ts";
import { type AbortTarget, unwatchSignal, watchSignal } from "../../signals.ts";
import type { ConnectionOwner, Job } from "../../varlink/dispatch.ts";
import { Inbox } from "../../varlink/inbox.ts";
import { checkSignal, duration, startTimer } from "../../varlink/options.ts";
import { closedError } from "../../varlink/pool.ts";
import { Queue } from "../../varlink/queue.ts";
import type { StreamSource } from "../../varlink/stream.ts";
import { EnvelopeError } from "../error.ts";
import type { SubscriptionOptions } from "../types.ts";
import { Backoff } from "./backoff.ts";
import type { CallObserver, CommandDispatcher } from "./call.ts";
import type { Command, Received } from "./command.ts";
import type { Connection, ConnectionUse, Exchange } from "./connection.ts";
import {
  endEnvelopeCall,
  type EnvelopeCallEvent,
  startEnvelopeCall,
} from "./diagnostics.ts";
import type { Lines } from "./lines.ts";
import type { EnvelopeSettings } from "./options.ts";

/** The client of a subscription. */
export interface SubscriptionHost {
  readonly lines: Lines;
  /** Those under way. */
  readonly subscriptions: Set<Subscription>;
  /** Why there can be no further one, if so. */
  refuseSubscription(): PortolanError | undefined;
}

/**
 * A subscription, on a connection of its own: a service may keep no more than one
 * for each. Once the service has taken it, it is made again whenever its
 * connection is lost, until that fails for too long.
 *
 * It is also what finds the connection for the command that ends it.
 */
export class Subscription
  implements
    StreamSource,
    CommandDispatcher,
    ConnectionOwner<Connection>,
    ConnectionUse,
    AbortTarget
{
  readonly lasting = true;
  readonly #host: SubscriptionHost;
  readonly #command: Command;
  readonly #input: object;
  readonly #identity: Uint8Array;
  readonly #frame: Uint8Array;
  readonly #signal: AbortSignal | undefined;
  readonly #timeout: number;
  readonly #inbox = new Inbox(() => this.#resume());
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff();
  #state: "new" | "beginning" | "live" | "lost" | "over" = "new";
  /** When the service took it first. */
  #takenAt = 0;
  #connection: Connection | undefined;
  #limit: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** How the connection was lost last, or why there is no other. */
  #cause: PortolanError | undefined;
  /** What was pushed says that no more will be. */
  #fulfilled = false;
  /** A command that is to end it: under way, or waiting for a connection. */
  readonly #stops = new Queue<Job<Connection>>();
  #stopping = false;
  #event: EnvelopeCallEvent | undefined;

  /** @throws PortolanError `INVALID_INPUT`, `LIMIT_EXCEEDED`. */
  constructor(
    host: SubscriptionHost,
    command: Command,
    input: object,
    options: SubscriptionOptions,
  ) {
    this.#host = host;
    this.#command = command;
    this.#signal = checkSignal(options.signal);
    this.#timeout =
      duration("timeout", options.timeout) ?? host.lines.settings.timeout;
    this.#frame = command.encode(input);
    this.#identity = command.identify(input);
    this.#input = command.copy(input);
  }

  get address(): string {
    return this.#host.lines.address;
  }

  get settings(): EnvelopeSettings {
    return this.#host.lines.settings;
  }

  next(): Promise<IteratorResult<object, void>> {
    const result = this.#inbox.next();
    if (this.#state === "new") this.#begin();
    return result;
  }

  leave(): void {
    this.#end(undefined);
    this.#inbox.drop();
  }

  /** Ends it from this side; what is held is dropped. */
  abort(error: PortolanError): void {
    this.#inbox.drop();
    this.#end(error);
  }

  onAbort(reason: unknown): void {
    this.abort(
      new PortolanError(
        "ABORTED",
        `the subscription of ${this.#command.name} was aborted`,
        { cause: reason },
      ),
    );
  }

  /** Whether this command with this input, as the service sees it, is what goes on here. */
  is(command: Command, identity: Uint8Array): boolean {
    return (
      command === this.#command &&
      !this.#stopping &&
      Buffer.compare(this.#identity, identity) === 0
    );
  }

  /** Takes the command that ends it to its connection. */
  dispatch(job: Job<Connection>): void {
    if (this.#state === "over") {
      job.onFailed(this.#cause ?? closedError(this.address));
      return;
    }
    this.#stopping = true;
    const connection = this.#connection;
    if (connection === undefined) {
      this.#stops.push(job);
      return;
    }
    job.assign(connection);
    // The reply is behind what was pushed, however full the inbox.
    this.#resume();
  }

  cancel(job: Job<Connection>): boolean {
    const waited = this.#stops.remove(job);
    if (waited) this.#stopping = false;
    return waited;
  }

  /** What became of the command that ends it. */
  readonly stopObserver: CallObserver = {
    onDone: () => this.#end(undefined),
    onNotDone: () => {
      this.#stopping = false;
      if (this.#inbox.full) this.#pause();
    },
  };

  onPush({ push, response }: Received, size: number): void {
    if (this.#state === "over") return;
    const item = push === this.#command ? push.itemOf(response) : undefined;
    if (push === undefined || item === undefined) return;
    const error = push.pushError(response);
    if (error !== undefined) {
      this.#end(error);
      return;
    }
    if (push.endsAfter(item, this.#input)) this.#fulfilled = true;
    this.#inbox.give(item, size);
    if (this.#fulfilled && this.#state === "live") this.#end(undefined);
    else if (this.#inbox.full && !this.#stopping) this.#pause();
  }

  onDrained(): void {}

  onClosed(connection: Connection, error: PortolanError | undefined): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    // The reply that is missing tells the same, and better.
    if (this.#state === "live") this.#onLost(error ?? this.#lost());
  }

  onProtocolError(error: PortolanError): void {
    this.#host.lines.report(error);
  }

  #begin(): void {
    const { name, service } = this.#command;
    const signal = this.#signal;
    this.#state = "beginning";
    this.#event = startEnvelopeCall(
      service.name,
      name,
      "subscription",
      this.address,
    );
    if (signal?.aborted === true) {
      this.onAbort(signal.reason);
      return;
    }
    const refusal = this.#host.refuseSubscription();
    if (refusal !== undefined) {
      this.#end(refusal);
      return;
    }
    if (signal !== undefined) watchSignal(signal, this);
    this.#host.subscriptions.add(this);
    this.#startLimit();
    void this.#connect(this.#frame);
  }

  /** The limit for the service to take it, the first time or again. */
  #startLimit(): void {
    if (this.#state === "beginning")
      this.#limit = startTimer(this.#timeout, () =>
        this.#end(this.#unanswered()),
      );
    else if (this.#state === "lost")
      this.#limit = startTimer(this.settings.restoreTimeout, () =>
        this.#end(this.#unrestored()),
      );
  }

  #stopLimit(): void {
    clearTimeout(this.#limit);
    this.#limit = undefined;
  }

  #pause(): void {
    // Where the consumer is slow, the service is not.
    this.#stopLimit();
    this.#connection?.pause();
  }

  #resume(): void {
    if (this.#limit === undefined) this.#startLimit();
    this.#connection?.resume();
  }

  async #connect(frame: Uint8Array): Promise<void> {
    try {
      const { signal } = this.#stop;
      const connection = await this.#host.lines.open(this, this, signal);
      if (this.#state === "over") {
        connection.close(closedError(this.address));
        return;
      }
      this.#connection = connection;
      connection.send(this.#request(frame));
      for (const job of this.#stops.drain()) job.assign(connection);
    } catch (error) {
      this.#onNotTaken(error as PortolanError);
    }
  }

  /** The request that subscribes; its reply says whether the service takes it. */
  #request(frame: Uint8Array): Exchange {
    return {
      method: this.#command.name,
      frame,
      onReply: (response) => {
        if (this.#state === "over") return;
        const reply = this.#command.read(response);
        if (reply instanceof EnvelopeError) this.#end(reply);
        else this.#onTaken();
      },
      onFailed: (error) => this.#onNotTaken(error),
      onRefused: () => false,
    };
  }

  #onTaken(): void {
    this.#stopLimit();
    if (this.#state === "beginning") this.#takenAt = performance.now();
    this.#state = "live";
    this.#cause = undefined;
    this.#backoff.onSuccess();
    if (this.#fulfilled) this.#end(undefined);
  }

  /** There is no connection, or it was lost before the service took it. */
  #onNotTaken(error: PortolanError): void {
    if (this.#state === "over") return;
    if (this.#fulfilled) this.#end(undefined);
    else if (this.#state === "beginning" || isFinal(error)) this.#end(error);
    else this.#tryAgain(error);
  }

  #onLost(error: PortolanError): void {
    const { restoreTimeout } = this.settings;
    this.#cause = error;
    if (this.#stopping || restoreTimeout === 0 || isFinal(error)) {
      this.#end(this.#stopping ? undefined : error);
      return;
    }
    this.#state = "lost";
    this.#startLimit();
    this.#tryAgain(error);
  }

  #tryAgain(error: PortolanError): void {
    this.#cause = error;
    this.#retry = setTimeout(() => {
      // The service counts from when it takes it, and some of it is over.
      const passed = performance.now() - this.#takenAt;
      const input = this.#command.shortened(this.#input, passed);
      void this.#connect(this.#command.encode(input));
    }, this.#backoff.next());
  }

  #lost(): PortolanError {
    return new PortolanError(
      "CONNECTION_LOST",
      `the connection to ${this.address} was closed`,
    );
  }

  #unanswered(): PortolanError {
    return new PortolanError(
      "TIMEOUT",
      `${this.#command.name} was not answered within ${this.#timeout} ms`,
    );
  }

  #unrestored(): PortolanError {
    return new PortolanError(
      "CONNECTION_LOST",
      `the subscription of ${this.#command.name} was lost and could not be restored within ${this.settings.restoreTimeout} ms (restoreTimeout)`,
      { cause: this.#cause },
    );
  }

  #end(error: PortolanError | undefined): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#stopLimit();
    clearTimeout(this.#retry);
    if (this.#signal !== undefined) unwatchSignal(this.#signal, this);
    this.#host.subscriptions.delete(this);
    endEnvelopeCall(this.#event, error);
    this.#event = undefined;
    this.#inbox.end(error);
    const closed = error ?? closedError(this.address);
    this.#stop.abort(closed);
    for (const job of this.#stops.drain()) job.onFailed(closed);
    this.#connection?.close(closed);
  }
}

/** The service says what this client cannot read, and would say it again. */
function isFinal({ code }: PortolanError): boolean {
  return (
    code === "INVALID_REPLY" || code === "LIMIT_EXCEEDED" || code === "PROTOCOL"
  );
}
