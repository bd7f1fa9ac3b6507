import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll } from "vitest";
import { repository } from "../portolan.ts";

let built: string | undefined;

// Not when the process ends: Vitest kills its workers.
afterAll(() => {
  if (built !== undefined) rmSync(built, { recursive: true, force: true });
});

/**
 * The folder of the package as it is published, which a guide's `node_modules` has a
 * link to: programs start many times faster from it than from our sources, and
 * compile against the declarations that users have. It is built when it is first
 * asked for, and removed after the tests of the file that asked.
 */
export function builtPackage(): string {
  if (built !== undefined) return built;
  const parent = path.join(repository, ".tmp");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, "package-"));
  copyFileSync(
    path.join(repository, "package.json"),
    path.join(folder, "package.json"),
  );
  execFileSync(
    process.execPath,
    [
      path.join(repository, "node_modules/tsdown/dist/run.mjs"),
      "--out-dir",
      path.join(folder, "dist"),
    ],
    { cwd: repository, stdio: ["ignore", "ignore", "pipe"] },
  );
  return (built = folder);
}
