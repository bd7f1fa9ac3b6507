import type { Anchors } from "./anchors.ts";
import { escapeText } from "./escape.ts";
import type { Piece } from "./notation.ts";

/** Code with links in it, which a code span cannot have. */
export function signature(
  pieces: readonly Piece[],
  context: { readonly anchors: Anchors },
): string {
  return `<code>${linkedCode(pieces, context)}</code>`;
}

/** What stands between the tags of a {@link signature}. */
export function linkedCode(
  pieces: readonly Piece[],
  { anchors }: { readonly anchors: Anchors },
): string {
  let text = "";
  let code = "";
  for (const piece of pieces) {
    const anchor = piece.kind === "name" ? anchors.of(piece.name) : undefined;
    if (piece.kind === "code" || anchor === undefined) {
      code += piece.kind === "code" ? piece.text : piece.name;
      continue;
    }
    text += `${escapeText(code)}[${escapeText(piece.name)}](#${anchor})`;
    code = "";
  }
  return text + escapeText(code);
}
