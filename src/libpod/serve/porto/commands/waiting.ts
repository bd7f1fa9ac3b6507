import { EError, type TWaitRequest, type TWaitResponse } from "portolan/porto";
import type { CommandCall } from "../../../../runtime/envelope/types.ts";
import { failure } from "../errors.ts";
import type { Entry, Hub, Report, Waiter } from "../hub.ts";
import { isMask, levelOf, matches, resolveName } from "../names.ts";
import { seconds } from "../text.ts";
import type { World } from "../world.ts";
import type { Commands, Context } from "./context.ts";

/** Reports that wait for a client that does not read them. */
const MAX_PENDING = 65_536;

/** Which containers and labels are meant. */
class Interest implements Pick<Waiter, "wants" | "wantsLabel"> {
  readonly names: readonly string[];
  readonly #masks: readonly string[];
  readonly #labels: readonly string[];
  readonly #target: string;
  /** Every change is told, not only that one rests. */
  readonly #all: boolean;

  constructor({ name, label, target_state }: TWaitRequest, all: boolean) {
    this.#masks = name.filter(isMask).map(
      // `***` is no name that could be resolved.
      (mask) => (mask === "***" ? mask : resolveName(mask)),
    );
    this.names = name.filter((each) => !isMask(each)).map(resolveName);
    this.#labels = label;
    this.#target = all ? (target_state ?? "") : "";
    this.#all = all;
  }

  get empty(): boolean {
    return this.names.length === 0 && this.#masks.length === 0;
  }

  get hasTarget(): boolean {
    return this.#target !== "";
  }

  wants({ name, state, hollow }: Entry): boolean {
    if (!this.#all && !rests(state, hollow)) return false;
    if (this.#target !== "" && this.#target !== state) return false;
    return (
      this.names.includes(name) ||
      (levelOf(name) > 0 && this.#masks.some((mask) => matches(name, mask)))
    );
  }

  wantsLabel(label: string): boolean {
    return this.#labels.some((mask) => matches(label, mask));
  }

  /** How things stand: those that were named first, and then those that a mask fits. */
  initial(hub: Hub, when: bigint): Report[] {
    const named = this.names.flatMap((name) => hub.entry(name) ?? []);
    const masked = this.#masks.length === 0 ? [] : hub.entries();
    return [...named, ...masked].flatMap((entry) => this.#tell(entry, when));
  }

  #tell(entry: Entry, when: bigint): Report[] {
    if (!this.wants(entry)) return [];
    const { name, state, labels } = entry;
    if (this.#labels.length === 0) return [{ name, state, when }];
    return [...labels]
      .filter(([label]) => this.wantsLabel(label))
      .map(([label, value]) => ({ name, state, when, label, value }));
  }
}

function rests(state: string, hollow: boolean): boolean {
  return (
    state === "stopped" ||
    state === "dead" ||
    state === "respawning" ||
    (state === "meta" && hollow)
  );
}

const answer = ({
  name,
  state,
  when,
  label,
  value,
}: Report): TWaitResponse => ({
  name,
  state,
  when,
  label,
  value,
});

/** What comes of waiting, until it is enough. */
class Pending implements Waiter {
  readonly #world: World;
  readonly #interest: Interest;
  readonly #signal: AbortSignal;
  readonly #timer = new AbortController();
  readonly #reports: Report[] = [];
  #error: unknown;
  #failed = false;
  #over = false;
  #wake = (): void => undefined;

  constructor(world: World, interest: Interest, signal: AbortSignal) {
    this.#world = world;
    this.#interest = interest;
    this.#signal = signal;
  }

  /** @param timeout Milliseconds. */
  begin(timeout: number | undefined): void {
    this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#world.hub.wait(this);
    if (timeout === undefined) return;
    void this.#limit(timeout);
  }

  async #limit(timeout: number): Promise<void> {
    const { signal } = this.#timer;
    try {
      await this.#world.inside.clock.sleep(timeout, signal);
      this.tell(timedOut(this.#world));
      this.#finish();
    } catch (error) {
      // It was over before; else the clock itself failed.
      if (!signal.aborted) this.fail(error);
    }
  }

  readonly #onAbort = (): void => this.end();

  wants(entry: Entry): boolean {
    return this.#interest.wants(entry);
  }

  wantsLabel(label: string): boolean {
    return this.#interest.wantsLabel(label);
  }

  tell(report: Report): void {
    if (this.#over) return;
    this.#reports.push(report);
    if (this.#interest.hasTarget) this.#finish();
    if (this.#reports.length > MAX_PENDING)
      this.fail(
        failure(EError.ResourceNotAvailable, "too many events are not read"),
      );
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failed = true;
    this.#error = error;
    this.end();
  }

  /** Nothing more is taken; what came is still told. */
  #finish(): void {
    this.#over = true;
    this.#world.hub.leaveAlone(this);
    this.#timer.abort();
    this.#wake();
  }

  end(): void {
    this.#finish();
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  /** The next report; undefined when there will be none. @throws What it failed with */
  async next(): Promise<Report | undefined> {
    for (;;) {
      if (this.#failed) throw this.#error;
      const report = this.#reports.shift();
      if (report !== undefined || this.#over) return report;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function timedOut({ inside }: World): Report {
  return { name: "", state: "timeout", when: seconds(inside.clock.now()) };
}

/** `Wait` and `AsyncWait`. */
export function waitingCommands({
  world,
}: Context): Commands<"wait" | "asyncWait"> {
  const now = (): bigint => seconds(world.inside.clock.now());
  return {
    async wait(input, { signal }: CommandCall) {
      if (input.name.length === 0)
        throw failure(EError.InvalidValue, "Containers to wait are not set");
      const interest = new Interest(input, false);
      for (const name of input.name)
        if (!isMask(name) && world.hub.entry(resolveName(name)) === undefined)
          throw failure(
            EError.ContainerDoesNotExist,
            `container ${resolveName(name)} not found`,
            { name },
          );
      const [first] = interest.initial(world.hub, now());
      if (first !== undefined) return answer(first);
      if (input.timeout_ms === 0) return answer(timedOut(world));
      const pending = new Pending(world, interest, signal);
      pending.begin(input.timeout_ms);
      try {
        const report = await pending.next();
        // Nobody is there to read it.
        if (report === undefined) throw signal.reason;
        return answer(report);
      } finally {
        pending.end();
      }
    },

    async asyncWait(input, { signal }: CommandCall) {
      const interest = new Interest(input, true);
      const initial = interest.initial(world.hub, now());
      const done = interest.hasTarget && initial.length > 0;
      if (interest.empty || done) return initial.map(answer);
      if (input.timeout_ms === 0)
        return [...initial, timedOut(world)].map(answer);
      const pending = new Pending(world, interest, signal);
      pending.begin(input.timeout_ms);
      return tellAll(initial, pending);
    },
  };
}

async function* tellAll(
  initial: readonly Report[],
  pending: Pending,
): AsyncGenerator<TWaitResponse, void, undefined> {
  try {
    for (const report of initial) yield answer(report);
    for (
      let report = await pending.next();
      report !== undefined;
      report = await pending.next()
    )
      yield answer(report);
  } finally {
    pending.end();
  }
}
