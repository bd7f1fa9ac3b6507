// Fuzzes every part that reads what strangers send, for as many inputs as asked for.
//
//   npm run nightly -- [--seed=N] [--runs=N] [--target=NAME] [--from=N]
//   npm run nightly -- --target=NAME --variant=N --bytes=BASE64
//
// A seed repeats a run. Without one it is random, and told first.
import { randomInt } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { runInNewContext } from "node:vm";
import { describeFailure } from "../test/fuzz/report.ts";
import { failureOf, type Outcome, run } from "../test/fuzz/runner.ts";
import type { Target } from "../test/fuzz/target.ts";
import { shareOf, targets } from "../test/fuzz/targets.ts";
import { Watchdog } from "../test/fuzz/watchdog.ts";

/**
 * Bytes by which the memory in use may have grown at the end of a target, after it
 * has warmed up: a few hundred for each input of the smallest.
 */
const MAX_GROWTH = 8 * 1024 * 1024;

/** Resident bytes that the process may have had at any time. */
const MAX_RESIDENT = 1024 * 1024 * 1024;

/** The part of a target's inputs after which it has: caches are filled, code is compiled. */
const WARM_UP = 0.2;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    runs: { type: "string", default: "1100000" },
    target: { type: "string" },
    from: { type: "string", default: "0" },
    variant: { type: "string" },
    bytes: { type: "string" },
  },
});

/** Made here, so that nobody has to know the flag. */
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use, those of buffers too, when everything that can go is gone. */
async function memoryUsed(): Promise<number> {
  // What is closed lives on in timers of half a second.
  await sleep(1000);
  // Twice: what finalizers let go of is garbage only then.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The most that this process had resident so far, in bytes. */
function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function chosen(): readonly Target[] {
  const { target: name } = values;
  if (name === undefined) return targets;
  const found = targets.filter((target) => target.name === name);
  if (found.length === 0)
    throw new Error(
      `no target ${name}; there are ${targets.map((target) => target.name).join(", ")}`,
    );
  return found;
}

function numberOf(
  name: "seed" | "runs" | "from" | "variant",
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`--${name} must be a whole number`);
  return number;
}

/** Runs one input; 1 if it fails. */
async function runOne(
  target: Target,
  bytes: Buffer,
  watchdog: Watchdog,
): Promise<number> {
  watchdog.beat(`${target.name}, given bytes`);
  const variant = numberOf("variant") ?? 0;
  const error = await failureOf(target, [{ bytes, variant }]);
  console.log(error === undefined ? "nothing fails" : error.value);
  return error === undefined ? 0 : 1;
}

/** Runs a target in two parts, and compares the memory after each. */
async function runTarget(
  target: Target,
  seed: number,
  runs: number,
  watchdog: Watchdog,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly growth: number }> {
  const from = numberOf("from") ?? 0;
  const onBatch = (_: Target, index: number): void =>
    watchdog.beat(`${target.name} --seed=${seed} --from=${index}`);
  const early = Math.ceil(runs * WARM_UP);
  const first = await run(target, { seed, from, runs: early, onBatch });
  const before = await memoryUsed();
  if (first.failure !== undefined) return { outcomes: [first], growth: 0 };
  const rest = { seed, from: from + early, runs: runs - early, onBatch };
  const second = await run(target, rest);
  return { outcomes: [first, second], growth: (await memoryUsed()) - before };
}

async function runAll(watchdog: Watchdog): Promise<number> {
  const seed = numberOf("seed") ?? randomInt(2 ** 32);
  const runs = numberOf("runs") ?? 0;
  console.log(`seed ${seed}`);
  let failures = 0;
  let total = 0;
  for (const target of chosen()) {
    const own = values.target === undefined ? shareOf(target, runs) : runs;
    const { outcomes, growth } = await runTarget(target, seed, own, watchdog);
    const inputs = sum(outcomes, (outcome) => outcome.inputs);
    const bytes = sum(outcomes, (outcome) => outcome.bytes);
    const time = sum(outcomes, (outcome) => outcome.time);
    total += inputs;
    const grown = inMiB(growth, 1);
    const perSecond = String(Math.round((inputs / time) * 1000));
    console.log(
      `${target.name.padEnd(16)} ${String(inputs).padStart(8)} inputs, ${inMiB(bytes).padStart(5)} MiB, ${perSecond.padStart(6)}/s, ${grown} MiB kept, ${inMiB(peak())} MiB resident at most so far`,
    );
    const met = [...target.tally.counts].map(
      ([kind, count]) => `${kind} ${count}`,
    );
    console.log(`${" ".repeat(16)} ${met.join(", ")}`);
    for (const { failure } of outcomes) {
      if (failure === undefined) continue;
      failures += 1;
      console.log(describeFailure(failure, seed));
    }
    if (growth > MAX_GROWTH) {
      failures += 1;
      console.log(`${target.name} failed: it keeps ${grown} MiB`);
    }
    if (peak() > MAX_RESIDENT) {
      failures += 1;
      console.log(`${target.name} failed: ${inMiB(peak())} MiB were resident`);
      // What comes behind it cannot be told from it.
      break;
    }
  }
  console.log(`${total} inputs, ${failures} failures`);
  return failures;
}

function inMiB(bytes: number, digits = 0): string {
  return (bytes / 2 ** 20).toFixed(digits);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((all, item) => all + of(item), 0);
}

if (values.bytes !== undefined && values.target === undefined)
  throw new Error("--bytes is for one target: name it with --target");
const watchdog = new Watchdog();
const [only] = chosen();
const failures =
  values.bytes !== undefined && only !== undefined
    ? await runOne(only, Buffer.from(values.bytes, "base64"), watchdog)
    : await runAll(watchdog);
await watchdog.stop();
// What hangs may keep the process alive.
process.exit(failures > 0 ? 1 : 0);
