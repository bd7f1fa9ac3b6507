import { fillText } from "./fill-lines.ts";
import { type ItemDoc, layOutList } from "./print-blocks.ts";
import { layOutTable, widthsOf } from "./table.ts";

/**
 * Named things with a few short facts and a description each: a struct's fields,
 * an enum's values. Where all of it fits in lines that an editor shows whole it is
 * a table, else a list: one long description would pad every row of a table to
 * its own length, and on a page leave no room for the other columns.
 */
export interface Entry {
  /**
   * What stands in the columns before the description, the name among them.
   *
   * @param inCell - Whether it is for a table, where bars are escaped.
   */
  readonly cells: (inCell: boolean) => readonly string[];
  readonly description: Description;
}

/** A description in the two forms that it may be needed in. */
export interface Description {
  /** On one line, for a table's cell. */
  readonly cell: string;
  /** For a list's item. */
  readonly item: ItemDoc;
}

/** How entries are laid out. */
export interface ListingOptions {
  /** The titles of the columns, the description's last. */
  readonly columns: readonly string[];
  /**
   * What a list says before the description, given an entry's cells. Default: the
   * first, and the others that are not empty in brackets.
   */
  readonly head?: (cells: readonly string[]) => string;
  /**
   * A word above a list, which has no header that tells what it lists, and which
   * would go on with a list above it. Default: none.
   */
  readonly label?: string | undefined;
  /** Whether it is a list even where a table would do. Default false. */
  readonly asList?: boolean;
}

/** A table whose lines are longer than this is a list instead. In columns of text. */
const WIDEST_TABLE = 120;

/** What stands behind a bullet. */
const ITEM_INDENT = 2;

/**
 * Lays out entries. A description column that would be empty is left out, and so
 * is any other but the first. Nothing if there are no entries.
 */
export function layOutListing(
  entries: readonly Entry[],
  options: ListingOptions,
): string {
  if (entries.length === 0) return "";
  const { columns, label, head, asList = false } = options;
  const table = asList ? undefined : tableOf(entries, columns);
  if (table !== undefined) return layOutTable(...table);
  const list = layOutEntries(entries, head);
  return label === undefined ? list : `**${label}**\n\n${list}`;
}

/** Lays out what belongs together, so that it looks alike: all of it tables, or all lists. */
export function layOutListings(
  all: readonly (readonly Entry[])[],
  options: ListingOptions,
): string[] {
  const asList = all.some(
    (entries) => tableOf(entries, options.columns) === undefined,
  );
  return all.map((entries) => layOutListing(entries, { ...options, asList }));
}

/** A table's header and rows, unless its lines would be too long. */
function tableOf(
  entries: readonly Entry[],
  columns: readonly string[],
): [header: string[], rows: string[][]] | undefined {
  const rows = entries.map(({ cells, description }) => [
    ...cells(true),
    description.cell,
  ]);
  const used = columns.map(
    (_, column) =>
      column === 0 || rows.some((row) => (row[column] ?? "") !== ""),
  );
  const keep = <T>(row: readonly T[]): T[] =>
    row.filter((_, column) => used[column] === true);
  const header = keep(columns);
  const shown = rows.map(keep);
  // The cells, and the bars and blanks around them.
  const line = widthsOf(header, shown).reduce(
    (sum, width) => sum + width + 3,
    1,
  );
  return line <= WIDEST_TABLE ? [header, shown] : undefined;
}

/** Lays out entries as a list, with no label. */
export function layOutEntries(
  entries: readonly Entry[],
  head: (cells: readonly string[]) => string = plainHead,
): string {
  const items = entries.map(({ cells, description }) =>
    itemParts(head(cells(false)), description.item),
  );
  const between = items.every(isTight) ? "\n" : "\n\n";
  return layOutList(
    items.map((parts) => parts.join(between)),
    between,
  );
}

function plainHead([name = "", ...facts]: readonly string[]): string {
  const told = facts.filter((fact) => fact !== "").join(", ");
  return told === "" ? name : `${name} (${told})`;
}

/** An item's blocks. */
function itemParts(head: string, { lead, rest }: ItemDoc): string[] {
  if (lead.length === 0)
    return [rest.length === 0 ? head : `${head}:`, ...rest];
  return [fillText(`${head}:`, lead, ITEM_INDENT), ...rest];
}

/** Whether an item needs no blank line: it is one paragraph, with a short list at most. */
function isTight([, next = "", ...more]: readonly string[]): boolean {
  return (
    more.length === 0 &&
    (next === "" || (next.startsWith("- ") && !next.includes("\n\n")))
  );
}
