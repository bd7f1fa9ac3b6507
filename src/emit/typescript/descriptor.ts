import type { Field, Method, Service, Struct, Type } from "../../model/api.ts";
import type { Data, DataObject } from "../layout/forms.ts";
import type { Names } from "./names.ts";

/** A field's type without the outermost `?`, which `isNullable` tells. */
export function fieldType(field: Field): Type {
  return field.type.kind === "nullable" ? field.type.type : field.type;
}

/** Whether absent and null are allowed. */
export function isNullable(field: Field): boolean {
  return field.presence === "optional" || field.type.kind === "nullable";
}

/** A type in Varlink's notation, except that inline types have names. */
function notation(type: Type, names: Names): string {
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "reference":
      return names.type(type.path);
    case "list":
      return `[]${notation(type.element, names)}`;
    case "map":
      return `[string]${notation(type.value, names)}`;
    default:
      return `?${notation(type.type, names)}`;
  }
}

interface Fields {
  readonly [field: string]: string;
}

/** The runtime's `InterfaceDescriptor`, which this is assignable to. */
export interface Descriptor {
  readonly interface: string;
  readonly inputs?: "partial";
  readonly int?: "bigint";
  readonly types: { readonly [name: string]: Fields | readonly string[] };
  readonly methods: { readonly [name: string]: MethodEntry };
  readonly errors: { readonly [name: string]: Fields };
  readonly description: readonly string[];
}

interface MethodEntry {
  readonly input: Fields;
  readonly output: Fields;
  readonly more?: "supported" | "required";
  readonly upgrade?: "supported" | "required";
}

function fieldsOf(struct: Struct, names: Names): Fields {
  return Object.fromEntries(
    struct.fields.map((field) => [
      field.name,
      `${isNullable(field) ? "?" : ""}${notation(fieldType(field), names)}`,
    ]),
  );
}

function methodOf(method: Method, names: Names): MethodEntry {
  const { more, upgrade } = method.forms;
  return {
    input: fieldsOf(method.input, names),
    output: fieldsOf(method.output, names),
    ...(more === "unknown" ? {} : { more }),
    ...(upgrade === "unknown" ? {} : { upgrade }),
  };
}

/** The descriptor that generated code hands to the runtime. */
export function describe(
  service: Service,
  names: Names,
  inputs: "exact" | "partial",
  int: "number" | "bigint" = "number",
): Descriptor {
  return {
    interface: service.name,
    ...(inputs === "partial" ? { inputs } : {}),
    ...(int === "bigint" ? { int } : {}),
    types: Object.fromEntries(
      service.types.map((type) => [
        names.type(type.path),
        type.kind === "enum"
          ? type.values.map(({ name }) => name)
          : fieldsOf(type, names),
      ]),
    ),
    methods: Object.fromEntries(
      service.methods.map((method) => [method.name, methodOf(method, names)]),
    ),
    errors: Object.fromEntries(
      service.errors.map((error) => [error.name, fieldsOf(error, names)]),
    ),
    description: service.source.text.split("\n"),
  };
}

/** A descriptor as data to lay out, in the order of its keys. */
export function descriptorData(descriptor: Descriptor): DataObject {
  return toData(descriptor) as DataObject;
}

function toData(value: object | string): Data {
  if (typeof value === "string") return value;
  if (Array.isArray(value))
    return value.map((item: object | string) => toData(item));
  return new Map(
    Object.entries(value).map(([key, entry]: [string, object | string]) => [
      key,
      toData(entry),
    ]),
  );
}
