import { readFileSync, readdirSync } from "node:fs";

/**
 * The built-in templates as they are written, by name. This module runs in the
 * repository only: the build puts one in its place that holds the texts. It is
 * loaded where templates of users' own are, or are asked for.
 */

const folder = new URL("../../../templates/", import.meta.url);

/** Template texts by name (`markdown/member`), in code-unit order. */
export const templateTexts: ReadonlyMap<string, string> = new Map(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((entry) => entry.endsWith(".hbs"))
    .map(
      (entry) =>
        [
          entry.slice(0, -".hbs".length).replaceAll("\\", "/"),
          readFileSync(new URL(entry, folder), "utf8"),
        ] as const,
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1)),
);
