import { PortolanError } from "../errors.ts";

/** What an error of an envelope RPC is made with besides. */
export interface EnvelopeErrorOptions<
  R extends object = object,
> extends ErrorOptions {
  /** See {@link EnvelopeError.result}. */
  readonly result?: object | undefined;
  /** See {@link EnvelopeError.response}. */
  readonly response?: R | undefined;
  /** See {@link EnvelopeError.method}. */
  readonly method?: string | undefined;
  /** See {@link EnvelopeError.service}. Default: the class's own. */
  readonly service?: string | undefined;
  /** The error codes by name. Default: the class's own. */
  readonly codes?: { readonly [name: string]: number } | undefined;
}

/**
 * An error code that the peer of an envelope RPC answered with, or that a handler
 * throws to answer with. Every service has a class of its own, generated, whose
 * `is` and `instanceof` go by the service's name, so that copies of the package
 * understand each other.
 *
 * @typeParam E The error codes.
 * @typeParam R The response message.
 */
export class EnvelopeError<
  E extends number = number,
  R extends object = object,
> extends PortolanError {
  /** The name of the service whose errors the class stands for; empty for any. */
  static readonly service: string = "";
  /** The error codes by name. */
  static readonly codes: { readonly [name: string]: number } = {};

  /** The service it comes from: `Porto`. */
  readonly service: string;
  /** The error code. A response without one has the code that absence means. */
  readonly error: E;
  /**
   * The code's name, or its number where it has none. Also the error's `name`, so
   * that the message says it only where there is no `text`.
   */
  readonly errorName: string;
  /** What the service says of it, in its own words; empty where it says nothing. */
  readonly text: string;
  /** The command that was answered with it; absent on errors made here. */
  declare readonly method?: string;
  /** The command's result, as far as the service gave one beside the error. */
  declare readonly result?: object;
  /** The whole response; absent on errors made here. */
  declare readonly response?: R;

  /**
   * @param error The code.
   * @param text What the client is told of it.
   */
  constructor(error: E, text = "", options: EnvelopeErrorOptions<R> = {}) {
    const { method, result, response } = options;
    const errorName = nameOf(error, options.codes ?? new.target.codes);
    const said = text === "" ? errorName : text;
    super("ENVELOPE_ERROR", describe(said, method), options);
    this.service = options.service ?? new.target.service;
    this.error = error;
    this.errorName = errorName;
    this.text = text;
    if (method !== undefined) this.method = method;
    if (result !== undefined) this.result = result;
    if (response !== undefined) this.response = response;
    Object.defineProperty(this, "name", {
      value: errorName,
      enumerable: false,
      writable: true,
      configurable: true,
    });
    if (text === "") nameOnce(this);
  }

  /** Name and message, or just the message where that begins with the name. */
  override toString(): string {
    return this.text === "" && this.name === this.errorName
      ? this.message
      : super.toString();
  }

  static override matches(error: unknown): boolean {
    if (!PortolanError.is(error) || error.code !== "ENVELOPE_ERROR")
      return false;
    return (
      this.service === "" || (error as EnvelopeError).service === this.service
    );
  }
}

/** The first name of a code: aliases come after. */
function nameOf(
  error: number,
  codes: { readonly [name: string]: number },
): string {
  for (const [name, code] of Object.entries(codes))
    if (code === error) return name;
  return String(error);
}

/** Without a text the message begins with the name, which a stack has before it. */
function nameOnce(error: EnvelopeError): void {
  const { message, stack = "" } = error;
  const frames = stack.indexOf("\n    at ");
  error.stack = frames === -1 ? message : message + stack.slice(frames);
}

/** Says which call it was: the stack of an answer begins at the socket. */
function describe(said: string, method: string | undefined): string {
  return method === undefined ? said : `${said}, in answer to ${method}`;
}
