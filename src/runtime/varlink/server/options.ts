import { PortolanError } from "../../errors.ts";
import {
  type ConnectionLimits,
  countLimit,
  type ServerHooks,
  timeLimit,
  WRITE_TIMEOUT,
} from "../../serving/options.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "../framing.ts";
import type { ServiceInfo } from "../introspection.ts";
import { strictness } from "../options.ts";
import type { CallReading } from "../schema.ts";

/** What a server says of itself, its hooks and its limits. */
export interface VarlinkServerOptions extends ServiceInfo, ServerHooks {
  /**
   * How calls are read. `strict` (default): what UAPI.20 calls malformed ends its
   * connection (members that nobody knows unless their name has a dot, flags that are
   * no booleans or more than one, parameters that are no object), and parameters that
   * the interface does not know are answered with `InvalidParameter`. `lenient`, for
   * clients of the older specification: members and parameters that nobody knows are
   * ignored and reach no handler, flags count as JavaScript takes them for true or
   * false, of several `oneway` counts before `upgrade` before `more`, and `[]` is no
   * parameters. What is no JSON object, or has no method, ends its connection in
   * either case.
   */
  readonly calls?: CallReading | undefined;
  /**
   * Bytes that a message may have. A longer one ends its connection.
   * Default: 16 MiB, as systemd and libvarlink have it.
   */
  readonly maxMessageSize?: number | undefined;
  /**
   * Connections at a time. Further ones are closed as soon as they are accepted,
   * and `onError` gets `LIMIT_EXCEEDED`, once until there is room again.
   * Default: 4096.
   */
  readonly maxConnections?: number | undefined;
  /**
   * Calls of one connection that are read ahead while one is answered. Beyond
   * it (or beyond 1 MiB of them) reading pauses, which is no error. Default: 1024.
   */
  readonly maxPipelinedCalls?: number | undefined;
  /**
   * Milliseconds in which a message must be complete once its first byte is
   * there; then the connection ends. 0: no limit. Default: 30 000.
   */
  readonly frameTimeout?: number | undefined;
  /**
   * Milliseconds after which a connection without a call ends. 0: no limit.
   * Default: 0.
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Milliseconds in which a client must have taken something of the replies that
   * wait for it, while these are more than 1 MiB; then the connection is cut off.
   * Fewer may wait as long as the client likes: generators do not run ahead of a
   * slow reader. 0: no limit. Default: 60 000.
   */
  readonly writeTimeout?: number | undefined;
}

/** The options with their defaults. */
export interface ServerSettings extends ConnectionLimits {
  readonly calls: CallReading;
  readonly maxMessageSize: number;
  readonly maxConnections: number;
  readonly maxPipelinedCalls: number;
}

/** @throws PortolanError `INVALID_INPUT` for a limit that is none. */
export function readOptions(options: VarlinkServerOptions): ServerSettings {
  // GetInfo tells these, and a reply that lacks one would fail then and there.
  for (const name of ["vendor", "product", "version", "url"] as const) {
    const given: unknown = options[name];
    if (typeof given !== "string") {
      throw new PortolanError(
        "INVALID_INPUT",
        `${name} must be a string, not ${given === null ? "null" : typeof given}`,
      );
    }
  }
  return {
    calls: strictness("calls", options.calls, "strict"),
    maxMessageSize: countLimit(
      "maxMessageSize",
      options.maxMessageSize,
      DEFAULT_MAX_MESSAGE_SIZE,
    ),
    maxConnections: countLimit("maxConnections", options.maxConnections, 4096),
    maxPipelinedCalls: countLimit(
      "maxPipelinedCalls",
      options.maxPipelinedCalls,
      1024,
    ),
    frameTimeout: timeLimit("frameTimeout", options.frameTimeout, 30_000),
    idleTimeout: timeLimit("idleTimeout", options.idleTimeout, 0),
    writeTimeout: timeLimit(
      "writeTimeout",
      options.writeTimeout,
      WRITE_TIMEOUT,
    ),
  };
}
