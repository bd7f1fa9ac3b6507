import { SpanChannels } from "../../varlink/diagnostics.ts";

/**
 * What a server of an envelope RPC publishes of the commands that it understood
 * as such, on channels of `node:diagnostics_channel`. Nothing is made while
 * nobody subscribes.
 *
 * | channel | message | when |
 * |---|---|---|
 * | `portolan:envelope:server-call:start` | {@link EnvelopeServerCallEvent} | a command is taken up |
 * | `portolan:envelope:server-call:end` | the same object | it was answered |
 * | `portolan:envelope:server-call:error` | the same object, `error` or `aborted` set | it was answered with an error, or could not be |
 */
export interface EnvelopeServerCallEvent {
  /** What the service is called by. */
  readonly service: string;
  /** The command's name in the request. */
  readonly method: string;
  /** The address of the listener, or what `accept` was told. */
  readonly address: string;
  /** The error code that was answered with. */
  error?: number;
  /** What the handler threw, if that was the reason. */
  thrown?: unknown;
  /** The connection was gone before the reply, or the server closed by force. */
  aborted?: boolean;
}

const calls = new SpanChannels<EnvelopeServerCallEvent>(
  "portolan:envelope:server-call",
);

/** Publishes the start of a call; undefined while nobody listens to calls at all. */
export function startCall(
  service: string,
  method: string,
  address: string,
): EnvelopeServerCallEvent | undefined {
  return calls.heard ? calls.begin({ service, method, address }) : undefined;
}

/** Publishes the end of a call. */
export function endCall(event: EnvelopeServerCallEvent): void {
  calls.end(event, event.error !== undefined || event.aborted === true);
}
