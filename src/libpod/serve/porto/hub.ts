import { PortolanError } from "../../../runtime/errors.ts";
import { nextTurn } from "../../engines/embedded/clock.ts";
import type { EmbeddedInside } from "../../engines/embedded/types.ts";
import type { ContainerRecord } from "../../state.ts";
import { EError } from "portolan/porto";
import { failure } from "./errors.ts";
import { byName, isInside, ROOT } from "./names.ts";
import { parseMap, seconds } from "./text.ts";
import { foreignValue } from "./properties/foreign.ts";
import { CHANGED, MADE, NUMBER, keptKey } from "./keys.ts";
import type { PortoState, Seen } from "./view.ts";

/** Something that happened to a container, as `Wait` and `AsyncWait` tell of it. */
export interface Report {
  readonly name: string;
  readonly state: string;
  readonly when: bigint;
  readonly label?: string | undefined;
  readonly value?: string | undefined;
}

/** Someone who waits for reports. */
export interface Waiter {
  /** Whether changes of a container in this state are wanted. */
  wants(entry: Entry): boolean;
  wantsLabel(label: string): boolean;
  tell(report: Report): void;
  /** There will be no more reports. */
  fail(error: unknown): void;
}

/** A container as it was last told of. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly number: number;
  readonly state: PortoState | "destroyed";
  readonly labels: ReadonlyMap<string, string>;
  /** A container that only holds others, none of which runs. */
  readonly hollow: boolean;
}

/** What becomes of a container that died. */
export interface Aftermath {
  /** Its state from now on. */
  readonly state: "dead" | "respawning";
  /** Goes on once that was told. */
  readonly next?: (() => void) | undefined;
}

interface Known {
  readonly id: string;
  readonly name: string;
  readonly number: number;
  state: PortoState;
  labels: ReadonlyMap<string, string>;
  /** Milliseconds since 1970. */
  changed: number;
}

/** Number of the host; containers have those after it. */
export const ROOT_NUMBER = 1;

/**
 * What Porto's clients are told of containers: their states in the order in which they
 * came, from whichever side they were changed, and labels.
 *
 * States that the engine has no word for (`starting`, `stopping` of a dead one,
 * `respawning`) are phases: while one lasts, it is the state, whatever the engine says.
 */
export class Hub {
  readonly #inside: EmbeddedInside;
  readonly #died: (id: string) => Promise<Aftermath>;
  readonly #gone: (name: string) => void;
  readonly #known = new Map<string, Known>();
  readonly #phases = new Map<string, PortoState>();
  readonly #waiters = new Set<Waiter>();
  /** Numbers of containers that are being made. */
  readonly #promised = new Set<number>();
  readonly #stop = new AbortController();
  #opened: Promise<void> | undefined;
  /** The change that is being worked on. */
  #working: Promise<void> | undefined;

  /**
   * @param died Decides what becomes of a container that died.
   * @param gone Is told of containers that were removed.
   */
  constructor(
    inside: EmbeddedInside,
    died: (id: string) => Promise<Aftermath>,
    gone: (name: string) => void,
  ) {
    this.#inside = inside;
    this.#died = died;
    this.#gone = gone;
  }

  /** Aborted when the engine is gone. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Begins to listen, once. */
  open(): Promise<void> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<void> {
    const changes = await this.#catchUp();
    void this.#listen(changes);
  }

  /** Listens from now on, and takes note of what is different from what is known. */
  async #catchUp(): Promise<Changes> {
    const changes = this.#inside.watch(this.#stop.signal);
    // Asked for at once: what changes while the records are read must not be missed.
    const first = changes.next();
    first.catch(() => undefined);
    const records = await this.#inside.records();
    const there = new Set(records.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!there.has(id)) this.#remove(id);
    // Numbers that are kept come before those that are given out again.
    const news = records.filter(({ id }) => !this.#known.has(id));
    for (const record of news.toSorted(keptNumbersFirst))
      this.#report(this.#entry(this.#add(record)));
    for (const { id, state } of records)
      if (!news.some((record) => record.id === id))
        await this.#follow({ id, state });
    return { first, rest: changes };
  }

  async #listen(from: Changes): Promise<void> {
    let reason: unknown = new Error("the engine is closed");
    for (let changes: Changes | undefined = from; changes !== undefined;) {
      try {
        await this.#read(changes);
        changes = undefined;
      } catch (error) {
        reason = error;
        // So much happened at once that some of it was missed.
        const missed =
          PortolanError.is(error) && error.code === "LIMIT_EXCEEDED";
        changes = missed
          ? await this.#catchUp().catch(() => undefined)
          : undefined;
      }
    }
    this.#stop.abort(reason);
    const error = failure(EError.SocketError, "portod is shutting down");
    for (const waiter of this.#waiters) waiter.fail(error);
    this.#waiters.clear();
  }

  async #read({ first, rest }: Changes): Promise<void> {
    try {
      for (
        let step = await first;
        step.done !== true;
        step = await rest.next()
      ) {
        this.#working = this.#follow(step.value);
        await this.#working;
        this.#working = undefined;
      }
    } finally {
      this.#working = undefined;
    }
  }

  /** Resolves when everything that the engine has told of is told of here. */
  async settled(): Promise<void> {
    for (;;) {
      // What is next is taken up within a turn of what was before it.
      await nextTurn();
      if (this.#working === undefined) return;
      await this.#working;
    }
  }

  /** What of a container is not in its record. */
  seen(record: ContainerRecord): Seen {
    // One that is not known yet is told of when its turn comes; one that is gone never.
    const known = this.#known.get(record.id) ?? this.#knownOf(record);
    return {
      state: this.#phases.get(record.id) ?? stateOf(record),
      number: known.number,
      changeTime: seconds(Math.max(known.changed, changedAt(record))),
    };
  }

  /** All containers by name, as they were last told of. */
  entries(): readonly Entry[] {
    return [...this.#known.values()]
      .map((known) => this.#entry(known))
      .toSorted(byName);
  }

  entry(name: string): Entry | undefined {
    if (name === ROOT) return this.#root();
    for (const known of this.#known.values())
      if (known.name === name) return this.#entry(known);
    return undefined;
  }

  #root(): Entry {
    const running = [...this.#known.values()].some(
      ({ state }) => state === "running",
    );
    return {
      id: "",
      name: ROOT,
      number: ROOT_NUMBER,
      state: "meta",
      labels: new Map(),
      hollow: !running,
    };
  }

  /** Whether there is a container with this id, as far as was told. */
  knows(id: string): boolean {
    return this.#known.has(id);
  }

  /** Whether a container is on its way from one state to another. */
  inPhase(id: string): boolean {
    return this.#phases.has(id);
  }

  /** A phase begins, or the next one. */
  enter(id: string, phase: PortoState): void {
    this.#phases.set(id, phase);
    this.#move(id, phase);
  }

  /**
   * A phase ends.
   *
   * @param state What it led to; what has happened since is told after it.
   */
  async leave(
    id: string,
    state: PortoState,
    label?: string,
    value?: string,
  ): Promise<void> {
    await this.settled();
    this.#phases.delete(id);
    this.#move(id, state, label, value);
    const record = await this.#inside.record(id).catch(() => undefined);
    if (record === undefined) return;
    const now = stateOf(record);
    if (now === "dead" && state !== "dead") await this.#end(id);
    else if (this.#phases.get(id) === undefined) this.#move(id, now);
  }

  /** A label has changed; an empty value says that it is gone. */
  labelled(id: string, label: string, value: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    const labels = new Map(known.labels);
    if (value === "") labels.delete(label);
    else labels.set(label, value);
    known.labels = labels;
    known.changed = this.#inside.clock.now();
    this.#report(this.#entry(known), label, value);
  }

  /** Something else of it has changed. */
  touched(id: string): void {
    const known = this.#known.get(id);
    if (known !== undefined) known.changed = this.#inside.clock.now();
  }

  wait(waiter: Waiter): void {
    this.#waiters.add(waiter);
    if (this.#stop.signal.aborted)
      waiter.fail(failure(EError.SocketError, "portod is shutting down"));
  }

  leaveAlone(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  /**
   * Makes a container with the lowest number that no other has.
   *
   * @returns What `make` returns, once the container is told of.
   */
  async numbered<T>(make: (number: number) => Promise<T>): Promise<T> {
    const number = this.#freeNumber();
    this.#promised.add(number);
    try {
      const made = await make(number);
      await this.settled();
      return made;
    } finally {
      this.#promised.delete(number);
    }
  }

  #freeNumber(): number {
    const taken = new Set(this.#promised);
    for (const { number } of this.#known.values()) taken.add(number);
    let number = ROOT_NUMBER + 1;
    while (taken.has(number)) number += 1;
    return number;
  }

  #knownOf(record: ContainerRecord): Known {
    const kept = record.extra[NUMBER];
    return {
      id: record.id,
      name: record.name,
      number: kept === undefined ? this.#freeNumber() : Number(kept),
      state: stateOf(record),
      labels: labelsOf(record),
      changed: changedAt(record),
    };
  }

  #add(record: ContainerRecord): Known {
    const known = this.#knownOf(record);
    this.#known.set(record.id, known);
    return known;
  }

  #entry({ id, name, number, state, labels }: Known): Entry {
    const running = [...this.#known.values()].some(
      (other) => other.state === "running" && isInside(other.name, name),
    );
    const hollow = state === "meta" && !running;
    return { id, name, number, state, labels, hollow };
  }

  async #follow({ id, state }: Pick<Change, "id" | "state">): Promise<void> {
    if (state === "removed") {
      this.#remove(id);
      return;
    }
    if (!this.#known.has(id)) {
      const record = await this.#inside.record(id).catch(() => undefined);
      // It may be gone again; that is told next, and needs no word.
      if (record !== undefined) this.#report(this.#entry(this.#add(record)));
      return;
    }
    if (this.#phases.has(id)) return;
    if (state === "exited") await this.#end(id);
    else {
      const record = await this.#inside.record(id).catch(() => undefined);
      if (record !== undefined && !this.#phases.has(id))
        this.#move(id, stateOf({ ...record, state }));
    }
  }

  /** A container died, by itself or by others than Porto. */
  async #end(id: string): Promise<void> {
    const known = this.#known.get(id);
    if (known === undefined || known.state === "dead") return;
    const record = await this.#inside.record(id).catch(() => undefined);
    if (record === undefined) return;
    const aftermath = await this.#died(id);
    // Meanwhile somebody may have begun to stop it, or it is gone.
    if (!this.#known.has(id) || this.#phases.has(id)) return;
    if (aftermath.state === "respawning") this.#phases.set(id, aftermath.state);
    const code = String(exitCodeOf(record));
    this.#move(id, aftermath.state, "exit_code", code);
    aftermath.next?.();
  }

  #remove(id: string): void {
    const known = this.#known.get(id);
    this.#known.delete(id);
    this.#phases.delete(id);
    if (known === undefined) return;
    this.#report({ ...this.#entry(known), state: "destroyed", hollow: false });
    this.#hollow(known.name, known.state === "running");
    this.#gone(known.name);
  }

  #move(id: string, state: PortoState, label?: string, value?: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    if (known.state === state && label === undefined) return;
    const before = known.state;
    known.state = state;
    known.changed = this.#inside.clock.now();
    this.#hollow(known.name, (before === "running") !== (state === "running"));
    this.#report(this.#entry(known), label, value);
  }

  /** Those that hold a container hear when the last one that runs in them has ended. */
  #hollow(name: string, changed: boolean): void {
    if (!changed) return;
    for (const entry of this.entries())
      if (entry.hollow && isInside(name, entry.name)) this.#report(entry);
  }

  #report(entry: Entry, label?: string, value?: string): void {
    const when = seconds(this.#inside.clock.now());
    for (const waiter of this.#waiters) {
      if (!waiter.wants(entry)) continue;
      if (
        label !== undefined &&
        !/^[a-z]/.test(label) &&
        !waiter.wantsLabel(label)
      )
        continue;
      const { name, state } = entry;
      waiter.tell({
        name,
        state,
        when,
        label,
        value: value === "" ? undefined : value,
      });
    }
  }
}

interface Change {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerRecord["state"] | "removed";
}

/** What the engine tells of, from some moment on. */
interface Changes {
  readonly first: Promise<IteratorResult<Change, void>>;
  readonly rest: AsyncGenerator<Change, void, undefined>;
}

function keptNumbersFirst(
  { extra: a }: ContainerRecord,
  { extra: b }: ContainerRecord,
): number {
  return Number(b[NUMBER] !== undefined) - Number(a[NUMBER] !== undefined);
}

/** A container's state in Porto's words, apart from phases. */
export function stateOf(record: ContainerRecord): PortoState {
  switch (record.state) {
    case "configured":
    case "created":
      return "stopped";
    case "running":
      return isMeta(record) ? "meta" : "running";
    case "exited":
      return "dead";
    default:
      return record.state;
  }
}

/** Whether it has nothing to run and only holds others. */
export function isMeta({ extra }: ContainerRecord): boolean {
  const command = extra[keptKey("command")] ?? "";
  return extra[MADE] !== undefined && command === "";
}

export function labelsOf(record: ContainerRecord): Map<string, string> {
  const kept = record.extra[keptKey("labels")];
  return parseMap(kept ?? foreignValue(record, "labels") ?? "");
}

function changedAt(record: ContainerRecord): number {
  const { createdAt, startedAt = 0, finishedAt = 0, extra } = record;
  return Math.max(
    createdAt,
    startedAt,
    finishedAt,
    Number(extra[CHANGED] ?? 0),
  );
}

/** Highest number of a signal that exit codes tell of, twice: as shells write it. */
const MAX_SIGNAL_CODE = 128 + 68;

/** How a container ended: its exit code, or the negative number of the signal that ended it. */
export function exitCodeOf({ exitCode = 0 }: ContainerRecord): number {
  return exitCode > 128 && exitCode < MAX_SIGNAL_CODE
    ? -(exitCode - 128)
    : exitCode & 0xff;
}
