// Writes generated/ from interfaces/, or with --check proves that it is fresh.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { planFiles, type GenerateOptions } from "../src/emit/generate.ts";
import { applyPlan, isStale } from "../src/emit/write.ts";
import { languageOf } from "../src/model/language.ts";

const repository = fileURLToPath(new URL("../", import.meta.url));
const interfaces = path.join(repository, "interfaces");
const root = path.join(repository, "generated");
const check = process.argv.includes("--check");

/** Podman's daemon is written in Go: what a call leaves out it reads as zero. */
const options: Readonly<Record<string, Partial<GenerateOptions>>> = {
  "io.podman.varlink": { inputs: "partial" },
  "io.podman-1.9.varlink": { inputs: "partial" },
  "io.projectatomic.podman.varlink": { inputs: "partial" },
};

const files = readdirSync(interfaces)
  .toSorted()
  .filter((name) => languageOf(name) !== undefined)
  .flatMap((name) => {
    const file = path.join(interfaces, name);
    const config = file.replace(/\.\w+$/, ".envelope.json");
    const source = {
      path: file,
      text: readFileSync(file, "utf8"),
      ...(existsSync(config) && {
        envelope: { path: config, text: readFileSync(config, "utf8") },
      }),
    };
    const plan = planFiles([source], { root, ...options[name] });
    for (const { diagnostics } of plan.reports) {
      for (const { severity, code, message } of diagnostics) {
        console.error(`${name}: ${severity} ${code}: ${message}`);
        if (severity === "error") process.exitCode = 1;
      }
    }
    return plan.files;
  });

if (process.exitCode !== 1) {
  const report = await applyPlan(files, { root, check });
  for (const file of [
    ...report.created,
    ...report.updated,
    ...report.removed,
  ]) {
    console.error(check ? `stale: generated/${file}` : `generated/${file}`);
  }
  if (check && isStale(report)) {
    console.error(
      "generated/ is stale: run `npm run generate` and commit what it writes",
    );
    process.exitCode = 1;
  }
}
