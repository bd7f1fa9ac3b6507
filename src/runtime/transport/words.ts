/** Command lines as text, without a shell: words, quotes and backslashes. */

/**
 * Splits a command line into words. Blanks separate, `'…'` keeps all as it is,
 * `"…"` keeps blanks, and a backslash (not within `'…'`) keeps the character
 * after it. Nothing is expanded: `$`, `*`, `~`, `;` and `|` are themselves.
 *
 * @returns `undefined` where a quote or a backslash stands open.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === "\\" && quote !== "'") {
      if (++index >= text.length) return undefined;
      word = (word ?? "") + text.charAt(index);
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** A word as a POSIX shell, and {@link splitWords}, read it back, whatever is in it. */
export function quoteWord(word: string): string {
  // `=` would be an assignment in a first word, and `~` a home.
  if (/^[\w@%+:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Words as a command line: the inverse of {@link splitWords}. */
export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}
