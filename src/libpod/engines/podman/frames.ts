import { EngineError } from "../../errors.ts";

/**
 * The frames in which Podman sends the streams of a process over an upgraded
 * connection: a byte that says where to, three zeros, the length in four bytes with the
 * largest first, and so many bytes.
 */
export interface Frame {
  readonly to: number;
  readonly data: Buffer;
}

/** Where a frame is for. */
export const channels = {
  stdout: 0,
  stdin: 1,
  stderr: 2,
  /** The size of the terminal, as JSON. */
  resize: 3,
  /** From the daemon: the process ended; the exit code in four bytes. */
  quit: 4,
  /** To the daemon: there is no more input. */
  hangUp: 5,
} as const;

const HEADER = 8;
const LENGTH_AT = 4;

/** A frame as bytes. */
export function encodeFrame(to: number, data: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER + data.length);
  frame[0] = to;
  frame.writeUInt32BE(data.length, LENGTH_AT);
  frame.set(data, HEADER);
  return frame;
}

/**
 * Takes bytes as they come, and gives back frames. The data of a long one comes in the
 * pieces in which it arrives, each as a frame of its own, but for those that are short by
 * nature and have to be whole.
 */
export class FrameReader {
  #buffer: Buffer = Buffer.alloc(0);
  /** Bytes that are missing of a frame whose beginning was given out. */
  #missing = 0;
  #to = 0;

  /** @throws EngineError for a frame that cannot be Podman's */
  push(chunk: Buffer): Frame[] {
    this.#buffer =
      this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      if (this.#missing === 0) {
        if (this.#buffer.length < HEADER) break;
        const length = this.#buffer.readUInt32BE(LENGTH_AT);
        const to = this.#buffer.readUInt8(0);
        if (WHOLE.has(to)) {
          if (length > MAX_WHOLE)
            throw new EngineError(
              `a frame of ${length} bytes came where Podman sends a few`,
            );
          if (this.#buffer.length < HEADER + length) break;
        }
        this.#buffer = this.#buffer.subarray(HEADER);
        this.#to = to;
        this.#missing = length;
        // A frame of nothing says something too.
        if (length === 0)
          frames.push({ to, data: this.#buffer.subarray(0, 0) });
      }
      if (this.#missing === 0) continue;
      const data = this.#buffer.subarray(0, this.#missing);
      if (data.length === 0) break;
      frames.push({ to: this.#to, data });
      this.#missing -= data.length;
      this.#buffer = this.#buffer.subarray(data.length);
    }
    return frames;
  }
}

/** Far more than any frame has that must be whole. */
const MAX_WHOLE = 65_536;
const WHOLE: ReadonlySet<number> = new Set([channels.resize, channels.quit]);
