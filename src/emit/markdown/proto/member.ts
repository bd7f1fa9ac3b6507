import { docParts } from "../docs.ts";
import { escapeText } from "../escape.ts";
import { DEPRECATED, isMarked } from "../fields.ts";
import { heading, type MemberView } from "../service-view.ts";
import type { ProtoContext } from "./context.ts";

/** What is told of a member, none of it empty. */
export interface Told {
  readonly blocks: readonly string[];
  /** What begins with headings, and so stands behind all that has none. */
  readonly chapters: readonly string[];
}

/**
 * A member's docs around what is known of it.
 *
 * @param anchor - Its own.
 * @param level - Of the heading that it stands below.
 */
export function told(
  member: { readonly docs: string; readonly deprecated: boolean },
  anchor: string,
  { names }: ProtoContext,
  { blocks, chapters }: Told,
  level: number,
): Told {
  const docs = docParts(
    member.docs,
    { ...names.commands, own: anchor },
    level + 1,
  );
  const mark = isMarked(member) ? DEPRECATED : "";
  return {
    blocks: [mark, docs.lead, ...blocks].filter(Boolean),
    chapters: [docs.chapters, ...chapters].filter(Boolean),
  };
}

/**
 * A member below its heading.
 *
 * @param known - What stands behind its docs.
 * @param depth - How much deeper than a section's members it stands. Default 0.
 */
export function memberView(
  member: { readonly docs: string; readonly deprecated: boolean },
  { anchor, name }: { readonly anchor: string; readonly name: string },
  context: ProtoContext,
  known: Told,
  depth: 0 | 1 = 0,
): MemberView {
  const level = context.place.level + 2 + depth;
  const { blocks, chapters } = told(member, anchor, context, known, level);
  return {
    heading: heading(level, escapeText(name), anchor),
    blocks: [...blocks, ...chapters],
  };
}
