import { PRINT_WIDTH } from "./doc.ts";

/**
 * TSDoc comments. The text keeps its own line breaks and Markdown; only what
 * would end the comment, be read as a tag of TSDoc, or be a directive to a tool
 * is changed.
 */

/** A text for a comment that holds markup of ours: only {@link tag} makes one. */
export interface Markup {
  readonly markup: string;
}

/** A piece of a line: text of the interface file, or markup of ours. */
export type CommentPiece = string | Markup;

/**
 * The lines of a comment, unindented: `/** text *\/` when that is one line and
 * fits, else a block. No lines for no text.
 *
 * @param level - The indentation it will stand at, in steps of two columns.
 */
export function commentLines(
  lines: readonly (readonly CommentPiece[])[],
  level: number,
): string[] {
  const texts = trimBlank(lines.map(lineText));
  const [first] = texts;
  if (first === undefined) return [];
  const single = `/** ${first} */`;
  if (texts.length === 1 && level * 2 + single.length <= PRINT_WIDTH)
    return [single];
  return [
    "/**",
    ...texts.map((text) => (text === "" ? " *" : ` * ${text}`)),
    " */",
  ];
}

/** A comment with its indentation and a line break after it; empty for no text. */
export function docComment(
  lines: readonly (readonly CommentPiece[])[],
  level: number,
): string {
  const indentation = " ".repeat(level * 2);
  return commentLines(lines, level)
    .map((text) => `${indentation}${text}\n`)
    .join("");
}

function trimBlank(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((text) => text !== "");
  if (start < 0) return [];
  return lines.slice(start, lines.findLastIndex((text) => text !== "") + 1);
}

function lineText(pieces: readonly CommentPiece[]): string {
  const text = pieces
    .map((piece) => (typeof piece === "string" ? safe(piece) : piece.markup))
    .join("");
  const [first] = pieces;
  const ours = typeof first === "object";
  // A tag is read at the start of a line only. Over all pieces, so that no `*`
  // of one and `/` of the next come together.
  const untagged = ours ? text : text.replace(/^(\s*)@/, "$1\\@");
  return untagged.replaceAll("*/", "*\\/").trimEnd();
}

/** A comment of one line: `// text`. */
export function lineComment(text: string): string {
  return `// ${harmless(text).replaceAll(SOURCE_MAP, "?")}`.trimEnd();
}

/** Tools look for the name of a source map, and read it, wherever it stands. */
const SOURCE_MAP = /[#@](?=\s*source(?:Mapping)?URL)/g;
const LINE_ENDS = /[\n\r\v\f\u0085\u2028\u2029]/g;
/**
 * Characters that do not belong in a comment: controls, marks that change the
 * direction of the text around them, halves of surrogate pairs; and the
 * replacement character, by which TypeScript tells a binary file.
 */
const CONTROLS =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]|\p{Surrogate}/gu;

function harmless(text: string): string {
  return text.replaceAll(LINE_ENDS, " ").replaceAll(CONTROLS, "?");
}

function safe(text: string): string {
  return (
    harmless(text)
      .replaceAll(SOURCE_MAP, "$&\\")
      // `{@link …}` would be resolved, and may hide what it does not resolve.
      .replaceAll("{@", "{\\@")
  );
}
