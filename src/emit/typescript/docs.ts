import type { CommentPiece } from "../layout/comment.ts";

export type CommentLines = readonly (readonly CommentPiece[])[];

/** What links in docs lead to. */
export interface LinkTargets {
  /** What a declared member is called, for links to it. */
  member(name: string): string | undefined;
  /** What is left of a link to no member: all of it by default, or what it shows. */
  readonly deadLinks?: "kept" | "shown";
}

interface Documented {
  readonly docs: string;
  readonly deprecated?: boolean;
}

/** A Markdown link to a member of the interface, as Podman's files have them. */
const MEMBER_LINK = /\[([^[\]{}|\\]*)\]\(#([\w.-]+)\)/g;
const DEPRECATED = /^\s*@deprecated\b/;

const FENCE = /^\s*(?:```|~~~)/;

/**
 * The docs of a declaration as lines of a TSDoc comment, then paragraphs of our
 * own, then `@deprecated` where it is.
 */
export function docsOf(
  documented: Documented,
  names: LinkTargets,
  ...paragraphs: readonly string[]
): CommentLines {
  const text = textLines(documented.docs, names);
  const deprecated = documented.deprecated === true;
  const found = deprecated ? text.findIndex(isDeprecation) : -1;
  // A block tag takes all that follows: what is ours goes before it.
  const before = trimEnd(found < 0 ? text : text.slice(0, found));
  const ours = paragraphs.map((paragraph) =>
    // Text of our own may hold tags of TSDoc.
    paragraph.split("\n").map((markup): CommentPieces => [{ markup }]),
  );
  const tag = found < 0 ? [[DEPRECATED_TAG]] : tagged(text.slice(found));
  const parts = [before, ...ours, deprecated ? tag : []];
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : [[""], ...part]));
}

type CommentPieces = readonly CommentPiece[];

const DEPRECATED_TAG: CommentPiece = { markup: "@deprecated" };

/** The lines of a text, its links to members made links of TSDoc, but not in code. */
function textLines(docs: string, names: LinkTargets): CommentPieces[] {
  let fenced = false;
  return docs.split("\n").map((text) => {
    const fence = FENCE.test(text);
    if (fence) fenced = !fenced;
    return fence || fenced ? [text] : linked(text, names);
  });
}

function isDeprecation([first]: CommentPieces): boolean {
  return typeof first === "string" && DEPRECATED.test(first);
}

/** Makes the `@deprecated` that a text begins with a tag. */
function tagged([
  first = [],
  ...lines
]: readonly CommentPieces[]): CommentPieces[] {
  const [start, ...rest] = first;
  const after = typeof start === "string" ? start.replace(DEPRECATED, "") : "";
  return [[DEPRECATED_TAG, after, ...rest], ...lines];
}

function trimEnd(lines: readonly CommentPieces[]): readonly CommentPieces[] {
  const last = lines.findLastIndex((pieces) => pieces.some(isText));
  return lines.slice(0, last + 1);
}

function isText(piece: CommentPiece): boolean {
  return typeof piece !== "string" || piece.trim() !== "";
}

function linked(text: string, names: LinkTargets): CommentPieces {
  const pieces: CommentPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(MEMBER_LINK)) {
    const [whole, label = "", target = ""] = match;
    const name = names.member(target);
    const after = match.index + whole.length;
    const isKept = name === undefined && names.deadLinks !== "shown";
    if (isKept || isInCode(text, match.index, after)) continue;
    pieces.push(text.slice(end, match.index));
    const shown = label.trim();
    if (name === undefined) pieces.push(plain(shown, target));
    else if (shown === "" || (shown === target && isSimple(name, target)))
      pieces.push({ markup: `{@link ${name}}` });
    else pieces.push({ markup: `{@link ${name} | ` }, shown, { markup: "}" });
    end = after;
  }
  pieces.push(text.slice(end));
  return pieces;
}

/** Whether a link shows enough by itself: not where it names a member of something. */
function isSimple(name: string, target: string): boolean {
  return !name.includes(".") && !target.includes(".");
}

/** What is left of a link that leads nowhere: a name is code, other words are words. */
function plain(shown: string, target: string): string {
  const words = shown === "" ? target : shown;
  return /^[\w.]+$/.test(words) ? `\`${words}\`` : words;
}

/** Whether a part of a line stands between backticks. */
function isInCode(text: string, start: number, end: number): boolean {
  const open = text.slice(0, start).split("`").length % 2 === 0;
  return open && text.includes("`", end);
}
