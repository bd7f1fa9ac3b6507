import { cleanText } from "./escape.ts";

/** A key that YAML reads as it is written, whatever its version. */
const PLAIN_KEY = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Z_][\w-]*$/i;

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
    ([key, value]) =>
      `${PLAIN_KEY.test(key) ? key : quoted(key)}: ${quoted(value)}`,
  );
  return { frontMatter: lines, hasFrontMatter: true };
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
