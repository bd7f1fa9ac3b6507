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

/**
 * How calls are read: see the option `calls` of servers. Where the interface is
 * concerned, `lenient` drops parameters, and members of them, that it does not know.
 */
export type CallReading = "strict" | "lenient";

/** What a peer is sent: its check, and, where it has passed, its JSON. */
export interface Outgoing {
  /** The first problem, or undefined. */
  readonly check: (value: object) => Problem | undefined;
  /**
   * The value that `check` has passed last, as JSON. Fields of structs that are null
   * are left out, as if they were absent; nulls in arrays, in maps and in values of
   * which the interface does not say what they are stay.
   */
  readonly write: Write;
}

/** A descriptor as functions: see {@link compileInterface}. */
export interface CompiledInterface {
  /** By the name in the interface: `GetInfo`. */
  readonly methods: ReadonlyMap<string, CompiledMethod>;
  /** Client side: the parameters of error replies, by the name in the interface. */
  readonly errors: ReadonlyMap<string, Normalise>;
  /** Server side: the parameters of errors, by the name in the interface. */
  readonly errorReplies: ReadonlyMap<string, Outgoing>;
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
   * problems are data nested deeper than `MAX_DEPTH` and more than `MAX_FILLED`
   * empty arrays and maps to be put in. `text`: see {@link Normalise}.
   */
  normaliseOutput(
    parameters: object,
    mode: ReplyMode,
    text?: string,
  ): Problem | undefined;
  /**
   * Server side, the parameters of a call. Members that the interface does not
   * know are a problem, unless calls are read leniently; with partial inputs they
   * are left out in either case, and zeros are filled in. What is dropped or filled
   * in changes in place. `text`: see {@link Normalise}. `mode`: `strict` by default.
   */
  checkParameters(
    parameters: object,
    text?: string,
    mode?: CallReading,
  ): Problem | undefined;
  /**
   * Server side, a reply before it is sent: exactly what the interface says,
   * enums closed, and no member more, for strict peers refuse those and they
   * may be none of the client's business.
   */
  checkReply(reply: object): Problem | undefined;
  /** The input that `checkInput` has passed last, as JSON: see {@link Outgoing}. */
  readonly writeInput: Write;
  /** The reply that `checkReply` has passed last, as JSON: see {@link Outgoing}. */
  readonly writeReply: Write;
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
  const errorReplies = new Map<string, Outgoing>();
  for (const [name, types] of Object.entries(descriptor.errors)) {
    const fields = schema.fields(types, `${descriptor.interface}.${name}`);
    errors.set(name, normaliser(schema, fields));
    errorReplies.set(name, outgoing(schema, schema.replies, fields));
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
  readonly parameters: { readonly [mode in CallReading]: Checks };
  readonly replies: Checks;
  readonly outputs: Checks;
  readonly normalisers: Normalisers;
  /** Where ints are bigints: what reads them, and what writes them. */
  readonly ints: IntReader | undefined;
  readonly writers: Writers | undefined;
  readonly #declarations: Declarations;
  readonly #partial: boolean;
  #sparse: Writers | undefined;

  constructor(descriptor: InterfaceDescriptor) {
    const declarations = parseDeclarations(descriptor);
    const partial = descriptor.inputs === "partial";
    const { int: ints = "number" } = descriptor;
    const zeros = partial ? new Zeros(declarations, ints) : undefined;
    const exact = ints === "bigint" ? new IntReader() : undefined;
    this.#declarations = declarations;
    this.#partial = partial;
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
    const parameters = (unknown: Profile["unknown"]): Checks =>
      new Checks(
        declarations,
        {
          unknown,
          enums: "closed",
          absent: partial ? "fill" : "refuse",
          outgoing: false,
          ints,
        },
        zeros,
        exact,
      );
    this.parameters = {
      // Go's peers, for which inputs are partial, read past what they do not know.
      strict: parameters(partial ? "drop" : "refuse"),
      lenient: parameters("drop"),
    };
    const replies = { ...REPLY, ints };
    this.replies = new Checks(declarations, replies, undefined, undefined);
    const outputs = { ...OUTPUT, ints };
    this.outputs = new Checks(declarations, outputs, undefined, exact);
    this.normalisers = new Normalisers(declarations, exact);
    this.writers =
      ints === "bigint"
        ? new Writers(declarations, { ints: true, nulls: "none" })
        : undefined;
  }

  /** What writes values that have nulls to be left out. */
  get sparse(): Writers {
    const ints = this.writers !== undefined;
    return (this.#sparse ??= new Writers(this.#declarations, {
      ints,
      nulls: this.#partial ? "all" : "nullable",
    }));
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
    const problem = read(parameters);
    const free = ints.take();
    if (problem !== undefined || free === undefined) return problem;
    if (text === undefined)
      throw new Error("exact integers are read from the text of their message");
    return reread(text, parameters, lenient ? "lenient" : "all", free);
  };
}

const stringify: Write = (value) => JSON.stringify(value);

/** Runs a check and writers that are compiled at their first use. */
function outgoing(
  schema: Schema,
  checks: Checks,
  fields: readonly Field[],
): Outgoing {
  const { writers } = schema;
  const check = checker(checks, fields);
  let whole: Write | undefined = writers === undefined ? stringify : undefined;
  let sparse: Write | undefined;
  let hasNulls = false;
  return {
    check(value) {
      const before = checks.nulls;
      const problem = check(value);
      hasNulls = checks.nulls !== before;
      return problem;
    },
    write(value) {
      if (hasNulls) return (sparse ??= schema.sparse.fields(fields))(value);
      whole ??= writers?.fields(fields) ?? stringify;
      return whole(value);
    },
  };
}

class SchemaMethod implements CompiledMethod {
  readonly checkInput: (input: object) => Problem | undefined;
  readonly normaliseOutput: Normalise;
  readonly checkReply: (reply: object) => Problem | undefined;
  readonly writeInput: Write;
  readonly writeReply: Write;
  readonly #strict: (parameters: object, text?: string) => Problem | undefined;
  readonly #lenient: (parameters: object, text?: string) => Problem | undefined;

  constructor(schema: Schema, method: MethodDescriptor, name: string) {
    const input = schema.fields(method.input, `${name} input`);
    const output = schema.fields(method.output, `${name} output`);
    const call = outgoing(schema, schema.inputs, input);
    const reply = outgoing(schema, schema.replies, output);
    const { strict, lenient } = schema.parameters;
    this.checkInput = call.check;
    this.writeInput = call.write;
    this.#strict = reader(checker(strict, input), schema.ints, false);
    this.#lenient = reader(checker(lenient, input), schema.ints, false);
    this.checkReply = reply.check;
    this.writeReply = reply.write;
    this.normaliseOutput = normaliser(schema, output);
  }

  checkParameters(
    parameters: object,
    text?: string,
    mode?: CallReading,
  ): Problem | undefined {
    const check = mode === "lenient" ? this.#lenient : this.#strict;
    return check(parameters, text);
  }
}
