// Writes docs/conformance.md from the rules of test/conformance, or with --check
// proves that it is fresh.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import {
  chapters,
  isTested,
  obligations,
  unkeptMusts,
} from "../test/conformance/rules.ts";
import {
  type Level,
  type Rule,
  type Side,
  SIDES,
  type Standing,
} from "../test/conformance/rules/rule.ts";
import { ruleTests } from "../test/conformance/tests.ts";

const repository = fileURLToPath(new URL("../", import.meta.url));
const target = path.join(repository, "docs/conformance.md");

const TITLES: Readonly<Record<Side, string>> = {
  reader: "Reader",
  client: "Client",
  server: "Server",
  bridge: "Bridge",
};

const LEVELS: readonly Level[] = ["MUST", "SHOULD", "MAY", "IS"];

/** The words of {@link word}, and what they say. */
const MEANINGS = [
  ["kept", "a test proves it"],
  [
    "otherwise",
    "something else is done on purpose, which a test pins down; said below",
  ],
  ["not possible", "Node gives no means to it; said below"],
  ["not yet", "it is not there; said below"],
  ["authors", "who writes an interface or a service has to keep it"],
] as const;

/** How a standing is called in the tables. */
function word(standing: Standing): string {
  if (standing === "kept") return "kept";
  if ("instead" in standing) return "otherwise";
  if ("cannot" in standing) return "not possible";
  return "later" in standing ? "not yet" : "authors";
}

/** The reason of a standing; none where the rule is kept. */
function reason(standing: Standing): string | undefined {
  if (standing === "kept") return undefined;
  const [why] = Object.values(standing);
  return why;
}

/** The document, before Prettier has seen it. */
export function conformance(): string {
  const files = new Map(
    ruleTests().map(({ id, side, file }) => [`${id} ${side}`, file]),
  );
  return `${[
    introduction(),
    ...chapters.map(([heading, chapter]) =>
      [`## ${heading}`, ...sections(Object.entries(chapter), files)].join(
        "\n\n",
      ),
    ),
  ].join("\n\n")}\n`;
}

function introduction(): string {
  const counts = MEANINGS.map(([wanted, meaning]) => {
    const own = obligations.filter(({ standing }) => word(standing) === wanted);
    const cells = LEVELS.map((level) =>
      String(own.filter(({ rule }) => rule.level === level).length),
    );
    return [wanted, ...cells, meaning];
  });
  const musts = unkeptMusts.map(
    ({ id, side, standing }) => `\`${id}\` (${side}: ${word(standing)})`,
  );
  return `# Conformance

What the specification of Varlink asks for, rule by rule, and how Portolan stands to it.
The specification is [UAPI.20 "Varlink IPC"](https://uapi-group.org/specifications/specs/varlink/), version 0.1; the last chapter has what [varlink.org](https://varlink.org/) says besides.
The rules are in our own words, under the headings of the specification.

\`npm run conformance\` writes this page from \`test/conformance/rules.ts\`.
Each "kept" and "otherwise" leads to the file with the test of that rule for that side, which has the rule's name; \`npx vitest run test/conformance -t RULE\` runs it.
Clients are tested against peers that are made of bytes, and servers by them, over Unix sockets.

Words in the first column of the tables: MUST, SHOULD and MAY as the specification has them (RECOMMENDED is under SHOULD, OPTIONAL under MAY), IS where it states how the protocol is without such a word.

${rowsOf([["Word", ...LEVELS, "Meaning"], ["---", ...LEVELS.map(() => "---:"), "---"], ...counts])}

Each side of a rule counts by itself.
Of what is a MUST these are not kept: ${musts.join(", ")}.

"Reader" is what reads interface definitions: \`portolan check\`, \`portolan generate\` and \`parseVarlink\`.
"Bridge" is what hands on connections from one transport to another: \`Relay\`.`;
}

type Entry = readonly [id: string, rule: Rule];

/** The tables of a chapter, in the order in which their sections first come. */
function sections(
  entries: readonly Entry[],
  files: ReadonlyMap<string, string>,
): string[] {
  const names = [...new Set(entries.map(([, { section }]) => section))];
  return names.map((name) => {
    const own = entries.filter(([, { section }]) => section === name);
    return [`### ${name}`, table(own, files), ...reasons(own)].join("\n\n");
  });
}

function table(
  entries: readonly Entry[],
  files: ReadonlyMap<string, string>,
): string {
  const sides = SIDES.filter((side) =>
    entries.some(([, rule]) => rule[side] !== undefined),
  );
  const rows = entries.map(([id, rule]) => [
    rule.level,
    `${rule.text}<br>\`${id}\``,
    ...sides.map((side) => cell(id, rule, side, files)),
  ]);
  const titles = ["Level", "Rule", ...sides.map((side) => TITLES[side])];
  return rowsOf([titles, titles.map(() => "---"), ...rows]);
}

function rowsOf(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cell(
  id: string,
  rule: Rule,
  side: Side,
  files: ReadonlyMap<string, string>,
): string {
  const standing = rule[side];
  if (standing === undefined) return "–";
  const said = word(standing);
  const file = files.get(`${id} ${side}`);
  return file === undefined || !isTested(rule, side)
    ? said
    : `[${said}](../test/conformance/${file})`;
}

/** What is done instead, or why nothing is; once where it is so for both sides. */
function reasons(entries: readonly Entry[]): string[] {
  const all = entries.flatMap(([id, rule]) => {
    const whose = new Map<string, string[]>();
    for (const side of SIDES) {
      const why = reason(rule[side] ?? "kept");
      if (why === undefined) continue;
      const names = whose.get(why) ?? [];
      names.push(TITLES[side].toLowerCase());
      whose.set(why, names);
    }
    const lines = [...whose].map(
      ([why, names]) => `- \`${id}\`, ${names.join(" and ")}: ${why}`,
    );
    if (rule.note !== undefined) lines.push(`- \`${id}\`: ${rule.note}`);
    return lines;
  });
  return all.length === 0 ? [] : [all.join("\n")];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fresh = await format(conformance(), { parser: "markdown" });
  let text = "";
  try {
    text = readFileSync(target, "utf8");
  } catch {
    // Not written yet.
  }
  if (fresh !== text && process.argv.includes("--check")) {
    console.error(
      "docs/conformance.md is stale: run `npm run conformance` and commit what it writes",
    );
    process.exitCode = 1;
  } else if (fresh !== text) writeFileSync(target, fresh);
}
