/**
 * How wide text is, and which characters may stand in a string literal as they
 * are.
 *
 * Width in columns has no exact definition for most of Unicode, and changes
 * with its versions. So literals hold only characters whose width is beyond
 * doubt, listed here as ranges that no Unicode version will change; every other
 * one is escaped. That also keeps invisible and direction-changing characters
 * out of generated code.
 */

type Range = readonly [first: number, last: number];

/** One column: Latin, Greek, Cyrillic and the usual punctuation, less what may be drawn as emoji. */
const NARROW: readonly Range[] = [
  [0x20, 0x7e],
  [0xa1, 0xa8],
  [0xaa, 0xac],
  [0xaf, 0x24f],
  [0x391, 0x3a1],
  [0x3a3, 0x3ff],
  [0x400, 0x482],
  [0x48a, 0x52f],
  [0x2010, 0x2027],
  [0x2030, 0x203b],
  [0x203d, 0x2048],
  [0x204a, 0x205e],
  [0x20a0, 0x20bf],
  [0x2190, 0x2193],
  [0x2200, 0x22ff],
  [0x2500, 0x259f],
];

/** Two columns: Chinese, Japanese and Korean, and full-width forms. */
const WIDE: readonly Range[] = [
  [0x3001, 0x3029],
  [0x3041, 0x3096],
  [0x309b, 0x30ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xff01, 0xff60],
];

function within(ranges: readonly Range[], code: number): boolean {
  return ranges.some(([first, last]) => code >= first && code <= last);
}

/** Whether a character (a code point) may stand in a string literal unescaped. */
export function isPlain(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return within(NARROW, code) || within(WIDE, code);
}

/** Columns that a text takes, for text made of plain characters. */
export function textWidth(text: string): number {
  let width = 0;
  // Most text is in ASCII.
  if (/^[ -~]*$/.test(text)) return text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    width += code > 0x7e && within(WIDE, code) ? 2 : 1;
  }
  return width;
}
