import { PortolanError } from "../../errors.ts";
import {
  type ConnectionLimits,
  countLimit,
  type ServerHooks,
  timeLimit,
  WRITE_TIMEOUT,
} from "../../serving/options.ts";

/** The hooks of an envelope RPC's server, and its limits. */
export interface EnvelopeServerOptions extends ServerHooks {
  /**
   * Bytes that a request may have, its length not counted. A longer one ends its
   * connection as soon as it is announced. Default: 32 MiB, as Porto's daemon.
   */
  readonly maxRequestSize?: number | undefined;
  /**
   * Connections at a time. Further ones are closed as soon as they are accepted,
   * and `onError` gets `LIMIT_EXCEEDED`, once until there is room again.
   * Default: 1000, as Porto's daemon.
   */
  readonly maxConnections?: number | undefined;
  /**
   * Requests of one connection that are read ahead while one is answered. Beyond
   * it (or beyond 1 MiB of them) reading pauses, which is no error. Default: 1024.
   */
  readonly maxPipelinedRequests?: number | undefined;
  /**
   * Milliseconds in which a request must be complete once its first byte is
   * there; then the connection ends. 0: no limit. Default: 30 000.
   */
  readonly frameTimeout?: number | undefined;
  /**
   * Milliseconds after which a connection without a request or subscription ends.
   * 0: no limit. Default: 0.
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Milliseconds in which a client must have taken something of the replies that
   * wait for it, while these are more than 1 MiB; then the connection is cut off.
   * Fewer may wait as long as the client likes: generators do not run ahead of a
   * slow reader. 0: no limit. Default: 60 000.
   */
  readonly writeTimeout?: number | undefined;
  /**
   * What time it is, in milliseconds since 1970, for the time in replies.
   * Default: `Date.now`.
   */
  readonly clock?: (() => number) | undefined;
}

/** The options with their defaults. */
export interface EnvelopeServerSettings extends ConnectionLimits {
  readonly maxRequestSize: number;
  readonly maxConnections: number;
  readonly maxPipelinedRequests: number;
  readonly clock: () => number;
}

/** Bytes that a request may have by default. */
export const DEFAULT_MAX_REQUEST_SIZE: number = 32 * 1024 * 1024;

/** @throws PortolanError `INVALID_INPUT` for an option that makes no sense. */
export function readOptions(
  options: EnvelopeServerOptions,
): EnvelopeServerSettings {
  const { clock = Date.now } = options;
  if (typeof clock !== "function")
    throw new PortolanError("INVALID_INPUT", "clock must be a function");
  return {
    maxRequestSize: countLimit(
      "maxRequestSize",
      options.maxRequestSize,
      DEFAULT_MAX_REQUEST_SIZE,
    ),
    maxConnections: countLimit("maxConnections", options.maxConnections, 1000),
    maxPipelinedRequests: countLimit(
      "maxPipelinedRequests",
      options.maxPipelinedRequests,
      1024,
    ),
    frameTimeout: timeLimit("frameTimeout", options.frameTimeout, 30_000),
    idleTimeout: timeLimit("idleTimeout", options.idleTimeout, 0),
    writeTimeout: timeLimit(
      "writeTimeout",
      options.writeTimeout,
      WRITE_TIMEOUT,
    ),
    clock,
  };
}
