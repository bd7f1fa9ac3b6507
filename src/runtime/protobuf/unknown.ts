/**
 * Fields that a message's type does not know, gathered while a message is read.
 * They are kept as places in the bytes and put together once at the end, so that
 * however many there are, each byte is copied once.
 */
export class Unknown {
  private readonly bytes: Uint8Array;
  private readonly chunks = new Map<object, Chunk[]>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A field as it stands in the bytes. */
  keep(message: object, start: number, end: number): void {
    const chunks = this.of(message);
    const last = chunks.at(-1);
    if (last?.bytes === this.bytes && last.end === start) last.end = end;
    else chunks.push({ bytes: this.bytes, start, end });
  }

  /** A field that stands so nowhere in the bytes. */
  add(message: object, bytes: Uint8Array): void {
    this.of(message).push({ bytes, start: 0, end: bytes.length });
  }

  private of(message: object): Chunk[] {
    let chunks = this.chunks.get(message);
    if (chunks === undefined) {
      chunks = [];
      this.chunks.set(message, chunks);
    }
    return chunks;
  }

  /** Gives every message its own: `$unknown`. */
  settle(): void {
    for (const [message, chunks] of this.chunks) {
      (message as { $unknown?: Uint8Array }).$unknown = joined(chunks);
    }
  }
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly start: number;
  end: number;
}

function joined(chunks: readonly Chunk[]): Uint8Array {
  let size = 0;
  for (const { start, end } of chunks) size += end - start;
  const result = new Uint8Array(size);
  let offset = 0;
  for (const { bytes, start, end } of chunks) {
    result.set(bytes.subarray(start, end), offset);
    offset += end - start;
  }
  return result;
}

/** A field with a varint, as 64 bits of a signed integer. */
export function varintField(field: number, value: number): Uint8Array {
  return Uint8Array.from([
    ...varint(BigInt(field) << 3n),
    ...varint(BigInt.asUintN(64, BigInt(value))),
  ]);
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}
