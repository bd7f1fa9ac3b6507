import type { CommentPiece } from "../layout/comment.ts";
import type { Names } from "./names.ts";

export type CommentLines = readonly (readonly CommentPiece[])[];

interface Documented {
  readonly docs: string;
  readonly deprecated?: boolean;
}

/** A Markdown link to a member of the interface, as Podman's files have them. */
const MEMBER_LINK = /\[([^[\]{}|\\]*)\]\(#([A-Za-z0-9]+)\)/g;
const DEPRECATED = /^\s*@deprecated\b/;

/**
 * The docs of a declaration as lines of a TSDoc comment, then paragraphs of our
 * own, then `@deprecated` where it is.
 */
export function docsOf(
  documented: Documented,
  names: Names,
  ...paragraphs: readonly string[]
): CommentLines {
  const lines: CommentPiece[][] = [];
  let tag: CommentPiece[] | undefined;
  for (const text of documented.docs.split("\n")) {
    const pieces = linked(text, names);
    const [first, ...rest] = pieces;
    if (
      documented.deprecated === true &&
      tag === undefined &&
      typeof first === "string" &&
      DEPRECATED.test(first)
    ) {
      tag = [{ markup: "@deprecated" }, first.replace(DEPRECATED, ""), ...rest];
      lines.push(tag);
    } else lines.push(pieces);
  }
  // A block tag takes all that follows: what is ours goes before it.
  const ours: CommentPiece[][] = paragraphs.flatMap((text) => [
    [""],
    ...text.split("\n").map((part) => [code(part)]),
  ]);
  const end = tag === undefined ? lines.length : lines.indexOf(tag);
  const before = trimEnd(lines.slice(0, end));
  const all = [...before, ...ours];
  if (tag !== undefined)
    all.push(...(all.length === 0 ? [] : [[""]]), ...lines.slice(end));
  else if (documented.deprecated === true)
    all.push(...(isBlank(all) ? [] : [[""]]), [{ markup: "@deprecated" }]);
  return all;
}

function isBlank(lines: CommentLines): boolean {
  return lines.every((pieces) => pieces.every((piece) => piece === ""));
}

function trimEnd(lines: CommentPiece[][]): CommentPiece[][] {
  const last = lines.findLastIndex((pieces) => !isBlank([pieces]));
  return lines.slice(0, last + 1);
}

/** Text of our own may hold tags of TSDoc. */
function code(text: string): CommentPiece {
  return { markup: text };
}

function linked(text: string, names: Names): CommentPiece[] {
  const pieces: CommentPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(MEMBER_LINK)) {
    const [whole, label = "", target = ""] = match;
    const name = names.member(target);
    if (name === undefined) continue;
    pieces.push(text.slice(end, match.index));
    if (label === target || label.trim() === "")
      pieces.push({ markup: `{@link ${name}}` });
    else
      pieces.push({ markup: `{@link ${name} | ` }, label.trim(), {
        markup: "}",
      });
    end = match.index + whole.length;
  }
  pieces.push(text.slice(end));
  return pieces;
}
