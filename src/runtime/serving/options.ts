/** What all servers may be told, whatever they speak. */
import { PortolanError } from "../errors.ts";

/** Where an error happened. */
export interface ServerErrorContext {
  /** Full name of the method that was being answered, if any was. */
  readonly method: string | undefined;
  /** The address of the listener that the connection came to, or what `accept` was told. */
  readonly address: string;
}

/** The hooks of a server. */
export interface ServerHooks {
  /**
   * What went wrong on this side: a handler threw something that is no error of
   * its interface, a reply or a thrown error does not fit it, there are too many
   * connections, or one could not be accepted; or this package itself made a mistake
   * with a message, for which its connection is ended. Not that a handler failed whose
   * call was aborted meanwhile. Default: `process.emitWarning`.
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

/** How to close a server. */
export interface CloseOptions {
  /**
   * Milliseconds that calls being answered have to finish. After it their
   * signals are aborted and their connections cut. 0: at once; Infinity: as long
   * as they take. Default: 5000.
   */
  readonly timeout?: number | undefined;
}

/** Limits of one connection, in milliseconds; 0 is none. */
export interface ConnectionLimits {
  /** In which a message must be complete once it has begun. */
  readonly frameTimeout: number;
  /** After which a connection without a call ends. */
  readonly idleTimeout: number;
  /** After which a client that takes nothing of much that waits for it is cut off. */
  readonly writeTimeout: number;
}

const MAX_TIMEOUT = 2 ** 31 - 1;

/** The `writeTimeout` of servers that are told none. */
export const WRITE_TIMEOUT = 60_000;

/**
 * A limit that counts something.
 *
 * @throws PortolanError `INVALID_INPUT` for one that is none.
 */
export function countLimit(
  name: string,
  value: number | undefined,
  standard: number,
): number {
  if (value === undefined) return standard;
  if (value === Infinity || (Number.isInteger(value) && value > 0))
    return value;
  throw new PortolanError(
    "INVALID_INPUT",
    `${name} must be a whole number above 0`,
  );
}

/**
 * A limit of time; 0 and Infinity are none.
 *
 * @throws PortolanError `INVALID_INPUT` for one that is none.
 */
export function timeLimit(
  name: string,
  value: number | undefined,
  standard: number,
): number {
  if (value === undefined) return standard;
  if (value === Infinity) return 0;
  // Node's timers take no more, and would fire at once.
  if (value >= 0 && value <= MAX_TIMEOUT) return value;
  throw new PortolanError(
    "INVALID_INPUT",
    `${name} must be from 0 to ${MAX_TIMEOUT} milliseconds`,
  );
}
