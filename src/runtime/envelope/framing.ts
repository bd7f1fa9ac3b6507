/**
 * Messages of an envelope RPC on a stream of bytes: each is its length, as a
 * varint of 32 bits, and its body. Both directions, clients and servers alike.
 */
import { PortolanError } from "../errors.ts";

const CONTINUED = 0x80;

/** Most bytes that a length has, and the bits that the last of them may have. */
const LENGTH_BYTES = 5;
const LAST_BITS = 0x0f;

/** The least buffer for a body that comes in pieces. */
const FIRST_ROOM = 4096;

/** How much more room than bytes a body gets whose length is merely announced. */
const ROOM_FACTOR = 8;

/**
 * Cuts a stream of bytes into message bodies, in time linear in their size,
 * however they are cut up on the way.
 *
 * ```ts
 * reader.push(chunk);
 * for (let body = reader.next(); body !== undefined; body = reader.next()) …
 * ```
 *
 * A length must be spelled in as few bytes as it needs. Peers differ in what
 * they take a longer spelling for (Porto's daemon reads another length out of
 * it), so that whoever accepts it may see other messages than the next in line.
 */
export class FrameReader {
  readonly #maxSize: number;
  /** Bytes not looked at: chunks, and where the first of them begins. */
  #chunks: Uint8Array[] = [];
  #nextChunk = 0;
  #offset = 0;
  /** The length as far as it has come. */
  #length = 0;
  #lengthBytes = 0;
  /** Bytes of the body that is being read; undefined until its length is whole. */
  #size: number | undefined;
  /** The beginning of a body that comes in pieces: a buffer, filled in part. */
  #body: Uint8Array | undefined;
  #filled = 0;
  #failure: PortolanError | undefined;

  /** @param maxSize Bytes that a body may have. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** Whether bytes are held that have not been given out as a body. */
  get pending(): boolean {
    return (
      this.#lengthBytes > 0 ||
      this.#size !== undefined ||
      this.#nextChunk < this.#chunks.length
    );
  }

  /** Takes bytes as they came. The reader keeps the chunk: do not reuse it. */
  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /**
   * The body of the next message that is there whole, or `undefined` until more
   * bytes come. It may be a part of a chunk. After an error nothing more can be
   * read.
   *
   * @throws PortolanError `LIMIT_EXCEEDED` as soon as a length above the limit is
   * announced; `PROTOCOL` for a length beyond 32 bits or with needless bytes.
   */
  next(): Uint8Array | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#size ??= this.#readLength();
    if (this.#size === undefined) return undefined;
    const body = this.#readBody(this.#size);
    if (body !== undefined) this.#size = undefined;
    return body;
  }

  /** Forgets everything that was pushed. */
  clear(): void {
    this.#chunks = [];
    this.#nextChunk = 0;
    this.#offset = 0;
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#size = undefined;
    this.#body = undefined;
    this.#filled = 0;
  }

  #readLength(): number | undefined {
    for (;;) {
      const chunk = this.#chunks[this.#nextChunk];
      if (chunk === undefined) {
        this.#dropChunks();
        return undefined;
      }
      const byte = chunk[this.#offset] ?? 0;
      this.#skip(chunk, 1);
      // Multiplied, for shifting would make the highest bit a sign.
      this.#length += (byte & ~CONTINUED) * 2 ** (7 * this.#lengthBytes);
      this.#lengthBytes += 1;
      if (this.#lengthBytes === LENGTH_BYTES && byte > LAST_BITS)
        throw this.#fail(
          "PROTOCOL",
          "the length of a message has over 32 bits",
        );
      if (byte >= CONTINUED) continue;
      if (byte === 0 && this.#lengthBytes > 1)
        throw this.#fail(
          "PROTOCOL",
          "the length of a message is spelled in more bytes than it needs",
        );
      const length = this.#length;
      this.#length = 0;
      this.#lengthBytes = 0;
      if (length > this.#maxSize)
        throw this.#fail(
          "LIMIT_EXCEEDED",
          `the peer announced a message of ${length} bytes; the limit is ${this.#maxSize}`,
        );
      return length;
    }
  }

  #readBody(size: number): Uint8Array | undefined {
    if (size === 0) return new Uint8Array();
    for (;;) {
      const chunk = this.#chunks[this.#nextChunk];
      if (chunk === undefined) {
        this.#dropChunks();
        return undefined;
      }
      const there = chunk.length - this.#offset;
      const missing = size - this.#filled;
      const part = chunk.subarray(
        this.#offset,
        this.#offset + Math.min(there, missing),
      );
      this.#skip(chunk, part.length);
      // Most bodies are in one chunk, and need no copy.
      if (part.length === size) return part;
      this.#keep(part, size);
      if (this.#filled === size) return this.#takeBody();
    }
  }

  /**
   * A body may be announced and never sent, so room is made for what has come
   * and a few times that, not for all that was announced.
   */
  #keep(part: Uint8Array, size: number): void {
    const filled = this.#filled + part.length;
    let body = this.#body;
    if (body === undefined || filled > body.length) {
      const room = Math.min(size, Math.max(FIRST_ROOM, filled * ROOM_FACTOR));
      const larger = Buffer.allocUnsafeSlow(room);
      if (body !== undefined) larger.set(body.subarray(0, this.#filled));
      body = larger;
      this.#body = body;
    }
    body.set(part, this.#filled);
    this.#filled = filled;
  }

  #takeBody(): Uint8Array | undefined {
    const body = this.#body;
    this.#body = undefined;
    this.#filled = 0;
    return body;
  }

  #skip(chunk: Uint8Array, count: number): void {
    this.#offset += count;
    if (this.#offset < chunk.length) return;
    this.#nextChunk += 1;
    this.#offset = 0;
  }

  /** All chunks were read: a connection at rest keeps none alive. */
  #dropChunks(): void {
    if (this.#nextChunk === 0) return;
    this.#chunks = [];
    this.#nextChunk = 0;
  }

  #fail(code: "PROTOCOL" | "LIMIT_EXCEEDED", message: string): PortolanError {
    this.#failure = new PortolanError(code, message);
    return this.#failure;
  }
}

/** Bytes in front of a body: its length. */
export function frameHeader(length: number): Uint8Array {
  const header = Buffer.allocUnsafe(headerSize(length));
  writeLength(header, length);
  return header;
}

/**
 * A message as it is sent: length and body in one piece.
 *
 * @throws PortolanError `LIMIT_EXCEEDED` for a body whose length has over 32 bits.
 */
export function frame(body: Uint8Array): Uint8Array {
  const size = headerSize(body.length);
  const bytes = Buffer.allocUnsafe(size + body.length);
  writeLength(bytes, body.length);
  bytes.set(body, size);
  return bytes;
}

function headerSize(length: number): number {
  if (length < 2 ** 7) return 1;
  if (length < 2 ** 14) return 2;
  if (length < 2 ** 21) return 3;
  if (length < 2 ** 28) return 4;
  if (length < 2 ** 32) return LENGTH_BYTES;
  throw new PortolanError(
    "LIMIT_EXCEEDED",
    `a message of ${length} bytes is longer than a frame can be`,
  );
}

function writeLength(bytes: Uint8Array, length: number): void {
  let rest = length;
  let at = 0;
  for (; rest >= CONTINUED; at += 1) {
    bytes[at] = (rest % CONTINUED) | CONTINUED;
    rest = Math.floor(rest / CONTINUED);
  }
  bytes[at] = rest;
}
