import type { Use } from "../../model/uses.ts";
import { codeSpan } from "./escape.ts";
import { fillLines } from "./fill-lines.ts";
import { layOutList } from "./print-blocks.ts";

/** With more members than this, each kind of use has a line of its own. */
const MOST_IN_SENTENCE = 8;

/** So many fields of a type are named; with more it is the type alone. */
const MOST_FIELDS = 4;

/** A way to use a type, and the links of those who do. */
interface Group {
  readonly how: string;
  readonly links: readonly string[];
}

/**
 * Says who mentions a type: methods by where they do, then types and errors with
 * the fields. Nothing if nobody does.
 *
 * @param uses - As `Uses.ofType` gives them, whose order is kept.
 * @param link - The Markdown link to a member, which has no line end.
 */
export function usedBy(
  uses: readonly Use[],
  link: (member: Use["member"]) => string,
): string {
  const groups = [
    { how: "input of", links: methodsWith(uses, "input", link) },
    { how: "output of", links: methodsWith(uses, "output", link) },
    { how: "input and output of", links: methodsWith(uses, "both", link) },
    { how: "type", links: holders(uses, "type", link) },
    { how: "error", links: holders(uses, "error", link) },
  ].filter(({ links }) => links.length > 0);
  if (groups.length === 0) return "";
  if (uses.length <= MOST_IN_SENTENCE || groups.length === 1) {
    const last = groups.length - 1;
    const words = groups.flatMap((group, at) =>
      wordsOf(group, at === last ? "" : ";"),
    );
    return fillLines(["**Used by:**", ...words]);
  }
  const items = groups.map((group) => fillLines(wordsOf(group, ""), 2));
  return `**Used by**\n\n${layOutList(items, "\n")}`;
}

/** Some links behind a word in bold: `**Errors:** [A](#A), [B](#B)`; nothing if there are none. */
export function labelledLinks(label: string, links: readonly string[]): string {
  return links.length === 0
    ? ""
    : fillLines([`**${label}:**`, ...withCommas(links, "")]);
}

function methodsWith(
  uses: readonly Use[],
  side: "input" | "output" | "both",
  link: (member: Use["member"]) => string,
): string[] {
  return uses.flatMap((use) => {
    if (use.kind !== "method") return [];
    const own = use.sides.length > 1 ? "both" : use.sides[0];
    return own === side ? [link(use.member)] : [];
  });
}

function holders(
  uses: readonly Use[],
  kind: "type" | "error",
  link: (member: Use["member"]) => string,
): string[] {
  return uses.flatMap((use) => {
    if (use.kind !== kind) return [];
    const names = use.fields.map((name) => codeSpan(name, false)).join(", ");
    return use.fields.length > MOST_FIELDS
      ? [link(use.member)]
      : [`${link(use.member)} (${names})`];
  });
}

function wordsOf({ how, links }: Group, end: string): string[] {
  const word = links.length > 1 && !how.endsWith(" of") ? `${how}s` : how;
  return [...word.split(" "), ...withCommas(links, end)];
}

function withCommas(links: readonly string[], end: string): string[] {
  return links.map((text, at) => text + (at === links.length - 1 ? end : ","));
}
