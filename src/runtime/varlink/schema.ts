import type {
  FieldTypes,
  InterfaceDescriptor,
  MethodDescriptor,
} from "./descriptor.ts";
import { type Check, Checks, type Profile } from "./schema/check.ts";
import { Normalisers, type Walk } from "./schema/normalise.ts";
import type { Problem } from "./schema/problem.ts";
import {
  type Declarations,
  type Field,
  parseDeclarations,
  parseFields,
} from "./schema/type.ts";
import { Zeros } from "./schema/zero.ts";

export { MAX_DEPTH, type Problem } from "./schema/problem.ts";

/**
 * How replies are read. `lenient`: an array or map that is null or absent
 * becomes empty, and nothing is refused. `strict`: what does not fit the
 * interface is a problem, except unknown members and unknown enum values, which
 * a newer peer may send (UAPI.20, Interface Evolution).
 */
export type ReplyMode = "lenient" | "strict";

/** Reads parameters that a peer sent, in place. */
export type Normalise = (
  parameters: object,
  mode: ReplyMode,
) => Problem | undefined;

/** A descriptor as functions: see {@link compileInterface}. */
export interface CompiledInterface {
  /** By the name in the interface: `GetInfo`. */
  readonly methods: ReadonlyMap<string, CompiledMethod>;
  /** Client side: the parameters of error replies, by the name in the interface. */
  readonly errors: ReadonlyMap<string, Normalise>;
  /** Server side: the parameters of errors before they are sent, by the name in the interface. */
  readonly errorReplies: ReadonlyMap<
    string,
    (parameters: object) => Problem | undefined
  >;
}

/** The checks of one method. All return the first problem, or undefined. */
export interface CompiledMethod {
  /**
   * Client side, before sending: types, required members (unless the interface's
   * inputs are partial), NaN and Infinity, values that JSON cannot carry.
   * Members that the interface does not know pass if JSON can carry them.
   */
  checkInput(input: object): Problem | undefined;
  /**
   * Client side, a reply: see {@link ReplyMode}. In lenient mode the only
   * problem is data nested deeper than `MAX_DEPTH`.
   */
  normaliseOutput(parameters: object, mode: ReplyMode): Problem | undefined;
  /**
   * Server side, the parameters of a call. Members that the interface does not
   * know are a problem; with partial inputs they are ignored, and zeros are filled
   * in, in place.
   */
  checkParameters(parameters: object): Problem | undefined;
  /**
   * Server side, a reply before it is sent: exactly what the interface says,
   * enums closed, and no member more, for strict peers refuse those and they
   * may be none of the client's business.
   */
  checkReply(reply: object): Problem | undefined;
  /** Whether the output declares any field. */
  readonly hasOutput: boolean;
}

const compiled = new WeakMap<InterfaceDescriptor, CompiledInterface>();

/**
 * Compiles a descriptor into checks. Cached per descriptor; the closures of a
 * method are made when it is first used.
 *
 * @throws Error where the descriptor has a malformed type or refers to a type
 * that it does not declare: a mistake of whoever made it, never of a peer.
 */
export function compileInterface(
  descriptor: InterfaceDescriptor,
): CompiledInterface {
  let result = compiled.get(descriptor);
  if (result === undefined) {
    result = compile(descriptor);
    compiled.set(descriptor, result);
  }
  return result;
}

function compile(descriptor: InterfaceDescriptor): CompiledInterface {
  const schema = new Schema(descriptor);
  const methods = new Map<string, CompiledMethod>();
  for (const [name, method] of Object.entries(descriptor.methods)) {
    methods.set(
      name,
      new SchemaMethod(schema, method, `${descriptor.interface}.${name}`),
    );
  }
  const errors = new Map<string, Normalise>();
  const errorReplies = new Map<
    string,
    (parameters: object) => Problem | undefined
  >();
  for (const [name, types] of Object.entries(descriptor.errors)) {
    const fields = schema.fields(types, `${descriptor.interface}.${name}`);
    errors.set(name, normaliser(schema, fields));
    errorReplies.set(name, checker(schema.replies, fields));
  }
  return { methods, errors, errorReplies };
}

const REPLY: Profile = {
  unknown: "refuse",
  enums: "closed",
  absent: "refuse",
  outgoing: true,
};
const OUTPUT: Profile = {
  unknown: "ignore",
  enums: "open",
  absent: "refuse",
  outgoing: false,
};

/** What the methods of an interface share. */
class Schema {
  readonly inputs: Checks;
  readonly parameters: Checks;
  readonly replies: Checks;
  readonly outputs: Checks;
  readonly normalisers: Normalisers;
  readonly #declarations: Declarations;

  constructor(descriptor: InterfaceDescriptor) {
    const declarations = parseDeclarations(descriptor);
    const partial = descriptor.inputs === "partial";
    const zeros = partial ? new Zeros(declarations) : undefined;
    this.#declarations = declarations;
    this.inputs = new Checks(
      declarations,
      {
        unknown: "check",
        enums: "closed",
        absent: partial ? "allow" : "refuse",
        outgoing: true,
      },
      zeros,
    );
    this.parameters = new Checks(
      declarations,
      {
        // Go's peers, for which inputs are partial, read past what they do not know.
        unknown: partial ? "ignore" : "refuse",
        enums: "closed",
        absent: partial ? "fill" : "refuse",
        outgoing: false,
      },
      zeros,
    );
    this.replies = new Checks(declarations, REPLY, undefined);
    this.outputs = new Checks(declarations, OUTPUT, undefined);
    this.normalisers = new Normalisers(declarations);
  }

  fields(types: FieldTypes, owner: string): readonly Field[] {
    return parseFields(types, this.#declarations, owner);
  }
}

/** Runs a check that is compiled at its first use. */
function checker(
  checks: Checks,
  fields: readonly Field[],
): (parameters: object) => Problem | undefined {
  let check: Check | undefined;
  return (parameters) => {
    check ??= checks.fields(fields);
    return check(parameters, 0)?.toProblem();
  };
}

function normaliser(schema: Schema, fields: readonly Field[]): Normalise {
  const strict = checker(schema.outputs, fields);
  let walk: Walk | null | undefined;
  return (parameters, mode) => {
    if (mode === "strict") return strict(parameters);
    if (walk === undefined) walk = schema.normalisers.fields(fields) ?? null;
    return walk === null ? undefined : walk(parameters, 0)?.toProblem();
  };
}

class SchemaMethod implements CompiledMethod {
  readonly checkInput: (input: object) => Problem | undefined;
  readonly normaliseOutput: Normalise;
  readonly checkParameters: (parameters: object) => Problem | undefined;
  readonly checkReply: (reply: object) => Problem | undefined;
  readonly hasOutput: boolean;

  constructor(schema: Schema, method: MethodDescriptor, name: string) {
    const input = schema.fields(method.input, `${name} input`);
    const output = schema.fields(method.output, `${name} output`);
    this.checkInput = checker(schema.inputs, input);
    this.checkParameters = checker(schema.parameters, input);
    this.checkReply = checker(schema.replies, output);
    this.normaliseOutput = normaliser(schema, output);
    this.hasOutput = output.length > 0;
  }
}
