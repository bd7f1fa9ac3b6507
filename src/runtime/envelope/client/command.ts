import { messageOf, PortolanError } from "../../errors.ts";
import type {
  EnvelopeDescriptor,
  EnvelopeMethodDescriptor,
  PushEnd,
} from "../descriptor.ts";
import { EnvelopeError } from "../error.ts";
import { frame } from "../framing.ts";
import { fieldOf, hasValue, toNumber, valueAt, withValueAt } from "../paths.ts";

/** Room for what there is none of. */
const EMPTY = new Uint8Array();

/** What the service sent: a push of a command's, or else a reply. */
export interface Received {
  readonly push: Command | undefined;
  readonly response: object;
}

/** A result with the envelope around it. */
export interface Reply {
  readonly result: object | undefined;
  readonly response: object;
}

/** What a client knows of a service: its commands, and how responses are read. */
export class Commands {
  readonly descriptor: EnvelopeDescriptor;
  readonly #maxRequestSize: number;
  readonly #commands = new Map<string, Command>();
  readonly #pushes: readonly Command[];

  constructor(descriptor: EnvelopeDescriptor, maxRequestSize: number) {
    this.descriptor = descriptor;
    this.#maxRequestSize = maxRequestSize;
    this.#pushes = Object.keys(descriptor.methods)
      .map((name) => this.get(name))
      .filter(({ method }) => method.push !== undefined);
  }

  /** A command by its name in request and response. */
  get(name: string): Command {
    let command = this.#commands.get(name);
    if (command === undefined) {
      const { methods } = this.descriptor;
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (method === undefined)
        throw new Error(`${this.descriptor.name} has no command ${name}`);
      command = new Command(
        this.descriptor,
        name,
        method,
        this.#maxRequestSize,
      );
      this.#commands.set(name, command);
    }
    return command;
  }

  /** The subscribing command that a command ends, if it is one that ends any. */
  stoppedBy(command: Command): Command | undefined {
    return this.#pushes.find(
      ({ method }) => method.push?.stop === command.name,
    );
  }

  /**
   * Reads what the service sent. Whether it is a push shows in its fields alone.
   *
   * @throws PortolanError `INVALID_REPLY` for bytes that are no response.
   */
  read(body: Uint8Array): Received {
    let response: object;
    try {
      response = this.descriptor.response.decode(body);
    } catch (cause) {
      const why = messageOf(cause);
      throw new PortolanError(
        "INVALID_REPLY",
        `what the service sent cannot be read: ${why}`,
        { cause },
      );
    }
    const push = this.#pushes.find(
      ({ name }) => fieldOf(response, name) !== undefined,
    );
    return { push, response };
  }
}

/** One command of a service, as its client uses it. */
export class Command {
  readonly service: EnvelopeDescriptor;
  /** Its name in request and response: `Create`. */
  readonly name: string;
  readonly method: EnvelopeMethodDescriptor;
  readonly #maxRequestSize: number;

  constructor(
    service: EnvelopeDescriptor,
    name: string,
    method: EnvelopeMethodDescriptor,
    maxRequestSize: number,
  ) {
    this.service = service;
    this.name = name;
    this.method = method;
    this.#maxRequestSize = maxRequestSize;
  }

  /**
   * A request, framed. What the service demands although its interface does not
   * is filled in.
   *
   * @throws PortolanError `INVALID_INPUT`, `LIMIT_EXCEEDED`.
   */
  encode(input: object): Uint8Array {
    this.checkObject(input);
    const body = this.service.request.encode(
      { [this.name]: input },
      { complete: true },
    );
    if (body.length > this.#maxRequestSize)
      throw new PortolanError(
        "LIMIT_EXCEEDED",
        `the request of ${this.name} has ${body.length} bytes; the limit is ${this.#maxRequestSize} (maxRequestSize)`,
      );
    return frame(body);
  }

  /**
   * The input as the service sees it, without how long it is for: the same bytes
   * for what is the same subscription.
   */
  identify(input: object): Uint8Array {
    this.checkObject(input);
    const way = this.method.ownTime?.field;
    const timeless =
      way === undefined ? input : withValueAt(input, way, undefined);
    return this.method.input.encode(timeless, { complete: true });
  }

  /** A copy of the input that nobody else can change. */
  copy(input: object): object {
    const { input: type } = this.method;
    return type.decode(type.encode(input, { partial: true }), {
      partial: true,
    });
  }

  /** What a reply says: the result, or the error that it is. */
  read(response: object): Reply | EnvelopeError {
    const { service } = this;
    const code = fieldOf(response, service.error) ?? service.absent;
    const result = fieldOf(response, this.name);
    if (code === service.success)
      return {
        // A service need not send a result that says nothing.
        result:
          asObject(result) ??
          this.method.output?.decode(EMPTY, { partial: true }),
        response,
      };
    return this.error(response);
  }

  /** What is pushed with a response. */
  itemOf(response: object): object | undefined {
    return asObject(fieldOf(response, this.name));
  }

  /** The error that is pushed; a push need not say that there is none. */
  pushError(response: object): EnvelopeError | undefined {
    const code = fieldOf(response, this.service.error);
    return code === undefined || code === this.service.success
      ? undefined
      : this.error(response);
  }

  /** The error that a response is, whatever its code. */
  error(response: object): EnvelopeError {
    const { service } = this;
    const code = fieldOf(response, service.error);
    const text =
      service.errorMessage === undefined
        ? undefined
        : fieldOf(response, service.errorMessage);
    return new EnvelopeError(
      typeof code === "number" ? code : service.absent,
      typeof text === "string" ? text : "",
      {
        service: service.name,
        codes: service.codes,
        method: this.name,
        result: asObject(fieldOf(response, this.name)),
        response,
      },
    );
  }

  /**
   * Milliseconds until the reply must be there: the time that the call gives, as
   * it is, or else the usual one and what the command itself may take.
   */
  limit(input: object, given: number | undefined, usual: number): number {
    if (given !== undefined) return given;
    const { extraTime = 0 } = this.method;
    return usual + extraTime + this.#ownTime(input);
  }

  /** Milliseconds that this input lets the service take; `Infinity` where there is no end. */
  #ownTime(input: object): number {
    const { ownTime } = this.method;
    if (ownTime === undefined) return 0;
    const given = toNumber(valueAt(input, ownTime.field));
    return given ?? ownTime.absent ?? Infinity;
  }

  /** Whether the input itself says how much time the service may take. */
  hasOwnTime(input: object): boolean {
    const { ownTime } = this.method;
    return (
      ownTime !== undefined &&
      toNumber(valueAt(input, ownTime.field)) !== undefined
    );
  }

  /** The input with less time of its own, where it gives any. */
  shortened(input: object, passed: number): object {
    const way = this.method.ownTime?.field;
    const given = way && valueAt(input, way);
    const time = toNumber(given);
    if (way === undefined || time === undefined) return input;
    const value = Math.max(0, Math.ceil(time - passed));
    return withValueAt(
      input,
      way,
      typeof given === "bigint"
        ? BigInt(value)
        : typeof given === "string"
          ? String(value)
          : value,
    );
  }

  /** The name of what lives as long as the connection, if this input makes such. */
  boundName(input: object): string | undefined {
    const { bound } = this.method;
    if (bound === undefined) return undefined;
    if (bound.when !== undefined && valueAt(input, bound.when) !== true)
      return undefined;
    return nameAt(input, bound.name);
  }

  /** The name of what does not live as long as the connection once this is done. */
  unboundName(input: object): string | undefined {
    const { unbound } = this.method;
    if (unbound === undefined) return undefined;
    const { name, where = {} } = unbound;
    const applies = Object.entries(where).every(([way, value]) =>
      hasValue(valueAt(input, way.split(".")), value),
    );
    return applies ? nameAt(input, name) : undefined;
  }

  /** Whether a subscription with this input is over after this was pushed. */
  endsAfter(item: object, input: object): boolean {
    const ends = this.method.push?.ends ?? [];
    return ends.some((end) => this.#holds(end, item, input));
  }

  /** @throws PortolanError `INVALID_INPUT` for what cannot be an input at all. */
  checkObject(input: unknown): void {
    if (typeof input !== "object" || input === null || Array.isArray(input))
      throw new PortolanError(
        "INVALID_INPUT",
        `the input of ${this.name} must be an object`,
      );
  }

  #holds(end: PushEnd, item: object, input: object): boolean {
    const { input: inputType, output } = this.method;
    return Object.entries(end).every(([field, expected]) => {
      const found =
        fieldOf(item, field) ?? fieldOf(output?.defaults ?? {}, field);
      if (typeof expected !== "object") return hasValue(found, expected);
      const wanted = fieldOf(input, expected.input);
      const none = fieldOf(inputType.defaults, expected.input);
      return wanted !== undefined && wanted !== none && hasValue(found, wanted);
    });
  }
}

/** A name in a message; empty where there is none. */
function nameAt(message: object, way: readonly string[]): string {
  const name = valueAt(message, way);
  return typeof name === "string" ? name : "";
}

function asObject(value: unknown): object | undefined {
  return typeof value === "object" && value !== null ? value : undefined;
}
