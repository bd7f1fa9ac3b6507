/** Splits a stream of bytes into messages: text up to a NUL byte (UAPI.20). */
export class FrameReader {
  readonly #frames: string[] = [];
  #rest: Buffer = Buffer.alloc(0);

  /** Takes the next bytes. */
  push(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = bytes.indexOf(0);
      if (end < 0) break;
      this.#frames.push(bytes.toString("utf8", 0, end));
      bytes = bytes.subarray(end + 1);
    }
    this.#rest = bytes;
  }

  /** The oldest message that was not taken, if one is complete. */
  shift(): string | undefined {
    return this.#frames.shift();
  }

  /** How many bytes of an unfinished message there are. */
  get unfinished(): number {
    return this.#rest.length;
  }
}
