import type { Span } from "./span.ts";

/** A piece of text as a terminal shows it. */
export interface Glyph {
  readonly text: string;
  /** Columns it takes: 0, 1, 2, or more for a tab or what is spelled out. */
  readonly width: number;
  /** Where it comes from, in UTF-16 units of the text it was made of. */
  readonly span: Span;
}

const tabStop = 4;
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * Splits one line of text into what a terminal shows, one glyph for each
 * character as people see it. Tabs become blanks; what must not reach a
 * terminal (control characters, direction overrides, lone surrogates) is spelled
 * out, for it could hide or forge text, or drive the terminal.
 */
export function glyphs(text: string): Glyph[] {
  const result: Glyph[] = [];
  let column = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    const shown =
      segment === "\t"
        ? " ".repeat(tabStop - (column % tabStop))
        : printable(segment);
    const width = shown === segment ? graphemeWidth(segment) : shown.length;
    result.push({
      text: shown,
      width,
      span: { start: index, end: index + segment.length },
    });
    column += width;
  }
  return result;
}

/** A text on one line and safe to print, for messages and paths. */
export function singleLine(text: string): string {
  return glyphs(text)
    .map((glyph) => glyph.text)
    .join("");
}

const harmless = /^[ -~\u00a1-\u00ac]+$/;
const format = /^[\p{Cf}\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u;

function printable(grapheme: string): string {
  if (harmless.test(grapheme)) return grapheme;
  const code = grapheme.charCodeAt(0);
  if (grapheme.length === 1 && code < 0x20)
    return String.fromCharCode(0x2400 + code);
  if (grapheme.length === 1 && code === 0x7f) return "\u2421";
  // `\r\n` is one grapheme; whatever begins with a control character is.
  if (!format.test(grapheme)) return grapheme;
  return Array.from(grapheme, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `<U+${point.toString(16).toUpperCase().padStart(4, "0")}>`;
  }).join("");
}

const invisible = /^[\p{Mn}\p{Me}\u200b-\u200d]+$/u;
const emoji = /\p{Emoji_Presentation}|\ufe0f|\p{Regional_Indicator}{2}/u;

/** Columns of one grapheme, by Unicode's East Asian Width and emoji presentation. */
function graphemeWidth(grapheme: string): number {
  const point = grapheme.codePointAt(0) ?? 0;
  if (point < 0x300) return 1;
  if (invisible.test(grapheme)) return 0;
  return isWide(point) || emoji.test(grapheme) ? 2 : 1;
}

/** Blocks that are wide throughout; emoji among the narrow ones are found by their property. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2fb],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

function isWide(point: number): boolean {
  return wideRanges.some(([first, last]) => point >= first && point <= last);
}
