// Writes the tables of docs/configuration.md from the types they tell of, or with
// --check proves that they are fresh.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { interfacesOf, type Property } from "./reference/interfaces.ts";

const repository = fileURLToPath(new URL("../", import.meta.url));
const document = path.join(repository, "docs/configuration.md");

/** Options: what is said above a table, and the interface that it shows. */
const OPTIONS: readonly (readonly [title: string, name: string])[] = [
  ["Of all files:", "Config"],
  [
    "Of all files, and of an entry of `interfaces`, whose own go before those of all:",
    "FileOptions",
  ],
  ["Of an entry of `interfaces` only:", "InterfaceConfig"],
  ["`docs`, where it is an object:", "DocsConfig"],
  ["An entry of `documents` has those of `docs`, and:", "DocumentConfig"],
];

/** Views of templates: files and interfaces below `src/emit`, the template's own first. */
const VIEWS: readonly (readonly [
  template: string,
  ...views: (readonly [file: string, name: string])[],
])[] = [
  ["markdown/document", ["markdown/emit.ts", "DocumentView"]],
  [
    "markdown/service",
    ["markdown/service-view.ts", "ServiceView"],
    ["markdown/service-view.ts", "IndexGroup"],
    ["markdown/service-view.ts", "SectionView"],
  ],
  ["markdown/member", ["markdown/service-view.ts", "MemberView"]],
  [
    "typescript/types",
    ["typescript/views.ts", "TypesView"],
    ["typescript/views.ts", "DeclarationView"],
    ["typescript/views.ts", "MemberView"],
  ],
  [
    "typescript/client",
    ["typescript/views.ts", "ClientView"],
    ["typescript/views.ts", "MemberView"],
  ],
  [
    "typescript/server",
    ["typescript/views.ts", "ServerView"],
    ["typescript/views.ts", "MemberView"],
  ],
  ["typescript/index", ["typescript/views.ts", "IndexView"]],
  [
    "typescript/proto-module",
    ["typescript/proto/views.ts", "ProtoModuleView"],
    ["typescript/proto/views.ts", "ProtoDeclarationView"],
    ["typescript/proto/views.ts", "ProtoPlaceView"],
    ["typescript/views.ts", "MemberView"],
  ],
  [
    "typescript/codec",
    ["typescript/proto/codec.ts", "CodecView"],
    ["typescript/proto/codec.ts", "MessageView"],
  ],
];

/** The document's text with fresh tables. */
export async function withTables(text: string): Promise<string> {
  const fresh = [
    ["options", optionTables()],
    ["views", viewTables()],
  ].reduce((whole, [name = "", tables = ""]) => {
    const pattern = new RegExp(
      `(?<=<!-- ${name}: .* -->\n).*(?=<!-- end of ${name} -->)`,
      "s",
    );
    if (!pattern.test(whole))
      throw new Error(`docs/configuration.md has no place for ${name}`);
    return whole.replace(pattern, () => `\n${tables}\n\n`);
  }, text);
  return format(fresh, { parser: "markdown" });
}

function optionTables(): string {
  const file = path.join(repository, "src/config/types.ts");
  const { propertiesOf } = interfacesOf(file);
  // What one extends has its own table.
  const shared = new Set(
    ["FileOptions", "DocsConfig"].flatMap((name) =>
      propertiesOf(name).map((property) => property.name),
    ),
  );
  return OPTIONS.map(([title, name]) => {
    const isShared = name === "FileOptions" || name === "DocsConfig";
    const properties = propertiesOf(name).filter(
      (property) => isShared || !shared.has(property.name),
    );
    return `${title}\n\n${table(["Option", "Type", "Meaning"], properties)}`;
  }).join("\n\n");
}

function viewTables(): string {
  return VIEWS.map(([template, ...views]) => {
    const parts = views.map(([file, name], at) => {
      const { propertiesOf } = interfacesOf(
        path.join(repository, "src/emit", file),
      );
      const rows = table(["Name", "Type", "Meaning"], propertiesOf(name));
      return at === 0 ? rows : `\`${name}\`:\n\n${rows}`;
    });
    return [`### ${template}`, ...parts].join("\n\n");
  }).join("\n\n");
}

function table(
  headings: readonly string[],
  properties: readonly Property[],
): string {
  const rows = properties.map(({ name, type, docs, forms }) => [
    `\`${name}\``,
    `\`${type}\``,
    [
      docs,
      forms.length === 0
        ? ""
        : `Where ${forms.map((form) => `\`${form}\``).join(" or ")} is true.`,
    ]
      .filter(Boolean)
      .join(" "),
  ]);
  return [headings, headings.map(() => "---"), ...rows]
    .map(
      (cells) =>
        `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`,
    )
    .join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(document, "utf8");
  const fresh = await withTables(text);
  if (fresh !== text && process.argv.includes("--check")) {
    console.error(
      "docs/configuration.md is stale: run `npx tsx scripts/reference.ts` and commit what it writes",
    );
    process.exitCode = 1;
  } else if (fresh !== text) writeFileSync(document, fresh);
}
