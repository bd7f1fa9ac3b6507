import type { Duplex } from "node:stream";
import { frame, frameHeader } from "../framing.ts";

/** Bodies from this size on are written beside their length, not copied behind it. */
const LARGE_BODY = 16 * 1024;

/**
 * Writes messages, few system calls for many: the first of a tick at once, so
 * that the peer can begin, and the rest of the tick together.
 */
export class FrameWriter {
  readonly #stream: Duplex;
  #corked = false;
  #room: Promise<void> | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /**
   * Writes one message. Returns `undefined` while there is room, else a promise
   * for room (which does not reject: it also resolves when the stream closes,
   * and the stream says why).
   */
  write(body: Uint8Array): undefined | Promise<void> {
    const stream = this.#stream;
    // Closed meanwhile, which the stream's owner learns from its events.
    if (!stream.writable) return this.#room;
    if (body.length < LARGE_BODY) {
      stream.write(frame(body));
    } else {
      stream.cork();
      stream.write(frameHeader(body.length));
      stream.write(body);
      stream.uncork();
    }
    this.#cork();
    if (stream.writableNeedDrain && !stream.destroyed)
      this.#room ??= this.#untilRoom();
    return this.#room;
  }

  /** Gives what was held back to the stream now. */
  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#stream.uncork();
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#stream.cork();
    process.nextTick(flush, this);
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

function flush(writer: FrameWriter): void {
  writer.flush();
}
