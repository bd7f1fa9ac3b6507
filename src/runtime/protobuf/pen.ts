import { Buffer } from "node:buffer";
import { isUint8Array } from "node:util/types";
import { PortolanError } from "../errors.ts";
import { textSize, writeText } from "./text.ts";
import { exact, parsed, setSigned, setUnsigned } from "./integers.ts";
import { unfit } from "./unfit.ts";
import { double, HIGH, LOW, single, words } from "./words.ts";

/** How much is there before the first message. */
const INITIAL = 1 << 16;
/** Room for a tag and a number: five bytes and ten. */
const ROOM = 16;
/** No message has 2 GiB: protobuf's readers hold sizes as signed integers. */
const MAX_SIZE = 0x7fffffff;
/** Up to here a loop is quicker than a call into the engine. */
const SHORT_TEXT = 24;
/** Up to here room is made for three bytes a unit, beyond it what is needed is counted. */
const LONG_TEXT = 4096;
/** Up to here typed arrays live on the heap of the engine, where copying by a call costs more. */
const SMALL = 64;

const INT32 = "an integer from -2^31 to 2^31 - 1";
const UINT32 = "an integer from 0 to 2^32 - 1";

/**
 * Writes fields of single values, into a buffer that grows. Every method checks its value and
 * throws {@link Unfit}: nothing that does not fit its field gets on the wire.
 *
 * A tag of 0 is none: for the values of a packed list.
 */
export class Pen {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected position = 0;

  /** Begins anew. */
  protected clear(): void {
    if (this.bytes.length === 0) this.bytes = allocate(INITIAL);
    this.position = 0;
  }

  /** What was written, in memory of its own. */
  result(): Uint8Array {
    const { bytes, position } = this;
    const result = new Uint8Array(position);
    if (position > SMALL) result.set(bytes.subarray(0, position));
    else {
      for (let index = 0; index < position; index += 1)
        result[index] = bytes[index] as number;
    }
    return result;
  }

  /** Lets go of a buffer that a great message made grow. */
  release(): void {
    if (this.bytes.length > INITIAL) this.bytes = new Uint8Array(0);
  }

  /** Makes room for a tag and as many bytes. */
  protected room(size: number): void {
    if (this.bytes.length - this.position < size + ROOM) this.grow(size + ROOM);
  }

  private grow(size: number): void {
    const { bytes, position } = this;
    const needed = position + size;
    if (needed > MAX_SIZE)
      throw new PortolanError(
        "LIMIT_EXCEEDED",
        "a message cannot have 2 GiB or more",
      );
    const grown = allocate(
      Math.min(Math.max(needed, bytes.length * 2), MAX_SIZE),
    );
    grown.set(bytes.subarray(0, position));
    this.bytes = grown;
  }

  // What there is room for

  protected varint32(value: number): void {
    const { bytes } = this;
    let { position } = this;
    let rest = value;
    while (rest > 0x7f) {
      bytes[position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[position++] = rest;
    this.position = position;
  }

  private varint64(low: number, high: number): void {
    const { bytes } = this;
    let { position } = this;
    let lower = low >>> 0;
    let upper = high >>> 0;
    while (upper !== 0) {
      bytes[position++] = (lower & 0x7f) | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    this.position = position;
    this.varint32(lower);
  }

  private word(value: number): void {
    const { bytes, position } = this;
    bytes[position] = value;
    bytes[position + 1] = value >>> 8;
    bytes[position + 2] = value >>> 16;
    bytes[position + 3] = value >>> 24;
    this.position = position + 4;
  }

  private twoWords(): void {
    this.word(words[LOW] as number);
    this.word(words[HIGH] as number);
  }

  /** Makes room for a number, and writes its tag. */
  protected tag(tag: number): void {
    this.room(0);
    if (tag !== 0) this.varint32(tag);
  }

  // Integers of 32 bits

  int32(tag: number, value: number): void {
    if (typeof value !== "number" || (value | 0) !== value)
      throw unfit(INT32, value);
    this.tag(tag);
    if (value >= 0) this.varint32(value);
    // Negative ones are written as if they had 64 bits.
    else this.varint64(value, -1);
  }

  uint32(tag: number, value: number): void {
    if (typeof value !== "number" || value >>> 0 !== value)
      throw unfit(UINT32, value);
    this.tag(tag);
    this.varint32(value);
  }

  sint32(tag: number, value: number): void {
    if (typeof value !== "number" || (value | 0) !== value)
      throw unfit(INT32, value);
    this.tag(tag);
    this.varint32(((value << 1) ^ (value >> 31)) >>> 0);
  }

  fixed32(tag: number, value: number): void {
    if (typeof value !== "number" || value >>> 0 !== value)
      throw unfit(UINT32, value);
    this.tag(tag);
    this.word(value);
  }

  sfixed32(tag: number, value: number): void {
    if (typeof value !== "number" || (value | 0) !== value)
      throw unfit(INT32, value);
    this.tag(tag);
    this.word(value);
  }

  /** A value of a closed enum: those that it does not declare would not arrive. */
  enum(tag: number, value: number, isKnown: (value: number) => boolean): void {
    if (!isKnown(value)) throw unfit("a value of the enum", value);
    this.int32(tag, value);
  }

  bool(tag: number, value: boolean): void {
    if (typeof value !== "boolean") throw unfit("a boolean", value);
    this.tag(tag);
    this.bytes[this.position++] = value ? 1 : 0;
  }

  // Integers of 64 bits

  int64(tag: number, value: bigint): void {
    setSigned(value);
    this.tag(tag);
    this.varint64(words[LOW] as number, words[HIGH] as number);
  }

  uint64(tag: number, value: bigint): void {
    setUnsigned(value);
    this.tag(tag);
    this.varint64(words[LOW] as number, words[HIGH] as number);
  }

  sint64(tag: number, value: bigint): void {
    setSigned(value);
    this.tag(tag);
    const low = words[LOW] as number;
    const high = words[HIGH] as number;
    const sign = high >> 31;
    this.varint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
  }

  fixed64(tag: number, value: bigint): void {
    setUnsigned(value);
    this.tag(tag);
    this.twoWords();
  }

  sfixed64(tag: number, value: bigint): void {
    setSigned(value);
    this.tag(tag);
    this.twoWords();
  }

  // The same as numbers

  int64Number(tag: number, value: number): void {
    this.int64(tag, exact(value));
  }

  uint64Number(tag: number, value: number): void {
    this.uint64(tag, exact(value));
  }

  sint64Number(tag: number, value: number): void {
    this.sint64(tag, exact(value));
  }

  fixed64Number(tag: number, value: number): void {
    this.fixed64(tag, exact(value));
  }

  sfixed64Number(tag: number, value: number): void {
    this.sfixed64(tag, exact(value));
  }

  // The same as text

  int64String(tag: number, value: string): void {
    this.int64(tag, parsed(value));
  }

  uint64String(tag: number, value: string): void {
    this.uint64(tag, parsed(value));
  }

  sint64String(tag: number, value: string): void {
    this.sint64(tag, parsed(value));
  }

  fixed64String(tag: number, value: string): void {
    this.fixed64(tag, parsed(value));
  }

  sfixed64String(tag: number, value: string): void {
    this.sfixed64(tag, parsed(value));
  }

  // Floating point

  float(tag: number, value: number): void {
    if (typeof value !== "number") throw unfit("a number", value);
    this.tag(tag);
    single[0] = value;
    this.word(words[0] as number);
  }

  double(tag: number, value: number): void {
    if (typeof value !== "number") throw unfit("a number", value);
    this.tag(tag);
    double[0] = value;
    this.twoWords();
  }

  /** A field without presence: 0 is not written, but -0 is. */
  implicitFloat(tag: number, value: number | undefined): void {
    if (value !== undefined && !Object.is(value, 0)) this.float(tag, value);
  }

  /** The same for a double. */
  implicitDouble(tag: number, value: number | undefined): void {
    if (value !== undefined && !Object.is(value, 0)) this.double(tag, value);
  }

  // Text and bytes

  /** Lone surrogates, which UTF-8 has no bytes for, become U+FFFD. */
  string(tag: number, value: string): void {
    if (typeof value !== "string") throw unfit("a string", value);
    const { length } = value;
    if (length >= SHORT_TEXT) {
      this.longString(tag, value);
      return;
    }
    this.room(length * 3);
    if (tag !== 0) this.varint32(tag);
    const { bytes } = this;
    let { position } = this;
    bytes[position++] = length;
    for (let index = 0; index < length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) {
        // Anew from after the tag.
        this.text(value, length * 3);
        return;
      }
      bytes[position++] = unit;
    }
    this.position = position;
  }

  private longString(tag: number, value: string): void {
    const { length } = value;
    const most = length > LONG_TEXT ? textSize(value) : length * 3;
    this.room(most);
    if (tag !== 0) this.varint32(tag);
    this.text(value, most);
  }

  /** Writes length and text of up to `most` bytes, which there is room for. */
  private text(value: string, most: number): void {
    const { bytes, position } = this;
    // As if it were ASCII, which most text is; else it moves up.
    const guess = position + varintSize(value.length);
    const size = writeText(bytes, value, guess, most);
    const start = position + varintSize(size);
    if (start !== guess) bytes.copyWithin(start, guess, guess + size);
    this.varint32(size);
    this.position = start + size;
  }

  binary(tag: number, value: Uint8Array): void {
    if (!isUint8Array(value)) throw unfit("a Uint8Array", value);
    this.room(value.length);
    if (tag !== 0) this.varint32(tag);
    this.varint32(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  // What has its length before it

  /** Begins a message, packed list or map entry; {@link end} takes what it returns. */
  begin(tag: number): number {
    this.tag(tag);
    // Most have fewer than 128 bytes.
    this.position += 1;
    return this.position;
  }

  end(start: number): void {
    const size = this.position - start;
    if (size < 0x80) this.bytes[start - 1] = size;
    else this.moveUp(start, size);
  }

  private moveUp(start: number, size: number): void {
    this.room(0);
    const { bytes, position } = this;
    const extra = varintSize(size) - 1;
    bytes.copyWithin(start + extra, start, position);
    this.position = start - 1;
    this.varint32(size);
    this.position = position + extra;
  }

  /** Bytes as they are. */
  protected raw(value: Uint8Array): void {
    this.room(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }
}

/** Memory with anything in it. */
function allocate(size: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
}

function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}
