import { rate, ratio, table } from "../../table.ts";
import {
  bulkCall,
  bulkParse,
  bulkRatio,
  cheaper,
  clientCpu,
  clientPeak,
  type Clock,
  cost,
  type Figure,
  grown,
  type Measured,
  middle,
  perSecond,
  type Ratio,
  serverCpu,
  serverPeak,
} from "./figures.ts";
import type { Goal, Results } from "./goals.ts";
import type { Scenario } from "./scenarios.ts";

/** The tables, as Markdown; parts without a scenario are left out. */
export function report(
  scenarios: readonly Scenario[],
  results: Results,
  clock: Clock,
): string {
  const of = (part: Scenario["part"]): readonly Row[] =>
    scenarios
      .filter((scenario) => scenario.part === part)
      .map(({ name }) => ({ name, measured: results.get(name) ?? [] }));
  const parts = [
    titled("Speed", compared(of("speed"), "floor", "ours", clock)),
    titled("Peak memory of streams, MB", peaks(of("speed"))),
    titled("A connection that is idle, KB", idle(of("idle"))),
    titled("A reply of 10 MB, ms of the client's CPU", bulk(of("bulk"))),
    titled("Exact integers", compared(of("exact"), "number", "bigint", clock)),
    titled("Beside Go: GetInfo", beside(of("go"), clock)),
    titled("Go's client, whole tests", beside(of("certification"), "wall")),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

interface Row {
  readonly name: string;
  readonly measured: readonly Measured[];
}

function titled(title: string, rows: string): string {
  return rows === "" ? "" : `${title}:\n\n${rows}`;
}

/** A table, nothing if it has no rows. */
function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return rows.length === 0 ? "" : table(head, rows);
}

/** Two contenders by scenario: `base ÷ other` is of CPU, by side and of both. */
function compared(
  rows: readonly Row[],
  base: string,
  other: string,
  clock: Clock,
): string {
  return tableOf(
    [
      "",
      `${base}/s`,
      `${other}/s`,
      `client µs ${base}`,
      other,
      `server µs ${base}`,
      other,
      "client",
      "server",
      "cpu",
      "wall",
      `${clock} from`,
      "to",
    ],
    rows.flatMap(({ name, measured: [first, second] }) => {
      if (first === undefined || second === undefined) return [];
      const spread = cheaper(first, second, cost[clock]);
      const micros = (figure: Figure): readonly string[] => [
        fixed(middle(first, figure), 2),
        fixed(middle(second, figure), 2),
      ];
      const times = (figure: Figure): string =>
        ratio(cheaper(first, second, figure).median);
      return [
        [
          name,
          rate(middle(first, perSecond)),
          rate(middle(second, perSecond)),
          ...micros(clientCpu),
          ...micros(serverCpu),
          times(clientCpu),
          times(serverCpu),
          times(cost.cpu),
          times(cost.wall),
          ...ends(spread),
        ],
      ];
    }),
  );
}

function ends({ least, most }: Ratio): readonly string[] {
  return [ratio(least), ratio(most)];
}

/** A row for each contender. */
function each(
  head: readonly string[],
  rows: readonly Row[],
  figures: readonly Figure[],
): string {
  return tableOf(
    ["", ...head],
    rows.flatMap(({ name, measured }) =>
      measured.map((one) => [
        `${name}, ${one.name}`,
        ...figures.map((figure) => fixed(middle(one, figure), 1)),
      ]),
    ),
  );
}

function peaks(rows: readonly Row[]): string {
  return each(
    ["client", "server"],
    rows.filter(({ name }) => name.startsWith("stream")),
    [clientPeak, serverPeak],
  );
}

function idle(rows: readonly Row[]): string {
  return each(
    ["client", "of it heap", "server", "of it heap"],
    rows,
    (["client", "server"] as const).flatMap((side) => [
      grown(side, "resident"),
      grown(side, "heap"),
    ]),
  );
}

function bulk(rows: readonly Row[]): string {
  return tableOf(
    ["", "reply", "decode and parse", "ratio", "server"],
    rows.flatMap(({ name, measured }) =>
      measured.map((one) => [
        `${name}, ${one.name}`,
        fixed(middle(one, bulkCall), 1),
        fixed(middle(one, bulkParse), 1),
        ratio(middle(one, bulkRatio)),
        fixed(middle(one, serverCpu) / 1000, 1),
      ]),
    ),
  );
}

/** Every contender beside the first. */
function beside(rows: readonly Row[], clock: Clock): string {
  return tableOf(
    ["", "a second", "client µs", "server µs", `${clock} ratio`, "from", "to"],
    rows.flatMap(({ name, measured }) => {
      const [first] = measured;
      return measured.map((one) => {
        const spread = cheaper(first ?? one, one, cost[clock]);
        return [
          `${name}: ${one.name}`,
          rate(middle(one, perSecond)),
          fixed(middle(one, clientCpu), 2),
          fixed(middle(one, serverCpu), 2),
          ratio(spread.median),
          ...ends(spread),
        ];
      });
    }),
  );
}

/** What should be beside what is, as Markdown. */
export function goalReport(found: readonly Goal[], clock: Clock): string {
  const rows = found.map(({ what, wanted, is, holds }) => [
    what,
    wanted,
    fixed(is, 2),
    holds ? "yes" : "no",
  ]);
  return titled(
    `Goals, by ${clock} time`,
    tableOf(["", "goal", "measured", "holds"], rows),
  );
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "–";
}
