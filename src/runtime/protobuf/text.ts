import { Buffer } from "node:buffer";

/** What `Buffer` has beyond its declared methods, on every Node we support; it takes any `Uint8Array` as `this`. */
interface Native {
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
  readonly utf8Write: (
    this: Uint8Array,
    text: string,
    offset: number,
    length: number,
  ) => number;
}
const { utf8Slice, utf8Write } = Buffer.prototype as unknown as Native;

const { fromCharCode } = String;

/**
 * Up to here, code is faster than a call into the engine: measured on Node 20,
 * eight characters took 28 ns against 58.
 */
const SHORT = 12;

/** The text of UTF-8 bytes; what is no UTF-8 becomes U+FFFD. */
export function readText(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  if (end - start > SHORT) return utf8Slice.call(bytes, start, end);
  for (let index = start; index < end; index += 1) {
    if ((bytes[index] as number) > 0x7f)
      return utf8Slice.call(bytes, start, end);
  }
  return shortAscii(bytes, start, end - start);
}

/**
 * Text of up to twelve ASCII characters: many at a time, for each call makes a
 * string.
 */
function shortAscii(b: Uint8Array, at: number, length: number): string {
  switch (length) {
    case 0:
      return "";
    case 1:
      return fromCharCode(b[at] as number);
    case 2:
      return fromCharCode(b[at] as number, b[at + 1] as number);
    case 3:
      return fromCharCode(
        b[at] as number,
        b[at + 1] as number,
        b[at + 2] as number,
      );
    case 4:
      return fromCharCode(
        b[at] as number,
        b[at + 1] as number,
        b[at + 2] as number,
        b[at + 3] as number,
      );
    case 5:
      return fromCharCode(
        b[at] as number,
        b[at + 1] as number,
        b[at + 2] as number,
        b[at + 3] as number,
        b[at + 4] as number,
      );
    case 6:
      return fromCharCode(
        b[at] as number,
        b[at + 1] as number,
        b[at + 2] as number,
        b[at + 3] as number,
        b[at + 4] as number,
        b[at + 5] as number,
      );
    case 7:
      return fromCharCode(
        b[at] as number,
        b[at + 1] as number,
        b[at + 2] as number,
        b[at + 3] as number,
        b[at + 4] as number,
        b[at + 5] as number,
        b[at + 6] as number,
      );
    default:
      return (
        fromCharCode(
          b[at] as number,
          b[at + 1] as number,
          b[at + 2] as number,
          b[at + 3] as number,
          b[at + 4] as number,
          b[at + 5] as number,
          b[at + 6] as number,
          b[at + 7] as number,
        ) + shortAscii(b, at + 8, length - 8)
      );
  }
}

/** How many bytes a text has in UTF-8. */
export function textSize(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/**
 * Writes text as UTF-8, up to `most` bytes; lone surrogates become U+FFFD.
 *
 * @returns How many bytes it took.
 */
export function writeText(
  bytes: Uint8Array,
  text: string,
  offset: number,
  most: number,
): number {
  return utf8Write.call(bytes, text, offset, most);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whether bytes are UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
