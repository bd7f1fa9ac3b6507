import type {
  FieldTypes,
  InterfaceDescriptor,
} from "../../../src/runtime/varlink/descriptor.ts";
import {
  compileInterface,
  type CompiledMethod,
} from "../../../src/runtime/varlink/schema.ts";

/** A descriptor whose ints are bigints, of one method with the same input and output. */
export function exactly(
  fields: FieldTypes,
  types: InterfaceDescriptor["types"] = {},
  inputs: "exact" | "partial" = "exact",
): InterfaceDescriptor {
  return {
    interface: "org.example.exact",
    inputs,
    int: "bigint",
    types,
    methods: { Test: { input: fields, output: fields } },
    errors: { Broken: fields },
    description: [],
  };
}

/** The checks of that method. */
export function compileExactly(
  ...args: Parameters<typeof exactly>
): CompiledMethod {
  const method = compileInterface(exactly(...args)).methods.get("Test");
  if (method === undefined) throw new Error("the method is missing");
  return method;
}

/** What came of reading parameters: their problem, or they themselves. */
export type Outcome = { readonly problem: string } | { readonly value: object };

/** Reads the parameters of a reply from its text, as a client does. */
export function readReply(
  method: CompiledMethod,
  text: string,
  mode: "lenient" | "strict" = "lenient",
): Outcome {
  const message = `{"parameters":${text}}`;
  const parameters = JSON.parse(text) as object;
  const problem = method.normaliseOutput(parameters, mode, message);
  return problem === undefined
    ? { value: parameters }
    : { problem: `${problem.path}: ${problem.message}` };
}

/** Reads the parameters of a call from its text, as a server does. */
export function readCall(method: CompiledMethod, text: string): Outcome {
  const message = `{"method":"org.example.exact.Test","parameters":${text}}`;
  const parameters = JSON.parse(text) as object;
  const problem = method.checkParameters(parameters, message);
  return problem === undefined
    ? { value: parameters }
    : { problem: `${problem.path}: ${problem.message}` };
}
