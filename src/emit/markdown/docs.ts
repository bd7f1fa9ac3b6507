import type { Anchors } from "./anchors.ts";
import { type Block, parseBlocks } from "./blocks.ts";
import { cleanText } from "./escape.ts";
import { normalizeLabel, type Target } from "./inline.ts";
import {
  type ItemDoc,
  placeHeadings,
  printBlocks,
  printCell,
  printForItem,
  printTitles,
} from "./print-blocks.ts";
import type { PrintContext } from "./print-inline.ts";

/**
 * An interface's own docs, as Markdown that cannot break out of its place. They
 * are read as Markdown and printed anew, so what stands in the document is only
 * what we can print: every fence is closed, every heading is where it belongs,
 * raw HTML is text, links lead to members or outside, and the layout is
 * Prettier's.
 */

/** A doc that stands in the document by itself, in two parts. Either may be empty. */
export interface DocParts {
  /** What comes before the first heading. */
  readonly lead: string;
  /** The first heading and all that follows it. */
  readonly chapters: string;
}

/**
 * Prints the doc of a member, whose headings begin at `headingLevel`. Those that
 * it begins with are titles in bold: as chapters they would take all of the text
 * away from the member's name.
 */
export function docParts(
  docs: string,
  anchors: Anchors,
  headingLevel: number,
): DocParts {
  const { blocks, context } = readDoc(docs, anchors);
  const { titles, rest } = printTitles(blocks, context);
  const { lead, chapters } = partsOf(rest, context, headingLevel);
  return { lead: [titles, lead].filter(Boolean).join("\n\n"), chapters };
}

/** Prints the doc of an interface, all of whose headings are chapters of the document. */
export function openingParts(
  docs: string,
  anchors: Anchors,
  headingLevel: number,
): DocParts {
  const { blocks, context } = readDoc(docs, anchors);
  return partsOf(blocks, context, headingLevel);
}

/** Prints blocks in two parts. */
function partsOf(
  blocks: readonly Block[],
  context: PrintContext,
  headingLevel: number,
): DocParts {
  const placed = placeHeadings(blocks, context, headingLevel);
  const first = placed.findIndex((block) => block.kind === "heading");
  const split = first < 0 ? placed.length : first;
  return {
    lead: printBlocks(placed.slice(0, split), context),
    chapters: printBlocks(placed.slice(split), context),
  };
}

/** A doc as the inside of a table's cell. */
export function docCell(docs: string, anchors: Anchors): string {
  const { blocks, context } = readDoc(docs, anchors);
  return printCell(blocks, context);
}

/** A doc as it stands behind a name in a list. */
export function docItem(docs: string, anchors: Anchors): ItemDoc {
  const { blocks, context } = readDoc(docs, anchors);
  return printForItem(blocks, context);
}

/** Reads a doc, whose links may lead to members by their names alone. */
function readDoc(
  docs: string,
  anchors: Anchors,
): { readonly blocks: readonly Block[]; readonly context: PrintContext } {
  const { blocks, definitions } = parseBlocks(cleanText(docs));
  return {
    blocks,
    context: {
      anchors,
      definitions: (label) =>
        definitions.get(normalizeLabel(label)) ?? memberNamed(label, anchors),
    },
  };
}

/** A reference that the doc does not define: the name of a member, as other doc tools read it. */
function memberNamed(label: string, anchors: Anchors): Target | undefined {
  const destination = label.replace(/^`([^`]*)`$/, "$1");
  // `[string]T` is a type, and small letters a word in brackets.
  return /^[\w.-]*[A-Z][\w.-]*$/.test(destination) &&
    anchors.find(destination) !== undefined
    ? { destination, title: "" }
    : undefined;
}
