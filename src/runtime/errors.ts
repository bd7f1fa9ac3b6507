/**
 * Every error this package throws on purpose. Each has a stable `code`, keeps
 * what caused it in `cause`, and is recognised by a brand instead of by its
 * constructor, so that two copies of the package in one process understand each
 * other's errors; `instanceof` goes by the brand too.
 */
import { stringifyExact } from "./varlink/exact/write.ts";

/**
 * The stable codes of {@link PortolanError}.
 *
 * | code | means |
 * | --- | --- |
 * | `ABORTED` | the signal of a call, stream or connect was aborted; its reason is `cause` |
 * | `TIMEOUT` | a time limit passed: connecting, `timeout`, `idleTimeout` |
 * | `INVALID_ADDRESS` | an address is malformed, or of a kind unknown or not allowed |
 * | `CONNECT_FAILED` | no connection could be opened |
 * | `CONNECTION_LOST` | the connection ended before the call was answered, or the stream complete |
 * | `COMMAND_FAILED` | the command that was a connection failed, or ended before it answered: a `CommandFailed`, a cause of others |
 * | `CONNECTION_BUSY` | a stream or an upgrade has the only connection there can be |
 * | `CLOSED` | this program closed the client, server or stream |
 * | `LISTEN_FAILED` | an endpoint could not be listened at, or a service not be registered |
 * | `PROTOCOL` | the peer broke the protocol |
 * | `LIMIT_EXCEEDED` | a limit (message size, queued calls, connections) would be passed |
 * | `INVALID_INPUT` | a value given to a call, or an option, does not fit |
 * | `INVALID_REPLY` | a reply does not fit the interface |
 * | `VARLINK_ERROR` | the peer answered with an error: a {@link VarlinkError} |
 * | `ENVELOPE_ERROR` | the peer answered with an error code: an `EnvelopeError` |
 * | `MALFORMED_MESSAGE` | bytes are no message of their type: a `ProtobufError` |
 */
export type ErrorCode =
  /** The signal of a call, stream or connect was aborted; its reason is `cause`. */
  | "ABORTED"
  /** A time limit passed: connecting, a call's `timeout`, a stream's `idleTimeout`. */
  | "TIMEOUT"
  /** An address is malformed, of an unknown kind, or of a kind not allowed here. */
  | "INVALID_ADDRESS"
  /** No connection could be opened. */
  | "CONNECT_FAILED"
  /** The connection ended or broke before the call was answered, or the stream complete. */
  | "CONNECTION_LOST"
  /** A command that a connection was made of has failed: see `CommandFailed`. */
  | "COMMAND_FAILED"
  /** The connection belongs to a stream or an upgrade, and the transport has no other one. */
  | "CONNECTION_BUSY"
  /** The client, server or stream was closed by this program. */
  | "CLOSED"
  /** An endpoint could not be listened at, or a service not be registered. */
  | "LISTEN_FAILED"
  /** The peer broke the protocol. */
  | "PROTOCOL"
  /** A limit (message size, queued calls) would have been passed. */
  | "LIMIT_EXCEEDED"
  /** A value given to a call does not fit the interface. */
  | "INVALID_INPUT"
  /** A reply does not fit the interface. */
  | "INVALID_REPLY"
  /** The peer answered with an error of Varlink: see {@link VarlinkError}. */
  | "VARLINK_ERROR"
  /** The peer of an envelope RPC answered with an error code: see `EnvelopeError`. */
  | "ENVELOPE_ERROR"
  /** Bytes are no message of their type: see `ProtobufError`. */
  | "MALFORMED_MESSAGE";

const BRAND: unique symbol = Symbol.for("portolan.error") as never;

function hasBrand(value: unknown): value is PortolanError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** The base of all errors of this package. */
export class PortolanError extends Error {
  /** One of {@link ErrorCode}, or of a part above the runtime: `portolan/libpod` has its own. */
  readonly code: ErrorCode | (string & {});

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether a value is an error of this class, from whichever copy of the package. */
  static is<E extends PortolanError>(
    this: ErrorType<E>,
    error: unknown,
  ): error is E {
    return this.matches(error);
  }

  /** What `is` and `instanceof` ask; subclasses narrow it. */
  static matches(error: unknown): boolean {
    return hasBrand(error);
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return this.matches(error);
  }
}

Object.defineProperty(PortolanError.prototype, BRAND, { value: true });
Object.defineProperty(PortolanError.prototype, "name", {
  value: "PortolanError",
  writable: true,
  configurable: true,
});

/** A class of errors, for the `this` of static methods that abstract classes share. */
interface ErrorType<E> {
  readonly prototype: E;
  matches(error: unknown): boolean;
}

/** The parameters of an error reply. */
export type ErrorParameters = object;

/**
 * An error that the peer answered with, or that a handler throws to answer
 * with. Errors that a generated interface declares, and the standard ones of
 * `org.varlink.service`, have classes of their own; any other arrives as a plain
 * `VarlinkError` with its name and parameters whole.
 */
export class VarlinkError<
  P extends ErrorParameters = ErrorParameters,
> extends PortolanError {
  /** Fully qualified name: `io.podman.ContainerNotFound`. */
  readonly error: string;
  /** What the error says, as declared by its interface; empty where it says nothing. */
  readonly parameters: P;
  /** Full name of the method that was answered with it; absent on errors made here. */
  declare readonly method?: string;

  constructor(error: string, parameters: P, options?: VarlinkErrorOptions) {
    super(
      "VARLINK_ERROR",
      describe(error, parameters, options?.method),
      options,
    );
    this.error = error;
    this.parameters = parameters;
    if (options?.method !== undefined) this.method = options.method;
    // The short name, as stack traces and consoles print it.
    Object.defineProperty(this, "name", {
      value: error.slice(error.lastIndexOf(".") + 1) || "VarlinkError",
      enumerable: false,
      writable: true,
      configurable: true,
    });
  }

  static override matches(error: unknown): boolean {
    return hasBrand(error) && error.code === "VARLINK_ERROR";
  }
}

const MAX_DESCRIBED = 200;

/** Says which call it was: the stack of an answer begins at the socket. */
function describe(
  error: string,
  parameters: ErrorParameters,
  method: string | undefined,
): string {
  const said = describeParameters(error, parameters);
  return method === undefined ? said : `${said}, in answer to ${method}`;
}

function describeParameters(
  error: string,
  parameters: ErrorParameters,
): string {
  let text: string;
  try {
    text = stringifyExact(parameters) ?? "{}";
  } catch {
    // A cycle: the error matters more than its picture.
    return error;
  }
  if (text === "{}") return error;
  return `${error} ${text.length > MAX_DESCRIBED ? `${text.slice(0, MAX_DESCRIBED)}…` : text}`;
}

/** What an error is made with besides. */
export interface VarlinkErrorOptions extends ErrorOptions {
  /** See {@link VarlinkError.method}. */
  readonly method?: string | undefined;
}

/** Constructor arguments: parameters may be left out where `{}` satisfies them. */
type DeclaredArguments<P> = {} extends P
  ? [parameters?: P, options?: VarlinkErrorOptions]
  : [parameters: P, options?: VarlinkErrorOptions];

/**
 * The base of errors with a class: a subclass names its error in the static
 * `error`, and `Subclass.is(value)` goes by that name.
 */
export abstract class DeclaredError<
  P extends ErrorParameters,
> extends VarlinkError<P> {
  /** Fully qualified name of the error. */
  static readonly error: string = "";

  constructor(...args: DeclaredArguments<P>) {
    super(new.target.error, (args[0] ?? {}) as P, args[1]);
  }

  static override matches(error: unknown): boolean {
    if (!VarlinkError.matches(error)) return false;
    // The abstract class itself has no name: it takes every error.
    return this.error === "" || (error as VarlinkError).error === this.error;
  }
}

/** What something that was thrown says; it need not be an error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
