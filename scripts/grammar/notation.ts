import {
  choice,
  type Expression,
  itemsOf,
  isEqual,
  nothing,
  optional,
  repeat,
  sequence,
} from "./expression.ts";

/**
 * Expressions as text: `"…"` is a literal, `[ x ]` may be left out, `{ x }` comes
 * any number of times, `|` parts alternatives.
 */

/** What stands for a token or a rule in text. */
export type ShowLeaf = (
  leaf: Extract<Expression, { kind: "token" | "rule" }>,
) => string;

/** What a word or a `"literal"` in text stands for. */
export type FindLeaf = (text: string) => Expression;

/** The notation of an expression, in one line. */
export function show(expression: Expression, leaf: ShowLeaf): string {
  const inner = (each: Expression): string => show(each, leaf);
  // Where an alternative would reach too far.
  const part = (each: Expression): string => {
    const text = inner(each);
    return isAlternatives(each, text) ? `(${text})` : text;
  };
  switch (expression.kind) {
    case "sequence":
      return expression.items.map(part).join(" ");
    case "choice":
      return expression.items.map(inner).join(" | ");
    case "optional":
      return expression.item.kind === "repeat" &&
        isEqual(expression.item.separator, nothing)
        ? `{ ${inner(expression.item.item)} }`
        : `[ ${inner(expression.item)} ]`;
    case "repeat": {
      const item = part(expression.item);
      const behind = itemsOf(expression.separator).map(part);
      const again =
        behind.length === 0
          ? inner(expression.item)
          : [...behind, item].join(" ");
      return `${item} { ${again} }`;
    }
    case "token":
    case "rule":
    default:
      return leaf(expression);
  }
}

/** A leaf may have several spellings. */
function isAlternatives(expression: Expression, text: string): boolean {
  return (
    expression.kind === "choice" ||
    (expression.kind === "token" && text.includes(" | "))
  );
}

/** Columns of a line in a document's code. */
const columns = 78;

/** A rule in the notation, on several lines where one would be too long. */
export function showRule(
  name: string,
  expression: Expression,
  leaf: ShowLeaf,
): string {
  const text = show(expression, leaf);
  const line = `${name} = ${text}`;
  if (line.length <= columns) return line;
  if (expression.kind === "choice") {
    const rows = expression.items.map((item) => show(item, leaf));
    return `${name} =\n    ${rows.join("\n  | ")}`;
  }
  return fill(`${name} =`, pieces(text));
}

/** The text in pieces that a line end may stand between: not behind `[`, not before `]`. */
function pieces(text: string): readonly string[] {
  const all: string[] = [];
  let isGlued = false;
  for (const word of text.split(" ")) {
    const last = all.at(-1);
    if (last !== undefined && (isGlued || /^[\]})]+$/.test(word)))
      all[all.length - 1] = `${last} ${word}`;
    else all.push(word);
    isGlued = /^[[{(|]+$/.test(word);
  }
  return all;
}

function fill(head: string, words: readonly string[]): string {
  const lines: string[] = [];
  let line = head;
  for (const word of words) {
    if (line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `   `;
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}

/**
 * Reads the notation.
 *
 * @throws Error when it is none.
 */
export function read(text: string, find: FindLeaf): Expression {
  const words = text.match(/"[^"]+"|\w+|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new Error(`\`${text}\`: unexpected \`${words[at] ?? "end"}\``);
  };
  const closed = (by: string): Expression => {
    at += 1;
    const inside = alternatives();
    if (words[at] !== by) fail();
    at += 1;
    return inside;
  };
  const alternatives = (): Expression => {
    const items = [all()];
    while (words[at] === "|") {
      at += 1;
      items.push(all());
    }
    return items.length === 1 ? (items[0] ?? nothing) : choice(items);
  };
  const all = (): Expression => {
    const items: Expression[] = [];
    for (let word = words[at]; word !== undefined; word = words[at]) {
      if (word === "[") items.push(optional(closed("]")));
      else if (word === "{") items.push(optional(repeat(closed("}"))));
      else if (word === "(") items.push(closed(")"));
      else if (/^["\w]/.test(word)) {
        items.push(find(word));
        at += 1;
      } else break;
    }
    return sequence(items);
  };
  const expression = alternatives();
  if (at < words.length) fail();
  return expression;
}
