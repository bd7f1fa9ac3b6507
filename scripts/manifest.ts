// `npm pack` runs this before and after: the released package.json has neither
// the condition that resolves to our sources, which are not in the tarball, nor
// what only development needs.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const manifest = fileURLToPath(new URL("../package.json", import.meta.url));
const kept = `${manifest}.development`;
const developmentOnly = new Set(["scripts", "devDependencies"]);
const sourceCondition = "portolan-source";

function released(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== sourceCondition)
      .map(([key, inner]) => [key, released(inner)]),
  );
}

switch (process.argv[2]) {
  case "release": {
    // Left over from a pack that was stopped: it is the real one.
    if (existsSync(kept)) renameSync(kept, manifest);
    const text = readFileSync(manifest, "utf8");
    const all = JSON.parse(text) as Record<string, unknown>;
    const entries = Object.entries(all).filter(
      ([key]) => !developmentOnly.has(key),
    );
    writeFileSync(kept, text);
    writeFileSync(
      manifest,
      `${JSON.stringify(released(Object.fromEntries(entries)), null, 2)}\n`,
    );
    break;
  }
  case "restore":
    renameSync(kept, manifest);
    break;
  default:
    throw new Error("usage: manifest.ts release | restore");
}
