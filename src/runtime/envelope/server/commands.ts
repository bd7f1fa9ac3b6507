import { PortolanError } from "../../errors.ts";
import { type AnyHandler, findHandler } from "../../serving/handlers.ts";
import { methodNames } from "../../varlink/names.ts";
import type {
  AnyMessageType,
  EnvelopeMethodDescriptor,
} from "../descriptor.ts";
import { fieldOf } from "../paths.ts";
import type { EnvelopeService } from "../service.ts";

/** A command of a service. */
export class Command {
  /** Its name in request and response. */
  readonly name: string;
  readonly descriptor: EnvelopeMethodDescriptor;
  readonly handlers: object;
  /** The subscribing command that this one ends. */
  readonly stops: Command | undefined;
  readonly #handlerName: string;

  constructor(
    name: string,
    descriptor: EnvelopeMethodDescriptor,
    handlers: object,
    handlerName: string,
    stops: Command | undefined,
  ) {
    this.name = name;
    this.descriptor = descriptor;
    this.handlers = handlers;
    this.stops = stops;
    this.#handlerName = handlerName;
  }

  /** The handler, or undefined: then the command is not served. */
  find(): AnyHandler | undefined {
    const handler = findHandler(this.handlers, this.#handlerName);
    return typeof handler === "function" ? (handler as AnyHandler) : undefined;
  }
}

/** A command in a request. */
export interface ReceivedCommand {
  readonly command: Command;
  readonly input: object;
}

/** The commands of a service, and how they are found in requests. */
export class Commands {
  readonly #request: AnyMessageType;
  /** In the order in which they are looked for. */
  readonly #commands: readonly Command[];

  /**
   * @throws PortolanError `INVALID_INPUT` for a handler that is not a function or
   * has nothing to answer.
   */
  constructor({ descriptor, handlers }: EnvelopeService) {
    const { methods, priority = [], request } = descriptor;
    this.#request = request;
    const names = methodNames(Object.keys(methods));
    const stops = new Map<string, string>();
    for (const [name, { push }] of Object.entries(methods)) {
      if (push?.stop !== undefined) stops.set(push.stop, name);
    }
    const commands = new Map<string, Command>();
    const add = (name: string): Command | undefined => {
      const known = commands.get(name);
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (known !== undefined || method === undefined) return known;
      const handlerName = names.get(name) ?? name;
      const stopped = stops.get(name);
      const handler = findHandler(handlers, handlerName);
      checkHandler(descriptor.name, handlerName, handler, stopped);
      const command = new Command(
        name,
        method,
        handlers,
        handlerName,
        stopped === undefined ? undefined : add(stopped),
      );
      commands.set(name, command);
      return command;
    };
    for (const name of names.keys()) add(name);
    this.#commands = [...new Set([...priority, ...names.keys()])].flatMap(
      (name) => commands.get(name) ?? [],
    );
  }

  /** @throws ProtobufError for what is no request. */
  decode(body: Uint8Array): object {
    return this.#request.decode(body);
  }

  /** The first command of a request. */
  find(request: object): ReceivedCommand | undefined {
    for (const command of this.#commands) {
      const { name } = command;
      const input = fieldOf(request, name);
      if (typeof input === "object" && input !== null)
        return { command, input };
    }
    return undefined;
  }
}

function checkHandler(
  service: string,
  name: string,
  handler: unknown,
  stopped: string | undefined,
): void {
  if (handler === undefined) return;
  const problem =
    typeof handler !== "function"
      ? "is not a function"
      : stopped !== undefined
        ? `would never be called: the server itself ends what ${stopped} began`
        : undefined;
  if (problem !== undefined)
    throw new PortolanError(
      "INVALID_INPUT",
      `the handler ${name} of ${service} ${problem}`,
    );
}
