/**
 * Messages on a socket with as little as Node allows: no limit of size, no look
 * at what is not UTF-8, no word about what went wrong.
 */
import { isAscii } from "node:buffer";
import type { Socket } from "node:net";

const NONE: readonly string[] = [];

/** Cuts what arrives into messages, decoding whole chunks. */
export class Decoder {
  #parts: Buffer[] = [];

  /** The messages that are complete with a chunk. */
  push(chunk: Buffer): readonly string[] {
    const last = chunk.lastIndexOf(0);
    if (last < 0) {
      this.#parts.push(chunk);
      return NONE;
    }
    let bytes = chunk.subarray(0, last);
    if (this.#parts.length > 0) {
      this.#parts.push(bytes);
      bytes = Buffer.concat(this.#parts);
      this.#parts = [];
    }
    if (last + 1 < chunk.length) this.#parts.push(chunk.subarray(last + 1));
    return decode(bytes).split("\0");
  }
}

/** Bytes as text, by the shorter way where there is one. */
export function decode(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
}

/** Characters that are joined before the end of a tick is not waited for. */
const MAX_JOINED = 32 * 1024;

/** Writes the first message of a tick at once and joins the rest of the tick. */
export class Writer {
  readonly #socket: Socket;
  readonly #endTick: () => void;
  #joined = "";
  #scheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#endTick = () => {
      this.#scheduled = false;
      if (this.#joined !== "") this.#flush();
    };
  }

  /** Whether there is room for more. */
  get room(): boolean {
    return !this.#socket.writableNeedDrain;
  }

  write(json: string): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(this.#endTick);
      this.#socket.write(json + "\0");
      return;
    }
    this.#joined += json + "\0";
    if (this.#joined.length >= MAX_JOINED) this.#flush();
  }

  /** Resolves when there is room, or nobody to write to any more. */
  drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.on("drain", done);
      socket.on("close", done);
    });
  }

  #flush(): void {
    const text = this.#joined;
    this.#joined = "";
    this.#socket.write(text);
  }
}

/**
 * A message. Only its parameters go through JSON.stringify: what is around them
 * is faster to join than to look at.
 *
 * @param before Members in front of them, each with its comma.
 * @param after Members behind them, each with its comma.
 */
export function message(
  before: string,
  parameters: unknown,
  after: string,
): string {
  const body = JSON.stringify(parameters ?? {});
  return `{${before}"parameters":${body}${after}}`;
}
