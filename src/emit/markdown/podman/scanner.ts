import { type ByteSpan, PodmanFailure, quoted } from "./problem.ts";

/** Kinds of words, each by what ends it: looking for that takes any length of word. */
export const word: Readonly<Record<"field" | "keyword" | "member", RegExp>> = {
  keyword: /[^a-z]/g,
  member: /[^A-Za-z0-9]/g,
  field: /[^A-Za-z0-9_]/g,
};

const interfaceName =
  /^(?:[a-z]+|xn--[a-z0-9]+)(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+/;

/** Bytes, of an interface's name. */
const longestName = 255;

/**
 * Reads a file as Podman's generator reads it: byte by byte, with a rule of its
 * own for comments. Nothing here gives back what it took, for how much a piece
 * that does not fit takes with it decides what is read next.
 */
export class Scanner {
  /** A character for each byte. */
  readonly #text: string;
  #offset = 0;
  #docs = "";
  #endsInComment = false;

  /**
   * @param text - The file in Latin-1, one character for each byte, without the
   * line ends at its end.
   */
  constructor(text: string) {
    this.#text = text;
  }

  /** Of the byte that comes next. */
  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#text.length;
  }

  /**
   * The comments that would document a member that stood here, joined by line
   * ends: all since the last line end that was outside of a comment.
   */
  get docs(): string {
    return this.#docs;
  }

  /** The byte that comes next; empty at the end. */
  peek(): string {
    return this.#text.charAt(this.#offset);
  }

  /** Takes the byte that comes next; empty at the end. */
  next(): string {
    const byte = this.peek();
    this.#offset += byte.length;
    return byte;
  }

  /** Takes the byte that comes next if it is this one. */
  take(byte: string): boolean {
    if (this.peek() !== byte) return false;
    this.#offset += 1;
    return true;
  }

  /** Skips spaces, and neither tabs nor line ends. */
  skipSpaces(): void {
    while (this.take(" "));
  }

  /** Skips blanks, line ends and comments. */
  skip(): void {
    for (;;) {
      const byte = this.peek();
      if (byte === "#") this.#comment();
      else if (byte === "\n") this.#docs = "";
      else if (byte !== " " && byte !== "\t") return;
      if (byte !== "#") this.#offset += 1;
    }
  }

  /**
   * One byte after `#` is skipped whatever it is, a line end too, so that a bare
   * `#` has the next line as its text. The line end behind the text belongs to
   * the comment: it does not end the docs.
   */
  #comment(): void {
    const hash = this.#offset;
    const start = hash + 2;
    if (start > this.#text.length) {
      throw new PodmanFailure({
        offset: hash,
        length: 1,
        code: "podman/ends-in-comment",
        message: "the file ends in a bare `#`",
        help: "take this line out: Podman's generator crashes here",
      });
    }
    const lineEnd = this.#text.indexOf("\n", start);
    this.#endsInComment = lineEnd === -1;
    const end = this.#endsInComment ? this.#text.length : lineEnd;
    const line = this.#text.slice(start, end);
    this.#docs = this.#docs === "" ? line : `${this.#docs}\n${line}`;
    this.#offset = this.#endsInComment ? end : end + 1;
  }

  /**
   * Takes a word of a kind, one of {@link word}; it may be empty.
   *
   * @param what - What is missing where the file ends in a comment instead.
   * @throws PodmanFailure if it does: Podman's generator crashes there.
   */
  word(kind: RegExp, what: string): string {
    if (this.#endsInComment) {
      throw new PodmanFailure({
        offset: this.#offset,
        length: 0,
        code: "podman/ends-in-comment",
        message: `the file ends in a comment where ${what} must stand`,
      });
    }
    const text = this.#wordAt(this.#offset, kind);
    this.#offset += text.length;
    return text;
  }

  /** Takes the name of a field; empty if there is none, also where the file ends in a comment. */
  fieldName(): string {
    if (!/[a-z]/.test(this.peek())) return "";
    return this.word(word.field, "the name of a field");
  }

  /** Takes the name of an interface, or as much as looks like one; empty if there is none. */
  interfaceName(): string {
    // No more than a little is looked at: a longer name is none in any case.
    const ahead = this.#text.slice(this.#offset, this.#offset + 300);
    const name = interfaceName.exec(ahead)?.[0] ?? "";
    if (name.length > longestName) return "";
    this.#offset += name.length;
    return name;
  }

  /** From a place up to where the scanner is. */
  since(offset: number): ByteSpan {
    return { offset, length: this.#offset - offset };
  }

  /** The whole word at a place, or the byte there. */
  spanAt(offset: number): ByteSpan {
    const length = this.#wordAt(offset, word.field).length;
    return { offset, length: length || this.#text.charAt(offset).length };
  }

  /** What stands at a place, for messages. */
  foundAt(offset: number): string {
    const text = this.#wordAt(offset, word.field);
    if (text !== "") return quoted(text);
    const byte = this.#text.charAt(offset);
    return NAMED[byte] ?? (/[!-~]/.test(byte) ? quoted(byte) : byteName(byte));
  }

  #wordAt(offset: number, kind: RegExp): string {
    kind.lastIndex = offset;
    const end = kind.exec(this.#text)?.index ?? this.#text.length;
    return this.#text.slice(offset, end);
  }
}

const NAMED: Partial<Record<string, string>> = {
  "": "the end of the file",
  " ": "a space",
  "\t": "a tab",
  "\n": "a line end",
  "\r": "a carriage return",
};

function byteName(byte: string): string {
  const code = byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
  return `the byte 0x${code}`;
}
