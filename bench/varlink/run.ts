// Our Varlink client and server beside the least that Node can do, and Go's.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ratio } from "../table.ts";
import { Contenders } from "./driver/contenders.ts";
import {
  cheaper,
  type Clock,
  cost,
  interleave,
  type Measured,
} from "./driver/figures.ts";
import { goals } from "./driver/goals.ts";
import { prepare } from "./driver/prepare.ts";
import { GO } from "./driver/process.ts";
import { goalReport, report } from "./driver/report.ts";
import { chosen, type Scenario, shortened } from "./driver/scenarios.ts";

const { values: flags } = parseArgs({
  options: {
    // Names of scenarios, separated by commas; all without.
    only: { type: "string" },
    rounds: { type: "string" },
    // Short and rough: for comparing while something is being changed.
    quick: { type: "boolean", default: false },
    // Only whether it runs: the figures mean nothing.
    smoke: { type: "boolean", default: false },
    // `cpu` on a machine that has other work to do.
    clock: { type: "string", default: "wall" },
    // The CPUs that both sides share, as taskset takes them, or `all`.
    cpus: { type: "string", default: "0" },
    // A folder for a CPU profile of each process.
    profiles: { type: "string" },
    // A file for every number, as JSON.
    json: { type: "string" },
  },
});

const length = flags.smoke ? "smoke" : flags.quick ? "quick" : "full";
const rounds = Number(flags.rounds ?? { smoke: 1, quick: 3, full: 9 }[length]);

async function main(): Promise<void> {
  const clock = clockOf(flags.clock);
  const scenarios = available(chosen(flags.only));
  const pinned = flags.cpus !== "all";
  if (pinned && !has("taskset"))
    throw new Error("there is no taskset; --cpus=all does without");
  const contenders = new Contenders(await prepare(), {
    cpus: pinned ? flags.cpus : undefined,
    profiles:
      flags.profiles === undefined ? undefined : path.resolve(flags.profiles),
  });
  const results = new Map<string, readonly Measured[]>();
  for (const scenario of scenarios) {
    const { name, work } = scenario;
    const cells = contenders.cells(
      scenario,
      length === "full" ? work : shortened(work, length),
    );
    const measured = await interleave(cells, rounds);
    results.set(name, measured);
    console.error(`${name}: ${brief(measured, clock)}`);
  }
  const where = pinned ? `both sides on CPU ${flags.cpus}` : "not pinned";
  const machine = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "?"}, ${process.platform}, ${where}`;
  // What ran too briefly says nothing about goals.
  const found = length === "smoke" ? [] : goals(results, clock);
  console.log(
    [
      `${machine}; median of ${rounds} rounds, ${length}.`,
      report(scenarios, results, clock),
      goalReport(found, clock),
    ]
      .filter((text) => text !== "")
      .join("\n\n"),
  );
  if (flags.json !== undefined)
    writeFileSync(
      flags.json,
      `${JSON.stringify({ machine, clock, length, rounds, goals: found, results: Object.fromEntries(results) }, null, 2)}\n`,
    );
}

/** @throws Error where there is none of the name. */
function clockOf(name: string): Clock {
  if (name === "wall" || name === "cpu") return name;
  throw new Error(`there is no clock ${name}: wall and cpu are known`);
}

/** The others beside the first, for who watches. */
function brief([first, ...others]: readonly Measured[], clock: Clock): string {
  if (first === undefined) return "nothing";
  return others
    .map((one) => {
      const { median } = cheaper(first, one, cost[clock]);
      return Number.isNaN(median) ? "done" : `${one.name} ${ratio(median)}`;
    })
    .join(", ");
}

/** Without what needs a program that is not installed, which is said. */
function available(scenarios: readonly Scenario[]): readonly Scenario[] {
  if (has(GO)) return scenarios;
  console.error(`${GO} is not installed (Debian: varlink-go); left out`);
  return scenarios.filter(
    ({ part }) => part !== "go" && part !== "certification",
  );
}

/** Whether there is a program; all of them know how to be asked for help. */
function has(program: string): boolean {
  return spawnSync(program, ["--help"]).error === undefined;
}

// What there is to clean up is cleaned up at the exit, which a signal alone is not.
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const)
  process.once(signal, () => process.exit(128 + number));

await main();
