import { isUint8Array } from "node:util/types";
import { PortolanError } from "../errors.ts";
import { Unfit, unfit } from "./unfit.ts";
import { Writer } from "./writer.ts";

/**
 * A field that a message's type does not know, to be written all the same.
 *
 * `message` and `group` take a message's bytes, as `encode` returns them; `enum` a number.
 */
export type RawField = { readonly number: number } & (
  | {
      readonly type:
        | "double"
        | "float"
        | "int32"
        | "uint32"
        | "sint32"
        | "fixed32"
        | "sfixed32"
        | "enum";
      readonly value: number;
    }
  | {
      readonly type: "int64" | "uint64" | "sint64" | "fixed64" | "sfixed64";
      readonly value: bigint;
    }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | {
      readonly type: "bytes" | "message" | "group";
      readonly value: Uint8Array;
    }
);

const WIRE_TYPES: { readonly [type in RawField["type"]]: number } = {
  double: 1,
  float: 5,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
  sint32: 0,
  sint64: 0,
  fixed32: 5,
  fixed64: 1,
  sfixed32: 5,
  sfixed64: 1,
  bool: 0,
  enum: 0,
  string: 2,
  bytes: 2,
  message: 2,
  group: 3,
};

/**
 * Bytes of fields for a message's `$unknown`, for peers that want what the
 * interface has not:
 *
 * ```ts
 * const $unknown = rawFields([{ number: 11, type: "fixed64", value: 0n }]);
 * ```
 *
 * @throws PortolanError `INVALID_INPUT` for a value that does not fit its type.
 */
export function rawFields(fields: readonly RawField[]): Uint8Array {
  const writer = new Writer();
  writer.reset({ partial: true, complete: false, keep: true, maxDepth: 1 });
  for (const [index, field] of fields.entries()) {
    try {
      writeRaw(writer, field);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      throw new PortolanError(
        "INVALID_INPUT",
        `rawFields: [${index}]: ${error.message}`,
      );
    }
  }
  return writer.result();
}

function writeRaw(writer: Writer, field: RawField): void {
  const { number } = field;
  if (!Number.isInteger(number) || number < 1 || number > 0x1fffffff)
    throw unfit("a field number from 1 to 2^29 - 1", number);
  if (!Object.hasOwn(WIRE_TYPES, field.type))
    throw unfit("the name of a type", field.type);
  const tag = ((number << 3) | WIRE_TYPES[field.type]) >>> 0;
  switch (field.type) {
    case "enum":
      writer.int32(tag, field.value);
      return;
    case "bytes":
    case "message":
      writer.binary(tag, field.value);
      return;
    case "group":
      if (!isUint8Array(field.value)) throw unfit("a Uint8Array", field.value);
      writer.group(tag, writeUnknown, { $unknown: field.value });
      return;
    case "bool":
      writer.bool(tag, field.value);
      return;
    case "string":
      writer.string(tag, field.value);
      return;
    case "int64":
    case "uint64":
    case "sint64":
    case "fixed64":
    case "sfixed64":
      writer[field.type](tag, field.value);
      return;
    default:
      writer[field.type](tag, field.value);
  }
}

function writeUnknown(
  writer: Writer,
  { $unknown }: { readonly $unknown: Uint8Array },
): void {
  writer.unknown($unknown);
}
