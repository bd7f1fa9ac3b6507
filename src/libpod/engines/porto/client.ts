import { PortoClient } from "portolan/porto";
import type { EnvelopeDescriptor } from "../../../runtime/envelope/descriptor.ts";

/** Numbers of fields: the result of GetProperty in a response, and its value. */
const GET_PROPERTY = 4;
const VALUE = 1;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const bytesOf = new WeakMap<object, Uint8Array>();

/** The bytes of what a client of {@link PortoBytes} has read with `getProperty`. */
export function valueBytes(result: {
  readonly value?: string | undefined;
}): Uint8Array {
  return bytesOf.get(result) ?? Buffer.from(result.value ?? "");
}

const { response } = PortoClient.descriptor;

/**
 * Porto's client, with the bytes of properties besides their text. The interface
 * says that values are text, but what containers print are bytes, and pieces of it
 * begin and end anywhere: their text alone would not even tell how long they are.
 */
export class PortoBytes extends PortoClient {
  static override readonly descriptor: EnvelopeDescriptor = {
    ...PortoClient.descriptor,
    response: {
      typeName: response.typeName,
      defaults: response.defaults,
      encode: (message, options) => response.encode(message, options),
      decode(bytes, options) {
        const message = response.decode(bytes, options);
        const { GetProperty: result } = message as {
          readonly GetProperty?: object;
        };
        if (result !== undefined) {
          const value = fieldAt(bytes, GET_PROPERTY, VALUE);
          // Whoever reads the socket may use its buffer again.
          if (value !== undefined) bytesOf.set(result, Uint8Array.from(value));
        }
        return message;
      },
    },
  };
}

/**
 * The bytes of a field in a message in a message; undefined where it is not there.
 * The bytes are known to be a message.
 */
function fieldAt(
  bytes: Uint8Array,
  ...numbers: readonly number[]
): Uint8Array | undefined {
  let message: Uint8Array | undefined = bytes;
  for (const number of numbers) {
    if (message === undefined) return undefined;
    message = lastField(message, number);
  }
  return message;
}

/** Of a field that comes several times the last one holds. */
function lastField(bytes: Uint8Array, number: number): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; position < bytes.length; scale *= 128) {
      const byte = bytes[position] ?? 0;
      position += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (position < bytes.length) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === VARINT) varint();
    else if (kind === FIXED64) position += 8;
    else if (kind === FIXED32) position += 4;
    else if (kind === DELIMITED) {
      const length = varint();
      if (Math.floor(tag / 8) === number)
        found = bytes.subarray(position, position + length);
      position += length;
    } else return undefined; // A group: Porto has none.
  }
  return found;
}
