import { isPlain } from "./width.ts";

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

/**
 * What tools look for in a whole file, strings included: the end of a script in
 * a page, and the comment that names a source map, which they then read.
 */
const FOUND_ANYWHERE = /<(?=[/!])|[#@](?=\s*source(?:Mapping)?URL)/g;

/**
 * A string literal of TypeScript that means exactly `text`. In double quotes,
 * unless single ones need fewer escapes. Whatever is invisible, of unsure
 * width, a line end somewhere, or misleads tools is escaped.
 */
export function stringLiteral(text: string): string {
  const doubles = text.split('"').length;
  const singles = text.split("'").length;
  const quote = doubles > singles ? "'" : '"';
  let body = text;
  // Most text has nothing to escape.
  if (!/^[ !$-&(-;=-?A-[\]-~]*$/.test(text)) {
    body = "";
    for (const character of text) body += escaped(character, quote);
    body = body.replaceAll(FOUND_ANYWHERE, hexEscape);
  }
  return quote + body + quote;
}

function hexEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16)}`;
}

function escaped(character: string, quote: string): string {
  if (character === quote) return `\\${quote}`;
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  return isPlain(character) ? character : unicodeEscape(character);
}

function unicodeEscape(character: string): string {
  let escape = "";
  // UTF-16 units: a lone surrogate has no other spelling.
  for (let index = 0; index < character.length; index += 1) {
    escape += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }
  return escape;
}

/** A number as Prettier writes it: `1e21`, not `1e+21`. It must be finite. */
export function numberLiteral(value: number): string {
  return String(value).replace("e+", "e");
}

/** Whether a text is an identifier in plain ASCII, as all of our names are. */
export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(text);
}

/** The key of a property, quoted only where it must be. */
export function propertyKey(name: string): string {
  return isIdentifier(name) ? name : stringLiteral(name);
}
