import { SpanChannels } from "../diagnostics.ts";
import type { CallMessage } from "./message.ts";

/**
 * What a server publishes of the calls that it understood as such, on channels
 * of `node:diagnostics_channel`. Nothing is made while nobody subscribes.
 *
 * | channel | message | when |
 * |---|---|---|
 * | `portolan:varlink:server-call:start` | {@link ServerCallEvent} | a call is taken up |
 * | `portolan:varlink:server-call:end` | the same object | it was answered; oneway: its handler has settled; an upgrade: its raw bytes are over |
 * | `portolan:varlink:server-call:error` | the same object, `error` or `aborted` set | it was answered with an error, or could not be |
 */
export interface ServerCallEvent {
  /** Fully qualified method name, as called. */
  readonly method: string;
  readonly mode: "call" | "more" | "oneway" | "upgrade";
  /** The address of the listener, or what `accept` was told. */
  readonly address: string;
  /** Name of the error that was answered with; for a oneway call, that would have been. */
  error?: string;
  /** What the handler threw, if that was the reason. */
  thrown?: unknown;
  /** The connection was gone before the last reply, or the server closed by force. */
  aborted?: boolean;
}

const calls = new SpanChannels<ServerCallEvent>("portolan:varlink:server-call");

/** Publishes the start of a call; undefined while nobody listens to calls at all. */
export function startCall(
  message: CallMessage,
  address: string,
): ServerCallEvent | undefined {
  if (!calls.heard) return undefined;
  const { method } = message;
  return calls.begin({ method, mode: modeOf(message), address });
}

/** Publishes the end of a call. */
export function endCall(event: ServerCallEvent): void {
  calls.end(event, event.error !== undefined || event.aborted === true);
}

function modeOf(message: CallMessage): ServerCallEvent["mode"] {
  if (message.more) return "more";
  if (message.oneway) return "oneway";
  return message.upgrade ? "upgrade" : "call";
}
