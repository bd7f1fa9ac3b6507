import { readFileSync } from "node:fs";

const document = readFileSync(
  new URL("../../../docs/serve.md", import.meta.url),
  "utf8",
);

/** The methods that a section of `docs/serve.md` lists, with what is said of each. */
export function documented(heading: string): ReadonlyMap<string, string> {
  const [, section = ""] = document.split(`\n### ${heading}\n`);
  const [own = ""] = section.split("\n#");
  return new Map(
    [...own.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)].map(
      ([, name = "", answer = ""]) => [name, answer],
    ),
  );
}
