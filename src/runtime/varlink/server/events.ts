import { type Channel, channel } from "node:diagnostics_channel";

/**
 * What the channels `portolan:varlink:server-call:start` and `…:end` publish:
 * one object for both, for each call that was understood as one. `oneway` calls
 * have an end too: when their handler has settled.
 */
export interface ServerCallEvent {
  /** Fully qualified method name, as called. */
  readonly method: string;
  readonly more: boolean;
  readonly oneway: boolean;
  /** The address of the listener, or what `accept` was told. */
  readonly address: string;
  /** At the end: the name of the error that was answered with, if any. */
  error?: string;
  /** At the end: the connection was gone, or the server closed by force. */
  aborted?: boolean;
}

const startChannel: Channel = channel("portolan:varlink:server-call:start");
const endChannel: Channel = channel("portolan:varlink:server-call:end");

/** Publishes the start of a call; the event is undefined while nobody listens. */
export function publishStart(
  event: ServerCallEvent,
): ServerCallEvent | undefined {
  if (!startChannel.hasSubscribers && !endChannel.hasSubscribers)
    return undefined;
  startChannel.publish(event);
  return event;
}

export function publishEnd(event: ServerCallEvent): void {
  endChannel.publish(event);
}
