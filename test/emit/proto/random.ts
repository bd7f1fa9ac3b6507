import fc from "fast-check";
import type {
  EnumDeclaration,
  Field,
  FieldWire,
  Method,
  Primitive,
  Service,
  StructDeclaration,
  TypeDeclaration,
} from "../../../src/model/api.ts";

/**
 * Random interfaces: names of any length and of every kind that clashes, fields
 * of every type and presence, messages in messages and in themselves.
 */

const span = { start: 0, end: 0 };
const letters = (count: number): string =>
  "abcdefghijklmnopqrstuvwxyz".repeat(4).slice(0, count);

const clashing = fc
  .constantFrom(
    "A A_B A_C B AInput A_BInput A_b B_a BInput DemoClient DemoError demoService",
  )
  .chain((words) => fc.constantFrom(...words.split(" ")));
const special = fc
  .constantFrom(
    `Error Promise Object Map Symbol string number any class default await then
    constructor __proto__ toString valueOf hasOwnProperty exports require
    globalThis undefined arguments eval case value name type input output`,
  )
  .chain((words) =>
    fc.constantFrom(...words.split(/\s+/).filter((word) => /^\w+$/.test(word))),
  );
const sized = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom("N", "n", "_", "n_"))
  .map(([length, start]) => start + letters(length - 1));
const name = fc.oneof(sized, clashing, special);

const docs = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  fc
    .array(fc.integer({ min: 0, max: 90 }).map(letters), { maxLength: 4 })
    .map((lines) => lines.join("\n")),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      "*",
      "/",
      "@",
      "\n",
      " ",
      "[A](#A)",
      "`",
      "{@link",
      "}",
      "x",
    ),
    maxLength: 30,
  }),
);

const scalars: readonly (readonly [Primitive, FieldWire["type"]])[] = [
  ["bool", "bool"],
  ["float", "double"],
  ["float", "float"],
  ["string", "string"],
  ["bytes", "bytes"],
  ["int32", "int32"],
  ["int32", "sint32"],
  ["int32", "sfixed32"],
  ["uint32", "uint32"],
  ["uint32", "fixed32"],
  ["int64", "int64"],
  ["int64", "sint64"],
  ["int64", "sfixed64"],
  ["uint64", "uint64"],
  ["uint64", "fixed64"],
];

interface Shape {
  readonly name: string;
  readonly docs: string;
  readonly deprecated: boolean;
  /** Picks among scalars and then types. */
  readonly of: number;
  readonly form:
    "required" | "optional" | "implicit" | "list" | "map" | "oneof";
  readonly key: FieldWire["key"];
  readonly group: boolean;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  name,
  docs,
  deprecated: fc.boolean(),
  of: fc.nat(60),
  form: fc.constantFrom(
    "required",
    "optional",
    "implicit",
    "list",
    "map",
    "oneof",
  ),
  key: fc.constantFrom("string", "int32", "uint64", "bool", "sfixed32"),
  group: fc.boolean(),
});

interface Outline {
  readonly path: readonly string[];
  readonly docs: string;
  readonly isEnum: boolean;
  readonly closed: boolean;
  readonly fields: readonly Shape[];
  readonly oneof: string;
  readonly numbers: readonly number[];
}

const outline: fc.Arbitrary<Outline> = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 3 }),
  docs,
  isEnum: fc.boolean(),
  closed: fc.boolean(),
  fields: fc.uniqueArray(shape, {
    maxLength: 6,
    selector: (one) => one.name,
  }),
  oneof: name,
  numbers: fc.array(fc.integer(), { minLength: 6, maxLength: 6 }),
});

function fieldOf(
  form: Shape,
  number: number,
  types: readonly Outline[],
  oneof: string,
): Field {
  const [primitive, scalar] = scalars[form.of] ?? [];
  const target = types[form.of % types.length];
  const value: [Field["type"], FieldWire["type"]] =
    primitive !== undefined && scalar !== undefined
      ? [{ kind: "primitive", name: primitive }, scalar]
      : target === undefined
        ? [{ kind: "primitive", name: "bool" }, "bool"]
        : [
            { kind: "reference", path: ["demo", ...target.path] },
            target.isEnum ? "enum" : form.group ? "group" : "message",
          ];
  const [type, wireType] = value;
  const several = form.form === "list" || form.form === "map";
  const isMessage = wireType === "message" || wireType === "group";
  const presence =
    form.form === "required"
      ? "required"
      : several || (form.form === "implicit" && !isMessage)
        ? "implicit"
        : "optional";
  return {
    name: form.name,
    docs: form.docs,
    span,
    deprecated: form.deprecated,
    presence,
    type:
      form.form === "list"
        ? { kind: "list", element: type }
        : form.form === "map"
          ? { kind: "map", value: type }
          : type,
    wire: {
      number,
      type: form.form === "map" && wireType === "group" ? "message" : wireType,
      key: form.form === "map" ? form.key : undefined,
      packed: false,
      default: undefined,
      oneof: form.form === "oneof" ? oneof : undefined,
      utf8: true,
      jsonName: form.name,
    },
  };
}

function typeOf(one: Outline, all: readonly Outline[]): TypeDeclaration {
  const head = {
    path: ["demo", ...one.path],
    name: one.path.at(-1) ?? "",
    package: "demo",
    inline: false,
    docs: one.docs,
    span,
    deprecated: false,
  };
  if (one.isEnum) {
    const [first = 0] = one.numbers;
    const values = one.fields.map((entry, index) => ({
      ...entry,
      number: one.numbers[index] ?? 0,
      span,
    }));
    return {
      kind: "enum",
      ...head,
      closed: one.closed,
      values:
        values.length > 0
          ? values
          : [{ name: "ONE", number: first, docs: "", span, deprecated: false }],
    };
  }
  const fields = one.fields
    .filter((entry) => entry.name !== one.oneof)
    .map((entry, index) => fieldOf(entry, index + 1, all, one.oneof));
  const used = fields.some(({ wire }) => wire?.oneof !== undefined);
  return {
    kind: "struct",
    ...head,
    fields,
    oneofs: used ? [{ name: one.oneof, docs: one.docs, span }] : [],
  };
}

const messagesOnly: fc.Arbitrary<Service> = fc
  .uniqueArray(outline, {
    minLength: 1,
    maxLength: 8,
    selector: ({ path }) => path.join("."),
  })
  .map((all): Service => {
    const types = all.map((one) => typeOf(one, all));
    return {
      wire: "messages",
      name: "demo",
      docs: "",
      span,
      source: { path: "demo.proto", text: "" },
      methods: [],
      types,
      errors: [],
      members: types,
    };
  });

function plainField(
  field: string,
  number: number,
  type: Field["type"],
  wireType: FieldWire["type"],
): Field {
  return {
    name: field,
    docs: "",
    span,
    deprecated: false,
    presence: "optional",
    type,
    wire: {
      number,
      type: wireType,
      key: undefined,
      packed: false,
      default: undefined,
      oneof: undefined,
      utf8: true,
      jsonName: field,
    },
  };
}

/** Makes an RPC of messages: each command is named at will, and takes any of them. */
function withEnvelope(
  service: Service,
  commands: readonly { readonly name: string; readonly docs: string }[],
): Service {
  const structs = service.types.filter(
    (type): type is StructDeclaration => type.kind === "struct",
  );
  const codes = service.types.find(
    (type): type is EnumDeclaration => type.kind === "enum",
  );
  const [success] = codes?.values ?? [];
  if (codes === undefined || success === undefined) return service;
  const error = "the_error_code_of_the_response";
  const at = (index: number): StructDeclaration | undefined =>
    structs[index % Math.max(structs.length, 1)];
  const path = (last: string): string[] => ["demo", "rpc", last];
  const fields = (start: number): Field[] =>
    commands.flatMap(({ name: command }, index) => {
      const type = at(index + start);
      return type === undefined
        ? []
        : [
            plainField(
              command,
              index + 2,
              { kind: "reference", path: type.path },
              "message",
            ),
          ];
    });
  const message = (last: string, own: readonly Field[]): StructDeclaration => ({
    kind: "struct",
    path: path(last),
    name: last,
    package: "demo",
    inline: false,
    docs: "",
    span,
    deprecated: false,
    fields: own,
    oneofs: [],
  });
  const request = message("Request", fields(0));
  const response = message("Response", [
    plainField(error, 1, { kind: "reference", path: codes.path }, "enum"),
    ...fields(1),
  ]);
  const methods = commands.flatMap((command, index): Method[] => {
    const input = at(index);
    const output = index % 3 === 0 ? undefined : at(index + 1);
    return input === undefined
      ? []
      : [
          {
            kind: "method",
            ...command,
            span,
            input,
            output: output ?? { fields: [], span },
            forms: { more: "unknown", upgrade: "unknown" },
            deprecated: index % 4 === 0,
            envelope: {
              input: input.path,
              output: output?.path,
              requestField: index + 2,
              responseField: undefined,
              push: index % 2 === 0 ? undefined : { stop: undefined },
              bound: undefined,
              extraTime: undefined,
              ownTime: undefined,
              idempotent: index % 2 === 0,
            },
          },
        ];
  });
  const types = [...service.types, request, response];
  return {
    ...service,
    wire: "envelope",
    methods,
    types,
    members: [...methods, ...types],
    envelope: {
      label: "Demo",
      request: request.path,
      response: response.path,
      error: { field: error, enum: codes.path },
      success,
      absent: success,
      errorMessage: undefined,
      timestamp: undefined,
      address: undefined,
      required: new Map(),
    },
  };
}

/** Services of the package `demo`, most of them RPCs. */
export const randomService: fc.Arbitrary<Service> = fc
  .tuple(
    messagesOnly,
    fc.uniqueArray(fc.record({ name, docs }), {
      maxLength: 5,
      selector: (command) => command.name,
    }),
  )
  .map(([service, commands]) => withEnvelope(service, commands));
