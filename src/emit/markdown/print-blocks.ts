import type { Block, List, ListItem } from "./blocks.ts";
import { codeSpan, escapeLineStart } from "./escape.ts";
import { parseInline } from "./inline.ts";
import { inlineText, printInline, type PrintContext } from "./print-inline.ts";
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
      return printInline(
        parseInline(block.text, context.definitions),
        context,
        false,
      )
        .split("\n")
        .map((line) => escapeLineStart(line.trim()))
        .filter((line) => line !== "")
        .join("\n");
    case "heading":
      return `${"#".repeat(block.level)} ${escapeClosingHashes(inlineText(block.text, context, false))}`;
    case "code":
      return printCode(block.language, block.lines);
    case "quote":
      return prefixLines(joinBlocks(block.blocks, context, "\n\n"), "> ", "> ");
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

function escapeClosingHashes(text: string): string {
  return text.replace(/(^|\s)(#+)$/, "$1\\$2");
}

function printCode(language: string, lines: readonly string[]): string {
  let fence = "```";
  while (lines.some((line) => line.includes(fence))) fence += "`";
  // Prettier gives a fence with nothing in it one empty line.
  const inside = lines.length === 0 ? [""] : lines;
  return [fence + language, ...inside, fence].join("\n");
}

function printList(list: List, context: PrintContext): string {
  const inside: PrintContext = { ...context, inList: true };
  const between = list.loose ? "\n\n" : "\n";
  return (
    list.items
      .map((item) => printItem(item, inside, between))
      // Dashes with nothing behind them could add up to a rule.
      .filter((text) => text !== "")
      .map((text, at) => {
        const marker =
          list.start === undefined ? "-" : `${(list.start + at).toString()}.`;
        return prefixLines(text, `${marker} `, " ".repeat(marker.length + 1));
      })
      .join(between)
  );
}

function printItem(
  item: ListItem,
  context: PrintContext,
  between: string,
): string {
  const [first, ...rest] = item.blocks;
  const box = item.checked === undefined ? "" : item.checked ? "[x] " : "[ ] ";
  // Prettier sets the lines of a task below its text, not below its box.
  const start =
    first === undefined
      ? ""
      : prefixLines(printBlock(first, context), box, " ".repeat(box.length));
  return [start, joinBlocks(rest, context, between)]
    .filter((text) => text !== "")
    .join(between);
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
      return nonEmpty(inlineText(block.text, context, true)).map(
        (text) => `**${text}**`,
      );
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
