import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Engine, Runtime } from "portolan/libpod";
import { calls, describeBench } from "../libpod/suite/suite.ts";
import { readSteps } from "../support/guides/blocks.ts";
import { repository } from "../support/portolan.ts";

/**
 * The engine that docs/engines.md writes keeps the rules that hold on every engine,
 * as the guide says. It starts processes. Budget: 10 s.
 */
describeBench("the engine of docs/engines.md", async () => {
  const folder = path.join(repository, ".tmp", `engine-suite-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const { steps } = readSteps(
    readFileSync(path.join(repository, "docs/engines.md"), "utf8"),
  );
  for (const name of ["limits.ts", "processes.ts"]) {
    const parts = steps.flatMap((step) =>
      step.kind === "file" && step.name === name ? step.code : [],
    );
    writeFileSync(path.join(folder, name), parts.join("\n"));
  }
  const written = (await import(path.join(folder, "processes.ts"))) as {
    readonly processes: () => Engine;
  };
  const engine = written.processes();
  return {
    name: engine.address,
    open: () => Runtime.open(engine),
    lacks: new Set(calls.filter((call) => engine[call] === undefined)),
    differences: new Set(),
    container: (command) =>
      Promise.resolve({ spec: { process: { args: command } }, options: {} }),
    prefix: "suite",
    live: true,
    async close() {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
