import { median } from "../../measure.ts";
import type { Usage } from "../contract.ts";
import type { Sample } from "./process.ts";

/** Which time counts: that of the clock on the wall, or that of the CPUs. */
export type Clock = "wall" | "cpu";

/** Something that is measured beside others. */
export interface Cell {
  readonly name: string;
  readonly sample: () => Promise<Sample>;
}

/** What a cell measured, round by round. */
export interface Measured {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** Each cell once a round, another one first in each. */
export async function interleave(
  cells: readonly Cell[],
  rounds: number,
): Promise<readonly Measured[]> {
  const measured = cells.map(({ name }) => ({ name, samples: [] as Sample[] }));
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < cells.length; turn++) {
      const index = (round + turn) % cells.length;
      const sample = await cells[index]?.sample();
      if (sample !== undefined) measured[index]?.samples.push(sample);
    }
  return measured;
}

/** A figure of one sample. */
export type Figure = (sample: Sample) => number;

/** The median of the rounds. */
export function middle({ samples }: Measured, figure: Figure): number {
  return median(samples.map(figure));
}

/** Of ratios round by round, which share what the machine did meanwhile. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** How many times cheaper the other is than the base. */
export function cheaper(base: Measured, other: Measured, cost: Figure): Ratio {
  const ratios = base.samples.flatMap((sample, round) => {
    const beside = other.samples[round];
    return beside === undefined ? [] : [cost(sample) / cost(beside)];
  });
  return {
    median: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
  };
}

/** Calls or replies a second. */
export const perSecond: Figure = ({ report }) => report.times / report.seconds;

/** Microseconds of CPU that each call or reply takes, by side. */
export const clientCpu: Figure = ({ report }) =>
  (report.after.cpu - report.before.cpu) / report.times;
export const serverCpu: Figure = ({ report, server }) =>
  (server.after.cpu - server.before.cpu) / report.times;

/** What each call or reply takes by a clock, of both sides together. */
export const cost: Readonly<Record<Clock, Figure>> = {
  wall: ({ report }) => report.seconds / report.times,
  cpu: (sample) => clientCpu(sample) + serverCpu(sample),
};

/** The most memory that each side ever had, in MB. */
export const clientPeak: Figure = ({ report }) => report.after.peak / 1e6;
export const serverPeak: Figure = ({ server }) => server.after.peak / 1e6;

/** By what each connection has made a side grow, in KB. */
export function grown(
  side: "client" | "server",
  memory: "resident" | "heap",
): Figure {
  return ({ report, server }) => {
    const { before, after }: { before: Usage; after: Usage } =
      side === "client" ? report : server;
    return (after[memory] - before[memory]) / report.times / 1000;
  };
}

/** A large reply: CPU milliseconds of the client from call to reply. */
export const bulkCall: Figure = ({ report }) => report.bulk?.call ?? Number.NaN;
/** Of decoding and JSON.parse of the same bytes in the same process. */
export const bulkParse: Figure = ({ report }) =>
  report.bulk?.decodeAndParse ?? Number.NaN;
/** How many times of the latter the former is. */
export const bulkRatio: Figure = (sample) =>
  bulkCall(sample) / bulkParse(sample);
