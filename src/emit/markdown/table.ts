import { columnsOf } from "./width.ts";

/** How a column's cells stand; `none` leaves it to the reader. */
export type Alignment = "none" | "left" | "center" | "right";

const NARROWEST = 3;

/**
 * A table with more columns of text than this, in all of its rows together, is
 * not padded: one cell of a megabyte would make a megabyte of every row.
 */
const LARGEST_PADDED = 16 * 1024 * 1024;

/** How wide each column of a table is, in columns of text. */
export function widthsOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): number[] {
  return header.map((title, column) => {
    let width = Math.max(NARROWEST, columnsOf(title));
    for (const row of rows)
      width = Math.max(width, columnsOf(row[column] ?? ""));
    return width;
  });
}

/**
 * Lays a table out the way Prettier does: every cell padded to its column's
 * width. Cells are inline Markdown of one line, with their bars escaped; rows
 * that are short are filled up.
 */
export function layOutTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): string {
  const widest = widthsOf(header, rows);
  const area =
    (rows.length + 2) * widest.reduce((sum, width) => sum + width, 0);
  const widths = area <= LARGEST_PADDED ? widest : widest.map(() => NARROWEST);
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? "", width, alignments[column])).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => dashes(width, alignments[column])).join(" | ")} |`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}

function pad(
  cell: string,
  width: number,
  alignment: Alignment = "none",
): string {
  const spare = Math.max(width - columnsOf(cell), 0);
  const left =
    alignment === "right"
      ? spare
      : alignment === "center"
        ? Math.floor(spare / 2)
        : 0;
  return " ".repeat(left) + cell + " ".repeat(spare - left);
}

function dashes(width: number, alignment: Alignment = "none"): string {
  const start = alignment === "left" || alignment === "center" ? ":" : "-";
  const end = alignment === "right" || alignment === "center" ? ":" : "-";
  return start + "-".repeat(width - 2) + end;
}
