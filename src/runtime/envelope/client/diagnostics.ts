/**
 * What happens in clients of envelope RPCs, for tracers: channels of
 * `node:diagnostics_channel`, besides those of connections that all clients share
 * (`portolan:connection:open` and `:close`). Nothing is made or published while
 * nobody subscribes.
 *
 * | channel | message | when |
 * |---|---|---|
 * | `portolan:envelope:call:start` | {@link EnvelopeCallEvent} | a client makes a call (a subscription: at its first `next()`) |
 * | `portolan:envelope:call:end` | the same object | it was answered; a subscription: it ended, or the program left it |
 * | `portolan:envelope:call:error` | the same object, `error` set | it failed, error codes included |
 * | `portolan:envelope:lost` | {@link EnvelopeLostEvent} | what lived as long as a connection is gone with it |
 */
import { channel, type Channel } from "node:diagnostics_channel";
import type { PortolanError } from "../../errors.ts";
import { SpanChannels } from "../../varlink/diagnostics.ts";

/**
 * One call of a client, on channels of `node:diagnostics_channel`: the same object
 * on `portolan:envelope:call:start` and, when it is over, on
 * `portolan:envelope:call:end` or, `error` set, `portolan:envelope:call:error`.
 */
export interface EnvelopeCallEvent {
  /** The service's name: `Porto`. */
  readonly service: string;
  /** The command's name: `Create`. */
  readonly method: string;
  readonly mode: "call" | "subscription";
  /** Where the service is. */
  readonly address: string;
  /** Why it failed. */
  error?: unknown;
}

/** On the channel `portolan:envelope:lost` of `node:diagnostics_channel`. */
export interface EnvelopeLostEvent {
  /** The service's name: `Porto`. */
  readonly service: string;
  readonly address: string;
  /** What was lost, by the names that the program gave it. */
  readonly names: readonly string[];
  /** How the connection was lost. */
  readonly error: PortolanError;
}

const calls = new SpanChannels<EnvelopeCallEvent>("portolan:envelope:call");
const lost: Channel = channel("portolan:envelope:lost");

/** Publishes the start of a call; `undefined` while nobody listens to calls at all. */
export function startEnvelopeCall(
  service: string,
  method: string,
  mode: EnvelopeCallEvent["mode"],
  address: string,
): EnvelopeCallEvent | undefined {
  return calls.heard
    ? calls.begin({ service, method, mode, address })
    : undefined;
}

/** Publishes the end of a call. */
export function endEnvelopeCall(
  event: EnvelopeCallEvent | undefined,
  error?: unknown,
): void {
  if (event === undefined) return;
  if (error !== undefined) event.error = error;
  calls.end(event, error !== undefined);
}

/** Publishes what was lost with a connection. */
export function publishLost(event: EnvelopeLostEvent): void {
  if (lost.hasSubscribers) lost.publish(event);
}
