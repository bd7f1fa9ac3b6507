import type { Anchors } from "./anchors.ts";
import type { Block, List } from "./blocks.ts";
import { codeSpan, escapeBars, escapeLineStart, escapeText } from "./escape.ts";
import {
  parseInline,
  type Definitions,
  type Inline,
  type Target,
} from "./inline.ts";
import { layOutTable } from "./table.ts";

/** What printing a doc needs to know. */
export interface PrintContext {
  readonly anchors: Anchors;
  readonly definitions: Definitions;
  readonly inList?: true;
}

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

/** Running text on one line. */
function inlineText(
  text: string,
  context: PrintContext,
  inCell: boolean,
): string {
  return printInline(parseInline(text, context.definitions), context, inCell)
    .replaceAll(/\\?\n/g, " ")
    .trim();
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
  const items = list.items.map(({ checked, blocks: [first, ...rest] }, at) => {
    const marker =
      list.start === undefined ? "-" : `${(list.start + at).toString()}.`;
    const box = checked === undefined ? "" : checked ? "[x] " : "[ ] ";
    const start = first === undefined ? "" : printBlock(first, inside);
    // Prettier sets the lines of a task below its text, not below its box.
    const body = [
      prefixLines(start, box, " ".repeat(box.length)),
      joinBlocks(rest, inside, between),
    ];
    const text = body.filter((part) => part !== "").join(between);
    return (
      prefixLines(text, `${marker} `, " ".repeat(marker.length + 1)) || marker
    );
  });
  return items.join(between);
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

/** What stands around an inline. */
interface Surroundings {
  readonly inCell: boolean;
  readonly inLink: boolean;
  readonly inEmphasis: boolean;
}

function printInline(
  inlines: readonly Inline[],
  context: PrintContext,
  inCell: boolean,
): string {
  return printChildren(inlines, context, {
    inCell,
    inLink: false,
    inEmphasis: false,
  });
}

function printChildren(
  inlines: readonly Inline[],
  context: PrintContext,
  around: Surroundings,
): string {
  let text = "";
  const settled = settle(inlines, context, around);
  for (const [at, inline] of settled.entries()) {
    const previous = settled[at - 1];
    const printed = printOne(inline, context, around, [
      previous,
      settled[at + 1],
    ]);
    if (previous?.kind === "address" && /^[\\&]/.test(printed)) {
      // What follows an address directly would be read as a part of it.
      text =
        text.slice(0, -previous.value.length) +
        printAddress(previous.value, around);
    }
    // An exclamation mark would make an image of the link behind it.
    if (printed.startsWith("[") && text.endsWith("!"))
      text = `${text.slice(0, -1)}\\!`;
    text += printed;
  }
  return text;
}

/**
 * The inlines as they can be printed: links that lead nowhere are their text,
 * and neighbours of one kind are one, for no delimiter would be understood
 * between two emphases.
 */
function settle(
  inlines: readonly Inline[],
  context: PrintContext,
  around: Surroundings,
): Inline[] {
  const settled: Inline[] = [];
  for (const inline of inlines.flatMap((each) =>
    settleOne(each, context, around),
  )) {
    const last = settled.at(-1);
    if (inline.kind === "text" && last?.kind === "text") {
      settled[settled.length - 1] = {
        kind: "text",
        value: last.value + inline.value,
      };
    } else if (
      isMark(inline) &&
      last !== undefined &&
      isMark(last) &&
      last.kind === inline.kind
    ) {
      const children = last.children.concat(inline.children);
      settled[settled.length - 1] = { kind: inline.kind, children };
    } else {
      settled.push(inline);
    }
  }
  return settled;
}

function isMark(
  inline: Inline,
): inline is Extract<Inline, { kind: "emphasis" | "strong" }> {
  return inline.kind === "emphasis" || inline.kind === "strong";
}

function settleOne(
  inline: Inline,
  context: PrintContext,
  around: Surroundings,
): Inline[] {
  if (inline.kind === "swapped") {
    const destination = `#${inline.name}`;
    const children: Inline[] = [{ kind: "text", value: inline.name }];
    return around.inLink || context.anchors.find(destination) === undefined
      ? [{ kind: "text", value: `(${inline.name})[${destination}]` }]
      : [{ kind: "link", target: { destination, title: "" }, children }];
  }
  if (inline.kind !== "link" && inline.kind !== "image") return [inline];
  const { destination } = inline.target;
  if (inline.kind === "link" && inline.children.length === 0) {
    // Without text there is nothing to click on.
    return [{ kind: "text", value: `[](${destination})` }];
  }
  const isLost =
    resolve(inline.kind, destination, context.anchors) === undefined ||
    (inline.kind === "link" && around.inLink);
  return isLost
    ? inline.children.flatMap((child) => settleOne(child, context, around))
    : [inline];
}

function printOne(
  inline: Inline,
  context: PrintContext,
  around: Surroundings,
  neighbours: readonly [Inline | undefined, Inline | undefined],
): string {
  switch (inline.kind) {
    case "text":
      return printText(inline.value, around);
    case "reference":
    case "address":
      return inline.value;
    case "code":
      return codeSpan(inline.value, around.inCell);
    case "newline":
      return around.inCell
        ? inline.hard
          ? "<br>"
          : " "
        : inline.hard
          ? "\\\n"
          : "\n";
    case "autolink":
      return `<${inline.address}>`;
    case "swapped":
      // Settled: a link or text by now.
      return printText(inline.name, around);
    case "strong":
      return mark("**", printChildren(inline.children, context, around));
    case "emphasis": {
      const [previous, next] = neighbours;
      const inWord = endsInWord(previous) || beginsInWord(next);
      const star = around.inEmphasis || inWord ? "*" : "_";
      return mark(
        star,
        printChildren(inline.children, context, {
          ...around,
          inEmphasis: true,
        }),
      );
    }
    case "image":
    case "link":
      return printLink(
        inline.kind,
        inline.target,
        inline.children,
        context,
        around,
      );
    default:
      return inline satisfies never;
  }
}

/** An address as a link with a definite end, or where no link can be, as text. */
function printAddress(address: string, around: Surroundings): string {
  if (around.inLink) return address.replace(/[:.]/, "\\$&");
  return /^www\./i.test(address)
    ? `[${printText(address, { ...around, inLink: true })}](http://${encodeDestination(address)})`
    : `<${address}>`;
}

function mark(delimiter: string, text: string): string {
  return text === "" ? "" : delimiter + text + delimiter;
}

// Where versions of CommonMark differ (a symbol such as `€` beside an underscore), a star is sure.
function endsInWord(inline: Inline | undefined): boolean {
  return inline?.kind === "text" && /[^\s\p{P}$+<=>^`|~]$/u.test(inline.value);
}

function beginsInWord(inline: Inline | undefined): boolean {
  return inline?.kind === "text" && /^[^\s\p{P}$+<=>^`|~]/u.test(inline.value);
}

function printText(value: string, around: Surroundings): string {
  let text = escapeText(value.replaceAll(/[\t\n ]+/g, " "));
  if (around.inLink) text = text.replaceAll("]", "\\]");
  return around.inCell ? escapeBars(text) : text;
}

/** What a link may lead to, other than members: the web, mail, and files beside the document. */
const OUTSIDE = /^(?:https?:\/\/|mailto:|(?![a-z][a-z0-9+.-]*:)[^#]*[./])/i;

function printLink(
  kind: "link" | "image",
  target: Target,
  children: readonly Inline[],
  context: PrintContext,
  around: Surroundings,
): string {
  const destination = resolve(kind, target.destination, context.anchors) ?? "";
  const text = printChildren(children, context, { ...around, inLink: true });
  const title =
    target.title.trim() === "" ? "" : ` ${printTitle(target.title, around)}`;
  return `${kind === "image" ? "!" : ""}[${text}](${destination}${title})`;
}

function resolve(
  kind: "link" | "image",
  destination: string,
  anchors: Anchors,
): string | undefined {
  const anchor = kind === "link" ? anchors.find(destination) : undefined;
  if (anchor !== undefined) return `#${anchor}`;
  if (!OUTSIDE.test(destination)) return undefined;
  return encodeDestination(destination);
}

/** An address as it can stand in round brackets, in a table's cell as well. */
function encodeDestination(address: string): string {
  return address.replaceAll(/[^!#$%&'*+,\-./0-9:;=?@A-Z_a-z~]/gu, (character) =>
    encodeURIComponent(character).replaceAll(/[()]/g, percentOf),
  );
}

function percentOf(character: string): string {
  return `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
}

function printTitle(title: string, around: Surroundings): string {
  const text = printText(
    title.replaceAll(/\s+/g, " ").replaceAll('"', "'"),
    around,
  );
  return `"${text}"`;
}
