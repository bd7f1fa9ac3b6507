import { PortolanError } from "../errors.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "./framing.ts";
import type { ReplyMode } from "./schema.ts";

/** What a client may be told when it is made. Times are milliseconds. */
export interface ClientOptions {
  /** Most connections open at a time; further calls wait for one. Default 16. */
  readonly maxConnections?: number | undefined;
  /** Limit for opening one connection. Default 10,000; `Infinity` is none. */
  readonly connectTimeout?: number | undefined;
  /** How long an unused connection is kept. Default 30,000; `Infinity` keeps it. */
  readonly idleTimeout?: number | undefined;
  /** Most bytes of one reply; more fails with `LIMIT_EXCEEDED`. Default 16 MiB. */
  readonly maxMessageSize?: number | undefined;
  /** Most calls waiting for a connection; more fail with `LIMIT_EXCEEDED`. Default 10,000. */
  readonly maxQueuedCalls?: number | undefined;
  /**
   * `lenient` (default): null or absent arrays and maps arrive empty, and nothing
   * that a reply says besides is refused. `strict`: a reply that does not fit the
   * interface fails with `INVALID_REPLY` (typed clients only), and one that has, next
   * to its parameters, a member that UAPI.20 does not know and whose name has no dot
   * (those are vendors') breaks the connection with `PROTOCOL`.
   */
  readonly replies?: ReplyMode | undefined;
  /**
   * Told what a service did wrong where no call is to blame, so that none fails:
   * bytes on a connection on which nothing was asked (that connection is closed),
   * an answer to a oneway call (it is dropped). Default: nothing is told; a
   * channel of `node:diagnostics_channel` has it too, see `portolan:connection:close`.
   */
  readonly onProtocolError?: ((error: PortolanError) => void) | undefined;
}

/** What connecting takes besides. */
export interface ConnectOptions extends ClientOptions {
  /** Aborts connecting (not the client it makes). */
  readonly signal?: AbortSignal | undefined;
  /** Kinds of address that may be used: see `AddressOptions.allow`. */
  readonly allow?: readonly string[] | undefined;
}

/** What a pool of connections goes by. */
export interface PoolSettings {
  readonly maxConnections: number;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly maxQueuedCalls: number;
  readonly onProtocolError: (error: PortolanError) => void;
}

/** Options with every default in place. */
export interface ClientSettings extends PoolSettings {
  readonly maxMessageSize: number;
  readonly replies: ReplyMode;
}

/** @throws PortolanError `INVALID_INPUT` for an option that makes no sense. */
export function resolveOptions(options: ClientOptions): ClientSettings {
  return {
    maxConnections: count("maxConnections", options.maxConnections, 16, 1),
    connectTimeout:
      duration("connectTimeout", options.connectTimeout) ?? 10_000,
    idleTimeout: duration("idleTimeout", options.idleTimeout) ?? 30_000,
    maxMessageSize: count(
      "maxMessageSize",
      options.maxMessageSize,
      DEFAULT_MAX_MESSAGE_SIZE,
      1,
    ),
    maxQueuedCalls: count("maxQueuedCalls", options.maxQueuedCalls, 10_000, 0),
    replies: strictness("replies", options.replies, "lenient"),
    onProtocolError: options.onProtocolError ?? (() => {}),
  };
}

/**
 * Checks how strictly messages are to be read.
 *
 * @throws PortolanError `INVALID_INPUT` for what is neither.
 */
export function strictness(
  name: string,
  value: "lenient" | "strict" | undefined,
  byDefault: "lenient" | "strict",
): "lenient" | "strict" {
  if (value === undefined) return byDefault;
  if (value === "lenient" || value === "strict") return value;
  throw invalid(name, value, 'must be "lenient" or "strict"');
}

/**
 * Checks a number of things.
 *
 * @throws PortolanError `INVALID_INPUT` for what is none.
 */
export function count(
  name: string,
  value: number | undefined,
  byDefault: number,
  least: number,
): number {
  if (value === undefined) return byDefault;
  if (value === Infinity || (Number.isInteger(value) && value >= least))
    return value;
  throw invalid(
    name,
    value,
    `must be a whole number, at least ${least}, or Infinity`,
  );
}

/**
 * Checks a time limit.
 *
 * @throws PortolanError `INVALID_INPUT` for what is no time.
 */
export function duration(
  name: string,
  value: number | undefined,
): number | undefined {
  if (value === undefined) return value;
  if (typeof value === "number" && value >= 0) return value;
  throw invalid(name, value, "must be milliseconds, at least 0, or Infinity");
}

/**
 * Checks an abort signal; its controller is easily given instead.
 *
 * @throws PortolanError `INVALID_INPUT` for what is none.
 */
export function checkSignal(
  signal: AbortSignal | undefined,
): AbortSignal | undefined {
  if (signal === undefined) return signal;
  const given: unknown = signal;
  if (typeof given === "object" && given !== null && "aborted" in given) {
    return signal;
  }
  const kind =
    given instanceof AbortController ? "its controller" : shown(given);
  throw new PortolanError(
    "INVALID_INPUT",
    `signal must be an AbortSignal, not ${kind}`,
  );
}

function invalid(name: string, value: unknown, rule: string): PortolanError {
  return new PortolanError(
    "INVALID_INPUT",
    `${name} ${rule}, not ${shown(value)}`,
  );
}

/** A value as a program would write it; of what is long to write, the kind. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null
    ? "an object"
    : String(value);
}

/** The longest time a timer of Node can wait; it takes a longer one for 1 ms. */
const LONGEST = 2 ** 31 - 1;

/** `setTimeout`, where what is too long for a timer (`Infinity`) never fires. */
export function startTimer(
  milliseconds: number,
  onTime: () => void,
): NodeJS.Timeout | undefined {
  return milliseconds > LONGEST ? undefined : setTimeout(onTime, milliseconds);
}
