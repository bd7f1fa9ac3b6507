// Writes the pages and pictures of docs/grammar/ from the parsers' own grammars, or
// with --check proves that they are fresh. README.md there is written by hand.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { diagramFiles } from "./grammar/files.ts";

const folder = fileURLToPath(new URL("../docs/grammar/", import.meta.url));
const check = process.argv.includes("--check");

const wanted = diagramFiles();
const present = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => name.split(path.sep).join("/"))
      .filter((name) => /\.(?:md|svg)$/.test(name) && name !== "README.md")
  : [];
const stale = [
  ...present.filter((name) => !wanted.has(name)),
  ...[...wanted.keys()].filter(
    (name) =>
      !present.includes(name) ||
      readFileSync(path.join(folder, name), "utf8") !== wanted.get(name),
  ),
].toSorted();

for (const name of stale) {
  console.error(check ? `stale: docs/grammar/${name}` : `docs/grammar/${name}`);
  if (check) continue;
  const file = path.join(folder, name);
  const text = wanted.get(name);
  if (text === undefined) rmSync(file);
  else {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
if (check && stale.length > 0) {
  console.error(
    "docs/grammar/ is stale: run `npm run diagrams` and commit what it writes",
  );
  process.exitCode = 1;
}
