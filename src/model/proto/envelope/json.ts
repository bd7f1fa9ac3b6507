import { EnvelopeError } from "./problem.ts";

/**
 * Reads JSON (RFC 8259), and says where it is none: the engine's own reader tells
 * that in some versions, for some texts. Unlike that, a key that an object has
 * twice is an error, for one of the two would be lost.
 *
 * @param path - For messages.
 * @throws EnvelopeError with path, line and column.
 */
export function readJson(text: string, path: string): unknown {
  const reader = new JsonReader(text, path);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** A configuration has no use for more levels than these. */
const DEEPEST = 100;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const STRING =
  // oxlint-disable-next-line no-control-regex -- JSON allows none of them
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class JsonReader {
  readonly #text: string;
  readonly #path: string;
  #at = 0;

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
    if (text.startsWith("\ufeff")) this.#at = 1;
    this.#take(SPACE);
  }

  value(depth: number): unknown {
    if (depth > DEEPEST)
      throw this.#problem(`values are nested more than ${DEEPEST} levels deep`);
    const scalar = this.#take(STRING) ?? this.#take(NUMBER) ?? this.#take(WORD);
    if (scalar !== undefined) {
      this.#take(SPACE);
      return JSON.parse(scalar);
    }
    if (this.#mark("[")) return this.#list(depth);
    if (this.#mark("{")) return this.#object(depth);
    throw this.#problem("expected a value");
  }

  end(): void {
    if (this.#at < this.#text.length)
      throw this.#problem("expected the end of the file");
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    if (this.#mark("]")) return list;
    do list.push(this.value(depth + 1));
    while (this.#mark(","));
    if (!this.#mark("]")) throw this.#problem('expected "," or "]"');
    return list;
  }

  #object(depth: number): object {
    const entries = new Map<string, unknown>();
    // So that `__proto__` is a key like any other.
    const object = (): object => Object.fromEntries(entries);
    if (this.#mark("}")) return object();
    do {
      const place = this.#at;
      const written = this.#take(STRING);
      if (written === undefined) throw this.#problem("expected a key");
      const key = JSON.parse(written) as string;
      if (entries.has(key))
        throw this.#problem(`${written} is there twice`, place);
      this.#take(SPACE);
      if (!this.#mark(":")) throw this.#problem('expected ":"');
      entries.set(key, this.value(depth + 1));
    } while (this.#mark(","));
    if (!this.#mark("}")) throw this.#problem('expected "," or "}"');
    return object();
  }

  /** Takes a mark and the space behind it, if it is next. */
  #mark(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    this.#take(SPACE);
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #problem(message: string, at = this.#at): EnvelopeError {
    const before = this.#text
      .slice(0, at)
      .replace(/^\ufeff/, "")
      .split("\n");
    const column = (before.at(-1) ?? "").length + 1;
    return new EnvelopeError(
      `${this.#path}:${before.length}:${column}: ${message}`,
      { path: this.#path },
    );
  }
}
