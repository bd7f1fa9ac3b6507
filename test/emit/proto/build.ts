import type {
  EnumDeclaration,
  Field,
  FieldWire,
  Primitive,
  Service,
  StructDeclaration,
  TypeDeclaration,
} from "../../../src/model/api.ts";

/** Builds a `Service` by hand: for what no reader lets through. */

const span = { start: 0, end: 0 };

/** A scalar's name as Protocol Buffers has it; `[]` or `[key]` before it; or a type's path in dots. */
export interface FieldSpecs {
  readonly [name: string]: string;
}

const SCALARS: Readonly<Record<string, Primitive>> = {
  bool: "bool",
  bytes: "bytes",
  double: "float",
  int32: "int32",
  sint64: "int64",
  string: "string",
  uint32: "uint32",
  fixed64: "uint64",
};

function field(
  name: string,
  spec: string,
  number: number,
  enums: ReadonlySet<string>,
  docs: string,
): Field {
  const [, open, key, of = spec] = /^(\[(\w*)\])(.*)$/.exec(spec) ?? [];
  const primitive = Object.hasOwn(SCALARS, of) ? SCALARS[of] : undefined;
  const value: Field["type"] =
    primitive === undefined
      ? { kind: "reference", path: of.split(".") }
      : { kind: "primitive", name: primitive };
  const isMap = key !== undefined && key !== "";
  return {
    name,
    docs,
    span,
    deprecated: false,
    presence: open === undefined ? "optional" : "implicit",
    type:
      open === undefined
        ? value
        : isMap
          ? { kind: "map", value }
          : { kind: "list", element: value },
    wire: {
      number,
      type: (primitive === undefined
        ? enums.has(of)
          ? "enum"
          : "message"
        : of) as FieldWire["type"],
      key: isMap ? (key as FieldWire["key"]) : undefined,
      packed: false,
      default: undefined,
      oneof: undefined,
      utf8: true,
      jsonName: name,
    },
  };
}

/** Types by their paths in dots: a message's fields, or an enum's values. */
export type TypeSpecs = readonly (readonly [
  path: string,
  type: FieldSpecs | readonly string[],
])[];

export function buildMessages(
  specs: TypeSpecs,
  extra: { readonly docs?: string; readonly package?: string } = {},
): Service {
  const { docs = "", package: scope = "" } = extra;
  const enums = new Set(
    specs.flatMap(([path, type]) => (Array.isArray(type) ? [path] : [])),
  );
  const types = specs.map(([dotted, type]): TypeDeclaration => {
    const path = dotted.split(".");
    const head = {
      path,
      name: path.at(-1) ?? "",
      package: scope,
      inline: false,
      docs,
      span,
      deprecated: false,
    };
    return Array.isArray(type)
      ? enumOf(head, type as readonly string[], docs)
      : {
          kind: "struct",
          ...head,
          fields: Object.entries(type as FieldSpecs).map(
            ([name, spec], index) => field(name, spec, index + 1, enums, docs),
          ),
          oneofs: [],
        };
  });
  return {
    wire: "messages",
    name: scope === "" ? "demo" : scope,
    docs: "",
    span,
    source: { path: "demo.proto", text: "" },
    methods: [],
    types,
    errors: [],
    members: types,
  };
}

function enumOf(
  head: Omit<EnumDeclaration, "kind" | "values" | "closed">,
  values: readonly string[],
  docs: string,
): EnumDeclaration {
  return {
    kind: "enum",
    ...head,
    closed: true,
    values: values.map((name, number) => ({
      name,
      number,
      docs,
      span,
      deprecated: false,
    })),
  };
}

/** The message of a service by the last segment of its path. */
export function messageOf(service: Service, name: string): StructDeclaration {
  const found = service.types.find((type) => type.name === name);
  if (found?.kind !== "struct") throw new Error(`there is no message ${name}`);
  return found;
}

/** The same service with one message changed. */
export function withMessage(
  service: Service,
  name: string,
  change: (message: StructDeclaration) => Partial<StructDeclaration>,
): Service {
  const message = messageOf(service, name);
  const changed = { ...message, ...change(message) };
  const types = service.types.map((type) =>
    type === message ? changed : type,
  );
  return { ...service, types, members: types };
}
