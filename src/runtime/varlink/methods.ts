import type { InterfaceDescriptor } from "./descriptor.ts";
import { callOnce, callUpgrade } from "./call.ts";
import type { Dispatcher } from "./dispatch.ts";
import { stringifyExact } from "./exact/write.ts";
import type { MethodRules } from "./exchange.ts";
import { methodNames } from "./names.ts";
import { compileInterface, type Normalise } from "./schema.ts";
import { checkJsonObject } from "./schema/json.ts";
import { callMore } from "./stream.ts";
import type { CallOptions, Stream, StreamOptions, Upgraded } from "./types.ts";

/** A method of a typed client, its types left to generated code. */
export interface UntypedMethod {
  (input?: object, options?: CallOptions): Promise<object>;
  more(input?: object, options?: StreamOptions): Stream<object>;
  oneway(input?: object, options?: CallOptions): Promise<void>;
  upgrade(input?: object, options?: CallOptions): Promise<Upgraded<object>>;
}

const NO_INPUT: object = Object.freeze({});
const NO_OPTIONS: CallOptions = Object.freeze({});

/**
 * The rules of a method of which only the name is known: its input must be JSON,
 * with bigints where integers are to be exact. Replies are JSON.parse's.
 */
export function undescribed(method: string): MethodRules {
  return {
    method,
    checkInput: (input) => checkJsonObject(input, 0, "allow")?.toProblem(),
    stringify: stringifyExact,
    normaliseOutput: undefined,
    errors: undefined,
  };
}

/** How the methods of an interface are called in TypeScript, and their rules. */
export interface InterfaceRules {
  /** Property names with the wire names of their methods. */
  readonly names: ReadonlyMap<string, string>;
  /** By wire name. */
  rulesOf(wireName: string): MethodRules;
}

const known = new WeakMap<InterfaceDescriptor, InterfaceRules>();

export function interfaceRules(
  descriptor: InterfaceDescriptor,
): InterfaceRules {
  let rules = known.get(descriptor);
  if (rules === undefined) {
    rules = makeRules(descriptor);
    known.set(descriptor, rules);
  }
  return rules;
}

function makeRules(descriptor: InterfaceDescriptor): InterfaceRules {
  const names = new Map<string, string>();
  for (const [wireName, name] of methodNames(Object.keys(descriptor.methods))) {
    names.set(name, wireName);
  }
  let errors: Map<string, Normalise> | undefined;
  const made = new Map<string, MethodRules>();
  return {
    names,
    rulesOf(wireName) {
      let rules = made.get(wireName);
      if (rules === undefined) {
        const compiled = compileInterface(descriptor);
        errors ??= new Map(
          [...compiled.errors].map(([name, read]) => [
            `${descriptor.interface}.${name}`,
            read,
          ]),
        );
        const method = compiled.methods.get(wireName);
        if (method === undefined) {
          throw new Error(`${descriptor.interface} has no method ${wireName}`);
        }
        rules = {
          method: `${descriptor.interface}.${wireName}`,
          checkInput: (input) => method.checkInput(input),
          stringify: method.writeInput,
          normaliseOutput: (parameters, mode, text) =>
            method.normaliseOutput(parameters, mode, text),
          errors,
        };
        made.set(wireName, rules);
      }
      return rules;
    },
  };
}

/** Makes one method of a client. */
export function makeMethod(
  dispatcher: Dispatcher,
  rules: MethodRules,
): UntypedMethod {
  const call = (
    input: object = NO_INPUT,
    options: CallOptions = NO_OPTIONS,
  ): Promise<object> => callOnce(dispatcher, rules, "call", input, options);
  const more = (
    input: object = NO_INPUT,
    options: StreamOptions = NO_OPTIONS,
  ): Stream<object> => callMore(dispatcher, rules, input, options);
  const oneway = async (
    input: object = NO_INPUT,
    options: CallOptions = NO_OPTIONS,
  ): Promise<void> => {
    await callOnce(dispatcher, rules, "oneway", input, options);
  };
  const upgrade = (
    input: object = NO_INPUT,
    options: CallOptions = NO_OPTIONS,
  ): Promise<Upgraded<object>> =>
    callUpgrade(dispatcher, rules, input, options);
  return Object.assign(call, { more, oneway, upgrade });
}
