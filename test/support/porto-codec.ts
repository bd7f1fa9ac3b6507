// A codec driven by a table, for tests of what carries messages: small, slow, and
// independent of the one that is generated.
import { PortolanError } from "../../src/runtime/errors.ts";
import type {
  DecodeOptions,
  EncodeOptions,
  MessageType,
} from "../../src/runtime/protobuf/message.ts";

/** A field; `uint64` and `fixed64` are bigints, `int32` are numbers. */
export interface TableField {
  readonly number: number;
  readonly type: "string" | "int32" | "uint64" | "fixed64" | Table;
  readonly repeated?: boolean;
  readonly required?: boolean;
  /** What the peer demands to be there: written with this value. */
  readonly demanded?: unknown;
}

/** A message by its fields. */
export interface Table {
  readonly [name: string]: TableField;
}

type Message = { [name: string]: unknown };

/** A message type out of a table. */
export function tableType(typeName: string, table: Table): MessageType<object> {
  return {
    typeName,
    defaults: Object.fromEntries(
      Object.entries(table).map(([name, { type }]) => [name, zero(type)]),
    ),
    encode: (message, options) =>
      Buffer.from(write(table, message as Message, options ?? {})),
    decode: (bytes, options) => read(table, bytes, options ?? {}),
  };
}

function zero(type: TableField["type"]): unknown {
  if (type === "string") return "";
  if (type === "int32") return 0;
  return typeof type === "string" ? 0n : undefined;
}

function write(
  table: Table,
  message: Message,
  options: EncodeOptions,
): number[] {
  const bytes: number[] = [];
  const fields = Object.entries(table);
  fields.sort(([, a], [, b]) => a.number - b.number);
  for (const [name, field] of fields) {
    let value = Object.hasOwn(message, name) ? message[name] : undefined;
    if (value === undefined && options.complete === true)
      value = field.demanded;
    if (value === undefined && field.required === true && !options.partial)
      throw new PortolanError("INVALID_INPUT", `${name} is missing`);
    if (value === undefined) continue;
    const values = field.repeated === true ? (value as unknown[]) : [value];
    for (const one of values) writeField(bytes, name, field, one, options);
  }
  const { $unknown } = message;
  if ($unknown instanceof Uint8Array) bytes.push(...$unknown);
  return bytes;
}

function writeField(
  bytes: number[],
  name: string,
  { number, type }: TableField,
  value: unknown,
  options: EncodeOptions,
): void {
  const wanted = typeof zero(type);
  if (typeof value !== (wanted === "undefined" ? "object" : wanted))
    throw new PortolanError("INVALID_INPUT", `${name} is no ${wanted}`);
  const wire =
    type === "fixed64"
      ? 1
      : type === "string"
        ? 2
        : typeof type === "string"
          ? 0
          : 2;
  varint(bytes, BigInt(number * 8 + wire));
  if (type === "fixed64") {
    const fixed = Buffer.alloc(8);
    fixed.writeBigUInt64LE(value as bigint);
    bytes.push(...fixed);
  } else if (wire === 0) {
    varint(bytes, BigInt.asUintN(64, BigInt(value as bigint | number)));
  } else {
    const body =
      typeof type === "string"
        ? [...Buffer.from(value as string)]
        : write(type, value as Message, options);
    varint(bytes, BigInt(body.length));
    for (const byte of body) bytes.push(byte);
  }
}

function varint(bytes: number[], value: bigint): void {
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
}

function read(
  table: Table,
  bytes: Uint8Array,
  options: DecodeOptions,
): Message {
  const byNumber = new Map(
    Object.entries(table).map(([name, field]) => [
      field.number,
      { name, field },
    ]),
  );
  const message: Message = {};
  for (const [name, { repeated }] of Object.entries(table))
    if (repeated === true) message[name] = [];
  const unknown: Uint8Array[] = [];
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined || shift > 63n) throw malformed(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw malformed(at);
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const start = at;
    const tag = Number(readVarint());
    const wire = tag % 8;
    let value: bigint | Uint8Array;
    if (wire === 0) value = readVarint();
    else if (wire === 1) value = Buffer.from(take(8)).readBigUInt64LE();
    else if (wire === 2) value = take(Number(readVarint()));
    else throw malformed(start);
    const known = byNumber.get((tag - wire) / 8);
    const got =
      known === undefined
        ? undefined
        : readValue(
            known.field,
            wire,
            value,
            Object.hasOwn(message, known.name) ? message[known.name] : {},
            options,
          );
    if (known === undefined || got === undefined)
      unknown.push(bytes.slice(start, at));
    else if (known.field.repeated === true)
      (message[known.name] as unknown[]).push(got);
    else message[known.name] = got;
  }
  if (unknown.length > 0) message["$unknown"] = Buffer.concat(unknown);
  if (options.partial !== true)
    for (const [name, { required }] of Object.entries(table))
      if (required === true && !Object.hasOwn(message, name))
        throw malformed(bytes.length);
  return message;
}

/** A field's value; undefined where the wire type is another. */
function readValue(
  { type }: TableField,
  wire: number,
  value: bigint | Uint8Array,
  before: unknown,
  options: DecodeOptions,
): unknown {
  if (typeof value !== "object") {
    if (type === "int32" && wire === 0) return Number(BigInt.asIntN(32, value));
    if (type === "uint64" && wire === 0) return value;
    return type === "fixed64" && wire === 1 ? value : undefined;
  }
  if (type === "string") return Buffer.from(value).toString();
  if (typeof type === "string") return undefined;
  // Of a message that comes twice the later fields win; its lists are joined.
  const merged = { ...(before as Message) };
  for (const [name, field] of Object.entries(read(type, value, options))) {
    const had = merged[name];
    merged[name] =
      Array.isArray(had) && Array.isArray(field)
        ? [...(had as unknown[]), ...(field as unknown[])]
        : field;
  }
  return merged;
}

function malformed(at: number): PortolanError {
  return new PortolanError("MALFORMED_MESSAGE", `malformed at ${at}`);
}
