import { ProtobufError } from "./error.ts";
import { isUtf8, readText } from "./text.ts";
import { double, HIGH, LOW, signed, single, unsigned, words } from "./words.ts";

const NONE: Uint8Array = new Uint8Array(0);

/**
 * Reads single values, from `position` and never beyond `end`.
 *
 * Integers are read as protobuf's own readers do it: what does not fit 32 bits
 * loses its upper ones, and every varint but 0 is true.
 */
export class Scanner {
  position = 0;
  /** The end of the message, packed list or map entry that is being read. */
  end = 0;
  /** Where the tag of the field begins that is being read. */
  start = 0;
  protected bytes: Uint8Array = NONE;
  /** Halves of the varint that was read last, as signed integers. */
  private low = 0;
  private high = 0;

  /** Lets go of the bytes, for readers are used again. */
  release(): void {
    this.bytes = NONE;
  }

  /** The next tag: field number and wire type. There are bytes left. */
  tag(): number {
    const { bytes, position } = this;
    this.start = position;
    const first = bytes[position] as number;
    if (first < 0x80) {
      this.position = position + 1;
      return first;
    }
    if (position + 1 < this.end) {
      const second = bytes[position + 1] as number;
      if (second < 0x80) {
        this.position = position + 2;
        return (first & 0x7f) | (second << 7);
      }
    }
    return this.longTag();
  }

  private longTag(): number {
    this.varint();
    if (this.high !== 0 || this.position - this.start > 5)
      throw this.malformed("a tag has more than 32 bits");
    return this.low >>> 0;
  }

  // Varints

  /** Reads a varint into `low` and `high`. */
  protected varint(): void {
    const { bytes, position } = this;
    // What has room for the longest needs no look at the end for each byte.
    if (this.end - position < 10) {
      this.lastVarint();
      return;
    }
    let byte = bytes[position] as number;
    let low = byte & 0x7f;
    let next = position + 1;
    // Up to 28 bits are most of what there is.
    for (let shift = 7; byte > 0x7f && shift < 28; shift += 7) {
      byte = bytes[next] as number;
      next += 1;
      low |= (byte & 0x7f) << shift;
    }
    if (byte > 0x7f) {
      this.longVarint(low, next);
      return;
    }
    this.low = low;
    this.high = 0;
    this.position = next;
  }

  /** Goes on after the first four bytes, where there are six more. */
  private longVarint(start: number, position: number): void {
    const { bytes } = this;
    let byte = bytes[position] as number;
    let next = position + 1;
    this.low = start | (byte << 28);
    let high = (byte & 0x7f) >>> 4;
    for (let shift = 3; byte > 0x7f; shift += 7) {
      if (shift > 31) throw this.tooLong();
      byte = bytes[next] as number;
      next += 1;
      high |= (byte & 0x7f) << shift;
    }
    this.high = high;
    this.position = next;
  }

  /** A varint near the end, which may come too early. */
  private lastVarint(): void {
    const { bytes, end } = this;
    let { position } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (position >= end) throw this.truncated();
      if (shift === 70) throw this.tooLong();
      const byte = bytes[position] as number;
      position += 1;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift > 28) high |= bits << (shift - 32);
      else {
        low |= bits << 28;
        high = bits >>> 4;
      }
      if (byte < 0x80) break;
    }
    this.position = position;
    this.low = low;
    this.high = high;
  }

  private tooLong(): ProtobufError {
    return this.malformed("an integer has more than ten bytes");
  }

  int32(): number {
    const { position } = this;
    if (position < this.end) {
      const byte = this.bytes[position] as number;
      if (byte < 0x80) {
        this.position = position + 1;
        return byte;
      }
    }
    this.varint();
    return this.low;
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  sint32(): number {
    const value = this.int32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    const { position } = this;
    if (position < this.end) {
      const byte = this.bytes[position] as number;
      if (byte < 0x80) {
        this.position = position + 1;
        return byte !== 0;
      }
    }
    this.varint();
    return (this.low | this.high) !== 0;
  }

  int64(): bigint {
    this.varint();
    return this.signed();
  }

  uint64(): bigint {
    this.varint();
    return this.unsigned();
  }

  sint64(): bigint {
    this.varint();
    this.unzigzag();
    return this.signed();
  }

  int64Number(): number {
    return this.safe(this.int64());
  }

  uint64Number(): number {
    return this.safe(this.uint64());
  }

  sint64Number(): number {
    return this.safe(this.sint64());
  }

  int64String(): string {
    return this.int64().toString();
  }

  uint64String(): string {
    return this.uint64().toString();
  }

  sint64String(): string {
    return this.sint64().toString();
  }

  /** An integer as a number, which is exact up to 2^53. */
  private safe(value: bigint): number {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw this.malformed(
      `${value} has no exact number: generate with "bigint" or "string" for integers of 64 bits`,
    );
  }

  private unzigzag(): void {
    const { low, high } = this;
    const sign = -(low & 1);
    this.low = ((low >>> 1) | (high << 31)) ^ sign;
    this.high = (high >>> 1) ^ sign;
  }

  private signed(): bigint {
    words[LOW] = this.low;
    words[HIGH] = this.high;
    return signed[0] as bigint;
  }

  private unsigned(): bigint {
    words[LOW] = this.low;
    words[HIGH] = this.high;
    return unsigned[0] as bigint;
  }

  // Fixed width

  protected word(): number {
    const { bytes, position } = this;
    if (this.end - position < 4) throw this.truncated();
    this.position = position + 4;
    return (
      (bytes[position] as number) |
      ((bytes[position + 1] as number) << 8) |
      ((bytes[position + 2] as number) << 16) |
      ((bytes[position + 3] as number) << 24)
    );
  }

  protected twoWords(): void {
    if (this.end - this.position < 8) throw this.truncated();
    this.low = this.word();
    this.high = this.word();
  }

  fixed32(): number {
    return this.word() >>> 0;
  }

  sfixed32(): number {
    return this.word();
  }

  fixed64(): bigint {
    this.twoWords();
    return this.unsigned();
  }

  sfixed64(): bigint {
    this.twoWords();
    return this.signed();
  }

  fixed64Number(): number {
    return this.safe(this.fixed64());
  }

  sfixed64Number(): number {
    return this.safe(this.sfixed64());
  }

  fixed64String(): string {
    return this.fixed64().toString();
  }

  sfixed64String(): string {
    return this.sfixed64().toString();
  }

  float(): number {
    words[0] = this.word();
    return single[0] as number;
  }

  double(): number {
    this.twoWords();
    words[LOW] = this.low;
    words[HIGH] = this.high;
    return double[0] as number;
  }

  // Text and bytes

  /** Reads a length: as many bytes are there. */
  protected delimited(): number {
    const length = this.int32() >>> 0;
    if (length > this.end - this.position) throw this.truncated();
    return length;
  }

  /** What is no UTF-8 becomes U+FFFD. */
  string(): string {
    const length = this.delimited();
    const { position } = this;
    this.position = position + length;
    return readText(this.bytes, position, position + length);
  }

  /** What is no UTF-8 is an error. */
  utf8(): string {
    const length = this.delimited();
    const { bytes, position } = this;
    const end = position + length;
    this.position = end;
    const text = readText(bytes, position, end);
    if (text.includes("\ufffd") && !isUtf8(bytes.subarray(position, end)))
      throw this.malformed("a string is not UTF-8");
    return text;
  }

  /** Bytes, copied: they keep nothing else alive, and do not change with what was read. */
  binary(): Uint8Array {
    const length = this.delimited();
    const { position } = this;
    this.position = position + length;
    return new Uint8Array(this.bytes.subarray(position, position + length));
  }

  // Errors

  private truncated(): ProtobufError {
    return this.malformed("it is cut off");
  }

  /** An error at the field that is being read. */
  protected malformed(what: string): ProtobufError {
    return new ProtobufError(what, this.start);
  }
}
