import type { Block, List, ListItem } from "./blocks.ts";
import { codeSpan, escapeLineStart } from "./escape.ts";
import { parseInline } from "./inline.ts";
import { formatJson } from "./json.ts";
import {
  boldText,
  inlineText,
  printInline,
  type PrintContext,
} from "./print-inline.ts";
import { layOutTable } from "./table.ts";

/** Prints blocks one below the other. Headings have the levels that are printed. */
export function printBlocks(
  blocks: readonly Block[],
  context: PrintContext,
): string {
  return joinBlocks(blocks, context, "\n\n");
}

function joinBlocks(
  blocks: readonly Block[],
  context: PrintContext,
  between: string,
): string {
  return blocks
    .map((block) => printBlock(block, context))
    .filter((text) => text !== "")
    .join(between);
}

/** Prints the headings that a doc begins with as paragraphs in bold; says what follows them. */
export function printTitles(
  blocks: readonly Block[],
  context: PrintContext,
): { readonly titles: string; readonly rest: readonly Block[] } {
  const titles: string[] = [];
  for (const block of blocks) {
    if (block.kind !== "heading") break;
    titles.push(boldText(block.text, context, false));
  }
  return {
    titles: titles.filter(Boolean).join("\n\n"),
    rest: blocks.slice(titles.length),
  };
}

const DEEPEST_HEADING = 6;

/**
 * Gives headings levels from `base` on: their order is kept and none is skipped.
 * Headings without text are left out.
 */
export function placeHeadings(
  blocks: readonly Block[],
  context: PrintContext,
  base: number,
): Block[] {
  const shown = withoutEmptyHeadings(blocks, context);
  const used = [...new Set(levelsOf(shown))].toSorted((a, b) => a - b);
  let previous = base - 1;
  const place = (block: Block): Block => {
    if (block.kind !== "heading")
      return mapInner(block, (inner) => inner.map(place));
    const wanted = base + used.indexOf(block.level);
    previous = Math.min(wanted, previous + 1, DEEPEST_HEADING);
    return { ...block, level: previous };
  };
  return shown.map(place);
}

function withoutEmptyHeadings(
  blocks: readonly Block[],
  context: PrintContext,
): Block[] {
  return blocks
    .filter(
      (block) =>
        block.kind !== "heading" ||
        inlineText(block.text, context, false) !== "",
    )
    .map((block) =>
      mapInner(block, (inner) => withoutEmptyHeadings(inner, context)),
    );
}

/** A quote or a list with other blocks in it; any other block as it is. */
function mapInner(
  block: Block,
  change: (blocks: readonly Block[]) => readonly Block[],
): Block {
  if (block.kind === "quote") return { ...block, blocks: change(block.blocks) };
  if (block.kind !== "list") return block;
  const items = block.items.map((item) => ({
    ...item,
    blocks: change(item.blocks),
  }));
  return { ...block, items };
}

function levelsOf(blocks: readonly Block[]): number[] {
  return blocks.flatMap((block) => {
    if (block.kind === "heading") return [block.level];
    if (block.kind === "quote") return levelsOf(block.blocks);
    return block.kind === "list"
      ? block.items.flatMap((item) => levelsOf(item.blocks))
      : [];
  });
}

function printBlock(block: Block, context: PrintContext): string {
  switch (block.kind) {
    case "paragraph":
      return proseLines(block.text, context).map(escapeLineStart).join("\n");
    case "heading":
      return `${"#".repeat(block.level)} ${escapeClosingHashes(inlineText(block.text, context, false))}`;
    case "code":
      return printCode(block.language, block.lines, context);
    case "quote":
      return prefixLines(
        joinBlocks(block.blocks, { ...context, inQuote: true }, "\n\n"),
        "> ",
        "> ",
      );
    case "break":
      // Behind a list's dash, three more would make one long rule.
      return context.inList === true ? "***" : "---";
    case "list":
      return printList(block, context);
    case "table":
      return layOutTable(
        block.header.map((cell) => inlineText(cell, context, true)),
        block.rows.map((row) =>
          row.map((cell) => inlineText(cell, context, true)),
        ),
        block.alignments,
      );
    default:
      return block satisfies never;
  }
}

/** The lines of a paragraph, as they are behind something else: {@link escapeLineStart} is not done. */
function proseLines(text: string, context: PrintContext): string[] {
  return printInline(parseInline(text, context.definitions), context, false)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function escapeClosingHashes(text: string): string {
  return text.replace(/(^|\s)(#+)$/, "$1\\$2");
}

/** Languages that Prettier knows nothing of, so that code in them stays as it was written. */
const KEPT_LANGUAGES = new Set(
  "bash c console cpp diff go http ini java proto protobuf python rust sh shell sql text toml txt varlink xml".split(
    " ",
  ),
);

/** Languages that Prettier knows in capitals. */
const SHOUTED_LANGUAGES = new Set(["LWC", "MJML"]);

/**
 * Marks code whose layout stays as it is. Prettier lays out code whose language it
 * knows in small letters; GitHub reads either. No doc draws a diagram: what that
 * could do is not for docs to say.
 */
function keptMark(language: string): string {
  if (KEPT_LANGUAGES.has(language)) return language;
  const mark = language.toUpperCase();
  return SHOUTED_LANGUAGES.has(mark) ? "" : mark;
}

function printCode(
  language: string,
  lines: readonly string[],
  context: PrintContext,
): string {
  // Where it is set in, fewer columns are left for it than the layout counts on.
  const isAtMargin = context.inList !== true && context.inQuote !== true;
  const json =
    language === "json" && isAtMargin
      ? formatJson(lines.join("\n"))
      : undefined;
  const shown = json?.split("\n") ?? lines;
  let fence = "```";
  while (shown.some((line) => line.includes(fence))) fence += "`";
  const mark = json === undefined ? keptMark(language) : language;
  // Prettier gives a fence with nothing in it one empty line.
  const inside = shown.length === 0 ? [""] : shown;
  return [fence + mark, ...inside, fence].join("\n");
}

function printList(list: List, context: PrintContext): string {
  const inside: PrintContext = { ...context, inList: true };
  const between = list.loose ? "\n\n" : "\n";
  return layOutList(
    list.items.map((item) => printItem(item, inside, between)),
    between,
    list.start,
  );
}

/**
 * Lays out a list of items that are printed already.
 *
 * @param between - An empty line where one of the items has blank lines in it.
 * @param start - The first item's number. Default: bullets.
 */
export function layOutList(
  items: readonly string[],
  between: "\n" | "\n\n",
  start?: number,
): string {
  return (
    items
      // Dashes with nothing behind them could add up to a rule.
      .filter((text) => text !== "")
      .map((text, at) => {
        const marker =
          start === undefined ? "-" : `${(start + at).toString()}.`;
        return prefixLines(text, `${marker} `, " ".repeat(marker.length + 1));
      })
      .join(between)
  );
}

/** A doc that stands behind something else in a list's item. */
export interface ItemDoc {
  /**
   * The lines of its first paragraph, none if it begins with another block. One
   * that is put at the start of a line is still to be escaped for that.
   */
  readonly lead: readonly string[];
  /** The blocks that follow. */
  readonly rest: readonly string[];
}

/** Prints a doc for a list's item. Its headings are lines in bold. */
export function printForItem(
  blocks: readonly Block[],
  context: PrintContext,
): ItemDoc {
  const inside: PrintContext = { ...context, inList: true };
  const [first, ...others] = blocks;
  const lead =
    first?.kind === "paragraph" ? proseLines(first.text, inside) : [];
  const print = (block: Block): string =>
    block.kind === "heading"
      ? boldText(block.text, inside, false)
      : printBlock(block, inside);
  const rest = first?.kind === "paragraph" ? others : blocks;
  return { lead, rest: chunksOf(rest, print) };
}

function printItem(
  item: ListItem,
  context: PrintContext,
  between: string,
): string {
  const box = item.checked === undefined ? "" : item.checked ? "[x] " : "[ ] ";
  const print = (block: Block): string => {
    const text = printBlock(block, context);
    // Prettier sets the lines of a task below its text, not below its box.
    return block === item.blocks[0]
      ? prefixLines(text, box, " ".repeat(box.length))
      : text;
  };
  return chunksOf(item.blocks, print).join(between);
}

/** Blocks that a list in a list's item follows without a blank line, in Prettier's layout. */
const BEFORE_LIST: ReadonlySet<Block["kind"] | undefined> = new Set([
  "list",
  "quote",
  "table",
  "break",
]);

/** An item's blocks as they are printed, those in one text that no blank line parts. */
function chunksOf(
  blocks: readonly Block[],
  print: (block: Block) => string,
): string[] {
  const chunks: string[] = [];
  let previous: Block["kind"] | undefined;
  for (const block of blocks) {
    const text = print(block);
    if (text === "") continue;
    const isJoined = block.kind === "list" && BEFORE_LIST.has(previous);
    if (isJoined) chunks[chunks.length - 1] += `\n${text}`;
    else chunks.push(text);
    previous = block.kind;
  }
  return chunks;
}

function prefixLines(text: string, first: string, rest: string): string {
  if (text === "") return "";
  return text
    .split("\n")
    .map((line, at) => ((at === 0 ? first : rest) + line).trimEnd())
    .join("\n");
}

/**
 * A doc as one line for a table's cell: blocks stand one below the other, code
 * in code spans, list items behind a dash or their number.
 */
export function printCell(
  blocks: readonly Block[],
  context: PrintContext,
): string {
  return blocks.flatMap((block) => cellLines(block, context)).join("<br>");
}

function cellLines(block: Block, context: PrintContext): string[] {
  switch (block.kind) {
    case "paragraph":
      return nonEmpty(inlineText(block.text, context, true));
    case "heading":
      return nonEmpty(boldText(block.text, context, true));
    case "code":
      return block.lines
        .filter((line) => line !== "")
        .map((line) => codeSpan(line, true));
    case "quote":
      return block.blocks.flatMap((inner) => cellLines(inner, context));
    case "break":
      return [];
    case "list":
      return block.items.flatMap((item, at) => {
        const marker =
          block.start === undefined ? "-" : `${(block.start + at).toString()}.`;
        const [first = "", ...rest] = item.blocks.flatMap((inner) =>
          cellLines(inner, context),
        );
        return [`${marker} ${first}`.trim(), ...rest];
      });
    case "table":
      return [block.header, ...block.rows].flatMap((row) =>
        nonEmpty(
          row.map((cell) => inlineText(cell, context, true)).join(" / "),
        ),
      );
    default:
      return block satisfies never;
  }
}

function nonEmpty(text: string): string[] {
  return text === "" ? [] : [text];
}
