import { columnsOf } from "./width.ts";

/**
 * JSON as Prettier lays it out: a code block that is marked as JSON would be laid
 * out anew otherwise by whoever formats the document.
 */

/** In columns of text, as Prettier's default. */
const LINE_WIDTH = 80;

/** Deeper JSON than this is left as it is. */
const MAX_DEPTH = 32;

type Node =
  | { readonly kind: "scalar"; readonly text: string }
  | {
      readonly kind: "object" | "array";
      /** Whether it begins with a line end, which objects keep. */
      readonly isOpen: boolean;
      readonly keys: readonly string[];
      readonly values: readonly Node[];
    };

const STRING =
  // oxlint-disable-next-line no-control-regex -- JSON has them escaped
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
/** Numbers that have one spelling: no capital, no plus, no needless zero. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?(?:e-?[1-9]\d*)?(?![\d.eE+-])/y;
const WORD = /true|false|null/y;

/**
 * Lays out one JSON value. Undefined for what is not JSON to the letter, is too
 * deep, or has numbers that have another, shorter spelling.
 */
export function formatJson(text: string): string | undefined {
  const reader = new Reader(text);
  const node = reader.read(0);
  return node === undefined || !reader.isAtEnd()
    ? undefined
    : print(node, { column: 0, indent: 0, comma: 0 });
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  isAtEnd(): boolean {
    this.skip();
    return this.at === this.text.length;
  }

  read(depth: number): Node | undefined {
    this.skip();
    const open = this.text[this.at];
    if (open === "{" || open === "[")
      return depth < MAX_DEPTH ? this.readMany(open, depth) : undefined;
    const text = this.match(STRING) ?? this.match(NUMBER) ?? this.match(WORD);
    return text === undefined ? undefined : { kind: "scalar", text };
  }

  private readMany(open: "{" | "[", depth: number): Node | undefined {
    this.at += 1;
    const isOpen = this.skip().includes("\n");
    const close = open === "{" ? "}" : "]";
    const keys: string[] = [];
    const values: Node[] = [];
    for (;;) {
      this.skip();
      if (values.length === 0 && this.take(close)) break;
      if (open === "{") {
        const key = this.match(STRING);
        this.skip();
        if (key === undefined || !this.take(":")) return undefined;
        keys.push(key);
      }
      const value = this.read(depth + 1);
      if (value === undefined) return undefined;
      values.push(value);
      this.skip();
      if (this.take(close)) break;
      if (!this.take(",")) return undefined;
    }
    const kind = open === "{" ? "object" : "array";
    return { kind, isOpen: isOpen && values.length > 0, keys, values };
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private skip(): string {
    return this.match(/[ \t\r\n]*/y) ?? "";
  }
}

/** Where a value is printed. */
interface Spot {
  /** Columns of the line that are taken already. */
  readonly column: number;
  /** Columns that the value's own lines are set in by. */
  readonly indent: number;
  /** Columns that the comma behind it takes. */
  readonly comma: 0 | 1;
}

function print(node: Node, spot: Spot): string {
  if (node.kind === "scalar") return node.text;
  const whole = flat(node);
  const width = spot.column + columnsOf(whole) + spot.comma;
  if (!mustBreak(node) && width <= LINE_WIDTH) return whole;
  const indent = spot.indent + 2;
  const last = node.values.length - 1;
  const parts = node.values.map((value, at) => {
    const key = node.kind === "object" ? `${node.keys[at] ?? ""}: ` : "";
    const comma = at === last ? 0 : 1;
    const column = indent + columnsOf(key);
    return key + print(value, { column, indent, comma }) + ",".repeat(comma);
  });
  const margin = " ".repeat(indent);
  const inside = isNumbers(node)
    ? fillNumbers(parts, indent).join(`\n${margin}`)
    : parts.join(`\n${margin}`);
  const [open, close] = node.kind === "object" ? "{}" : "[]";
  return `${open ?? ""}\n${margin}${inside}\n${" ".repeat(spot.indent)}${close ?? ""}`;
}

function flat(node: Node): string {
  if (node.kind === "scalar") return node.text;
  const values = node.values.map(flat);
  if (node.kind === "array") return `[${values.join(", ")}]`;
  if (values.length === 0) return "{}";
  const parts = values.map((value, at) => `${node.keys[at] ?? ""}: ${value}`);
  return `{ ${parts.join(", ")} }`;
}

/** Whether something in it keeps a line for itself: an object that did so, or rows of a table. */
function mustBreak(node: Node): boolean {
  if (node.kind === "scalar") return false;
  const [first] = node.values;
  const isRows =
    node.kind === "array" &&
    node.values.length > 1 &&
    node.values.every(
      (value) =>
        value.kind !== "scalar" &&
        value.kind === first?.kind &&
        value.values.length > 1,
    );
  return (
    (node.kind === "object" && node.isOpen) ||
    isRows ||
    node.values.some(mustBreak)
  );
}

function isNumbers(node: Exclude<Node, { kind: "scalar" }>): boolean {
  return (
    node.kind === "array" &&
    node.values.length > 1 &&
    node.values.every(
      (value) => value.kind === "scalar" && /^[-\d]/.test(value.text),
    )
  );
}

/** Numbers with their commas, as many in each line as fit. */
function fillNumbers(parts: readonly string[], indent: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (
      line !== undefined &&
      indent + line.length + 1 + part.length <= LINE_WIDTH
    )
      lines[lines.length - 1] = `${line} ${part}`;
    else lines.push(part);
  }
  return lines;
}
