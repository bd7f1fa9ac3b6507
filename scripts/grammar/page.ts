import { codeSpan } from "../../src/emit/markdown/escape.ts";
import { layOutTable } from "../../src/emit/markdown/table.ts";
import { type Grammar, type Language, showLeaf, type Told } from "./edit.ts";
import { leavesOf } from "./expression.ts";
import { showRule } from "./notation.ts";
import { inWords } from "./words.ts";

/** The page of a language: every rule of its grammar, and what its tokens are. */
export function page<Code extends string>(
  grammar: Grammar,
  language: Language<Code>,
): string {
  const { title, introduction, conclusion, lexemes, elsewhere } = language;
  const rules = [...grammar.rules.keys()];
  const everywhere = language.edits
    .filter((edit) => edit.in === "*")
    .map(({ told }) => told);
  return join([
    `# ${title}`,
    introduction,
    `Rules: ${links(rules)}.`,
    ...rules.flatMap((name) => ruleSection(name, grammar, language)),
    "## Rules without a picture",
    withoutPicture(grammar, language),
    ...section(
      "Read past everywhere",
      "In rules of every kind the parser reads past these, too:",
      toldTable(everywhere, language.codes),
    ),
    "## Tokens",
    "Signs and keywords stand in the rules as they are. The others:",
    ...Object.entries(lexemes).flatMap(([name, { pattern, words }]) => [
      `### ${name}`,
      words,
      `\`\`\`text\n${pattern.source}\n\`\`\``,
      `Used in ${links(users(name, grammar))}.`,
    ]),
    "## Judged elsewhere",
    conclusion,
    layOutTable(
      ["Code", "Told of"],
      elsewhere.map((code) => [codeSpan(code, true), language.codes[code]]),
    ),
  ]);
}

function ruleSection<Code extends string>(
  name: string,
  grammar: Grammar,
  language: Language<Code>,
): readonly string[] {
  const expression = grammar.rules.get(name);
  if (expression === undefined) throw new Error(`no rule ${name}`);
  const alt = `${name.replaceAll("_", " ")}: ${inWords(expression, grammar)}`;
  const parts = new Set(
    leavesOf(expression).flatMap((leaf) => {
      if (leaf.kind === "rule") return [leaf.rule];
      return leaf.lexeme === undefined ? [] : [leaf.lexeme];
    }),
  );
  const used = users(name, grammar);
  // Those of the whole grammar have a section of their own.
  const edits = (grammar.edits.get(name) ?? []).filter(
    (edit) => edit.in !== "*",
  );
  const checks = language.checks[name];
  return [
    `## ${name}`,
    prose(name, language),
    `![${alt}](${language.id}/${name}.svg)`,
    `\`\`\`text\n${showRule(name, expression, showLeaf(grammar))}\n\`\`\``,
    [
      parts.size > 0 ? `Made of ${links([...parts])}.` : "",
      used.length > 0 ? `Used in ${links(used)}.` : "",
    ]
      .filter((each) => each !== "")
      .join("\n"),
    ...section(
      undefined,
      "The parser reads these too, and they are refused or warned of:",
      toldTable(
        edits.map(({ told }) => told),
        language.codes,
      ),
    ),
    ...section(
      undefined,
      "The picture allows these, and they are refused or warned of:",
      toldTable(checks === undefined ? [] : [checks], language.codes),
    ),
  ];
}

function withoutPicture(
  { dropped }: Grammar,
  { inlined }: Pick<Language<string>, "inlined">,
): string {
  return `These rules of the parser read only what is refused: ${codeSpans(dropped)}.
These are shown where they are used: ${codeSpans(inlined)}.`;
}

function codeSpans(names: readonly string[]): string {
  return names.map((name) => codeSpan(name, false)).join(", ");
}

function prose<Code extends string>(
  name: string,
  language: Language<Code>,
): string {
  const text = language.prose[name];
  if (text === undefined) throw new Error(`nothing is said of ${name}`);
  return text;
}

/** A heading, words and a table; nothing of it where the table has no rows. */
function section(
  heading: string | undefined,
  words: string,
  table: string | undefined,
): readonly string[] {
  if (table === undefined) return [];
  return [heading === undefined ? "" : `## ${heading}`, words, table];
}

function toldTable<Code extends string>(
  all: readonly Told<Code>[],
  codes: Readonly<Record<Code, string>>,
): string | undefined {
  const rows = new Map<string, readonly string[]>();
  for (const told of all) {
    for (const code of Object.keys(told) as Code[]) {
      const example = told[code] ?? "";
      const shown = example
        .split("\n")
        .map((line) => codeSpan(line, true))
        .join("<br>");
      rows.set(`${code} ${example}`, [
        shown,
        codeSpan(code, true),
        codes[code],
      ]);
    }
  }
  return rows.size === 0
    ? undefined
    : layOutTable(["Example", "Code", "Told of"], [...rows.values()]);
}

/** The rules that a rule or lexeme stands in. */
function users(name: string, grammar: Grammar): readonly string[] {
  return [...grammar.rules]
    .filter(([, expression]) =>
      leavesOf(expression).some((leaf) =>
        leaf.kind === "rule" ? leaf.rule === name : leaf.lexeme === name,
      ),
    )
    .map(([user]) => user);
}

function links(names: readonly string[]): string {
  return names.map((name) => `[${name}](#${name})`).join(", ");
}

function join(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}
