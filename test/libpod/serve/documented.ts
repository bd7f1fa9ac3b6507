import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../docs/", import.meta.url);
const document = readdirSync(folder)
  .filter((file) => file.startsWith("serve"))
  .map((file) => readFileSync(new URL(file, folder), "utf8"))
  .join("\n");

/** The methods that a section of the pages on serving lists, with what is said of each. */
export function documented(heading: string): ReadonlyMap<string, string> {
  const [, section = ""] = document.split(`\n### ${heading}\n`);
  const [own = ""] = section.split("\n#");
  return new Map(
    [...own.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)].map(
      ([, name = "", answer = ""]) => [name, answer],
    ),
  );
}
