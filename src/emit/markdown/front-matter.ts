import type { Service } from "../../model/api.ts";
import { cleanText } from "./escape.ts";

/** A description longer than this ends at a word before, with an ellipsis. In characters. */
const LONGEST_DESCRIPTION = 160;

/**
 * The lines of a document's YAML front matter, in the user's order, with `title`
 * and `description` in front where the user does not give them. Every value is a
 * double-quoted scalar, so that no text in it means anything to YAML.
 */
export function frontMatterOf(
  services: readonly Service[],
  fields: Readonly<Record<string, string>> | undefined,
): {
  readonly frontMatter: readonly string[];
  readonly hasFrontMatter: boolean;
} {
  if (fields === undefined) return { frontMatter: [], hasFrontMatter: false };
  const title = services.map(({ name }) => name).join(", ");
  const description = services
    .map(({ docs }) => firstSentence(docs))
    .find(Boolean);
  const given = new Map(Object.entries(fields));
  const all = new Map([
    ["title", title],
    ...(description === undefined
      ? []
      : [["description", description] as const]),
    ...given,
  ]);
  const lines = [...all].map(([key, value]) => `${key}: ${quoted(value)}`);
  return { frontMatter: lines, hasFrontMatter: true };
}

/** The first sentence of docs as plain text, without what Markdown marks up. */
function firstSentence(docs: string): string {
  const [paragraph = ""] = cleanText(docs)
    .trim()
    .split(/\n[^\S\n]*\n/);
  const plain = paragraph
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*#]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  const [sentence = plain] = /^.*?[.!?](?=\s|$)/.exec(plain) ?? [];
  if (sentence.length <= LONGEST_DESCRIPTION) return sentence;
  const cut = sentence.slice(0, LONGEST_DESCRIPTION);
  return `${cut.slice(0, cut.lastIndexOf(" ")).trimEnd()}…`;
}

/** A double-quoted scalar: JSON's escapes are YAML's as well. */
function quoted(text: string): string {
  return JSON.stringify(cleanText(text));
}
