import type { Anchors } from "./anchors.ts";
import { parseBlocks } from "./blocks.ts";
import { cleanText } from "./escape.ts";
import { placeHeadings, printBlocks, printCell } from "./print-blocks.ts";

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

/** Prints a doc. Its headings begin at `headingLevel`. */
export function docParts(
  docs: string,
  anchors: Anchors,
  headingLevel: number,
): DocParts {
  const { blocks, definitions } = parseBlocks(cleanText(docs));
  const context = { anchors, definitions };
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
  const { blocks, definitions } = parseBlocks(cleanText(docs));
  return printCell(blocks, { anchors, definitions });
}
