/**
 * How many columns text takes in a fixed-width font: two for what East Asian
 * fonts and emoji draw wide, none for marks that stand on another character.
 * Tables are aligned by it.
 */

/**
 * East Asian Width W or F (Unicode Standard Annex 11), and what emoji fonts draw
 * wide; half of a flag is narrow.
 */
const WIDE =
  /(?!\p{Regional_Indicator})[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d20}\u{18d80}-\u{18df2}\u{18e00}-\u{191d2}\u{1aff0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}\p{Emoji_Presentation}\p{Emoji_Modifier_Base}]/u;

const NONE = /[\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Control}]/u;

/** Several code points that are drawn as one emoji: flags, keycaps, joined and tinted people. */
const EMOJI_SEQUENCE =
  /\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3|\p{Extended_Pictographic}(?:(?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)+|\ufe0f|\p{Emoji_Modifier}|[\u{e0020}-\u{e007f}]+)/gu;

// oxlint-disable-next-line no-control-regex -- ASCII text is as wide as it is long
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** The columns that `text` takes. */
export function columnsOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let columns = 0;
  const rest = text.replaceAll(EMOJI_SEQUENCE, () => {
    columns += 2;
    return "";
  });
  for (const character of rest) {
    if (NONE.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}
