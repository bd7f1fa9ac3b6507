import { messageOf, PortolanError } from "../../errors.ts";
import type {
  EnvelopeDescriptor,
  EnvelopeFailure,
  EnvelopeFailures,
} from "../descriptor.ts";
import { EnvelopeError } from "../error.ts";
import type { Command } from "./commands.ts";

/** A reply as it is sent. */
export interface Reply {
  readonly body: Uint8Array;
  /** The error code that it has. */
  readonly code: number;
  /** For the server's `onError`, if there is something wrong on this side. */
  readonly report?: unknown;
}

type Fields = { [name: string]: unknown };

/** Makes the responses of a service. */
export class Replies {
  readonly #descriptor: EnvelopeDescriptor;
  readonly #clock: () => number;

  /** @throws PortolanError `INVALID_INPUT` for a clock or failure that cannot be sent. */
  constructor(descriptor: EnvelopeDescriptor, clock: () => number) {
    this.#descriptor = descriptor;
    this.#clock = clock;
    // Better now than at the first client's mistake.
    for (const kind of FAILURES) this.failure(kind, this.now());
  }

  /**
   * The time of a request, to be taken when it is taken up: as the response's
   * field has it, in seconds.
   */
  now(): unknown {
    const { timestamp, response } = this.#descriptor;
    if (timestamp === undefined) return undefined;
    const seconds = Math.floor(this.#clock() / 1000);
    if (!Number.isSafeInteger(seconds))
      throw new PortolanError("INVALID_INPUT", "clock must give milliseconds");
    // The code was generated for one of three spellings of 64 bits; what an
    // absent field means tells which.
    const zero: unknown =
      response.defaults[timestamp as keyof typeof response.defaults];
    if (typeof zero === "bigint") return BigInt(seconds);
    return typeof zero === "string" ? String(seconds) : seconds;
  }

  /** @throws PortolanError `INVALID_REPLY` for a result that does not fit. */
  success(command: Command, result: unknown, time: unknown): Reply {
    const { success } = this.#descriptor;
    const { bare, output, push } = command.descriptor;
    const fields =
      bare === true ? this.#bare(success) : this.#full(success, "", time);
    // What a subscription has to say is pushed, and what a command without a
    // result returns is nobody's business (an arrow function returns something).
    if (output !== undefined && push === undefined && result !== undefined)
      fields[command.name] = checkResult(command, result);
    return { body: this.#encode(command, fields), code: success };
  }

  /** @throws PortolanError `INVALID_REPLY` for an item that does not fit. */
  push(command: Command, item: unknown): Uint8Array {
    const fields = this.#bare(this.#descriptor.success);
    fields[command.name] = checkResult(command, item);
    return this.#encode(command, fields);
  }

  /** What the server answers by itself. */
  failure(kind: keyof EnvelopeFailures, time: unknown): Reply {
    const { absent, failures, response } = this.#descriptor;
    const failure: EnvelopeFailure = failures?.[kind] ?? { code: absent };
    const fields = this.#full(failure.code, failure.text ?? "", time);
    return { body: response.encode(fields, COMPLETE), code: failure.code };
  }

  /**
   * The reply to something that a handler threw. Errors of the service are
   * answered as they are, with the part of a result that they have; all others
   * without details, for those are nobody's business but the server's.
   */
  thrown(command: Command, thrown: unknown, time: unknown): Reply {
    if (!this.#isAnswer(thrown)) {
      // A handler may throw undefined, and that has to be reported as well.
      const report = thrown ?? new Error(`a handler threw ${String(thrown)}`);
      return { ...this.failure("internal", time), report };
    }
    const { error: code, text, result } = thrown;
    const fields = this.#full(code, text, time);
    try {
      if (command.descriptor.output !== undefined && result !== undefined)
        fields[command.name] = checkResult(command, result);
      return { body: this.#encode(command, fields), code };
    } catch (report) {
      return this.#withoutResult(command, thrown, time, report);
    }
  }

  /** The error matters more than a result that does not fit beside it. */
  #withoutResult(
    command: Command,
    thrown: EnvelopeError,
    time: unknown,
    report: unknown,
  ): Reply {
    const { error: code, text } = thrown;
    try {
      const fields = this.#full(code, text, time);
      return {
        body: this.#descriptor.response.encode(fields, COMPLETE),
        code,
        report,
      };
    } catch (unsendable) {
      // A code that its enum does not declare, or a text that is none.
      return {
        ...this.failure("internal", time),
        report: new PortolanError(
          "INVALID_REPLY",
          `the error that the handler of ${command.name} threw cannot be sent: ${messageOf(unsendable)}`,
          { cause: thrown },
        ),
      };
    }
  }

  /**
   * Codes of another service would mean something else here, and a handler that
   * throws has not succeeded, whatever it says.
   */
  #isAnswer(thrown: unknown): thrown is EnvelopeError {
    return (
      EnvelopeError.is(thrown) &&
      thrown.error !== this.#descriptor.success &&
      (thrown.service === this.#descriptor.name || thrown.service === "")
    );
  }

  #bare(code: number): Fields {
    // Without a prototype, so that every name is but a name.
    const fields = Object.create(null) as Fields;
    fields[this.#descriptor.error] = code;
    return fields;
  }

  #full(code: number, text: string, time: unknown): Fields {
    const { errorMessage, timestamp } = this.#descriptor;
    const fields = this.#bare(code);
    if (errorMessage !== undefined) fields[errorMessage] = text;
    if (timestamp !== undefined) fields[timestamp] = time;
    return fields;
  }

  #encode(command: Command, fields: Fields): Uint8Array {
    try {
      return this.#descriptor.response.encode(fields, COMPLETE);
    } catch (cause) {
      throw invalidReply(command, messageOf(cause), cause);
    }
  }
}

const FAILURES = ["method", "subscription", "internal"] as const;

/** Clients may demand more than the interface says that there is. */
const COMPLETE = { complete: true } as const;

function checkResult(command: Command, result: unknown): object {
  if (
    typeof result === "object" &&
    result !== null &&
    !Array.isArray(result) &&
    !(Symbol.iterator in result) &&
    !(Symbol.asyncIterator in result)
  )
    return result;
  const kind = result === null ? "null" : typeof result;
  const got = kind === "object" ? "an iterable" : kind;
  throw invalidReply(command, `expected a message, got ${got}`);
}

function invalidReply(
  command: Command,
  reason: string,
  cause?: unknown,
): PortolanError {
  return new PortolanError(
    "INVALID_REPLY",
    `the reply to ${command.name} does not fit the interface: ${reason}`,
    cause === undefined ? undefined : { cause },
  );
}
