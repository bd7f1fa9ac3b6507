/**
 * What happens, for tracers: channels of `node:diagnostics_channel`. Nothing is
 * made or published while nobody subscribes.
 *
 * | channel | message | when |
 * |---|---|---|
 * | `portolan:varlink:call:start` | {@link CallEvent} | a client makes a call (a stream: at its first `next()`) |
 * | `portolan:varlink:call:end` | the same object | it was answered; oneway: written; a stream: it ended, or the program left it; an upgrade: confirmed |
 * | `portolan:varlink:call:error` | the same object, `error` set | it failed, error replies included |
 * | `portolan:connection:open` | {@link ConnectionEvent} | a client opened a connection |
 * | `portolan:connection:close` | the same object, `error` set unless nobody is to blame | it is closed |
 */
import { channel, type Channel } from "node:diagnostics_channel";

/**
 * One call of a client, on channels of `node:diagnostics_channel`: the same object
 * on `portolan:varlink:call:start` (a stream: at its first `next()`) and, when it is
 * over, on `portolan:varlink:call:end` or, `error` set, `portolan:varlink:call:error`.
 */
export interface CallEvent {
  /** Full method name. */
  readonly method: string;
  readonly mode: "call" | "more" | "oneway" | "upgrade";
  /** Where the service is. */
  readonly address: string;
  /** Why it failed. */
  error?: unknown;
}

/**
 * One connection of a client, on channels of `node:diagnostics_channel`: the same
 * object on `portolan:connection:open` and `portolan:connection:close`.
 */
export interface ConnectionEvent {
  readonly address: string;
  /** Why it was closed, if something went wrong. */
  error?: unknown;
}

/** The three channels of something that begins and ends, well or not. */
export class SpanChannels<Event extends object> {
  readonly #start: Channel;
  readonly #end: Channel;
  readonly #error: Channel;

  /** @param name What the channels are named by: `name:start`, `name:end`, `name:error`. */
  constructor(name: string) {
    this.#start = channel(`${name}:start`);
    this.#end = channel(`${name}:end`);
    this.#error = channel(`${name}:error`);
  }

  /** Whether anybody listens: to be asked before an event is made. */
  get heard(): boolean {
    return (
      this.#start.hasSubscribers ||
      this.#end.hasSubscribers ||
      this.#error.hasSubscribers
    );
  }

  /** Publishes the start, and returns its event for the end. */
  begin(event: Event): Event {
    this.#start.publish(event);
    return event;
  }

  /** Publishes the end of what began. */
  end(event: Event, failed: boolean): void {
    (failed ? this.#error : this.#end).publish(event);
  }
}

const calls = new SpanChannels<CallEvent>("portolan:varlink:call");
export const connectionOpen: Channel = channel("portolan:connection:open");
export const connectionClose: Channel = channel("portolan:connection:close");

/** Publishes the start of a call; `undefined` while nobody listens to calls at all. */
export function startCallEvent(
  method: string,
  mode: CallEvent["mode"],
  address: string,
): CallEvent | undefined {
  return calls.heard ? calls.begin({ method, mode, address }) : undefined;
}

/** Publishes the end of a call. */
export function endCallEvent(
  event: CallEvent | undefined,
  error?: unknown,
): void {
  if (event === undefined) return;
  if (error !== undefined) event.error = error;
  calls.end(event, error !== undefined);
}
