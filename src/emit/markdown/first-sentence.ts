import { parseBlocks } from "./blocks.ts";
import { cleanText } from "./escape.ts";
import { type Inline, normalizeLabel, parseInline } from "./inline.ts";

/** A longer sentence ends before a word, if it has several, with an ellipsis. In characters. */
const LONGEST = 160;

/**
 * A full stop behind `e.g` ends nothing, nor does one before a small letter; those of
 * Chinese and Japanese need no space behind.
 */
const SENTENCE =
  /^.*?(?:(?<!(?<!\p{L})\p{L}\.\p{L})[.!?](?=\s\P{Ll}|$)|[。！？])/u;

/** The first sentence of a doc's first paragraph, as plain text on one line. */
export function firstSentence(docs: string): string {
  const { blocks, definitions } = parseBlocks(cleanText(docs));
  const paragraph = blocks.find((block) => block.kind === "paragraph");
  if (paragraph === undefined) return "";
  const inlines = parseInline(paragraph.text, (label) =>
    definitions.get(normalizeLabel(label)),
  );
  const plain = plainText(inlines).replaceAll(/\s+/g, " ").trim();
  const [sentence = plain] = SENTENCE.exec(plain) ?? [];
  const characters = Array.from(sentence);
  if (characters.length <= LONGEST) return sentence;
  const cut = characters.slice(0, LONGEST).join("");
  return `${cut.replace(/\s\S*$/, "")}…`;
}

function plainText(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      switch (inline.kind) {
        case "newline":
          return " ";
        case "autolink":
          return inline.address;
        case "swapped":
          return inline.name;
        case "emphasis":
        case "strong":
        case "link":
        case "image":
          return plainText(inline.children);
        default:
          return inline.value;
      }
    })
    .join("");
}
