import fc from "fast-check";
import type { Grammar } from "../../../scripts/grammar/edit.ts";
import {
  type Expression,
  itemsOf,
} from "../../../scripts/grammar/expression.ts";

/** By lexeme, words that mean what they should wherever they stand; `#` becomes a number. */
export type Words = Readonly<Record<string, readonly string[]>>;

/** The words of a text that a grammar allows: each a literal or a lexeme. */
export function sentences(
  grammar: Grammar,
  words: Words,
): fc.Arbitrary<readonly string[]> {
  const shortest = shortestLengths(grammar);
  return fc
    .array(fc.nat({ max: 5039 }), {
      minLength: 60,
      maxLength: 200,
      // By default most are so short that few rules are ever met.
      size: "max",
    })
    .map((tape) => write(grammar, words, shortest, tape));
}

/** Goes through the grammar as a tape of numbers says; at its end, the shortest way. */
function write(
  grammar: Grammar,
  words: Words,
  shortest: Shortest,
  tape: readonly number[],
): readonly string[] {
  const written: string[] = [];
  let at = 0;
  let names = 0;
  const next = (below: number): number | undefined => {
    const number = tape[at];
    at += 1;
    return number === undefined ? undefined : number % below;
  };
  const one = (from: readonly string[]): string =>
    (from[next(from.length) ?? 0] ?? "").replace("#", () => {
      names += 1;
      return String(names);
    });
  const go = (expression: Expression): void => {
    switch (expression.kind) {
      case "token": {
        const { type, lexeme } = expression;
        const from =
          lexeme === undefined ? grammar.literals.get(type) : words[lexeme];
        if (from === undefined) throw new Error(`no word for ${lexeme}`);
        written.push(one(from));
        return;
      }
      case "rule":
        go(ruleOf(grammar, expression.rule));
        return;
      case "sequence":
        expression.items.forEach(go);
        return;
      case "choice": {
        const [first, ...others] = expression.items.toSorted(
          (a, b) => shortest(a) - shortest(b),
        );
        const picked = next(expression.items.length);
        const item =
          picked === undefined
            ? first
            : [first, ...others][picked % expression.items.length];
        if (item !== undefined) go(item);
        return;
      }
      case "optional":
        if ((next(3) ?? 0) > 0) go(expression.item);
        return;
      case "repeat":
      default:
        go(expression.item);
        while ((next(3) ?? 0) > 0) {
          itemsOf(expression.separator).forEach(go);
          go(expression.item);
        }
    }
  };
  go(ruleOf(grammar, grammar.start));
  return written;
}

type Shortest = (expression: Expression) => number;

/** The number of tokens that an expression takes at least. */
function shortestLengths(grammar: Grammar): Shortest {
  const lengths = new Map<string, number>();
  const of = (expression: Expression): number => {
    switch (expression.kind) {
      case "token":
        return 1;
      case "rule":
        return lengths.get(expression.rule) ?? Infinity;
      case "sequence":
        return expression.items.reduce((sum, item) => sum + of(item), 0);
      case "choice":
        return Math.min(...expression.items.map(of));
      case "optional":
        return 0;
      case "repeat":
      default:
        return of(expression.item);
    }
  };
  // Until no rule gets shorter: as often as rules can nest in each other.
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, expression] of grammar.rules) {
      const length = of(expression);
      if (length >= (lengths.get(name) ?? Infinity)) continue;
      lengths.set(name, length);
      changed = true;
    }
  }
  return of;
}

/** Whether every rule can be left again. */
export function isFinite(grammar: Grammar): boolean {
  const shortest = shortestLengths(grammar);
  return [...grammar.rules.values()].every(
    (expression) => shortest(expression) < Infinity,
  );
}

function ruleOf(grammar: Grammar, name: string): Expression {
  const expression = grammar.rules.get(name);
  if (expression === undefined) throw new Error(`no rule ${name}`);
  return expression;
}
