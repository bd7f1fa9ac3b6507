import type { Diagnostic } from "./diagnostic.ts";
import { glyphs, type Glyph } from "./display.ts";
import type { SourceText } from "./source-text.ts";
import type { Span } from "./span.ts";
import type { Style } from "./style.ts";

/** What a frame points at. */
export interface Marker {
  readonly span: Span;
  /** The diagnostic's own place, `^^^`; related ones are `---`. */
  readonly isPrimary: boolean;
  readonly label: string;
}

/** Of a span over many lines this many are shown whole, else the first and the last. */
const wholeLines = 4;

/** The lines of a frame that show source, and the width of the line numbers before them. */
export function frameLines(
  source: SourceText,
  markers: readonly Marker[],
  severity: Diagnostic["severity"],
  style: Style,
  width: number,
): { readonly gutter: number; readonly lines: readonly string[] } {
  const byLine = new Map<number, Marker[]>();
  for (const marker of markers) {
    for (const [line, part] of splitByLine(source, marker)) {
      const there = byLine.get(line);
      if (there === undefined) byLine.set(line, [part]);
      else there.push(part);
    }
  }
  const numbers = [...byLine.keys()].toSorted((a, b) => a - b);
  const gutter = String(numbers.at(-1) ?? 1).length;
  const rule = `${" ".repeat(gutter)} ${style.gutter("|")}`;
  const lines = [rule];
  let previous: number | undefined;
  for (const line of numbers) {
    if (previous !== undefined && line > previous + 1)
      lines.push(style.gutter("..."));
    previous = line;
    const parts = byLine.get(line) ?? [];
    const window = showLine(source, line, parts, width);
    const number = style.gutter(`${String(line).padStart(gutter)} |`);
    lines.push(`${number} ${window.text}`.trimEnd());
    for (const part of parts) {
      const paint = part.isPrimary ? style[severity] : style.gutter;
      const { indent, length } = underline(window, part.span);
      const label = part.label === "" ? "" : ` ${part.label}`;
      lines.push(
        `${rule} ${indent}${paint((part.isPrimary ? "^" : "-").repeat(length) + label)}`,
      );
    }
  }
  return { gutter, lines };
}

/** The parts of a marker on the lines that are shown; its label stands at the last. */
function splitByLine(
  source: SourceText,
  marker: Marker,
): (readonly [number, Marker])[] {
  const { start, end } = marker.span;
  const first = source.lineAt(start);
  // A span that ends with a line end does not reach into the next line.
  const last = Math.max(first, source.lineAt(Math.max(start, end - 1)));
  const isWhole = last - first < wholeLines;
  const parts: (readonly [number, Marker])[] = [];
  for (
    let line = first;
    line <= last;
    line = isWhole || line === last ? line + 1 : last
  ) {
    const span = source.lineSpan(line);
    const part = {
      ...marker,
      span: {
        start: Math.max(start, span.start),
        end: Math.max(Math.min(end, span.end), Math.max(start, span.start)),
      },
      label: line === last ? marker.label : "",
    };
    // A blank line within the span has nothing to mark.
    if (line === first || span.end > span.start) parts.push([line, part]);
  }
  return parts;
}

/** A line as shown: its glyphs, or those around the marks if it is long. */
interface LineWindow {
  readonly text: string;
  readonly glyphs: readonly Glyph[];
  /** Columns before the first glyph: those of the ellipsis. */
  readonly before: number;
}

function showLine(
  source: SourceText,
  line: number,
  parts: readonly Marker[],
  width: number,
): LineWindow {
  const whole = source.lineSpan(line);
  const anchor =
    (parts.find((part) => part.isPrimary) ?? parts[0])?.span ?? whole;
  // Before anything is segmented: a line can be the whole of a large file.
  const near = cutNear(source.text, whole, anchor.start, width * 4);
  const all = glyphs(source.slice(near)).map((glyph) =>
    moved(glyph, near.start),
  );
  const total = all.reduce((sum, glyph) => sum + glyph.width, 0);
  if (total <= width && near.start === whole.start && near.end === whole.end) {
    return { text: textOf(all), glyphs: all, before: 0 };
  }
  // A third of the width before the anchor, the rest behind it.
  const anchorIndex = all.findIndex((glyph) => glyph.span.end > anchor.start);
  let from = anchorIndex < 0 ? all.length : anchorIndex;
  for (let room = Math.floor(width / 3); from > 0 && room > 0;) {
    room -= all[from - 1]?.width ?? 0;
    if (room >= 0) from -= 1;
  }
  let to = from;
  for (let room = width; to < all.length && room > 0;) {
    room -= all[to]?.width ?? 0;
    if (room >= 0) to += 1;
  }
  const shown = all.slice(from, to);
  const isCutBefore = from > 0 || near.start > whole.start;
  const isCutBehind = to < all.length || near.end < whole.end;
  return {
    text: (isCutBefore ? "…" : "") + textOf(shown) + (isCutBehind ? "…" : ""),
    glyphs: shown,
    before: isCutBefore ? 1 : 0,
  };
}

/** The part of a line around an offset, not cut within a surrogate pair. */
function cutNear(
  text: string,
  line: Span,
  offset: number,
  reach: number,
): Span {
  let start = Math.max(line.start, offset - reach);
  let end = Math.min(line.end, offset + reach);
  if (start > line.start && isLowSurrogate(text, start)) start -= 1;
  if (end < line.end && isLowSurrogate(text, end)) end += 1;
  return { start, end };
}

function isLowSurrogate(text: string, offset: number): boolean {
  const code = text.charCodeAt(offset);
  return code >= 0xdc00 && code <= 0xdfff;
}

function moved(glyph: Glyph, by: number): Glyph {
  return {
    ...glyph,
    span: { start: glyph.span.start + by, end: glyph.span.end + by },
  };
}

function textOf(shown: readonly Glyph[]): string {
  return shown.map((glyph) => glyph.text).join("");
}

function underline(
  { glyphs: shown, before }: LineWindow,
  { start, end }: Span,
): { readonly indent: string; readonly length: number } {
  let indent = before;
  let length = 0;
  for (const glyph of shown) {
    if (glyph.span.end <= start) indent += glyph.width;
    else if (glyph.span.start < end) length += glyph.width;
  }
  // An empty span and one of zero width still have a place.
  return { indent: " ".repeat(indent), length: Math.max(length, 1) };
}
