// Messages in the text format, as protoc reads them: written from the API model
// alone, so that it shares nothing with the codecs.
import type {
  Field,
  FieldWire,
  Service,
  StructDeclaration,
  Type,
} from "../../../src/model/api.ts";
import { propertyName } from "../../../src/emit/typescript/proto/names.ts";
import type { Data } from "./support.ts";

/** The fields of a message as text. */
export function textOf(
  service: Service,
  type: StructDeclaration,
  data: Data,
): string {
  return type.fields.map((field) => fieldText(service, field, data)).join("");
}

function fieldText(service: Service, field: Field, data: Data): string {
  const wire = field.wire as FieldWire;
  const { type } = field;
  const name = wire.type === "group" ? lastOf(type) : field.name;
  const own = (value: unknown, valueType: Type): string =>
    `${name}${valueText(service, valueType, wire.type, value)}\n`;
  if (wire.oneof !== undefined) {
    const choice = data[propertyName(wire.oneof)] as
      { readonly case: string; readonly value: unknown } | undefined;
    return choice?.case === field.name ? own(choice.value, type) : "";
  }
  const value = data[propertyName(field.name)];
  if (value === undefined) return "";
  if (type.kind === "list")
    return (value as readonly unknown[])
      .map((item) => own(item, type.element))
      .join("");
  if (type.kind === "map")
    return Object.entries(value as Data)
      .map(([key, item]) => {
        const keyText = wire.key === "string" ? quoted(Buffer.from(key)) : key;
        const text = valueText(service, type.value, wire.type, item);
        return `${name} { key: ${keyText} value${text} }\n`;
      })
      .join("");
  return own(value, type);
}

/** The name of a group is that of its message. */
function lastOf(type: Type): string {
  if (type.kind === "list") return lastOf(type.element);
  return type.kind === "reference" ? (type.path.at(-1) ?? "") : "";
}

function valueText(
  service: Service,
  type: Type,
  wire: FieldWire["type"],
  value: unknown,
): string {
  if (wire === "message" || wire === "group") {
    const key = type.kind === "reference" ? type.path.join(".") : "";
    const declared = service.types.find(
      ({ path }) => path.join(".") === key,
    ) as StructDeclaration;
    return ` {\n${textOf(service, declared, value as Data)}}`;
  }
  return `: ${scalarText(value)}`;
}

function scalarText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoted(Buffer.from(value));
    case "number":
      if (Number.isNaN(value)) return "nan";
      if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return quoted(value as Uint8Array);
  }
}

function quoted(bytes: Uint8Array): string {
  const escaped = Array.from(
    bytes,
    (byte) => `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return `"${escaped.join("")}"`;
}
