// What another implementation reads in a message, in the form that ours has.
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  reflect,
  type ReflectList,
  type ReflectMap,
  type ReflectMessage,
} from "@bufbuild/protobuf/reflect";
import { propertyName } from "../../src/emit/typescript/proto/names.ts";

/** A message as generated codecs have it. */
export interface Data {
  readonly [property: string]: unknown;
}

/** What `@bufbuild/protobuf` reads in bytes, and how it writes that again. */
export function theirReading(
  type: DescMessage,
  bytes: Uint8Array,
): { readonly data: Data; readonly again: Uint8Array } {
  const message = fromBinary(type, bytes);
  return {
    data: dataOf(reflect(type, message)),
    again: toBinary(type, message),
  };
}

/** Their message in our form: lists, maps and what has no presence is always there. */
function dataOf(message: ReflectMessage): Data {
  const data: { [property: string]: unknown } = {};
  for (const field of message.fields) {
    if (field.oneof !== undefined) {
      if (message.isSet(field))
        data[propertyName(field.oneof.name)] = {
          case: field.name,
          value: plain(message.get(field)),
        };
      continue;
    }
    const isAlwaysThere =
      field.fieldKind === "list" ||
      field.fieldKind === "map" ||
      field.presence === IMPLICIT;
    if (isAlwaysThere || message.isSet(field))
      data[propertyName(field.name)] = plain(message.get(field));
  }
  return data;
}

/** `FeatureSet.FieldPresence.IMPLICIT` */
const IMPLICIT = 2;

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return value;
  if (isMap(value)) {
    const entries = [...value].map(([key, one]) => [String(key), plain(one)]);
    return Object.fromEntries(entries) as Data;
  }
  return isList(value)
    ? Array.from(value, plain)
    : dataOf(value as ReflectMessage);
}

function isMap(value: object): value is ReflectMap {
  return "field" in value && typeof value.field === "function"
    ? (value.field as () => { readonly fieldKind: string })().fieldKind ===
        "map"
    : false;
}

function isList(value: object): value is ReflectList {
  return Symbol.iterator in value;
}
