import { setImmediate as turn } from "node:timers/promises";
import type { Random } from "./random.ts";

/** What a target is run against: bytes, and a number that settles all else. */
export interface Input {
  readonly bytes: Buffer;
  /** Seeds what is not in the bytes: where they are cut, which calls are pending. */
  readonly variant: number;
}

/** A part of the program that is given hostile input. */
export interface Target {
  /** What it is called by on the command line. */
  readonly name: string;
  /** How many of all inputs it gets, as a share of those of the others. */
  readonly share: number;
  /** What came of inputs: mutants that meet only one refusal prove nothing. */
  readonly tally: Tally;
  /** Makes the bytes of an input. */
  make(random: Random): Buffer;
  /** Opens what a batch of inputs is run against, all at the same time. */
  open(): Bench | Promise<Bench>;
}

/** What a batch of inputs is run against. */
export interface Bench {
  /** @throws Misbehaviour where the target does anything that it must not. */
  check(input: Input): void | Promise<void>;
  /**
   * The batch is over: sees to it that the target is as good as before.
   *
   * @throws Misbehaviour if it is not.
   */
  close(): void | Promise<void>;
}

/** Counts what came of inputs, by kinds that must all be met. */
export class Tally {
  readonly #counts: Map<string, number>;

  constructor(...kinds: readonly string[]) {
    this.#counts = new Map(kinds.map((kind) => [kind, 0]));
  }

  add(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** How often each kind was met. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

/** A target did what it must not do. */
export class Misbehaviour extends Error {
  override readonly name: string = "Misbehaviour";
}

/** @throws Misbehaviour unless the condition holds. */
export function must(
  condition: boolean,
  what: string | (() => string),
): asserts condition {
  if (!condition)
    throw new Misbehaviour(typeof what === "string" ? what : what());
}

/** @throws Misbehaviour unless two texts are the same. */
export function mustEqual(got: string, expected: string, what: string): void {
  must(
    got === expected,
    () => `${what}: got ${brief(got)}, expected ${brief(expected)}`,
  );
}

/** A text that fits on a few lines. */
export function brief(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text;
}

/**
 * Turns of the event loop in which everything must be settled. In memory nothing
 * takes time but turns, so that a hang is told from a slow machine by counting.
 */
const MAX_TURNS = 20_000;

/** Waits for a promise, by turns; whether it settled. Rejects as it does. */
export async function settles(promise: Promise<unknown>): Promise<boolean> {
  const state = { settled: false };
  const mark = (): void => {
    state.settled = true;
  };
  promise.then(mark, mark);
  for (let turns = 0; !state.settled && turns < MAX_TURNS; turns += 1)
    await turn();
  if (state.settled) await promise;
  return state.settled;
}

type Members = ReadonlyMap<string | symbol, PropertyDescriptor>;

/** What every object has, as it was when the process began. */
const untouched: ReadonlyMap<object, Members> = new Map(
  [
    Object.prototype,
    Array.prototype,
    Function.prototype,
    String.prototype,
    Number.prototype,
    Boolean.prototype,
    BigInt.prototype,
    Promise.prototype,
    Error.prototype,
    Buffer.prototype,
    Map.prototype,
    Set.prototype,
    Object,
  ].map((owner: object) => [owner, membersOf(owner)]),
);

function membersOf(owner: object): Members {
  return new Map(
    Reflect.ownKeys(owner).map((key) => [
      key,
      Object.getOwnPropertyDescriptor(owner, key) ?? {},
    ]),
  );
}

/**
 * Undoes it too, so that the input that did it can be told from those behind it.
 *
 * @throws Misbehaviour if anything has reached a prototype that all objects share.
 */
export function mustBeUnpolluted(): void {
  const changed: string[] = [];
  for (const [owner, before] of untouched) {
    const now = membersOf(owner);
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      const was = before.get(key);
      // Of accessors nothing is compared: what is assigned cannot replace them.
      if (was !== undefined && Object.is(now.get(key)?.value, was.value))
        continue;
      changed.push(String(key));
      if (was === undefined) Reflect.deleteProperty(owner, key);
      else Object.defineProperty(owner, key, was);
    }
  }
  must(
    changed.length === 0,
    () => `a prototype has changed: ${changed.join(", ")}`,
  );
}
