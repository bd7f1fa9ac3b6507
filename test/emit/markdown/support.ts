import type {
  EnumDeclaration,
  ErrorDeclaration,
  Field,
  Member,
  Method,
  Service,
  Struct,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "../../../src/model/api.ts";

/** Services built by hand, without an interface text. */

const span = { start: 0, end: 0 };

/** A type as it is written in a test; fields and values make an inline type. */
export type TypeSpec =
  | string
  | { readonly nullable: TypeSpec }
  | { readonly list: TypeSpec }
  | { readonly map: TypeSpec }
  | { readonly fields: readonly FieldSpec[] }
  | { readonly values: readonly PartSpec[] };

export interface PartSpec {
  readonly name: string;
  readonly docs?: string;
  readonly deprecated?: boolean;
}

export interface FieldSpec extends PartSpec {
  readonly type: TypeSpec;
}

export type MemberSpec = PartSpec &
  (
    | {
        readonly kind: "method";
        readonly input?: readonly FieldSpec[];
        readonly output?: readonly FieldSpec[];
        readonly forms?: Partial<Method["forms"]>;
      }
    | {
        readonly kind: "struct" | "error";
        readonly fields?: readonly FieldSpec[];
      }
    | { readonly kind: "enum"; readonly values: readonly PartSpec[] }
  );

const PRIMITIVES = ["bool", "int", "float", "string", "object", "any"] as const;

function part(spec: PartSpec): {
  name: string;
  docs: string;
  deprecated: boolean;
  span: typeof span;
} {
  return {
    name: spec.name,
    docs: spec.docs ?? "",
    deprecated: spec.deprecated ?? false,
    span,
  };
}

/** Builds a service; inline types are named by their way as the model has it. */
export function serviceOf(
  members: readonly MemberSpec[],
  {
    name = "org.example.test",
    docs = "",
  }: { readonly name?: string; readonly docs?: string } = {},
): Service {
  const types: TypeDeclaration[] = [];

  function typeOf(spec: TypeSpec, path: readonly string[]): Type {
    if (typeof spec === "string") {
      const primitive = PRIMITIVES.find((known) => known === spec);
      return primitive === undefined
        ? { kind: "reference", path: [spec] }
        : { kind: "primitive", name: primitive };
    }
    if ("nullable" in spec)
      return { kind: "nullable", type: typeOf(spec.nullable, path) };
    if ("list" in spec)
      return { kind: "list", element: typeOf(spec.list, path) };
    if ("map" in spec) return { kind: "map", value: typeOf(spec.map, path) };
    const base = { ...part({ name: path.at(-1) ?? "" }), path, inline: true };
    types.push(
      "values" in spec
        ? { ...base, kind: "enum", values: spec.values.map(part) }
        : { ...base, kind: "struct", fields: fieldsOf(spec.fields, path) },
    );
    return { kind: "reference", path };
  }

  function fieldsOf(
    specs: readonly FieldSpec[] = [],
    path: readonly string[],
  ): Field[] {
    return specs.map((spec) => {
      // As the model has it: a field's own `?` is its presence.
      const isOptional =
        typeof spec.type === "object" && "nullable" in spec.type;
      const inner = isOptional ? spec.type.nullable : spec.type;
      const presence = isOptional ? "optional" : "required";
      return {
        ...part(spec),
        type: typeOf(inner, [...path, spec.name]),
        presence,
      };
    });
  }

  function structOf(
    specs: readonly FieldSpec[] = [],
    path: readonly string[],
  ): Struct {
    return { fields: fieldsOf(specs, path), span };
  }

  function memberOf(spec: MemberSpec): Member {
    const base = part(spec);
    const declared = { ...base, path: [spec.name], inline: false };
    switch (spec.kind) {
      case "method":
        return {
          ...base,
          kind: "method",
          input: structOf(spec.input, [spec.name, "input"]),
          output: structOf(spec.output, [spec.name, "output"]),
          forms: { more: "unknown", upgrade: "unknown", ...spec.forms },
        };
      case "error": {
        const error: ErrorDeclaration = {
          ...base,
          kind: "error",
          fields: fieldsOf(spec.fields, [spec.name]),
        };
        return error;
      }
      case "struct": {
        const struct: StructDeclaration = {
          ...declared,
          kind: "struct",
          fields: fieldsOf(spec.fields, [spec.name]),
        };
        types.push(struct);
        return struct;
      }
      case "enum": {
        const declaration: EnumDeclaration = {
          ...declared,
          kind: "enum",
          values: spec.values.map(part),
        };
        types.push(declaration);
        return declaration;
      }
      default:
        return spec satisfies never;
    }
  }

  const built = members.map(memberOf);
  return {
    wire: "varlink",
    name,
    docs,
    span,
    source: { path: `${name}.varlink`, text: "" },
    methods: built.filter((member) => member.kind === "method"),
    types,
    errors: built.filter((member) => member.kind === "error"),
    members: built,
  };
}
