import type { Grammar } from "./edit.ts";
import { type Expression, isEqual, nothing } from "./expression.ts";

/** How a reader of the screen says a sign. */
const signs: Readonly<Record<string, string>> = {
  "(": "opening parenthesis",
  ")": "closing parenthesis",
  "[": "opening bracket",
  "]": "closing bracket",
  "{": "opening brace",
  "}": "closing brace",
  "<": "less-than sign",
  ">": "greater-than sign",
  ",": "comma",
  ":": "colon",
  ";": "semicolon",
  ".": "dot",
  "=": "equals sign",
  "-": "minus sign",
  "/": "slash",
  "?": "question mark",
  "->": "arrow",
};

/**
 * What a rule reads, in words of letters, commas and parentheses: nothing in it
 * means anything in Markdown or XML.
 *
 * @throws Error for a sign that has no name yet.
 */
export function inWords(expression: Expression, grammar: Grammar): string {
  const inner = (each: Expression): string => inWords(each, grammar);
  const part = (each: Expression): string => {
    const text = inner(each);
    return / (?:then|or) |^(?:optionally|any|one or more) /.test(text)
      ? `(${text})`
      : text;
  };
  switch (expression.kind) {
    case "token": {
      if (expression.lexeme !== undefined) return plain(expression.lexeme);
      const literals = grammar.literals.get(expression.type) ?? [];
      return literals.map(literalInWords).join(" or ");
    }
    case "rule":
      return plain(expression.rule);
    case "sequence":
      return expression.items.map(part).join(", then ");
    case "choice":
      return expression.items.map(part).join(" or ");
    case "optional":
      return expression.item.kind === "repeat"
        ? repeated("any number of", expression.item, part)
        : `optionally ${part(expression.item)}`;
    case "repeat":
    default:
      return repeated("one or more", expression, part);
  }
}

function repeated(
  times: string,
  { item, separator }: Extract<Expression, { kind: "repeat" }>,
  part: (each: Expression) => string,
): string {
  const text = `${times} ${part(item)}`;
  return isEqual(separator, nothing)
    ? text
    : `${text} with ${part(separator)} between`;
}

function literalInWords(literal: string): string {
  if (/^[a-z]+$/.test(literal)) return `the word ${literal}`;
  const sign = signs[literal];
  if (sign === undefined) throw new Error(`what is ${literal} called?`);
  return sign;
}

function plain(name: string): string {
  return name.replaceAll("_", " ");
}
