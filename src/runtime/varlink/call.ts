import type { PortolanError } from "../errors.ts";
import type { Dispatcher } from "./dispatch.ts";
import { ActiveCall, type MethodRules } from "./exchange.ts";
import type { CallMode, Reply } from "./messages.ts";
import type { RawStream } from "./raw.ts";
import type { CallOptions, Upgraded } from "./types.ts";
import { UpgradedConnection } from "./upgraded.ts";

type Resolve = (parameters: object) => void;
type Reject = (error: unknown) => void;

/** A call with one reply, be it an upgrade's, or, oneway, with none. */
class SingleCall extends ActiveCall {
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  #mayResend: boolean;

  constructor(
    dispatcher: Dispatcher,
    rules: MethodRules,
    mode: Exclude<CallMode, "more">,
    input: object,
    options: CallOptions,
    resolve: Resolve,
    reject: Reject,
  ) {
    super(dispatcher, rules, mode, input, options);
    this.#resolve = resolve;
    this.#reject = reject;
    this.#mayResend = options.idempotent === true;
  }

  override onReply(reply: Reply, raw?: RawStream): void {
    const result = this.read(reply);
    // Two roads, so that errors of another kind can never look like results.
    if (reply.error === undefined && !isError(result)) {
      this.finish();
      this.#resolve(this.#resultOf(result, raw));
    } else {
      // Confirmed, and nobody will use it.
      raw?.destroy();
      this.#fail(result as PortolanError);
    }
  }

  override onWritten(): void {
    this.finish();
    this.#resolve({});
  }

  override onFailed(failure: PortolanError): void {
    const error = this.reasonFor(failure);
    if (
      this.#mayResend &&
      this.connection !== undefined &&
      error.code === "CONNECTION_LOST"
    ) {
      this.#mayResend = false;
      this.connection = undefined;
      this.dispatcher.dispatch(this);
      return;
    }
    this.#fail(error);
  }

  #resultOf(output: object, raw: RawStream | undefined): object {
    const { connection } = this;
    if (raw === undefined || connection === undefined) return output;
    return new UpgradedConnection(output, raw, connection);
  }

  #fail(error: PortolanError): void {
    this.finish(error);
    this.#reject(error);
  }
}

function isError(result: object): result is PortolanError {
  return result instanceof Error;
}

/** Calls a method with the `upgrade` flag. */
export function callUpgrade(
  dispatcher: Dispatcher,
  rules: MethodRules,
  input: object,
  options: CallOptions,
): Promise<Upgraded<object>> {
  const upgraded = callOnce(dispatcher, rules, "upgrade", input, options);
  return upgraded as Promise<Upgraded<object>>;
}

/** Calls a method; the promise is that of its reply, or of the message being written. */
export function callOnce(
  dispatcher: Dispatcher,
  rules: MethodRules,
  mode: Exclude<CallMode, "more">,
  input: object,
  options: CallOptions,
): Promise<object> {
  return new Promise((resolve, reject) => {
    new SingleCall(
      dispatcher,
      rules,
      mode,
      input,
      options,
      resolve,
      reject,
    ).begin();
  });
}
