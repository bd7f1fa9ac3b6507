import { cleanText } from "./escape.ts";

/** A description longer than this ends at a word before, with an ellipsis. In characters. */
const LONGEST_DESCRIPTION = 160;

/**
 * The lines of a document's YAML front matter, in the user's order, with `title`
 * and `description` in front where the user does not give them. Every value is a
 * quoted scalar, so that no text in it means anything to YAML.
 */
export function frontMatterOf(
  about: { readonly title: string; readonly description: string },
  fields: Readonly<Record<string, string>> | undefined,
): {
  readonly frontMatter: readonly string[];
  readonly hasFrontMatter: boolean;
} {
  if (fields === undefined) return { frontMatter: [], hasFrontMatter: false };
  const { title, description } = about;
  const ours = description === "" ? { title } : { title, description };
  const lines = Object.entries({ ...ours, ...fields }).map(
    ([key, value]) => `${key}: ${quoted(value)}`,
  );
  return { frontMatter: lines, hasFrontMatter: true };
}

/** The first sentence of docs as plain text, without what Markdown marks up. */
export function firstSentence(docs: string): string {
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

/**
 * A quoted scalar: JSON's escapes are YAML's as well. Without any but for quotes it
 * has single ones around it, as Prettier has it.
 */
function quoted(text: string): string {
  const clean = cleanText(text);
  const json = JSON.stringify(clean);
  const isPlain = clean.includes('"') && !/\\[^"]/.test(json.slice(1, -1));
  return isPlain ? `'${clean.replaceAll("'", "''")}'` : json;
}
