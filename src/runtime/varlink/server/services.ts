import { PortolanError } from "../../errors.ts";
import { type AnyHandler, findHandler } from "../../serving/handlers.ts";
import type { InterfaceDescriptor, MethodDescriptor } from "../descriptor.ts";
import { methodNames } from "../names.ts";
import {
  type CompiledInterface,
  type CompiledMethod,
  compileInterface,
  type Outgoing,
} from "../schema.ts";
import type { Service } from "../service.ts";
import { usualBeginning } from "./message.ts";

/** A method of a registered interface. */
export class Operation {
  /** Fully qualified. */
  readonly method: string;
  /** What its calls begin with, in the usual form. */
  readonly beginning: string;
  readonly schema: CompiledMethod;
  /** In which form alone it can be called, or in which two. */
  readonly requiresMore: boolean;
  readonly requiresUpgrade: boolean;
  /** Whether it is known not to upgrade. */
  readonly refusesUpgrade: boolean;
  readonly handlers: object;
  /** The name of its handler. */
  readonly name: string;

  /** @param marked Whether methods that upgrade are marked in this interface. */
  constructor(
    method: string,
    name: string,
    schema: CompiledMethod,
    descriptor: MethodDescriptor | undefined,
    handlers: object,
    marked: boolean,
  ) {
    this.method = method;
    this.beginning = usualBeginning(method);
    this.name = name;
    this.schema = schema;
    this.requiresMore = descriptor?.more === "required";
    this.requiresUpgrade = descriptor?.upgrade === "required";
    this.refusesUpgrade = marked && descriptor?.upgrade === undefined;
    this.handlers = handlers;
  }

  /** The handler, or undefined: then the method is not implemented. */
  find(): AnyHandler | undefined {
    const handler = findHandler(this.handlers, this.name);
    return typeof handler === "function" ? (handler as AnyHandler) : undefined;
  }
}

interface Registered {
  readonly descriptor: InterfaceDescriptor;
  readonly compiled: CompiledInterface;
}

/** The interfaces of a server, in the order in which they were added. */
export class Services {
  readonly #interfaces = new Map<string, Registered>();
  readonly #operations = new Map<string, Operation>();

  /**
   * @throws PortolanError `INVALID_INPUT` if the interface is there already, or a
   * handler is not a function.
   */
  add(service: Service): void {
    const { descriptor, handlers } = service;
    const name = descriptor.interface;
    if (this.#interfaces.has(name)) {
      throw new PortolanError(
        "INVALID_INPUT",
        `the server has the interface ${name} already`,
      );
    }
    const compiled = compileInterface(descriptor);
    const operations: Operation[] = [];
    // Most interfaces mark nothing, so that nothing follows from a missing mark.
    const marked = Object.values(descriptor.methods).some(
      ({ upgrade }) => upgrade !== undefined,
    );
    for (const [method, handlerName] of methodNames(compiled.methods.keys())) {
      const schema = compiled.methods.get(method);
      if (schema === undefined) continue;
      const handler = findHandler(handlers, handlerName);
      if (handler !== undefined && typeof handler !== "function") {
        throw new PortolanError(
          "INVALID_INPUT",
          `the handler ${handlerName} of ${name} is not a function`,
        );
      }
      operations.push(
        new Operation(
          `${name}.${method}`,
          handlerName,
          schema,
          descriptor.methods[method],
          handlers,
          marked,
        ),
      );
    }
    for (const operation of operations)
      this.#operations.set(operation.method, operation);
    this.#interfaces.set(name, { descriptor, compiled });
  }

  /** A method by its fully qualified name. */
  operation(method: string): Operation | undefined {
    return this.#operations.get(method);
  }

  get names(): string[] {
    return [...this.#interfaces.keys()];
  }

  has(name: string): boolean {
    return this.#interfaces.has(name);
  }

  descriptor(name: string): InterfaceDescriptor | undefined {
    return this.#interfaces.get(name)?.descriptor;
  }

  /** How the parameters of an error that a registered interface declares are sent. */
  errorReply(error: string): Outgoing | undefined {
    const dot = error.lastIndexOf(".");
    const declaring = this.#interfaces.get(error.slice(0, dot));
    return declaring?.compiled.errorReplies.get(error.slice(dot + 1));
  }
}
