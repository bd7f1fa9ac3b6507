import type { PortolanError } from "../../errors.ts";
import { count, duration, type PoolSettings } from "../../varlink/options.ts";

/** What a client may be told when it is made. Times are milliseconds. */
export interface EnvelopeClientOptions {
  /**
   * Limit for calls that have no `timeout` of their own, besides what the command
   * itself may take: the time in its input (Porto's `timeout_ms`), or the longer
   * time that its service is known to need (Porto's disk commands). A command that
   * may take for ever (Porto's `Wait` without `timeout_ms`) has no limit then.
   * Default 300,000; `Infinity` is none.
   */
  readonly timeout?: number | undefined;
  /**
   * Most connections open for calls at a time; further calls wait for one.
   * Subscriptions have one each besides, and so have all commands together that
   * make what lives as long as its connection. Default 16.
   */
  readonly maxConnections?: number | undefined;
  /** Limit for opening one connection. Default 10,000; `Infinity` is none. */
  readonly connectTimeout?: number | undefined;
  /** How long an unused connection is kept. Default 30,000; `Infinity` keeps it. */
  readonly idleTimeout?: number | undefined;
  /**
   * For how long a subscription whose connection is lost is tried to be restored,
   * from the loss on. Default 300,000; 0 is not at all, `Infinity` without end.
   */
  readonly restoreTimeout?: number | undefined;
  /** Most bytes of one reply; more fails with `LIMIT_EXCEEDED`. Default 256 MiB. */
  readonly maxMessageSize?: number | undefined;
  /**
   * Most bytes of one request; more fails with `LIMIT_EXCEEDED` and is not sent.
   * Default 32 MiB, beyond which Porto's daemon hangs up.
   */
  readonly maxRequestSize?: number | undefined;
  /** Most calls waiting for a connection; more fail with `LIMIT_EXCEEDED`. Default 10,000. */
  readonly maxQueuedCalls?: number | undefined;
  /**
   * Told when the connection is lost that everything lived on whose names are
   * given (Porto's weak containers), so that it is gone. The error says why. A
   * connection that the program itself closes is not told of. A channel of
   * `node:diagnostics_channel` has it too: `portolan:envelope:lost`.
   */
  readonly onLost?:
    ((names: readonly string[], error: PortolanError) => void) | undefined;
  /**
   * Told what a service did wrong where no call is to blame, so that none fails:
   * bytes on a connection on which nothing was asked, a push that nobody has
   * subscribed to. Default: nothing is told.
   */
  readonly onProtocolError?: ((error: PortolanError) => void) | undefined;
}

/** What connecting takes besides. */
export interface EnvelopeConnectOptions extends EnvelopeClientOptions {
  /** Aborts connecting (not the client it makes). */
  readonly signal?: AbortSignal | undefined;
  /** Kinds of address that may be used. Default: `unix` and `tcp`. */
  readonly allow?: readonly string[] | undefined;
}

/** Options with every default in place. */
export interface EnvelopeSettings extends PoolSettings {
  readonly timeout: number;
  readonly restoreTimeout: number;
  readonly maxMessageSize: number;
  readonly maxRequestSize: number;
  readonly onLost: (names: readonly string[], error: PortolanError) => void;
}

const MEBIBYTE = 1024 * 1024;

/** @throws PortolanError `INVALID_INPUT` for an option that makes no sense. */
export function resolveEnvelopeOptions(
  options: EnvelopeClientOptions,
): EnvelopeSettings {
  const time = (
    name: keyof typeof options & `${string}imeout`,
    byDefault: number,
  ): number => duration(name, options[name]) ?? byDefault;
  return {
    timeout: time("timeout", 300_000),
    connectTimeout: time("connectTimeout", 10_000),
    idleTimeout: time("idleTimeout", 30_000),
    restoreTimeout: time("restoreTimeout", 300_000),
    maxConnections: count("maxConnections", options.maxConnections, 16, 1),
    maxQueuedCalls: count("maxQueuedCalls", options.maxQueuedCalls, 10_000, 0),
    maxMessageSize: count(
      "maxMessageSize",
      options.maxMessageSize,
      256 * MEBIBYTE,
      1,
    ),
    maxRequestSize: count(
      "maxRequestSize",
      options.maxRequestSize,
      32 * MEBIBYTE,
      1,
    ),
    onLost: options.onLost ?? (() => {}),
    onProtocolError: options.onProtocolError ?? (() => {}),
  };
}
