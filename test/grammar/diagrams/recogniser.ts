import type { IToken } from "chevrotain";
import type { Grammar } from "../../../scripts/grammar/edit.ts";
import type { Expression } from "../../../scripts/grammar/expression.ts";

/** Where what begins in one place can end: indices of tokens, each once. */
type Ends = readonly number[];

type Token = Extract<Expression, { kind: "token" }>;

/** Rules, and whether a token of theirs is one of a text's. */
export interface Recognised {
  readonly start: string;
  readonly rules: ReadonlyMap<string, Expression>;
  readonly isToken: (wanted: Token, token: IToken) => boolean;
}

/** A parser's grammar: a token is of its type or of a kind that its type belongs to. */
export function ofParser(
  rules: ReadonlyMap<string, Expression>,
  start: string,
): Recognised {
  return {
    start,
    rules,
    isToken: ({ type }, { tokenType }) =>
      tokenType.name === type ||
      (tokenType.CATEGORIES ?? []).some(({ name }) => name === type),
  };
}

/** A grammar as it is shown: tokens have one of its texts or match its pattern. */
export function ofGrammar(grammar: Grammar): Recognised {
  const { start, rules, literals, lexemes } = grammar;
  const patterns = new Map(
    Object.entries(lexemes).map(([name, { pattern }]) => [
      name,
      new RegExp(`^(?:${pattern.source})$`),
    ]),
  );
  return {
    start,
    rules,
    isToken: ({ type, lexeme }, { tokenType, image }) =>
      tokenType.name === type &&
      (lexeme === undefined
        ? literals.get(type)?.includes(image) === true
        : patterns.get(lexeme)?.test(image) === true),
  };
}

/**
 * How far a text can be read, all ways of reading it followed at once.
 *
 * @returns The index of the token that no way gets past, which is the number of
 * tokens when the whole text can be read; -1 when all of them can be, and the
 * text should go on.
 */
export function readTo(grammar: Recognised, tokens: readonly IToken[]): number {
  const known = new Map<string, Map<number, Ends>>();
  let furthest = 0;
  const all = (expression: Expression, starts: Iterable<number>): Ends => [
    ...new Set([...starts].flatMap((at) => ends(expression, at))),
  ];
  const ends = (expression: Expression, at: number): Ends => {
    switch (expression.kind) {
      case "token": {
        const token = tokens[at];
        furthest = Math.max(furthest, at);
        return token !== undefined && grammar.isToken(expression, token)
          ? [at + 1]
          : [];
      }
      case "rule": {
        const places = known.get(expression.rule) ?? new Map<number, Ends>();
        known.set(expression.rule, places);
        let found = places.get(at);
        if (found === undefined) {
          const rule = grammar.rules.get(expression.rule);
          if (rule === undefined) throw new Error(`no ${expression.rule}`);
          found = ends(rule, at);
          places.set(at, found);
        }
        return found;
      }
      case "sequence":
        return expression.items.reduce<Ends>(
          (starts, item) => all(item, starts),
          [at],
        );
      case "choice":
        return [...new Set(expression.items.flatMap((item) => ends(item, at)))];
      case "optional":
        return [...new Set([at, ...ends(expression.item, at)])];
      case "repeat":
      default: {
        const met = new Set(ends(expression.item, at));
        // A set gives what is added while it is gone through.
        for (const end of met)
          for (const next of all(
            expression.item,
            ends(expression.separator, end),
          ))
            met.add(next);
        return [...met];
      }
    }
  };
  const whole = ends({ kind: "rule", rule: grammar.start }, 0);
  if (whole.includes(tokens.length)) return tokens.length;
  return furthest < tokens.length ? furthest : -1;
}
