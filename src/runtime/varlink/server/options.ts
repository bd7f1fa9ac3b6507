import { PortolanError } from "../../errors.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "../framing.ts";
import type { ServiceInfo } from "../introspection.ts";

/** Where an error happened. */
export interface ServerErrorContext {
  /** Fully qualified name of the method that was being answered, if any was. */
  readonly method: string | undefined;
  /** The address of the listener that the connection came to, or what `accept` was told. */
  readonly address: string;
}

/** What a server says of itself, and its limits. */
export interface VarlinkServerOptions extends ServiceInfo {
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
   * What went wrong on this side: a handler threw something that is not a
   * Varlink error, a reply or a thrown error does not fit its interface, there
   * are too many connections, or one could not be accepted. Default: `process.emitWarning`.
   */
  readonly onError?:
    ((error: unknown, context: ServerErrorContext) => void) | undefined;
  /**
   * A client broke the protocol, and its connection is ended for it. Default: nothing,
   * for what strangers send is none of this program's mistakes.
   */
  readonly onProtocolError?:
    ((error: PortolanError, context: ServerErrorContext) => void) | undefined;
}

/** The options with their defaults. */
export interface ServerSettings {
  readonly maxMessageSize: number;
  readonly maxConnections: number;
  readonly maxPipelinedCalls: number;
  readonly frameTimeout: number;
  readonly idleTimeout: number;
}

const MAX_TIMEOUT = 2 ** 31 - 1;

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
    maxMessageSize: limit(options, "maxMessageSize", DEFAULT_MAX_MESSAGE_SIZE),
    maxConnections: limit(options, "maxConnections", 4096),
    maxPipelinedCalls: limit(options, "maxPipelinedCalls", 1024),
    frameTimeout: timeout(options, "frameTimeout", 30_000),
    idleTimeout: timeout(options, "idleTimeout", 0),
  };
}

function limit(
  options: VarlinkServerOptions,
  name: "maxMessageSize" | "maxConnections" | "maxPipelinedCalls",
  standard: number,
): number {
  const value = options[name] ?? standard;
  if (value === Infinity || (Number.isInteger(value) && value > 0))
    return value;
  throw new PortolanError(
    "INVALID_INPUT",
    `${name} must be a whole number above 0`,
  );
}

function timeout(
  options: VarlinkServerOptions,
  name: "frameTimeout" | "idleTimeout",
  standard: number,
): number {
  const value = options[name] ?? standard;
  if (value === Infinity) return 0;
  // Node's timers take no more, and would fire at once.
  if (value >= 0 && value <= MAX_TIMEOUT) return value;
  throw new PortolanError(
    "INVALID_INPUT",
    `${name} must be from 0 to ${MAX_TIMEOUT} milliseconds`,
  );
}
