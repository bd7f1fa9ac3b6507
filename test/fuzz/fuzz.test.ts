import { afterAll, describe, expect, it } from "vitest";
import { dictionary, mutate } from "./mutate.ts";
import { derive, Random } from "./random.ts";
import { describeFailure } from "./report.ts";
import { inputOf, run, shrink } from "./runner.ts";
import {
  type Bench,
  must,
  mustBeUnpolluted,
  Tally,
  type Target,
} from "./target.ts";
import { shareOf, targets } from "./targets.ts";
import { Watchdog } from "./watchdog.ts";

/** Inputs of all targets together; `npm run nightly` has a million. */
const RUNS = 15_000;

/** Always the same in CI, so that a change that fails here is to blame. */
const SEED = 20;

/** How often each kind of outcome is met at the least. */
const MET = 15;

describe("hostile input", () => {
  const watchdog = new Watchdog();
  afterAll(() => watchdog.stop());

  it.each(targets.map((target) => [target.name, target] as const))(
    "harms no %s",
    { timeout: 120_000 },
    async (_name, target) => {
      const { inputs, failure } = await run(target, {
        seed: SEED,
        runs: shareOf(target, RUNS),
        onBatch: ({ name }, index) => watchdog.beat(`${name} from ${index}`),
      });
      if (failure !== undefined)
        throw new Error(describeFailure(failure, SEED));
      expect(inputs).toBe(shareOf(target, RUNS));
      for (const [kind, count] of target.tally.counts)
        expect(count, kind).toBeGreaterThan(MET);
    },
  );
});

describe("the fuzzer", () => {
  /** Fails for bytes that a test chooses, in a way that it chooses. */
  function faulty(check: (bytes: Buffer) => void | Promise<void>): Target {
    const seeds = [Buffer.from("abcdefgh"), Buffer.from("x!y")];
    return {
      name: "faulty",
      share: 1,
      tally: new Tally(),
      make: (random) => mutate(random, seeds, dictionary("!")),
      open: () => ({ check: ({ bytes }) => check(bytes), close() {} }),
    };
  }
  const options = { seed: 1, runs: 500 };
  const hasMark = (bytes: Buffer): boolean => bytes.includes("!");

  it("finds an input that fails, cuts it down, and makes it again", async () => {
    const target = faulty((bytes) => must(!hasMark(bytes), "a mark"));
    const { failure } = await run(target, options);
    expect(failure?.smallest.toString()).toBe("!");
    expect(failure?.error).toMatchObject({ message: "a mark" });
    const again = inputOf(target, options.seed, failure?.index ?? -1);
    expect(again).toEqual(failure?.input);
    const one = { ...options, from: failure?.index ?? -1, runs: 1 };
    expect((await run(target, one)).failure?.input).toEqual(again);
  });

  it.each<[string, (bytes: Buffer) => void | Promise<void>, string]>([
    [
      "a promise that never settles",
      (bytes) => (hasMark(bytes) ? new Promise<void>(() => {}) : undefined),
      "it hangs",
    ],
    [
      "a rejection that nobody handles",
      (bytes) => {
        if (hasMark(bytes)) void Promise.reject(new Error("unheard"));
      },
      "an error escaped: Error: unheard",
    ],
    [
      "an exception in an event",
      (bytes) => {
        if (!hasMark(bytes)) return;
        setImmediate(() => {
          throw new Error("thrown");
        });
      },
      "an error escaped: Error: thrown",
    ],
  ])("notices %s", async (_name, check, message) => {
    const { failure } = await run(faulty(check), { ...options, runs: 20 });
    expect(String(failure?.error)).toContain(message);
  });

  it.each(["polluted", "toString"])("notices %s on a prototype", (name) => {
    const shared = Object.prototype;
    const before = Object.getOwnPropertyDescriptor(shared, name);
    Object.defineProperty(shared, name, {
      value: () => "",
      configurable: true,
      writable: true,
    });
    // Caught here: `expect` itself uses what has changed.
    let told = "";
    try {
      mustBeUnpolluted();
    } catch (error) {
      told = (error as Error).message;
    }
    expect(told).toBe(`a prototype has changed: ${name}`);
    // It is as it was.
    expect(Object.getOwnPropertyDescriptor(shared, name)).toEqual(before);
    mustBeUnpolluted();
  });

  it("notices a batch that never ends", async () => {
    const target = faulty(() => {});
    const open = (): Bench => ({
      check() {},
      close: () => new Promise(() => {}),
    });
    const { failure } = await run({ ...target, open }, { seed: 1, runs: 2 });
    expect(String(failure?.error)).toContain("it hangs at its end");
  });

  it("says how to run again what fails only together", async () => {
    const target = faulty(() => {});
    const open = (): Bench => {
      let count = 0;
      return {
        check: () => {
          count += 1;
        },
        close: () => must(count < 5, "too many"),
      };
    };
    const { failure } = await run(
      { ...target, open },
      { seed: 1, runs: 7, from: 9 },
    );
    expect(failure).toMatchObject({ index: 9, together: 7 });
    if (failure === undefined) return;
    const told = describeFailure(failure, 1);
    expect(told).toContain("--seed=1 --from=9 --runs=7");
    expect(told).not.toContain("--bytes");
  });

  it("tells nothing of a target that does nothing wrong", async () => {
    const { inputs, failure } = await run(
      faulty(() => {}),
      options,
    );
    expect({ inputs, failure }).toEqual({ inputs: 500, failure: undefined });
  });

  it("leaves nothing that is needed when it cuts", async () => {
    const target = faulty((bytes) =>
      must(!/a.*b.*c/s.test(bytes.toString()), "in order"),
    );
    const bytes = Buffer.from("--a---b-b--c-c-");
    expect((await shrink(target, { bytes, variant: 0 })).toString()).toBe(
      "abc",
    );
  });

  it("has seeds that differ in one number apart", () => {
    const seeds = Array.from({ length: 2000 }, (_, index) =>
      derive(7, 1, index),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
    const firsts = seeds.map((seed) => new Random(seed).below(4));
    for (const number of [0, 1, 2, 3]) {
      const count = firsts.filter((first) => first === number).length;
      expect(count).toBeGreaterThan(400);
    }
  });
});
