import type {
  CallForms,
  EnumValue,
  Field,
  Member,
  Primitive,
  Service,
  Struct,
  Type,
  TypeDeclaration,
} from "../../../src/model/api.ts";

/**
 * Builds a `Service` by hand: for what no parser lets through, and for tests
 * that are about types, not text.
 */

const span = { start: 0, end: 0 };
const PRIMITIVES: ReadonlySet<string> = new Set([
  "bool",
  "int",
  "float",
  "string",
  "object",
  "any",
]);

/** Field types in Varlink's notation; after `?`, `[]` and `[string]` an inline struct or enum may follow in a tuple. */
export type FieldSpec =
  string | readonly [prefix: string, inline: FieldSpecs | readonly string[]];
export interface FieldSpecs {
  readonly [name: string]: FieldSpec;
}

export type MemberSpec =
  | {
      readonly type: string;
      readonly fields: FieldSpecs;
      readonly docs?: string;
      readonly deprecated?: boolean;
      readonly fieldDocs?: string;
    }
  | {
      readonly type: string;
      readonly values: readonly string[];
      readonly docs?: string;
      readonly deprecated?: boolean;
      readonly fieldDocs?: string;
    }
  | {
      readonly method: string;
      readonly input?: FieldSpecs;
      readonly output?: FieldSpecs;
      readonly docs?: string;
      readonly more?: CallForms["more"];
      readonly upgrade?: CallForms["upgrade"];
      readonly deprecated?: boolean;
      readonly fieldDocs?: string;
    }
  | {
      readonly error: string;
      readonly fields?: FieldSpecs;
      readonly docs?: string;
      readonly deprecated?: boolean;
      readonly fieldDocs?: string;
    };

export function buildService(
  name: string,
  specs: readonly MemberSpec[],
  extra: { readonly docs?: string; readonly text?: string } = {},
): Service {
  const types: TypeDeclaration[] = [];
  const members: Member[] = specs.map((spec): Member => {
    const { docs = "", deprecated = false, fieldDocs = "" } = spec;
    const common = { docs, deprecated, span };
    if ("method" in spec) {
      return {
        kind: "method",
        name: spec.method,
        ...common,
        input: struct(
          spec.input ?? {},
          [spec.method, "input"],
          types,
          fieldDocs,
        ),
        output: struct(
          spec.output ?? {},
          [spec.method, "output"],
          types,
          fieldDocs,
        ),
        forms: {
          more: spec.more ?? "unknown",
          upgrade: spec.upgrade ?? "unknown",
        },
      };
    }
    if ("error" in spec) {
      return {
        kind: "error",
        name: spec.error,
        ...common,
        ...struct(spec.fields ?? {}, [spec.error], types, fieldDocs),
      };
    }
    const own = {
      path: [spec.type],
      name: spec.type,
      inline: false,
      ...common,
    };
    const inner: TypeDeclaration[] = [];
    const declaration: TypeDeclaration =
      "values" in spec
        ? {
            kind: "enum",
            ...own,
            values: spec.values.map((value) => enumValue(value, fieldDocs)),
          }
        : {
            kind: "struct",
            ...own,
            ...struct(spec.fields, [spec.type], inner, fieldDocs),
          };
    types.push(declaration, ...inner);
    return declaration;
  });
  return {
    wire: "varlink",
    name,
    docs: extra.docs ?? "",
    span,
    source: {
      path: `${name}.varlink`,
      text: extra.text ?? `interface ${name}\n`,
    },
    members,
    types,
    methods: members.filter((member) => member.kind === "method"),
    errors: members.filter((member) => member.kind === "error"),
  };
}

function enumValue(name: string, docs: string): EnumValue {
  return { name, docs, span, deprecated: false };
}

function struct(
  specs: FieldSpecs,
  path: readonly string[],
  types: TypeDeclaration[],
  docs: string,
): Struct {
  const fields = Object.entries(specs).map(([name, spec]): Field => {
    const [prefix, inline] =
      typeof spec === "string" ? [spec, undefined] : spec;
    const base: Type | undefined =
      inline === undefined
        ? undefined
        : {
            kind: "reference",
            path: declareInline(inline, [...path, name], types, docs),
          };
    const type = parseType(prefix, base);
    return {
      name,
      type,
      docs,
      span,
      presence: type.kind === "nullable" ? "optional" : "required",
      deprecated: false,
    };
  });
  return { fields, span };
}

function declareInline(
  inline: FieldSpecs | readonly string[],
  path: readonly string[],
  types: TypeDeclaration[],
  docs: string,
): readonly string[] {
  const own = {
    path,
    name: path.at(-1) ?? "",
    inline: true,
    docs: "",
    span,
    deprecated: false,
  };
  if (isValues(inline))
    types.push({
      kind: "enum",
      ...own,
      values: inline.map((value) => enumValue(value, docs)),
    });
  else {
    const inner: TypeDeclaration[] = [];
    types.push(
      { kind: "struct", ...own, ...struct(inline, path, inner, docs) },
      ...inner,
    );
  }
  return path;
}

function isValues(
  inline: FieldSpecs | readonly string[],
): inline is readonly string[] {
  return Array.isArray(inline);
}

function parseType(text: string, base: Type | undefined): Type {
  if (text.startsWith("?"))
    return { kind: "nullable", type: parseType(text.slice(1), base) };
  if (text.startsWith("[]"))
    return { kind: "list", element: parseType(text.slice(2), base) };
  if (text.startsWith("[string]"))
    return { kind: "map", value: parseType(text.slice(8), base) };
  if (base !== undefined) return base;
  return PRIMITIVES.has(text)
    ? { kind: "primitive", name: text as Primitive }
    : { kind: "reference", path: [text] };
}
