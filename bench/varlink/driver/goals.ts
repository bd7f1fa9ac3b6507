import {
  bulkRatio,
  cheaper,
  clientPeak,
  type Clock,
  cost,
  type Measured,
  middle,
  serverPeak,
} from "./figures.ts";

/** What was measured, by the name of the scenario. */
export type Results = ReadonlyMap<string, readonly Measured[]>;

/** What should be, and what is. */
export interface Goal {
  readonly what: string;
  readonly wanted: string;
  readonly is: number;
  readonly holds: boolean;
}

/** The goals whose scenarios were measured. */
export function goals(results: Results, clock: Clock): readonly Goal[] {
  const found: Goal[] = [];
  const ratio = (name: string, what: string, least: number): void => {
    const [base, other] = results.get(name) ?? [];
    if (base === undefined || other === undefined) return;
    const is = cheaper(base, other, cost[clock]).median;
    found.push({ what, wanted: `≥ ${least}`, is, holds: is >= least });
  };
  ratio("sequential", "one call at a time, of the floor", 0.9);
  ratio("inflight64", "64 in flight, of the floor", 0.8);
  ratio("stream", "a stream of a million, of the floor", 0.7);
  const [, stream] = results.get("stream") ?? [];
  if (stream !== undefined)
    for (const [side, peak] of [
      ["client", clientPeak],
      ["server", serverPeak],
    ] as const) {
      const is = middle(stream, peak);
      const what = `the same, peak memory of the ${side} in MB`;
      found.push({ what, wanted: "< 80", is, holds: is < 80 });
    }
  for (const [name, letters] of [
    ["bulk", "ASCII"],
    ["bulk-utf8", "UTF-8"],
  ] as const) {
    const [, bulk] = results.get(name) ?? [];
    if (bulk === undefined) continue;
    const is = middle(bulk, bulkRatio);
    const what = `10 MB of ${letters}, of decoding and JSON.parse`;
    found.push({ what, wanted: "≤ 1.3", is, holds: is <= 1.3 });
  }
  // No cost at all is a ratio of 1, which noise is on both sides of.
  ratio("exact", "exact integers, tiny messages, of numbers", 0.95);
  ratio("exact-4k", "exact integers, 4 KB, of numbers", 0.95);
  ratio("exact-stream", "exact integers, a stream, of numbers", 0.95);
  return found;
}
