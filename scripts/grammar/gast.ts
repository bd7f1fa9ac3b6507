import {
  Alternation,
  Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  type Rule,
  Terminal,
} from "chevrotain";
import {
  choice,
  type Expression,
  optional,
  repeat,
  rule,
  sequence,
  token,
} from "./expression.ts";

/** A parser's rules as they are, and the tokens they speak of. */
export interface ParserGrammar {
  readonly rules: ReadonlyMap<string, Expression>;
  /** The token type of each literal, as `(` or `method`; those that many texts match have none. */
  readonly literals: ReadonlyMap<string, string>;
  /** The names of all token types. */
  readonly tokens: ReadonlySet<string>;
}

/**
 * Takes a grammar out of Chevrotain's recording of its parser.
 *
 * @param recorded As `getGAstProductions()` gives it.
 */
export function parserGrammar(
  recorded: Readonly<Record<string, Rule>>,
): ParserGrammar {
  const rules = new Map<string, Expression>();
  const literals = new Map<string, string>();
  const tokens = new Set<string>();
  const expressionOf = (production: IProduction): Expression => {
    if (production instanceof Terminal) {
      const { name, LABEL = "" } = production.terminalType;
      tokens.add(name);
      const [, literal] = /^'(.+)'$/.exec(LABEL) ?? [];
      if (literal !== undefined) literals.set(literal, name);
      return token(name);
    }
    if (production instanceof NonTerminal)
      return rule(production.nonTerminalName);
    if (production instanceof Alternation)
      return choice(production.definition.map(expressionOf));
    if (production instanceof Alternative) return all(production.definition);
    if (production instanceof Option)
      return optional(all(production.definition));
    if (production instanceof Repetition)
      return optional(repeat(all(production.definition)));
    if (production instanceof RepetitionMandatory)
      return repeat(all(production.definition));
    if (production instanceof RepetitionWithSeparator)
      return optional(
        repeat(all(production.definition), token(production.separator.name)),
      );
    if (production instanceof RepetitionMandatoryWithSeparator)
      return repeat(
        all(production.definition),
        token(production.separator.name),
      );
    throw new Error(`no such production: ${production.constructor.name}`);
  };
  const all = (productions: readonly IProduction[]): Expression =>
    sequence(productions.map(expressionOf));
  for (const [name, { definition }] of Object.entries(recorded))
    rules.set(name, all(definition));
  return { rules, literals, tokens };
}
