/** Most bytes of one line; a longer one comes in several. */
export const MAX_LINE: number = 1024 * 1024;

const NEWLINE = 0x0a;

/** Cuts bytes into lines of text, however they come in pieces. What is no UTF-8 becomes U+FFFD. */
export class LineReader {
  #pieces: Uint8Array[] = [];
  #size = 0;

  /** The lines that are whole now. */
  *push(bytes: Uint8Array): Generator<string, void, undefined> {
    let begin = 0;
    while (begin < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, begin);
      const room = begin + MAX_LINE - this.#size;
      const end = Math.min(newline === -1 ? bytes.length : newline, room);
      this.#keep(bytes.subarray(begin, end));
      begin = end;
      if (end === newline) {
        begin += 1;
        yield this.#take();
      } else if (this.#size === MAX_LINE) yield this.#take();
    }
  }

  /** The line that has no newline yet. */
  *rest(): Generator<string, void, undefined> {
    if (this.#size > 0) yield this.#take();
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }

  #take(): string {
    const line = Buffer.concat(this.#pieces).toString("utf8");
    this.#pieces = [];
    this.#size = 0;
    return line;
  }
}
