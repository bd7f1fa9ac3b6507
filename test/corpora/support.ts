// What another implementation reads in a message, in the form that ours has.
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  isReflectList,
  isReflectMap,
  isReflectMessage,
  reflect,
  type ReflectMessage,
} from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
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
      field.presence === FeatureSet_FieldPresence.IMPLICIT;
    if (isAlwaysThere || message.isSet(field))
      data[propertyName(field.name)] = plain(message.get(field));
  }
  return data;
}

function plain(value: unknown): unknown {
  if (isReflectMessage(value)) return dataOf(value);
  if (isReflectList(value)) return Array.from(value, plain);
  if (!isReflectMap(value)) return value;
  const entries = Array.from(value, ([key, one]) => [String(key), plain(one)]);
  return Object.fromEntries(entries);
}
