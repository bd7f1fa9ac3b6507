import type { FieldWire, StructDeclaration, WireValue } from "../../api.ts";

/**
 * Writes fields of a message by their numbers, as the encoding of Protocol
 * Buffers has them (protobuf.dev, "Encoding"). What is written is a handful of
 * defaults when code is generated: codecs are generated code.
 */
export function writeFields(
  message: StructDeclaration,
  values: ReadonlyMap<string, WireValue>,
): Uint8Array {
  const bytes: number[] = [];
  const fields = message.fields.flatMap(({ name, wire }) => {
    const value = values.get(name);
    return value === undefined || wire === undefined ? [] : [{ wire, value }];
  });
  for (const { wire, value } of fields.toSorted(
    (left, right) => left.wire.number - right.wire.number,
  ))
    writeField(bytes, wire, value);
  return Uint8Array.from(bytes);
}

const WIRE_TYPES = { varint: 0, bits64: 1, length: 2, bits32: 5 } as const;

function writeField(bytes: number[], wire: FieldWire, value: WireValue): void {
  const tag = (type: number): void =>
    writeVarint(bytes, (BigInt(wire.number) << 3n) | BigInt(type));
  const fixed = (
    size: 4 | 8,
    set: (view: DataView<ArrayBuffer>) => void,
  ): void => {
    tag(size === 4 ? WIRE_TYPES.bits32 : WIRE_TYPES.bits64);
    const view = new DataView(new ArrayBuffer(size));
    set(view);
    bytes.push(...new Uint8Array(view.buffer));
  };
  switch (wire.type) {
    case "double":
      return fixed(8, (view) => view.setFloat64(0, Number(value), true));
    case "float":
      return fixed(4, (view) => view.setFloat32(0, Number(value), true));
    case "fixed32":
    case "sfixed32":
      return fixed(4, (view) => view.setInt32(0, Number(value), true));
    case "fixed64":
    case "sfixed64":
      return fixed(8, (view) => view.setBigInt64(0, whole(value), true));
    case "sint32":
    case "sint64": {
      const signed = whole(value);
      tag(WIRE_TYPES.varint);
      return writeVarint(bytes, signed < 0n ? -2n * signed - 1n : 2n * signed);
    }
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
    case "bool":
    case "enum":
      tag(WIRE_TYPES.varint);
      // Negative numbers have ten bytes, those of 32 bits as well.
      return writeVarint(bytes, BigInt.asUintN(64, whole(value)));
    case "string":
    case "bytes":
    case "message": {
      const content =
        value instanceof Uint8Array
          ? value
          : new TextEncoder().encode(String(value));
      tag(WIRE_TYPES.length);
      writeVarint(bytes, BigInt(content.length));
      for (const byte of content) bytes.push(byte);
      return undefined;
    }
    case "group":
      throw new Error("a group has no default");
  }
}

function whole(value: WireValue): bigint {
  return typeof value === "bigint" ? value : BigInt(Number(value));
}

function writeVarint(bytes: number[], value: bigint): void {
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
}
