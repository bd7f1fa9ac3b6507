/** A Markdown table; the first column is text, the others are numbers. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(3, ...all.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** Times a second, to three places: `6.41M`, `164k`, `41.3`. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return "–";
  if (perSecond >= 1e6) return `${places(perSecond / 1e6)}M`;
  if (perSecond >= 1e3) return `${places(perSecond / 1e3)}k`;
  return places(perSecond);
}

function places(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** How many times as fast: `1.38`. */
export function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : "–";
}
