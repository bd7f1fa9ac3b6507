/** Something that is done again and again. */
export interface Cell {
  readonly contender: string;
  readonly run: () => unknown;
}

export interface Measured {
  readonly contender: string;
  /** Times a second, in each round. */
  readonly rounds: readonly number[];
  /** The median of them. */
  readonly perSecond: number;
}

export interface Settings {
  readonly rounds: number;
  /** How long a contender has in a round, in milliseconds. */
  readonly slice: number;
  /** How long it runs before the first round, in milliseconds. */
  readonly warmUp: number;
  /** What time is measured in. */
  readonly clock: Clock;
}

/** Milliseconds from some moment on. */
export type Clock = () => number;

/**
 * The clocks to choose from: `wall`, or `cpu`, the time of all threads of this
 * process, for machines that have other work to do.
 */
const clocks = {
  wall: (): number => performance.now(),
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
} as const satisfies Readonly<Record<string, Clock>>;

/** @throws Error where there is none of the name. */
export function clockOf(name: string): Clock {
  if (name === "wall" || name === "cpu") return clocks[name];
  throw new Error(`there is no clock ${name}: wall and cpu are known`);
}

/** What was last made, so that making it cannot be optimised away. */
export const sink: { value: unknown } = { value: undefined };

/**
 * Measures cells side by side: in each round every one has its turn, and another
 * one begins. So what changes on the machine meanwhile meets all of them alike.
 *
 * Before each turn the young generation is collected, and no more: a full
 * collection takes compiled code along, since what that code knows of shapes is
 * held weakly, and the turn would then measure the compiler.
 */
export function measure(
  cells: readonly Cell[],
  { rounds, slice, warmUp, clock }: Settings,
): readonly Measured[] {
  collectGarbage("major");
  const batches = cells.map(({ run }) => batchOf(run, slice, warmUp, clock));
  const results = cells.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < cells.length; turn++) {
      const index = (round + turn) % cells.length;
      const cell = cells[index];
      if (cell === undefined) continue;
      collectGarbage("minor");
      results[index]?.push(
        timesPerSecond(cell.run, slice, batches[index] ?? 1, clock),
      );
    }
  sink.value = undefined;
  return cells.map(({ contender }, index) => {
    const rates = results[index] ?? [];
    return { contender, rounds: rates, perSecond: median(rates) };
  });
}

/** Warms it up; returns how often it can run between two looks at the clock. */
function batchOf(
  run: () => unknown,
  slice: number,
  warmUp: number,
  clock: Clock,
): number {
  const perSecond = timesPerSecond(run, warmUp, 1, clock);
  return Math.max(1, Math.floor((perSecond * slice) / 1000 / 20));
}

function timesPerSecond(
  run: () => unknown,
  slice: number,
  batch: number,
  clock: Clock,
): number {
  const start = clock();
  let times = 0;
  let elapsed = 0;
  do {
    for (let one = 0; one < batch; one++) sink.value = run();
    times += batch;
    elapsed = clock() - start;
  } while (elapsed < slice);
  return (times / elapsed) * 1000;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1
    ? upper
    : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function collectGarbage(type: "major" | "minor"): void {
  const { gc } = globalThis as {
    readonly gc?: (options: { readonly type: "major" | "minor" }) => void;
  };
  if (gc === undefined)
    throw new Error("run with --expose-gc, as `npm run bench` does");
  sink.value = undefined;
  gc({ type });
}
