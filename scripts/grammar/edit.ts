import {
  choice,
  type Expression,
  isEqual,
  itemsOf,
  leavesOf,
  nothing,
  rebuild,
  rule,
  sequence,
  token,
} from "./expression.ts";
import type { ParserGrammar } from "./gast.ts";
import { type FindLeaf, read, type ShowLeaf } from "./notation.ts";

/** A use that a token has in the language, told apart by how it is written. */
export interface Lexeme {
  /** The name of the token type. */
  readonly token: string;
  /** What all of a token must match to be one. */
  readonly pattern: RegExp;
  /** The same in words: Markdown, a sentence or more. */
  readonly words: string;
}

/**
 * One way in which the parser reads more than the language has, and what is
 * said of it. Together they make the language's grammar of the parser's.
 */
export interface Edit<Code extends string> {
  /** The rule it is made in; `*` stands for all that have it. */
  readonly in: string;
  /** What the parser reads there, in the notation. */
  readonly from: string;
  /** What the language has there. Default: the alternative or part goes. */
  readonly to?: string;
  /** The codes under which the rest is told, each with an example of it. */
  readonly told: Told<Code>;
}

/**
 * By code, a declaration that the code is told of. What `frame` puts around it
 * is not in it.
 */
export type Told<Code extends string> = Readonly<Partial<Record<Code, string>>>;

/** What is known of a language besides its parser. */
export interface Language<Code extends string> {
  /** `varlink`: the name of its page. */
  readonly id: string;
  /** The rule that a file is. */
  readonly start: string;
  /** The texts of keywords that have several. */
  readonly spelled: Readonly<Record<string, readonly string[]>>;
  readonly lexemes: Readonly<Record<string, Lexeme>>;
  /** The lexeme of a token of which no edit says more, by its type. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Made in this order, each on what those before it left. */
  readonly edits: readonly Edit<Code>[];
  /** Rules that the parser has as code, in the notation. */
  readonly added: Readonly<Record<string, string>>;
  /** Rules that are shown where they are used and have no picture of their own. */
  readonly inlined: readonly string[];
  /** By rule, what its picture allows and is refused all the same. */
  readonly checks: Readonly<Record<string, Told<Code>>>;
  /** The codes that belong to no rule. */
  readonly elsewhere: readonly Code[];
  /** What each code means. */
  readonly codes: Readonly<Record<Code, string>>;
  /** A file that has the example of a rule in it. */
  readonly frame: (rule: string, example: string) => string;
  /** What is said of each rule, in Markdown. */
  readonly prose: Readonly<Record<string, string>>;
  readonly title: string;
  /** What is said before all rules, in Markdown. */
  readonly introduction: string;
  /** What is said of the codes that belong to no rule, in Markdown. */
  readonly conclusion: string;
}

/** A grammar as documents show it. */
export interface Grammar {
  readonly start: string;
  /** Every rule that a file can reach, in the order in which it is met. */
  readonly rules: ReadonlyMap<string, Expression>;
  /** Texts of the tokens that have a fixed one, or several. */
  readonly literals: ReadonlyMap<string, readonly string[]>;
  readonly lexemes: Readonly<Record<string, Lexeme>>;
  /** The edits that were made in a rule, in those shown in it too. */
  readonly edits: ReadonlyMap<string, readonly Edit<string>[]>;
  /** Rules of the parser that read what is only rejected. */
  readonly dropped: readonly string[];
}

/**
 * Makes the grammar that documents show.
 *
 * @throws Error when an edit finds nothing to change, or a token has neither a
 * text nor a lexeme: the parser is no longer what they were written for.
 */
export function shownGrammar<Code extends string>(
  parser: ParserGrammar,
  language: Language<Code>,
): Grammar {
  const { start, lexemes, defaults, spelled } = language;
  const rules = new Map(parser.rules);
  const find = leafFinder(parser, language);
  for (const [name, text] of Object.entries(language.added))
    rules.set(name, read(text, find));
  const edits = new Map<string, Edit<string>[]>();
  for (const edit of language.edits) {
    for (const name of applyEdit(rules, edit, find))
      edits.set(name, [...(edits.get(name) ?? []), edit]);
  }
  for (const name of language.inlined) {
    for (const user of inline(rules, name))
      edits.set(user, [...(edits.get(user) ?? []), ...(edits.get(name) ?? [])]);
  }
  const literals = new Map<string, readonly string[]>();
  for (const [literal, type] of parser.literals)
    literals.set(type, spelled[type] ?? [literal]);
  const shown = new Map<string, Expression>();
  for (const name of reachable(rules, start)) {
    const named = rebuild(rules.get(name) ?? nothing, (part) => {
      if (part.kind !== "token" || literals.has(part.type)) return part;
      const lexeme = part.lexeme ?? defaults[part.type];
      if (lexeme === undefined)
        throw new Error(`${name}: what is a ${part.type} here?`);
      return token(part.type, lexeme);
    });
    shown.set(name, named);
  }
  const dropped = [...parser.rules.keys()].filter(
    (name) => !shown.has(name) && !language.inlined.includes(name),
  );
  return { start, rules: shown, literals, lexemes, edits, dropped };
}

/** How a shown grammar is written. */
export function showLeaf(grammar: Grammar): ShowLeaf {
  return (leaf) => {
    if (leaf.kind === "rule") return leaf.rule;
    const literals = grammar.literals.get(leaf.type);
    return (
      leaf.lexeme ??
      literals?.map((text) => `"${text}"`).join(" | ") ??
      leaf.type
    );
  };
}

function leafFinder(
  parser: ParserGrammar,
  { lexemes, added }: Pick<Language<string>, "lexemes" | "added">,
): FindLeaf {
  return (text) => {
    const lexeme = lexemes[text];
    if (lexeme !== undefined) return token(lexeme.token, text);
    if (parser.tokens.has(text)) return token(text);
    if (parser.rules.has(text) || Object.hasOwn(added, text)) return rule(text);
    const type = parser.literals.get(text.slice(1, -1));
    if (type === undefined) throw new Error(`the grammar has no ${text}`);
    return token(type);
  };
}

/** Makes an edit; gives the rules that it changed. */
function applyEdit(
  rules: Map<string, Expression>,
  edit: Edit<string>,
  find: FindLeaf,
): readonly string[] {
  const from = read(edit.from, find);
  const to = edit.to === undefined ? undefined : read(edit.to, find);
  const changed: string[] = [];
  for (const name of edit.in === "*" ? [...rules.keys()] : [edit.in]) {
    const before = rules.get(name);
    if (before === undefined) throw new Error(`no rule ${name}`);
    const after = rebuild(before, (part) => replaced(part, from, to));
    if (isEqual(before, after)) continue;
    rules.set(name, after);
    changed.push(name);
  }
  if (changed.length === 0)
    throw new Error(`${edit.in}: nothing reads \`${edit.from}\` any more`);
  return changed;
}

/** A part, or what an edit makes of it: all of it, some alternatives, or some of a sequence. */
function replaced(
  part: Expression,
  from: Expression,
  to: Expression | undefined,
): Expression {
  if (to !== undefined && isEqual(part, from)) return to;
  if (part.kind === "choice") {
    const gone = from.kind === "choice" ? from.items : [from];
    const isGone = (item: Expression): boolean =>
      gone.some((each) => isEqual(each, item));
    if (part.items.filter(isGone).length < gone.length) return part;
    const first = part.items.findIndex(isGone);
    return choice(
      part.items.flatMap((item, index) => {
        if (!isGone(item)) return [item];
        return index === first && to !== undefined ? [to] : [];
      }),
    );
  }
  if (part.kind === "sequence") {
    const { length } = itemsOf(from);
    const at = part.items.findIndex((_, index) =>
      isEqual(sequence(part.items.slice(index, index + length)), from),
    );
    if (at < 0) return part;
    const behind = sequence(part.items.slice(at + length));
    return sequence([
      ...part.items.slice(0, at),
      ...(to === undefined ? [] : [to]),
      replaced(behind, from, to),
    ]);
  }
  return part;
}

/** Puts what a rule reads in the place of its name; gives the rules that had it. */
function inline(
  rules: Map<string, Expression>,
  name: string,
): readonly string[] {
  const inner = rules.get(name);
  if (inner === undefined) throw new Error(`no rule ${name}`);
  rules.delete(name);
  const users: string[] = [];
  for (const [user, expression] of rules) {
    const changed = rebuild(expression, (part) =>
      part.kind === "rule" && part.rule === name ? inner : part,
    );
    if (isEqual(changed, expression)) continue;
    rules.set(user, changed);
    users.push(user);
  }
  return users;
}

function reachable(
  rules: ReadonlyMap<string, Expression>,
  start: string,
): ReadonlySet<string> {
  // What a rule is made of stands right behind it.
  const met = new Set([start]);
  for (const name of met) {
    for (const leaf of leavesOf(rules.get(name) ?? nothing))
      if (leaf.kind === "rule") met.add(leaf.rule);
  }
  return met;
}
