import type {
  FieldTypes,
  InterfaceDescriptor,
  MethodDescriptor,
} from "./descriptor.ts";
import { IntReader } from "./exact/integer.ts";
import { reread } from "./exact/reread.ts";
import { type Write, Writers } from "./exact/write.ts";
import { type Check, Checks, type Profile } from "./schema/check.ts";
import { Normalisers, type Walk } from "./schema/normalise.ts";
import type { Problem } from "./schema/problem.ts";
import { structsWith } from "./schema/reach.ts";
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

/**
 * Reads parameters that a peer sent, in place. `text` is the message that they came
 * in: what a number cannot hold is read again from it, so that it is needed where
 * ints are bigints.
 */
export type Normalise = (
  parameters: object,
  mode: ReplyMode,
  text?: string,
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
   * problem is data nested deeper than `MAX_DEPTH`. `text`: see {@link Normalise}.
   */
  normaliseOutput(
    parameters: object,
    mode: ReplyMode,
    text?: string,
  ): Problem | undefined;
  /**
   * Server side, the parameters of a call. Members that the interface does not
   * know are a problem; with partial inputs they are ignored, and zeros are filled
   * in, in place. `text`: see {@link Normalise}.
   */
  checkParameters(parameters: object, text?: string): Problem | undefined;
  /**
   * Server side, a reply before it is sent: exactly what the interface says,
   * enums closed, and no member more, for strict peers refuse those and they
   * may be none of the client's business.
   */
  checkReply(reply: object): Problem | undefined;
  /** An input that `checkInput` has passed, as JSON. */
  readonly writeInput: Write;
  /** A reply that `checkReply` has passed, as JSON. */
  readonly writeReply: Write;
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

const REPLY = {
  unknown: "refuse",
  enums: "closed",
  absent: "refuse",
  outgoing: true,
} as const satisfies Partial<Profile>;
const OUTPUT = {
  unknown: "ignore",
  enums: "open",
  absent: "refuse",
  outgoing: false,
} as const satisfies Partial<Profile>;

/** What the methods of an interface share. */
class Schema {
  readonly inputs: Checks;
  readonly parameters: Checks;
  readonly replies: Checks;
  readonly outputs: Checks;
  readonly normalisers: Normalisers;
  /** Where ints are bigints: what reads them, and what writes them. */
  readonly ints: IntReader | undefined;
  readonly writers: Writers | undefined;
  readonly #declarations: Declarations;

  constructor(descriptor: InterfaceDescriptor) {
    const declarations = parseDeclarations(descriptor);
    const partial = descriptor.inputs === "partial";
    const { int: ints = "number" } = descriptor;
    const zeros = partial ? new Zeros(declarations, ints) : undefined;
    const exact = ints === "bigint" ? new IntReader() : undefined;
    this.#declarations = declarations;
    this.ints = exact;
    this.inputs = new Checks(
      declarations,
      {
        unknown: "check",
        enums: "closed",
        absent: partial ? "allow" : "refuse",
        outgoing: true,
        ints,
      },
      zeros,
      undefined,
    );
    this.parameters = new Checks(
      declarations,
      {
        // Go's peers, for which inputs are partial, read past what they do not know.
        unknown: partial ? "ignore" : "refuse",
        enums: "closed",
        absent: partial ? "fill" : "refuse",
        outgoing: false,
        ints,
      },
      zeros,
      exact,
    );
    const replies = { ...REPLY, ints };
    this.replies = new Checks(declarations, replies, undefined, undefined);
    const outputs = { ...OUTPUT, ints };
    this.outputs = new Checks(declarations, outputs, undefined, exact);
    this.normalisers = new Normalisers(declarations, exact);
    this.writers =
      ints === "bigint"
        ? new Writers(
            declarations,
            structsWith(declarations, ({ end }) => end === "int"),
          )
        : undefined;
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
  const strict = reader(checker(schema.outputs, fields), schema.ints, false);
  let walk: Walk | null | undefined;
  const lenient = reader(
    (parameters) => {
      if (walk === undefined) walk = schema.normalisers.fields(fields) ?? null;
      return walk === null ? undefined : walk(parameters, 0)?.toProblem();
    },
    schema.ints,
    true,
  );
  return (parameters, mode, text) =>
    mode === "strict" ? strict(parameters, text) : lenient(parameters, text);
}

/** Reads integers again from the text, where JSON.parse has rounded any. */
function reader(
  read: (parameters: object) => Problem | undefined,
  ints: IntReader | undefined,
  lenient: boolean,
): (parameters: object, text?: string) => Problem | undefined {
  if (ints === undefined) return read;
  return (parameters, text) => {
    ints.rounded = false;
    const problem = read(parameters);
    if (problem !== undefined || !ints.rounded) return problem;
    if (text === undefined)
      throw new Error("exact integers are read from the text of their message");
    return reread(text, parameters, lenient ? "lenient" : "all");
  };
}

const stringify: Write = (value) => JSON.stringify(value);

/** Runs a writer that is compiled at its first use. */
function writer(writers: Writers | undefined, fields: readonly Field[]): Write {
  if (writers === undefined) return stringify;
  let write: Write | undefined;
  return (value) => {
    write ??= writers.fields(fields);
    return write(value);
  };
}

class SchemaMethod implements CompiledMethod {
  readonly checkInput: (input: object) => Problem | undefined;
  readonly normaliseOutput: Normalise;
  readonly checkParameters: (
    parameters: object,
    text?: string,
  ) => Problem | undefined;
  readonly checkReply: (reply: object) => Problem | undefined;
  readonly writeInput: Write;
  readonly writeReply: Write;
  readonly hasOutput: boolean;

  constructor(schema: Schema, method: MethodDescriptor, name: string) {
    const input = schema.fields(method.input, `${name} input`);
    const output = schema.fields(method.output, `${name} output`);
    this.checkInput = checker(schema.inputs, input);
    this.checkParameters = reader(
      checker(schema.parameters, input),
      schema.ints,
      false,
    );
    this.checkReply = checker(schema.replies, output);
    this.normaliseOutput = normaliser(schema, output);
    this.writeInput = writer(schema.writers, input);
    this.writeReply = writer(schema.writers, output);
    this.hasOutput = output.length > 0;
  }
}
