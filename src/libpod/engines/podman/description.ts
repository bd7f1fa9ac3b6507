/**
 * What a daemon says that it can do: the names in its interface description. Between
 * Podman 1.0 and 1.9 methods came, went and changed one by one, so that a version
 * number tells less than this does.
 */
export interface Description {
  /** Whether there is such a method, and it is more than a place for one. */
  has(method: string): boolean;
  /** Whether a method has such an input. */
  takes(method: string, input: string): boolean;
  /** Whether a method has such an output. */
  gives(method: string, output: string): boolean;
  /** Whether a struct has such a field. */
  knows(type: string, field: string): boolean;
}

interface Signature {
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
}

const COMMENT = /#[^\n]*/g;
const FIELDS = String.raw`\(([^()]*)\)`;
const METHOD = new RegExp(
  String.raw`\bmethod\s+(\w+)\s*${FIELDS}\s*->\s*${FIELDS}`,
  "g",
);
const TYPE = new RegExp(String.raw`\btype\s+(\w+)\s*${FIELDS}`, "g");

/** The output by which Podman's interfaces mark a method that is only a place for one. */
const PLACEHOLDER = "notimplemented";

/**
 * Reads the names out of an interface description. Podman's have no struct inside of
 * another and no enum, so that scanning them is enough.
 */
export function describe(text: string): Description {
  const code = text.replace(COMMENT, "");
  const methods = new Map<string, Signature>();
  const types = new Map<string, ReadonlySet<string>>();
  for (const [, name = "", inputs = "", outputs = ""] of code.matchAll(METHOD))
    methods.set(name, { inputs: names(inputs), outputs: names(outputs) });
  for (const [, name = "", fields = ""] of code.matchAll(TYPE))
    types.set(name, names(fields));
  return {
    has(method) {
      const signature = methods.get(method);
      return signature !== undefined && !signature.outputs.has(PLACEHOLDER);
    },
    takes: (method, input) => methods.get(method)?.inputs.has(input) === true,
    gives: (method, output) =>
      methods.get(method)?.outputs.has(output) === true,
    knows: (type, field) => types.get(type)?.has(field) === true,
  };
}

function names(fields: string): ReadonlySet<string> {
  return new Set(
    [...fields.matchAll(/(\w+)\s*:/g)].map(([, name = ""]) => name),
  );
}
