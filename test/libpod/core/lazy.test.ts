import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** What a module needs to run: imports of types are none, and `import()` comes later. */
function imports(file: string): readonly string[] {
  const statements = readFileSync(file, "utf8").matchAll(
    /^(?:import|export) (?!type\b)(?:[^;"']*? from )?"([^"]+)";/gm,
  );
  return [...statements].map(([, specifier = ""]) => specifier);
}

function reachable(entry: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of imports(file)) {
      if (specifier.startsWith("."))
        visit(path.resolve(path.dirname(file), specifier));
      else seen.add(specifier);
    }
  };
  visit(entry);
  return seen;
}

test("nobody loads an engine that is not opened", () => {
  const libpod = fileURLToPath(
    new URL("../../../src/libpod/", import.meta.url),
  );
  const loaded = [...reachable(path.join(libpod, "index.ts"))].map((file) =>
    path.relative(libpod, file),
  );
  expect(loaded).toContain("runtime.ts");
  expect(loaded).toContain("../runtime/errors.ts");
  const ofEngines = loaded.filter(
    (file) => file.startsWith("engines/") || file.includes("portolan/"),
  );
  // What users make engines of, and what those stand on.
  for (const file of ofEngines) {
    expect(file).not.toMatch(/index\.ts$|portolan\/|engines\/(podman|porto)\//);
    expect(file).not.toMatch(/machine|images\//);
  }
  const opening = [...reachable(path.join(libpod, "engines/porto/index.ts"))];
  expect(opening).toContain("portolan/porto");
});
