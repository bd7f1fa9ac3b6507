import type { WireValue } from "../api.ts";
import type {
  FieldDescriptor,
  MessageDescriptor,
  OptionData,
  Options,
} from "./descriptor.ts";
import { isPackable } from "./scalars.ts";

/** Extensions by their keys in options. */
type Extensions = ReadonlyMap<string, FieldDescriptor>;

/**
 * A message of options in wire format, fields by number: what stands packed in an
 * `Any` has no other form. Options are small: this is written for brevity.
 */
export function encodeMessage(
  options: Options,
  message: MessageDescriptor,
  extensions: Extensions,
): Uint8Array {
  const fields = [...options]
    .flatMap(([key, value]) => {
      const field =
        extensions.get(key) ?? message.fields.find(({ name }) => name === key);
      return field === undefined ? [] : [{ field, value }];
    })
    .toSorted((left, right) => left.field.number - right.field.number);
  return Uint8Array.from(
    fields.flatMap(({ field, value }) => encodeField(field, value, extensions)),
  );
}

function encodeField(
  field: FieldDescriptor,
  value: OptionData,
  extensions: Extensions,
): number[] {
  if (value.kind !== "list") return encodeOne(field, value, extensions);
  const { elements } = value;
  if (!field.packed || !isPackable(field.type))
    return elements.flatMap((element) => encodeOne(field, element, extensions));
  const body = elements.flatMap((element) =>
    encodeBody(field, element, extensions),
  );
  return [...tag(field, 2), ...varint(BigInt(body.length)), ...body];
}

function encodeOne(
  field: FieldDescriptor,
  value: OptionData,
  extensions: Extensions,
): number[] {
  const body = encodeBody(field, value, extensions);
  const type = wireType(field.type);
  if (type === 3) return [...tag(field, 3), ...body, ...tag(field, 4)];
  if (type === 2)
    return [...tag(field, 2), ...varint(BigInt(body.length)), ...body];
  return [...tag(field, type), ...body];
}

function encodeBody(
  field: FieldDescriptor,
  value: OptionData,
  extensions: Extensions,
): number[] {
  switch (value.kind) {
    case "enum":
      return varint(BigInt(value.number));
    case "message":
      return field.message === undefined
        ? []
        : [...encodeMessage(value.fields, field.message, extensions)];
    case "scalar":
      return encodeScalar(field.type, value.value);
    case "list":
    default:
      return [];
  }
}

function encodeScalar(type: string, value: WireValue): number[] {
  switch (typeof value) {
    case "boolean":
      return [value ? 1 : 0];
    case "string":
      return [...new TextEncoder().encode(value)];
    case "object":
      return [...value];
    default:
  }
  const view = new DataView(new ArrayBuffer(8));
  switch (type) {
    case "double":
      view.setFloat64(0, Number(value), true);
      return bytesOf(view, 8);
    case "float":
      view.setFloat32(0, Number(value), true);
      return bytesOf(view, 4);
    case "fixed32":
    case "sfixed32":
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
      return bytesOf(view, 4);
    case "fixed64":
    case "sfixed64":
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
      return bytesOf(view, 8);
    case "sint32":
    case "sint64": {
      const wide = BigInt(value);
      return varint(wide < 0n ? -wide * 2n - 1n : wide * 2n);
    }
    default:
      return varint(BigInt(value));
  }
}

function bytesOf(view: DataView, length: number): number[] {
  return [...new Uint8Array(view.buffer, 0, length)];
}

function wireType(type: FieldDescriptor["type"]): number {
  if (type === "group") return 3;
  if (!isPackable(type)) return 2;
  if (type === "double" || type.endsWith("fixed64")) return 1;
  return type === "float" || type.endsWith("fixed32") ? 5 : 0;
}

function tag({ number }: FieldDescriptor, type: number): number[] {
  return varint((BigInt(number) << 3n) | BigInt(type));
}

/** Negative numbers have ten bytes, as 64 bits. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return bytes;
}
