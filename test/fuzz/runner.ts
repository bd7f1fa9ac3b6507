import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import { derive, Random } from "./random.ts";
import {
  type Bench,
  type Input,
  Misbehaviour,
  mustBeUnpolluted,
  settles,
  type Target,
} from "./target.ts";

/** Inputs that are run at the same time, against one bench. */
const BATCH = 250;

/** How an input failed. */
export interface Failure {
  readonly target: string;
  /** Its number: with the seed it is made again. Of several together, the first. */
  readonly index: number;
  /** How many inputs it takes, from this one on: 1, if one fails by itself. */
  readonly together: number;
  readonly input: Input;
  /** The bytes with all cut out that is not needed to fail; the same where several fail together. */
  readonly smallest: Buffer;
  readonly error: unknown;
}

/** What came of running one target. */
export interface Outcome {
  readonly inputs: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly time: number;
  readonly failure: Failure | undefined;
}

/** How a target is run. */
export interface RunOptions {
  readonly seed: number;
  readonly runs: number;
  /** The number of the first input. Default 0. */
  readonly from?: number;
  /** Told before each batch, and each time that a failure is tried again. */
  readonly onBatch?: (target: Target, index: number) => void;
}

/** Input number `index` of a target. */
export function inputOf(target: Target, seed: number, index: number): Input {
  const random = new Random(derive(seed, nameSeed(target.name), index));
  const variant = random.bits();
  return { bytes: target.make(random), variant };
}

function nameSeed(name: string): number {
  return derive(...Buffer.from(name));
}

/** Runs a target until it fails or all inputs were run. */
export async function run(
  target: Target,
  { seed, runs, from = 0, onBatch }: RunOptions,
): Promise<Outcome> {
  const start = performance.now();
  let bytes = 0;
  let failure: Failure | undefined;
  let index = from;
  const end = from + runs;
  while (index < end && failure === undefined) {
    onBatch?.(target, index);
    const inputs: Input[] = [];
    while (inputs.length < BATCH && index + inputs.length < end) {
      const input = inputOf(target, seed, index + inputs.length);
      bytes += input.bytes.length;
      inputs.push(input);
    }
    const error = await failureOf(target, inputs);
    if (error !== undefined)
      failure = await pin(target, inputs, index, error.value, onBatch);
    index += inputs.length;
  }
  const time = performance.now() - start;
  return { inputs: index - from, bytes, time, failure };
}

interface Thrown {
  readonly value: unknown;
}

/** Runs inputs at the same time; what was thrown, whoever threw it. */
export async function failureOf(
  target: Target,
  inputs: readonly Input[],
): Promise<Thrown | undefined> {
  let thrown: Thrown | undefined;
  const catchFirst = (value: unknown): void => {
    thrown ??= { value };
  };
  const escaped = (error: unknown): void =>
    catchFirst(new Misbehaviour(`an error escaped: ${inspect(error)}`));
  process.on("uncaughtException", escaped);
  process.on("unhandledRejection", escaped);
  try {
    const bench = await target.open();
    const checks = inputs.map((input) => checkOne(bench, input));
    const all = Promise.all(checks.filter((check) => check !== undefined));
    if (!(await settles(all))) throw new Misbehaviour("it hangs");
    if (!(await settles(Promise.resolve(bench.close()))))
      throw new Misbehaviour("it hangs at its end");
    mustBeUnpolluted();
    // Rejections that nobody handles are told at the end of a turn.
    await turn();
  } catch (error) {
    catchFirst(error);
    await turn();
  } finally {
    process.off("uncaughtException", escaped);
    process.off("unhandledRejection", escaped);
  }
  return thrown;
}

/** Most checks take no time, and a promise for each would take more than they. */
function checkOne(bench: Bench, input: Input): Promise<void> | undefined {
  try {
    const checked = bench.check(input);
    return checked instanceof Promise ? checked : undefined;
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Finds the input of a batch that fails by itself, and cuts it down. */
async function pin(
  target: Target,
  inputs: readonly Input[],
  from: number,
  error: unknown,
  onAttempt: RunOptions["onBatch"],
): Promise<Failure> {
  for (const [offset, input] of inputs.entries()) {
    const index = from + offset;
    onAttempt?.(target, index);
    const alone = await failureOf(target, [input]);
    if (alone === undefined) continue;
    return {
      target: target.name,
      index,
      together: 1,
      input,
      smallest: await shrink(target, input, () => onAttempt?.(target, index)),
      error: alone.value,
    };
  }
  const [first] = inputs;
  if (first === undefined) throw error;
  return {
    target: target.name,
    index: from,
    together: inputs.length,
    input: first,
    smallest: first.bytes,
    error,
  };
}

/** Attempts to make an input smaller, so that one that hangs is not tried for ever. */
const MAX_ATTEMPTS = 600;

/** Cuts pieces out of an input, large ones first, as long as it still fails. */
export async function shrink(
  target: Target,
  input: Input,
  onAttempt: () => void = () => {},
): Promise<Buffer> {
  let { bytes } = input;
  let attempts = 0;
  for (let size = bytes.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < bytes.length && attempts < MAX_ATTEMPTS;) {
      attempts += 1;
      onAttempt();
      const shorter = Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(at + size),
      ]);
      const still = await failureOf(target, [{ ...input, bytes: shorter }]);
      if (still === undefined) at += size;
      else bytes = shorter;
    }
  }
  return bytes;
}
