/**
 * A command line for Porto's property `command`, which the daemon splits as
 * `wordexp(3)` does: every argument between single quotes, so that nothing in it
 * is split or expanded.
 */
export function quoteCommand(argv: readonly string[]): string {
  return argv
    .map((argument) => `'${argument.replaceAll("'", String.raw`'\''`)}'`)
    .join(" ");
}

/**
 * The words of a command line: split at blanks, quotes and backslashes taken away
 * as a shell does. What the daemon would expand (`$NAME`, `*`) stays as it is
 * written, for its host alone knows what it stands for.
 */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quote === "'") {
      if (character === "'") quote = "";
      else word += character;
    } else if (character === "\\" && index + 1 < text.length) {
      index += 1;
      const next = text.charAt(index);
      // Between double quotes a backslash is itself before all but these.
      const kept = quote === '"' && !'"\\$`'.includes(next) ? "\\" : "";
      word = (word ?? "") + kept + next;
    } else if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (quote === "" && /[ \t\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
