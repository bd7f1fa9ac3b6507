import type { Span } from "./span.ts";

/** A place as people count: both from 1. */
export interface Position {
  readonly line: number;
  /** In UTF-16 units, as editors count; a byte order mark has no column. */
  readonly column: number;
}

// Every line end of UAPI.20; `\r\n` is one.
const lineEnd = /\r\n|[\n\r\u2028\u2029]/g;
const lineEndCharacters = "\n\r\u2028\u2029";
const byteOrderMark = 0xfeff;

/**
 * A text with its name and its lines. Offsets are UTF-16 units into `text`,
 * which stays as it was given, byte order mark included.
 */
export class SourceText {
  /** As the caller gave it, for messages. */
  readonly path: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    const starts = [text.charCodeAt(0) === byteOrderMark ? 1 : 0];
    for (const match of text.matchAll(lineEnd))
      starts.push(match.index + match[0].length);
    this.#lineStarts = starts;
  }

  /** At least 1: an empty text has one empty line. */
  get lineCount(): number {
    return this.#lineStarts.length;
  }

  /** The number of the line an offset is in; a line end belongs to the line it ends. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  positionAt(offset: number): Position {
    const line = this.lineAt(offset);
    const start = this.#lineStarts[line - 1] ?? 0;
    return { line, column: Math.max(offset - start, 0) + 1 };
  }

  /** The text of a line without its line end (and without a byte order mark), as a span. */
  lineSpan(line: number): Span {
    const start = this.#lineStarts[line - 1];
    if (start === undefined)
      throw new RangeError(`there is no line ${line} in ${this.path}`);
    let end = this.#lineStarts[line] ?? this.text.length;
    if (line < this.lineCount) {
      end -= 1;
      if (this.text[end] === "\n" && end > start && this.text[end - 1] === "\r")
        end -= 1;
    }
    return { start, end };
  }

  slice(span: Span): string {
    return this.text.slice(span.start, span.end);
  }

  /** Whether a line ends between two offsets, which are close to each other: every character is looked at. */
  hasLineEnd(start: number, end: number): boolean {
    for (let offset = start; offset < end; offset++) {
      if (lineEndCharacters.includes(this.text.charAt(offset))) return true;
    }
    return false;
  }
}
