import { exampleAt, languageOf } from "./examples.ts";
import { normalizeLabel, type Target } from "./inline.ts";
import type { Alignment } from "./table.ts";

/** A block of a doc. Running text in it is not read yet. */
export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | {
      readonly kind: "code";
      readonly language: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | { readonly kind: "break" }
  | List
  | Table;

export interface List {
  readonly kind: "list";
  /** The first item's number, or undefined for bullets. */
  readonly start: number | undefined;
  /** Whether blank lines stand between its items. */
  readonly loose: boolean;
  readonly items: readonly ListItem[];
}

export interface ListItem {
  /** Of a task list: whether it is done. */
  readonly checked: boolean | undefined;
  readonly blocks: readonly Block[];
}

export interface Table {
  readonly kind: "table";
  readonly alignments: readonly Alignment[];
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Quotes and lists nest this deep; what is deeper is text. */
const MAX_DEPTH = 12;

const BLANK = /^\s*$/;
const INDENTED = /^ {4}/;
const FENCE = /^( {0,3})(?:(`{3,})([^`]*)|(~{3,})(.*))$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const THEMATIC_BREAK =
  /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const UNDERLINE = /^ {0,3}(?:(=+)|-+)[ \t]*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|(\d{1,9})[.)])(?:( +)(.*))?$/;
const DEFINITION =
  /^ {0,3}\[(?!\^)((?:[^[\]\\]|\\.)+)\]:[ \t]*(?:<([^<>]*)>|([^\s<]\S*))(?:[ \t]+(?:"([^"]*)"|'([^']*)'|\(([^()]*)\)))?[ \t]*$/;
const DELIMITER_ROW =
  /^ {0,3}(?=.*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** A doc's blocks, and the link reference definitions that stood among them. */
export interface Document {
  readonly blocks: readonly Block[];
  readonly definitions: ReadonlyMap<string, Target>;
}

/**
 * Reads a doc: the blocks of CommonMark and GitHub's tables, HTML excepted,
 * which is text. Whatever is left open ends with the doc.
 */
export function parseBlocks(text: string): Document {
  const definitions = new Map<string, Target>();
  const blocks = readBlocks(text.split("\n").map(expandTabs), definitions, 0);
  return { blocks, definitions };
}

/** Tabs in a line's indentation stand for the way to the next fourth column. */
function expandTabs(line: string): string {
  return line.replace(/^[ \t]+/, (blanks) => {
    let columns = 0;
    for (const blank of blanks)
      columns += blank === "\t" ? 4 - (columns % 4) : 1;
    return " ".repeat(columns);
  });
}

/** A walk along lines. */
interface Cursor {
  readonly lines: readonly string[];
  at: number;
}

function readBlocks(
  lines: readonly string[],
  definitions: Map<string, Target>,
  depth: number,
): Block[] {
  const cursor: Cursor = { lines, at: 0 };
  const blocks: Block[] = [];
  while (cursor.at < lines.length) {
    const line = lines[cursor.at] ?? "";
    if (BLANK.test(line) || readDefinition(line, definitions)) {
      cursor.at += 1;
      continue;
    }
    const block =
      readIndentedCode(cursor) ??
      readFencedCode(cursor) ??
      readExample(cursor) ??
      readHeading(cursor) ??
      readThematicBreak(cursor) ??
      (depth < MAX_DEPTH
        ? (readQuote(cursor, definitions, depth) ??
          readList(cursor, definitions, depth))
        : undefined) ??
      readTable(cursor) ??
      readParagraph(cursor, depth);
    const last = blocks.at(-1);
    if (
      block.kind === "list" &&
      last?.kind === "list" &&
      isSameKind(last, block)
    ) {
      // Side by side they would be read as one anyhow.
      blocks[blocks.length - 1] = {
        ...last,
        loose: true,
        items: [...last.items, ...block.items],
      };
    } else {
      blocks.push(block);
    }
  }
  return blocks;
}

function isSameKind(one: List, other: List): boolean {
  return (one.start === undefined) === (other.start === undefined);
}

/** Whether a line begins another block even directly below a paragraph's text. */
function interrupts(line: string, depth: number): boolean {
  if (HEADING.test(line) || FENCE.test(line) || THEMATIC_BREAK.test(line))
    return true;
  if (depth >= MAX_DEPTH) return false;
  if (QUOTE.test(line)) return true;
  const item = ITEM.exec(line);
  return (
    item !== null &&
    !BLANK.test(item[5] ?? "") &&
    (item[3] === undefined || Number(item[3]) === 1)
  );
}

function readDefinition(
  line: string,
  definitions: Map<string, Target>,
): boolean {
  const match = DEFINITION.exec(line);
  if (match === null) return false;
  const label = normalizeLabel(match[1] ?? "");
  if (label === "") return false;
  if (!definitions.has(label)) {
    definitions.set(label, {
      destination: match[2] ?? match[3] ?? "",
      title: match[4] ?? match[5] ?? match[6] ?? "",
    });
  }
  return true;
}

function readIndentedCode(cursor: Cursor): Block | undefined {
  if (!INDENTED.test(cursor.lines[cursor.at] ?? "")) return undefined;
  const lines: string[] = [];
  for (; cursor.at < cursor.lines.length; cursor.at += 1) {
    const line = cursor.lines[cursor.at] ?? "";
    if (!BLANK.test(line) && !INDENTED.test(line)) break;
    lines.push(line.slice(4).trimEnd());
  }
  while (lines.at(-1) === "") lines.pop();
  return { kind: "code", language: languageOf(lines), lines };
}

/** Code that nothing marks as such. */
function readExample(cursor: Cursor): Block | undefined {
  const example = exampleAt(cursor.lines, cursor.at);
  if (example === undefined) return undefined;
  cursor.at += example.lines.length;
  return { kind: "code", ...example };
}

function readFencedCode(cursor: Cursor): Block | undefined {
  const opening = FENCE.exec(cursor.lines[cursor.at] ?? "");
  if (opening === null) return undefined;
  const fence = opening[2] ?? opening[4] ?? "";
  const info = (opening[3] ?? opening[5] ?? "").trim();
  const closing = new RegExp(
    `^ {0,3}\\${fence.slice(0, 1)}{${fence.length.toString()},}[ \\t]*$`,
  );
  const indent = new RegExp(`^ {0,${(opening[1]?.length ?? 0).toString()}}`);
  const lines: string[] = [];
  cursor.at += 1;
  for (; cursor.at < cursor.lines.length; cursor.at += 1) {
    const line = cursor.lines[cursor.at] ?? "";
    if (closing.test(line)) {
      cursor.at += 1;
      break;
    }
    lines.push(line.replace(indent, "").trimEnd());
  }
  const language = /^[\w+#.-]+/.exec(info)?.[0] ?? languageOf(lines);
  return { kind: "code", language, lines };
}

function readHeading(cursor: Cursor): Block | undefined {
  const match = HEADING.exec(cursor.lines[cursor.at] ?? "");
  if (match === null) return undefined;
  cursor.at += 1;
  const text = (match[2] ?? "").replace(/(?:^|[ \t]+)#+[ \t]*$/, "").trim();
  return { kind: "heading", level: match[1]?.length ?? 1, text };
}

function readThematicBreak(cursor: Cursor): Block | undefined {
  if (!THEMATIC_BREAK.test(cursor.lines[cursor.at] ?? "")) return undefined;
  cursor.at += 1;
  return { kind: "break" };
}

function readQuote(
  cursor: Cursor,
  definitions: Map<string, Target>,
  depth: number,
): Block | undefined {
  if (!QUOTE.test(cursor.lines[cursor.at] ?? "")) return undefined;
  const lines: string[] = [];
  let text = false;
  for (; cursor.at < cursor.lines.length; cursor.at += 1) {
    const line = cursor.lines[cursor.at] ?? "";
    if (QUOTE.test(line)) {
      const inner = line.replace(QUOTE, "");
      text = !BLANK.test(inner) && !FENCE.test(inner);
      lines.push(inner);
    } else if (text && !BLANK.test(line) && !interrupts(line, depth)) {
      lines.push(line.trimStart());
    } else {
      break;
    }
  }
  return { kind: "quote", blocks: readBlocks(lines, definitions, depth + 1) };
}

function readList(
  cursor: Cursor,
  definitions: Map<string, Target>,
  depth: number,
): List | undefined {
  const first = ITEM.exec(cursor.lines[cursor.at] ?? "");
  if (first === null) return undefined;
  const ordered = first[3] !== undefined;
  const items: ListItem[] = [];
  let loose = false;
  for (;;) {
    const line = cursor.lines[cursor.at] ?? "";
    const marker = ITEM.exec(line);
    if (
      marker === null ||
      (marker[3] !== undefined) !== ordered ||
      THEMATIC_BREAK.test(line)
    ) {
      break;
    }
    const item = readItem(cursor, marker, depth);
    items.push(parseItem(item.lines, definitions, depth));
    const { blocks } = items.at(-1) ?? { blocks: [] };
    if (blocks.length > 1 && item.lines.includes("")) loose = true;
    if (cursor.at >= cursor.lines.length) break;
    if (item.blankAfter && ITEM.test(cursor.lines[cursor.at] ?? ""))
      loose = true;
  }
  // Two paragraphs in a row, or a paragraph below a block, need their blank line.
  loose ||= items.some(({ blocks }) =>
    blocks.some((block, at) => at > 0 && block.kind === "paragraph"),
  );
  return {
    kind: "list",
    start: ordered ? Number(first[3]) : undefined,
    loose,
    items,
  };
}

function parseItem(
  lines: readonly string[],
  definitions: Map<string, Target>,
  depth: number,
): ListItem {
  const [first = "", ...rest] = lines;
  const task = /^\[([ xX])\] (?=\S)/.exec(first);
  if (task !== null) {
    const blocks = readBlocks(
      [first.slice(task[0].length), ...rest],
      definitions,
      depth + 1,
    );
    // The box belongs to a paragraph; before anything else it is text.
    if (blocks[0]?.kind === "paragraph")
      return { checked: task[1] !== " ", blocks };
  }
  return {
    checked: undefined,
    blocks: readBlocks(lines, definitions, depth + 1),
  };
}

function readItem(
  cursor: Cursor,
  marker: RegExpExecArray,
  depth: number,
): { readonly lines: string[]; readonly blankAfter: boolean } {
  const [, indent = "", bullet = "", , blanks = " ", text = ""] = marker;
  const padding = blanks.length > 4 || text === "" ? 1 : blanks.length;
  const offset = indent.length + bullet.length + padding;
  const lines = [
    " ".repeat(blanks.length - padding < 0 ? 0 : blanks.length - padding) +
      text,
  ];
  let blank = text === "";
  cursor.at += 1;
  for (; cursor.at < cursor.lines.length; cursor.at += 1) {
    const line = cursor.lines[cursor.at] ?? "";
    if (BLANK.test(line)) {
      // An item that begins with a blank line ends with the next one.
      if (lines.length === 1 && lines[0]?.trim() === "")
        return { lines: [], blankAfter: true };
      lines.push("");
      blank = true;
      continue;
    }
    if (line.length - line.trimStart().length >= offset) {
      lines.push(line.slice(offset));
    } else if (!blank && !ITEM.test(line) && !interrupts(line, depth)) {
      lines.push(line.trimStart());
    } else {
      break;
    }
    blank = false;
  }
  const blankAfter = lines.length > 1 && lines.at(-1) === "";
  while (lines.at(-1) === "") lines.pop();
  return { lines, blankAfter };
}

function readTable(cursor: Cursor): Table | undefined {
  const delimiters = cursor.lines[cursor.at + 1] ?? "";
  const first = cursor.lines[cursor.at] ?? "";
  if (!first.includes("|") || !DELIMITER_ROW.test(delimiters)) return undefined;
  const header = splitRow(first);
  const alignments = splitRow(delimiters).map(alignmentOf);
  if (header.length !== alignments.length) return undefined;
  const rows: string[][] = [];
  for (cursor.at += 2; cursor.at < cursor.lines.length; cursor.at += 1) {
    const line = cursor.lines[cursor.at] ?? "";
    if (BLANK.test(line) || interrupts(line, 0)) break;
    rows.push(splitRow(line).slice(0, header.length));
  }
  return { kind: "table", alignments, header, rows };
}

function alignmentOf(dashes: string): Alignment {
  if (dashes.startsWith(":")) return dashes.endsWith(":") ? "center" : "left";
  return dashes.endsWith(":") ? "right" : "none";
}

/** The cells of a row: an escaped bar is a bar, even in code. */
function splitRow(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "");
  const cells = [""];
  for (const [piece] of inner.matchAll(/\\[^]|[^]/g)) {
    if (piece === "|") cells.push("");
    else cells[cells.length - 1] += piece === "\\|" ? "|" : piece;
  }
  if (cells.length > 1 && cells.at(-1)?.trim() === "") cells.pop();
  return cells.map((cell) => cell.trim());
}

function readParagraph(cursor: Cursor, depth: number): Block {
  const lines: string[] = [];
  for (; cursor.at < cursor.lines.length; cursor.at += 1) {
    const line = cursor.lines[cursor.at] ?? "";
    if (BLANK.test(line)) break;
    const underline = lines.length > 0 ? UNDERLINE.exec(line) : null;
    if (underline !== null) {
      cursor.at += 1;
      const text = lines.map((part) => part.trim()).join(" ");
      return {
        kind: "heading",
        level: underline[1] === undefined ? 2 : 1,
        text,
      };
    }
    if (
      lines.length > 0 &&
      (interrupts(line, depth) ||
        exampleAt(cursor.lines, cursor.at) !== undefined)
    )
      break;
    lines.push(line.trimStart());
  }
  return { kind: "paragraph", text: lines.join("\n").trimEnd() };
}
