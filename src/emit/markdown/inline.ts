import { after, before, ENTITY } from "./escape.ts";

/** A piece of running text. */
export type Inline =
  | { readonly kind: "text"; readonly value: string }
  /** A character reference: printed as it was written. */
  | { readonly kind: "reference"; readonly value: string }
  /** An address that GitHub links without any mark. */
  | { readonly kind: "address"; readonly value: string }
  | { readonly kind: "code"; readonly value: string }
  | { readonly kind: "newline"; readonly hard: boolean }
  | { readonly kind: "autolink"; readonly address: string }
  /** `(Name)[#Name]`, a link written the wrong way round. */
  | { readonly kind: "swapped"; readonly name: string }
  | {
      readonly kind: "emphasis" | "strong";
      readonly children: readonly Inline[];
    }
  | {
      readonly kind: "link" | "image";
      readonly target: Target;
      readonly children: readonly Inline[];
    };

/** Where a link leads. */
export interface Target {
  readonly destination: string;
  readonly title: string;
}

/** Where the label of a reference leads, as it is written. */
export type Definitions = (label: string) => Target | undefined;

/** Labels match whatever their case and blanks. */
export function normalizeLabel(label: string): string {
  return label.trim().replaceAll(/\s+/g, " ").toLowerCase();
}

/** Emphasis and links nest this deep; what is deeper stays text. */
const MAX_DEPTH = 24;

/** A node of the list that the text becomes, as CommonMark's appendix on parsing strategy has it. */
interface Item {
  inline: Inline;
  depth: number;
  previous: Item | undefined;
  next: Item | undefined;
}

interface Delimiter {
  readonly item: Item;
  readonly character: string;
  readonly original: number;
  count: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

interface Bracket {
  readonly item: Item;
  readonly image: boolean;
  /** How many delimiters stood before it. */
  readonly delimiters: number;
  readonly textStart: number;
  active: boolean;
}

const PLAIN = /[^\\`<&![\]*_\n(hwfHWF]+/y;
const ESCAPE = /\\([!-/:-@[-`{-~])/y;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^\s<>\\`|]+)>/y;
const BARE_ADDRESS =
  /(?:(?:https?|ftp):\/\/|www\.)[A-Za-z0-9\-._~:/?#@!$&'()+,;=%]+/iy;
const SWAPPED_LINK = /\(([A-Za-z][A-Za-z0-9]*)\)\[#\1\]/y;
const DESTINATION =
  /\s*(?:<((?:[^<>\n\\]|\\.)*)>|((?:[^\s()\\<]|\\[^\s])(?:[^\s()\\]|\\[^\s]|\([^\s()]*\))*)?)/y;
const TITLE =
  /\s+(?:"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|\(((?:[^()\\]|\\[^])*)\))/y;
const LABEL = /\[((?:[^[\]\\]|\\[^]){0,999})\]/y;

/**
 * Reads running text: CommonMark's inlines without raw HTML, which stays text.
 * Nothing is an error: what cannot be read as markup is text.
 */
export function parseInline(text: string, definitions: Definitions): Inline[] {
  return new InlineParser(text, definitions).parse();
}

class InlineParser {
  private readonly text: string;
  private readonly definitions: Definitions;
  private at = 0;
  private readonly head: Item = {
    inline: { kind: "text", value: "" },
    depth: 0,
    previous: undefined,
    next: undefined,
  };
  private tail: Item = this.head;
  private delimiters: Delimiter[] = [];
  private readonly brackets: Bracket[] = [];
  /** Lengths of backtick runs that have no partner in the rest of the text. */
  private readonly unmatched = new Set<number>();

  constructor(text: string, definitions: Definitions) {
    this.text = text;
    this.definitions = definitions;
  }

  parse(): Inline[] {
    while (this.at < this.text.length) this.step();
    this.matchDelimiters(0);
    return this.detach(this.head.next, undefined);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }

  private append(inline: Inline, depth = 0): Item {
    const item: Item = { inline, depth, previous: this.tail, next: undefined };
    this.tail.next = item;
    this.tail = item;
    return item;
  }

  private appendText(value: string): Item {
    return this.append({ kind: "text", value });
  }

  private step(): void {
    const plain = this.match(PLAIN);
    if (plain !== null) {
      this.appendText(plain[0]);
      return;
    }
    const character = this.text.charAt(this.at);
    switch (character) {
      case "\\":
        return this.readBackslash();
      case "\n":
        return this.readNewline();
      case "`":
        return this.readCode();
      case "<":
        return this.readPattern(AUTOLINK, ([, address = ""]) => ({
          kind: "autolink",
          address,
        }));
      case "&":
        return this.readPattern(ENTITY, ([value]) => ({
          kind: "reference",
          value,
        }));
      case "h":
      case "w":
      case "f":
      case "H":
      case "W":
      case "F":
        return this.readAddress();
      case "(":
        return this.readPattern(SWAPPED_LINK, ([, name = ""]) => ({
          kind: "swapped",
          name,
        }));
      case "*":
      case "_":
        return this.readDelimiters();
      case "!":
        if (this.text[this.at + 1] === "[") return this.openBracket("![");
        break;
      case "[":
        return this.openBracket("[");
      case "]":
        return this.closeBracket();
      default:
    }
    this.appendText(character);
    this.at += 1;
  }

  private readPattern(
    pattern: RegExp,
    make: (match: RegExpExecArray) => Inline,
  ): void {
    const match = this.match(pattern);
    if (match !== null) {
      this.append(make(match));
      return;
    }
    this.appendText(this.text.charAt(this.at));
    this.at += 1;
  }

  private readBackslash(): void {
    if (this.text[this.at + 1] === "\n") {
      this.at += 1;
      this.readNewline(true);
      return;
    }
    this.readPattern(ESCAPE, ([, value = ""]) => ({ kind: "text", value }));
  }

  private readNewline(escaped = false): void {
    const { inline } = this.tail;
    let hard = escaped;
    if (inline.kind === "text" && !escaped) {
      hard = inline.value.endsWith("  ");
      this.tail.inline = { kind: "text", value: inline.value.trimEnd() };
    }
    this.append({ kind: "newline", hard });
    this.at += 1;
    this.match(/[ \t]+/y);
  }

  private readCode(): void {
    const run = this.match(/`+/y)?.[0] ?? "";
    const start = this.at;
    if (!this.unmatched.has(run.length)) {
      for (const closing of this.text.slice(start).matchAll(/`+/g)) {
        if (closing[0].length !== run.length) continue;
        const code = this.text
          .slice(start, start + closing.index)
          .replaceAll(/[ \t]*\n[ \t]*/g, " ");
        this.at = start + closing.index + run.length;
        const padded = /^ [^]* $/.test(code) && code.trim() !== "";
        this.append({ kind: "code", value: padded ? code.slice(1, -1) : code });
        return;
      }
      this.unmatched.add(run.length);
    }
    this.appendText(run);
  }

  private readAddress(): void {
    const start = this.at;
    if (!/[A-Za-z]/.test(before(this.text, start))) {
      const address = this.match(BARE_ADDRESS)?.[0];
      if (address !== undefined) {
        // Punctuation at its end belongs to the sentence.
        const value = address.replace(/[?!.,:*_~'"();&]+$/, "");
        this.at = start + value.length;
        if (value.length > "https://".length) {
          this.append({ kind: "address", value });
          return;
        }
        this.at = start;
      }
    }
    this.appendText(this.text.charAt(this.at));
    this.at += 1;
  }

  private readDelimiters(): void {
    const start = this.at;
    const run = this.match(/\*+|_+/y)?.[0] ?? "";
    const previous = before(this.text, start);
    const following = after(this.text, this.at);
    const blankBefore = /^\s?$/u.test(previous);
    const blankAfter = /^\s?$/u.test(following);
    const markBefore = /[\p{P}\p{S}]/u.test(previous);
    const markAfter = /[\p{P}\p{S}]/u.test(following);
    const left = !blankAfter && (!markAfter || blankBefore || markBefore);
    const right = !blankBefore && (!markBefore || blankAfter || markAfter);
    const word = run.startsWith("_");
    this.delimiters.push({
      item: this.appendText(run),
      character: run.slice(0, 1),
      original: run.length,
      count: run.length,
      opens: left && (!word || !right || markBefore),
      closes: right && (!word || !left || markAfter),
    });
  }

  private openBracket(opening: "[" | "!["): void {
    this.at += opening.length;
    this.brackets.push({
      item: this.appendText(opening),
      image: opening === "![",
      delimiters: this.delimiters.length,
      textStart: this.at,
      active: true,
    });
  }

  private closeBracket(): void {
    const end = this.at;
    this.at += 1;
    const bracket = this.brackets.pop();
    const target =
      bracket?.active === true
        ? this.readTarget(bracket.textStart, end)
        : undefined;
    if (bracket === undefined || target === undefined) {
      this.appendText("]");
      return;
    }
    this.matchDelimiters(bracket.delimiters);
    const depth = 1 + depthOf(bracket.item.next);
    if (depth > MAX_DEPTH) {
      this.appendText(this.text.slice(end, this.at));
      return;
    }
    const children = this.detach(bracket.item.next, undefined);
    bracket.item.inline = {
      kind: bracket.image ? "image" : "link",
      target,
      children,
    };
    bracket.item.depth = depth;
    bracket.item.next = undefined;
    this.tail = bracket.item;
    if (bracket.image) return;
    // A link holds no link.
    for (const other of this.brackets) if (!other.image) other.active = false;
  }

  /** What follows the closing bracket of a link: `(destination "title")`, `[label]`, `[]` or nothing. */
  private readTarget(start: number, end: number): Target | undefined {
    const afterBracket = this.at;
    if (this.text[this.at] === "(") {
      this.at += 1;
      const destination = this.match(DESTINATION);
      const title = this.match(TITLE);
      if (this.match(/\s*\)/y) !== null) {
        return {
          destination: unescapeText(destination?.[1] ?? destination?.[2] ?? ""),
          title: unescapeText(title?.[1] ?? title?.[2] ?? title?.[3] ?? ""),
        };
      }
      this.at = afterBracket;
    }
    const label = this.match(LABEL)?.[1] ?? "";
    // As long as a label can be; longer ones are not worth their comparison.
    const own = end - start > 999 ? "" : this.text.slice(start, end);
    const target = this.definitions(label === "" ? own : label);
    if (target === undefined) this.at = afterBracket;
    return target;
  }

  /** Turns pairs of delimiters into emphasis, those after the first `bottom` ones. */
  private matchDelimiters(bottom: number): void {
    // Where searches for an opener ended in vain, by kind of closer: never search there again.
    const floors = new Map<string, number>();
    const open: Delimiter[] = [];
    for (const closer of this.delimiters.splice(bottom)) {
      while (closer.closes && closer.count > 0) {
        const kind = `${closer.character}${closer.opens ? "o" : ""}${(closer.original % 3).toString()}`;
        const floor = floors.get(kind) ?? 0;
        let index = open.length - 1;
        while (index >= floor && !pairs(open[index], closer)) index -= 1;
        const opener = open[index];
        if (opener === undefined || index < floor) {
          floors.set(kind, open.length);
          break;
        }
        if (!this.wrap(opener, closer)) break;
        open.length = opener.count > 0 ? index + 1 : index;
        for (const [key, value] of floors)
          floors.set(key, Math.min(value, open.length));
      }
      if (closer.opens && closer.count > 0) open.push(closer);
    }
  }

  /** Makes one emphasis of what stands between two delimiters. */
  private wrap(opener: Delimiter, closer: Delimiter): boolean {
    const depth = 1 + depthOf(opener.item.next, closer.item);
    if (depth > MAX_DEPTH) return false;
    const used = opener.count >= 2 && closer.count >= 2 ? 2 : 1;
    const children = this.detach(opener.item.next, closer.item);
    const item: Item = {
      inline: { kind: used === 2 ? "strong" : "emphasis", children },
      depth,
      previous: opener.item,
      next: closer.item,
    };
    opener.item.next = item;
    closer.item.previous = item;
    for (const delimiter of [opener, closer]) {
      delimiter.count -= used;
      delimiter.item.inline = {
        kind: "text",
        value: delimiter.character.repeat(delimiter.count),
      };
    }
    return true;
  }

  private detach(from: Item | undefined, to: Item | undefined): Inline[] {
    const inlines: Inline[] = [];
    for (let item = from; item !== undefined && item !== to; item = item.next) {
      const { inline } = item;
      const last = inlines.at(-1);
      if (inline.kind === "text" && last?.kind === "text") {
        inlines[inlines.length - 1] = {
          kind: "text",
          value: last.value + inline.value,
        };
      } else if (inline.kind !== "text" || inline.value !== "") {
        inlines.push(inline);
      }
    }
    return inlines;
  }
}

function pairs(opener: Delimiter | undefined, closer: Delimiter): boolean {
  if (opener === undefined || opener.character !== closer.character)
    return false;
  // The rule of three: `*a**b*` is not emphasis up to the double star.
  const mixed = opener.closes || closer.opens;
  return !(
    mixed &&
    (opener.original + closer.original) % 3 === 0 &&
    (opener.original % 3 !== 0 || closer.original % 3 !== 0)
  );
}

function depthOf(from: Item | undefined, to?: Item): number {
  let depth = 0;
  for (let item = from; item !== undefined && item !== to; item = item.next) {
    depth = Math.max(depth, item.depth);
  }
  return depth;
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, "$1");
}
