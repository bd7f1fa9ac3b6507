// Runs the tests and ends with one line that counts them. Arguments go to Vitest.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What is read of Vitest's JSON report. */
interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "portolan-test-"));
const report = path.join(folder, "report.json");

const { status } = spawnSync(
  process.execPath,
  [
    path.join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const result = JSON.parse(readFileSync(report, "utf8")) as Report;
  for (const file of result.testResults) {
    // A file that could not be loaded has no tests to count, and failed.
    if (file.status === "failed" && file.assertionResults.length === 0)
      counts.failed += 1;
    for (const test of file.assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") counts.failed += 1;
      else counts.skipped += 1;
    }
  }
} catch {
  // No report: Vitest itself did not get that far.
}
rmSync(folder, { recursive: true, force: true });

// Where everything is at hand, a test that was skipped proves nothing: CI says so.
if (process.env["PORTOLAN_NO_SKIP"] === "1") {
  counts.failed += counts.skipped;
  counts.skipped = 0;
}

// An unhandled error outside of any test fails the run, so it must count.
if (status !== 0 && counts.failed === 0) counts.failed = 1;
const { passed, failed, skipped } = counts;
console.log(
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
process.exitCode = failed > 0 || status !== 0 ? 1 : 0;
