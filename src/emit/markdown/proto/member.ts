import { docParts } from "../docs.ts";
import { escapeText } from "../escape.ts";
import { DEPRECATED, isMarked } from "../fields.ts";
import { heading, type MemberView } from "../service-view.ts";
import type { ProtoContext } from "./context.ts";

/**
 * A member below its heading: its docs around what is known of it.
 *
 * @param blocks - What stands between the docs and their chapters.
 * @param chapters - What follows the docs' own chapters.
 * @param depth - How much deeper than a section's members it stands. Default 0.
 */
export function memberView(
  member: { readonly docs: string; readonly deprecated: boolean },
  { anchor, name }: { readonly anchor: string; readonly name: string },
  { names, place }: ProtoContext,
  blocks: readonly string[],
  chapters: readonly string[] = [],
  depth: 0 | 1 = 0,
): MemberView {
  const level = place.level + 2 + depth;
  // Headings in a member's docs begin below the member's own.
  const docs = docParts(
    member.docs,
    { ...names.commands, own: anchor },
    level + 1,
  );
  // Fields stand before the docs' own chapters: below `#### Example` they would seem part of it.
  return {
    heading: heading(level, escapeText(name), anchor),
    blocks: [
      isMarked(member) ? DEPRECATED : "",
      docs.lead,
      ...blocks,
      docs.chapters,
      ...chapters,
    ].filter(Boolean),
  };
}
