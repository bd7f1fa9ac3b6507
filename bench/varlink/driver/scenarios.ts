import type { Work } from "../contract.ts";

/** What is measured, by the part of the report that it is told in. */
export interface Scenario {
  readonly part: "speed" | "idle" | "bulk" | "exact" | "go" | "certification";
  readonly name: string;
  readonly work: Work;
}

type Calls = Extract<Work, { readonly kind: "calls" }>;

/** How often is called in a round: about a second's worth. */
const TIMES = { sequential: 30_000, pipeline: 120_000, page: 12_000 };

/** Calls at a time; a single one needs neither pipeline nor pool. */
const IN_FLIGHT = [8, 64, 512] as const;

function calls(
  message: Calls["message"],
  inFlight: number,
  over: Calls["over"] = "pipeline",
): Calls {
  const each = inFlight === 1 || over === "pool" ? "sequential" : "pipeline";
  const times = TIMES[message === "page" ? "page" : each];
  const warmUp = times / 2;
  return {
    kind: "calls",
    message,
    inFlight,
    over,
    exact: false,
    warmUp,
    times,
  };
}

function stream(method: "count" | "countAtOnce"): Work {
  return {
    kind: "stream",
    method,
    exact: false,
    warmUp: 100_000,
    times: 1_000_000,
  };
}

function connect(inFlight: number): Work {
  return { kind: "connect", inFlight, warmUp: 500, times: 1500 };
}

function bulk(ascii: boolean): Work {
  return { kind: "bulk", ascii, warmUp: 2, times: 7 };
}

function speed(name: string, work: Work): Scenario {
  return { part: "speed", name, work };
}

/** Everything that can be measured, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  speed("sequential", calls("tiny", 1)),
  ...IN_FLIGHT.map((n) => speed(`inflight${n}`, calls("tiny", n))),
  ...IN_FLIGHT.map((n) => speed(`pool${n}`, calls("tiny", n, "pool"))),
  speed("sequential-4k", calls("page", 1)),
  ...IN_FLIGHT.map((n) => speed(`inflight${n}-4k`, calls("page", n))),
  speed("stream", stream("count")),
  speed("stream-sync", stream("countAtOnce")),
  speed("connect", connect(1)),
  speed("connect16", connect(16)),
  { part: "idle", name: "idle", work: { kind: "idle", times: 2000 } },
  { part: "bulk", name: "bulk", work: bulk(true) },
  { part: "bulk", name: "bulk-utf8", work: bulk(false) },
  { part: "exact", name: "exact", work: calls("tiny", 64) },
  { part: "exact", name: "exact-4k", work: calls("page", 64) },
  { part: "exact", name: "exact-stream", work: stream("count") },
  { part: "go", name: "go-sequential", work: calls("info", 1) },
  { part: "go", name: "go-inflight64", work: calls("info", 64) },
  {
    part: "certification",
    name: "go-certification",
    work: { kind: "runs", warmUp: 50, times: 100 },
  },
];

/**
 * The scenarios of these names, all without.
 *
 * @throws Error for a name that none has.
 */
export function chosen(names: string | undefined): readonly Scenario[] {
  if (names === undefined) return scenarios;
  const wanted = names.split(",");
  const known = scenarios.map(({ name }) => name);
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}; there are ${known.join(", ")}`);
  return scenarios.filter(({ name }) => wanted.includes(name));
}

function part(times: number, divisor: number): number {
  return Math.max(2, Math.ceil(times / divisor));
}

/** The same work in less time: a third of it for a look, or hardly any. */
export function shortened(work: Work, length: "quick" | "smoke"): Work {
  const times = part(work.times, length === "quick" ? 3 : 100);
  if (!("warmUp" in work)) return { ...work, times };
  // What is not warm is not what runs later.
  const warmUp = length === "quick" ? work.warmUp : part(work.warmUp, 100);
  return { ...work, times, warmUp };
}

/** The same work with integers that are bigints. */
export function exactly(work: Work): Work {
  return "exact" in work ? { ...work, exact: true } : work;
}
