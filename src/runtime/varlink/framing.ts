/**
 * Messages on a stream of bytes: a JSON object and one NUL byte each (UAPI.20,
 * "Message Framing"). Both directions, clients and servers alike.
 */
import { isAscii, isUtf8 } from "node:buffer";
import type { Duplex } from "node:stream";
import { PortolanError } from "../errors.ts";

/** Bytes a message may have by default, its NUL not counted: 16 MiB, as libvarlink and systemd. */
export const DEFAULT_MAX_MESSAGE_SIZE: number = 16 * 1024 * 1024;

const EMPTY: Buffer = Buffer.alloc(0);

/** Parts of a message from this size on are kept as they came. */
const LARGE_PART = 4096;

/** So many parts of a message are kept as they came, however small: most have two. */
const KEPT_PARTS = 8;

/** The largest buffer that small parts are copied into. */
const MAX_GATHER = 64 * 1024;

/**
 * Cuts a stream of bytes into messages, in time linear in their size.
 *
 * ```ts
 * reader.push(chunk);
 * for (let text = reader.next(); text !== undefined; text = reader.next()) …
 * ```
 *
 * Messages are pulled one at a time, so that whoever reads one that changes the
 * protocol (an upgrade) finds the bytes behind it untouched: {@link takeRest}.
 */
export class FrameReader {
  readonly #maxMessageSize: number;
  /** The beginning of a message whose NUL has not arrived. */
  #partial: Buffer[] = [];
  #partialSize = 0;
  /**
   * Further small parts, copied together: as a buffer each, a message that comes
   * byte by byte would take hundreds of times its size.
   */
  #gather: Buffer = EMPTY;
  #gathered = 0;
  /** Bytes not looked at. Between two `push` usually one chunk or none. */
  #chunks: Buffer[] = [];
  #nextChunk = 0;
  /** Messages decoded at one go, how many were given out, and their bytes. */
  #batch: string[] = [];
  #given = 0;
  #batchBytes: Buffer = EMPTY;
  /** Decode the chunk at hand message by message: somewhere in it is a bad one. */
  #careful = false;

  /** @param maxMessageSize Bytes a message may have, its NUL not counted. */
  constructor(maxMessageSize: number = DEFAULT_MAX_MESSAGE_SIZE) {
    this.#maxMessageSize = maxMessageSize;
  }

  /** Whether bytes are held that have not been given out as messages. */
  get pending(): boolean {
    return (
      this.#partialSize > 0 ||
      this.#given < this.#batch.length ||
      this.#nextChunk < this.#chunks.length
    );
  }

  /** Takes bytes as they came. The reader keeps the chunk: do not reuse it. */
  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /**
   * The next complete message, decoded, or `undefined` until more bytes come.
   * After an error nothing more can be read.
   *
   * @throws PortolanError `LIMIT_EXCEEDED` when a message is longer than allowed,
   * complete or not; `PROTOCOL` when a message is not UTF-8.
   */
  next(): string | undefined {
    const message = this.#batch[this.#given];
    if (message !== undefined) {
      this.#given++;
      return message;
    }
    if (this.#given > 0) {
      // Given out to the last: a connection at rest keeps no chunk alive.
      this.#batch = [];
      this.#given = 0;
      this.#batchBytes = EMPTY;
    }
    for (;;) {
      const chunk = this.#chunks[this.#nextChunk];
      if (chunk === undefined) {
        if (this.#nextChunk > 0) {
          this.#chunks = [];
          this.#nextChunk = 0;
        }
        return undefined;
      }
      const end = chunk.indexOf(0);
      if (end < 0) {
        this.#keep(chunk);
        this.#nextChunk++;
        this.#careful = false;
        continue;
      }
      if (this.#partialSize > 0) {
        // The one copy of a message that came in several chunks.
        this.#keep(chunk.subarray(0, end));
        const bytes = this.#takePartial();
        this.#replaceChunk(chunk.subarray(end + 1));
        return decode(bytes);
      }
      const last = this.#careful ? end : chunk.lastIndexOf(0);
      if (last === end) {
        if (end > this.#maxMessageSize) throw this.#tooLong();
        this.#replaceChunk(chunk.subarray(end + 1));
        return decode(chunk.subarray(0, end));
      }
      // Decoding all complete messages of a chunk at once is measurably faster.
      // No byte of a longer UTF-8 sequence is NUL, so cutting after decoding is
      // the same as before it.
      const bytes = chunk.subarray(0, last);
      const text = last > this.#maxMessageSize ? undefined : tryDecode(bytes);
      if (text === undefined) {
        this.#careful = true;
        continue;
      }
      this.#batch = text.split("\0");
      this.#given = 1;
      this.#batchBytes = bytes;
      this.#replaceChunk(chunk.subarray(last + 1));
      return this.#batch[0];
    }
  }

  /** Forgets everything that was pushed. */
  clear(): void {
    this.takeRest();
  }

  /**
   * The bytes behind the last message given out, as they came, and forgets them:
   * for a connection that stops to speak Varlink there.
   */
  takeRest(): Buffer {
    const rest: Buffer[] = [this.#takePartial()];
    if (this.#given < this.#batch.length) {
      let start = 0;
      for (let count = 0; count < this.#given; count++) {
        start = this.#batchBytes.indexOf(0, start) + 1;
      }
      // The batch was cut before its last NUL.
      rest.push(this.#batchBytes.subarray(start), Buffer.of(0));
    }
    rest.push(...this.#chunks.slice(this.#nextChunk));
    this.#batch = [];
    this.#given = 0;
    this.#batchBytes = EMPTY;
    this.#chunks = [];
    this.#nextChunk = 0;
    this.#careful = false;
    return Buffer.concat(rest);
  }

  #replaceChunk(rest: Buffer): void {
    if (rest.length > 0) {
      this.#chunks[this.#nextChunk] = rest;
    } else {
      this.#nextChunk++;
      this.#careful = false;
    }
  }

  #keep(part: Buffer): void {
    this.#partialSize += part.length;
    if (this.#partialSize > this.#maxMessageSize) throw this.#tooLong();
    if (part.length === 0) return;
    if (part.length >= LARGE_PART || this.#partial.length < KEPT_PARTS) {
      this.#closeGather();
      this.#partial.push(part);
      return;
    }
    if (this.#gathered + part.length > this.#gather.length) {
      this.#closeGather();
      // As much again as there is, so that all of them together stay few.
      const size = Math.min(this.#partialSize, MAX_GATHER);
      this.#gather = Buffer.allocUnsafeSlow(Math.max(size, part.length));
    }
    this.#gathered += part.copy(this.#gather, this.#gathered);
  }

  #closeGather(): void {
    if (this.#gathered === 0) return;
    this.#partial.push(this.#gather.subarray(0, this.#gathered));
    // The rest of the room is for the next ones: parts large and small by turns
    // must not take a whole buffer each.
    this.#gather = this.#gather.subarray(this.#gathered);
    this.#gathered = 0;
  }

  /** The beginning of a message, in one piece, and forgets it. */
  #takePartial(): Buffer {
    this.#closeGather();
    const bytes = Buffer.concat(this.#partial, this.#partialSize);
    this.#partial = [];
    this.#partialSize = 0;
    this.#gather = EMPTY;
    return bytes;
  }

  #tooLong(): PortolanError {
    return new PortolanError(
      "LIMIT_EXCEEDED",
      `the peer sent a message of more than ${this.#maxMessageSize} bytes (maxMessageSize)`,
    );
  }
}

function tryDecode(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString("latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

function decode(bytes: Buffer): string {
  const text = tryDecode(bytes);
  if (text === undefined) {
    throw new PortolanError(
      "PROTOCOL",
      "the peer sent a message that is not valid UTF-8",
    );
  }
  return text;
}

/** Told when the system has taken a message, or the stream's error if it could not. */
export type Written = (error?: Error | null) => void;

/** Characters gathered in one tick before they are written without waiting for its end. */
const MAX_JOINED = 32 * 1024;

/**
 * Writes messages, few system calls for many: the first of a tick at once, so
 * that the peer can begin, and the rest of the tick joined.
 */
export class MessageWriter {
  readonly #stream: Duplex;
  #joined = "";
  /** Who is to be told when the joined messages are written. */
  #told: Written[] = [];
  /** A flush is due at the end of this tick. */
  #scheduled = false;
  #room: Promise<void> | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /**
   * Writes one message; `json` is without its NUL. Returns `undefined` while
   * there is room, else a promise for room (which does not reject: it also
   * resolves when the stream closes, and the stream says why). `done` is told
   * when the system has taken it all, or the stream's error if it could not.
   */
  write(json: string, done?: Written): undefined | Promise<void> {
    if (this.#scheduled) {
      this.#joined += json + "\0";
      if (done !== undefined) this.#told.push(done);
      if (this.#joined.length >= MAX_JOINED) void this.flush();
    } else {
      this.#schedule();
      this.#send(json + "\0", done);
    }
    return this.#room;
  }

  /**
   * Writes one message at once, behind what was joined before it and with
   * nothing behind: where that fails, the peer has not got this message.
   */
  writeThrough(json: string, done: Written): void {
    this.#joined += json + "\0";
    this.#told.push(done);
    void this.flush();
    this.#schedule();
  }

  /** Gives what was joined to the stream now. Returns what {@link write} returns. */
  flush(): undefined | Promise<void> {
    if (this.#joined !== "") {
      const text = this.#joined;
      const told = this.#told;
      this.#joined = "";
      if (told.length === 0) {
        this.#send(text);
      } else {
        this.#told = [];
        this.#send(text, (error) => {
          for (const done of told) done(error);
        });
      }
    }
    return this.#room;
  }

  /** @internal The end of a tick in which something was written. */
  endTick(): void {
    this.#scheduled = false;
    void this.flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(onTick, this);
  }

  #send(text: string, callback?: Written): void {
    const stream = this.#stream;
    if (!stream.writable) {
      // Closed meanwhile, which the stream's owner learns from its events.
      callback?.(stream.errored ?? new Error("the stream is closed"));
      return;
    }
    const more =
      callback === undefined
        ? stream.write(text)
        : stream.write(text, callback);
    if (!more && this.#room === undefined && !stream.destroyed)
      this.#room = this.#untilRoom();
  }

  #untilRoom(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      const done = (): void => {
        stream.off("drain", done);
        stream.off("close", done);
        this.#room = undefined;
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
    });
  }
}

function onTick(writer: MessageWriter): void {
  writer.endTick();
}
