/**
 * Text that means itself in Markdown. The escapes are those that CommonMark
 * reads and that Prettier leaves as they are.
 */

/**
 * Characters that no document should carry: controls, the byte order mark, and
 * marks that show the text around them in another order than it is read in.
 */
const UNWANTED =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text as a document can hold it: every line end is `\n`, half surrogate pairs
 * are U+FFFD as UTF-8 would make them, and control characters are gone.
 */
export function cleanText(text: string): string {
  return text
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replaceAll(UNWANTED, "")
    .replaceAll(/\p{Surrogate}/gu, "\ufffd");
}

/** What CommonMark reads as a character reference. */
export const ENTITY: RegExp =
  /&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});/y;

const SPECIAL = /_+|[\\*`[\]<&$]/g;
const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/;
/** A line end or nothing, a space or punctuation: where an underscore can open or close emphasis. */
const NOT_IN_WORD = /^$|[\s\p{P}\p{S}]/u;

/**
 * Escapes text for a paragraph, a heading or a link. A line's first character
 * is {@link escapeLineStart}'s, a table's bar {@link escapeBars}'s.
 */
export function escapeText(text: string): string {
  return text.replaceAll(SPECIAL, (character: string, at: number) => {
    if (character.startsWith("_"))
      return isInWord(text, at, at + character.length)
        ? character
        : "\\_".repeat(character.length);
    switch (character) {
      case "\\":
        return ASCII_PUNCTUATION.test(text[at + 1] ?? "!") ||
          text[at + 1] === "\n"
          ? "\\\\"
          : character;
      case "&":
        ENTITY.lastIndex = at;
        return ENTITY.test(text) ? "\\&" : character;
      case "$":
        // Two of them begin display mathematics on GitHub.
        return text[at + 1] === "$" || text[at - 1] === "$" ? "\\$" : character;
      case "]":
        return character;
      case "<":
        // Not a backslash: behind an address it would be taken for a part of that.
        return "&lt;";
      default:
        return `\\${character}`;
    }
  });
}

/** Whether a run of underscores stands between letters, where it means nothing. */
function isInWord(text: string, start: number, end: number): boolean {
  return (
    !NOT_IN_WORD.test(before(text, start)) &&
    !NOT_IN_WORD.test(after(text, end))
  );
}

/** The character (not the half of one) that ends at an offset, or nothing. */
export function before(text: string, at: number): string {
  return (
    /[\ud800-\udbff][\udc00-\udfff]$|[^]$/.exec(
      text.slice(Math.max(0, at - 2), at),
    )?.[0] ?? ""
  );
}

/** The character that begins at an offset, or nothing. */
export function after(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? "" : String.fromCodePoint(point);
}

/** Escapes what would make a line of text begin a block or turn the line above it into one. */
export function escapeLineStart(line: string): string {
  if (/^(?:#{1,6}|[-+*])(?:\s|$)/.test(line)) return `\\${line}`;
  if (/^(?:>|~~~|=+\s*$)/.test(line)) return `\\${line}`;
  // Setext underlines, thematic breaks and the second row of a table.
  if (/^[-:|\s]+$/.test(line) && line.includes("-")) return `\\${line}`;
  return line.replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

/** Text for a table's cell: a bar would end it. */
export function escapeBars(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** A code span that shows exactly this text, which has no line end. */
export function codeSpan(code: string, inCell: boolean): string {
  if (inCell && /\\+\|/.test(code)) {
    // No run of backslashes before a bar survives a table's own unescaping.
    const text = code.replaceAll(/[^\w\s.,:;()'"/=-]/gu, (character) => {
      return `&#${(character.codePointAt(0) ?? 0).toString()};`;
    });
    return `<code>${text}</code>`;
  }
  let fence = "`";
  const runs = new Set(code.match(/`+/g));
  while (runs.has(fence)) fence += "`";
  const padded =
    /^`|`$/.test(code) || (/^ .* $/.test(code) && code.trim() !== "")
      ? ` ${code} `
      : code;
  const span = `${fence}${padded}${fence}`;
  return inCell ? escapeBars(span) : span;
}
