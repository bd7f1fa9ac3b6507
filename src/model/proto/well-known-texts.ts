import { readFileSync, readdirSync } from "node:fs";

/**
 * The files in `interfaces/google/protobuf/`, by the path they are imported
 * with. This module runs in the repository only: the build puts the texts in its
 * place (see `tsdown.config.ts`), so that a release needs no file beside it.
 */

const folder = new URL("../../../interfaces/google/protobuf/", import.meta.url);

function load(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const entry of readdirSync(folder, {
    recursive: true,
    encoding: "utf8",
  }).toSorted()) {
    if (!entry.endsWith(".proto")) continue;
    const name = entry.replaceAll("\\", "/");
    texts.set(
      `google/protobuf/${name}`,
      readFileSync(new URL(name, folder), "utf8"),
    );
  }
  return texts;
}

let texts: ReadonlyMap<string, string> | undefined;

/** All of them, read when first asked for: a Varlink interface needs none. */
export function wellKnownTexts(): ReadonlyMap<string, string> {
  return (texts ??= load());
}
