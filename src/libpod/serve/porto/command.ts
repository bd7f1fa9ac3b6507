import { EError } from "portolan/porto";
import { failure } from "./errors.ts";

const bad = (text: string): Error =>
  failure(EError.InvalidCommand, `wordexp(): ${text}`);

/**
 * Splits a command as `wordexp(3)` does without a shell: quotes, backslashes and
 * variables are read, commands are not substituted. Patterns of file names stay as
 * they are, for there are no files.
 *
 * @param env Where variables are looked up; what is not set is empty.
 * @throws PortoError `InvalidCommand`
 */
export function splitCommand(
  command: string,
  env: ReadonlyMap<string, string>,
): readonly string[] {
  return new Words(command, env).read();
}

/** A command line that {@link splitCommand} splits into these words. */
export function quoteCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoteWord(word)))
    .join(" ");
}

/** A word in quotes, whatever is in it. */
export function quoteWord(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

class Words {
  readonly #text: string;
  readonly #env: ReadonlyMap<string, string>;
  readonly #words: string[] = [];
  #at = 0;
  /** The word that is being read; undefined between words. */
  #word: string | undefined;

  constructor(text: string, env: ReadonlyMap<string, string>) {
    this.#text = text;
    this.#env = env;
  }

  read(): readonly string[] {
    for (;;) {
      const character = this.#next();
      if (character === undefined) break;
      if (character === " " || character === "\t") this.#end();
      else if ("|&;<>(){}\n".includes(character))
        throw bad(`illegal occurrence of ${JSON.stringify(character)}`);
      else if (character === "'") this.#add(this.#until("'"));
      else if (character === '"') this.#quoted();
      else if (character === "\\") this.#add(this.#next() ?? "");
      else if (character === "`") throw bad("command substitution");
      else if (character === "$") this.#split(this.#variable());
      else this.#add(character);
    }
    this.#end();
    return this.#words;
  }

  #next(): string | undefined {
    const character = this.#text[this.#at];
    if (character !== undefined) this.#at += 1;
    return character;
  }

  #add(text: string): void {
    this.#word = (this.#word ?? "") + text;
  }

  #end(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }

  #until(end: string): string {
    const close = this.#text.indexOf(end, this.#at);
    if (close < 0) throw bad(`no closing ${end}`);
    const inner = this.#text.slice(this.#at, close);
    this.#at = close + 1;
    return inner;
  }

  #quoted(): void {
    this.#add("");
    for (;;) {
      const character = this.#next();
      if (character === undefined) throw bad('no closing "');
      if (character === '"') return;
      if (character === "`") throw bad("command substitution");
      if (character === "$") this.#add(this.#variable());
      else if (character === "\\") {
        const next = this.#next() ?? "";
        // Inside of double quotes a backslash stands for itself before all others.
        if (next !== "\n")
          this.#add('$`"\\'.includes(next) ? next : `\\${next}`);
      } else this.#add(character);
    }
  }

  /** What stands for a variable that is not quoted is split as well. */
  #split(value: string): void {
    const [first = "", ...others] = value.split(/[ \t\n]+/);
    if (first !== "") this.#add(first);
    for (const other of others) {
      this.#end();
      if (other !== "") this.#add(other);
    }
  }

  /** Reads what follows a `$`. */
  #variable(): string {
    if (this.#text[this.#at] === "(") throw bad("command substitution");
    if (this.#text[this.#at] === "{") {
      this.#at += 1;
      const name = this.#until("}");
      if (!/^[a-z_]\w*$/i.test(name)) throw bad(`bad variable \${${name}}`);
      return this.#env.get(name) ?? "";
    }
    const [name = ""] = /^[a-z_]\w*/i.exec(this.#text.slice(this.#at)) ?? [];
    this.#at += name.length;
    return name === "" ? "$" : (this.#env.get(name) ?? "");
  }
}
