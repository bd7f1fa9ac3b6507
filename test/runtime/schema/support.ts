import type {
  FieldTypes,
  InterfaceDescriptor,
} from "../../../src/runtime/varlink/descriptor.ts";
import {
  compileInterface,
  type CompiledMethod,
} from "../../../src/runtime/varlink/schema.ts";

export type Types = InterfaceDescriptor["types"];

/** The checks of a method whose input and output are the same fields. */
export function compile(
  fields: FieldTypes,
  types: Types = {},
  inputs: "exact" | "partial" = "exact",
): CompiledMethod {
  const descriptor: InterfaceDescriptor = {
    interface: "org.example.schema",
    inputs,
    types,
    methods: { Test: { input: fields, output: fields } },
    errors: {},
    description: [],
  };
  const method = compileInterface(descriptor).methods.get("Test");
  if (method === undefined) throw new Error("the method is missing");
  return method;
}

/** The check of one field `value` in the input. */
export function checkValue(
  type: string,
  value: unknown,
  types: Types = {},
): string | undefined {
  const problem = compile({ value: type }, types).checkInput({ value });
  return problem === undefined
    ? undefined
    : `${problem.path}: ${problem.message}`;
}

export const struct: Types = { Point: { x: "int", y: "int" } };
export const colour: Types = { Colour: ["red", "green", "blue"] };

export function parse(text: string): object {
  return JSON.parse(text) as object;
}
