import { escapeLineStart } from "./escape.ts";
import { columnsOf } from "./width.ts";

/** In columns of text. */
const LINE_WIDTH = 80;

/**
 * Sets pieces of Markdown one behind the other, in lines that an editor shows
 * whole. Every piece is one that may stand at a line's start as it is, such as a
 * link, a code span or a word.
 *
 * @param margin - How far they will be set in, and be shorter by. In columns, default 0.
 */
export function fillLines(pieces: readonly string[], margin = 0): string {
  let text = "";
  let column = 0;
  for (const piece of pieces) {
    const width = columnsOf(piece);
    if (text !== "") {
      const fits = column + 1 + width <= LINE_WIDTH - margin;
      text += fits ? " " : "\n";
      column = fits ? column + 1 : 0;
    }
    text += piece;
    column += width;
  }
  return text;
}

/** A word that can begin a line without being taken for the start of a block. */
const SAFE_START = /^(?:[\p{L}("'“[]|`[^`]|\*\*\p{L})/u;

/** A backslash that no other one escapes. At the end of a line it breaks it hard. */
const HARD_BREAK = /(?<!\\)(?:\\\\)*\\$/;

/**
 * Sets running text that is printed already in lines, as {@link fillLines} does.
 * Code, links and what else has blanks inside is not broken, nor is a line before
 * a word that means something there; so a line can be longer.
 *
 * @param head - What stands in front, and is not broken either.
 * @param lines - As they are printed. The end of one that breaks hard stays.
 */
export function fillText(
  head: string,
  lines: readonly string[],
  margin: number,
): string {
  const paragraphs: string[][] = [[]];
  for (const line of lines) {
    paragraphs.at(-1)?.push(line);
    if (HARD_BREAK.test(line)) paragraphs.push([]);
  }
  const [first = [], ...others] = paragraphs;
  return [
    fillLines(behind(head, piecesOf(first.join(" "))), margin),
    ...others
      .filter((paragraph) => paragraph.length > 0)
      .map((paragraph) => {
        const pieces = piecesOf(escapeLineStart(paragraph.join(" ")));
        return fillLines(pieces, margin);
      }),
  ].join("\n");
}

/**
 * A paragraph of ours, or a list's item, in lines that an editor shows whole.
 *
 * @param margin - What is put in front of its lines later. In columns, default 0.
 */
export function inLines(text: string, margin = 0): string {
  return fillText("", [text], margin);
}

function behind(
  head: string,
  [first = "", ...rest]: readonly string[],
): string[] {
  return head === "" || SAFE_START.test(first)
    ? [head, first, ...rest]
    : [`${head} ${first}`.trimEnd(), ...rest];
}

/** The parts of a text between which its lines may be broken. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let brackets = 0;
  let inCode = false;
  let inTitle = false;
  // Not the piece so far, which can be as long as the text.
  let previous = "";
  for (const word of text.split(" ")) {
    const last = pieces.at(-1);
    const isWhole =
      brackets === 0 && !inCode && !inTitle && !HARD_BREAK.test(previous);
    if (last === undefined || (isWhole && SAFE_START.test(word)))
      pieces.push(word);
    else pieces[pieces.length - 1] = `${last} ${word}`;
    previous = word;
    for (const [mark] of word.matchAll(/\\.|`+|[[\]]/g)) {
      if (mark.startsWith("`")) inCode = !inCode;
      else if (inCode) continue;
      else if (mark === "[") brackets += 1;
      else if (mark === "]") brackets = Math.max(0, brackets - 1);
    }
    inTitle = inTitle ? !word.includes('")') : /\]\([^)]*$/.test(word);
  }
  return pieces;
}
