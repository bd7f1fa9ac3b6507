import { InvalidArgument } from "../../errors.ts";
import type { ContainerStats } from "../../engine.ts";
import { goDuration, goElapsed } from "./format.ts";
import type { ContainerView } from "./view.ts";

interface Column {
  readonly heading: string;
  value(view: ContainerView, stats: ContainerStats, now: number): string;
}

const user: Column["value"] = ({ spec }) =>
  spec.process?.user?.username ?? String(spec.process?.user?.uid ?? "root");
const group: Column["value"] = ({ spec }) =>
  String(spec.process?.user?.gid ?? "root");
const command: Column["value"] = ({ details }) => details.command.join(" ");

/** The columns by their names in `ps`. There is one process and nobody above it. */
const columns: ReadonlyMap<string, Column> = new Map<string, Column>([
  ["user", { heading: "USER", value: user }],
  ["ruser", { heading: "RUSER", value: user }],
  ["group", { heading: "GROUP", value: group }],
  ["rgroup", { heading: "RGROUP", value: group }],
  ["pid", { heading: "PID", value: () => "1" }],
  ["ppid", { heading: "PPID", value: () => "0" }],
  ["pgid", { heading: "PGID", value: () => "1" }],
  [
    "hpid",
    { heading: "HPID", value: ({ details }) => String(details.pid ?? 0) },
  ],
  [
    "pcpu",
    {
      heading: "%CPU",
      value: (_view, { cpuPercent }) => cpuPercent.toFixed(3),
    },
  ],
  [
    "etime",
    {
      heading: "ELAPSED",
      value: ({ record }, _stats, now) =>
        goElapsed(record.startedAt ?? now, now),
    },
  ],
  ["tty", { heading: "TTY", value: () => "?" }],
  [
    "time",
    { heading: "TIME", value: (_view, stats) => goDuration(stats.cpuNanos) },
  ],
  ["nice", { heading: "NI", value: () => "0" }],
  [
    "vsz",
    {
      heading: "VSZ",
      value: (_view, { memoryUsage }) => String(memoryUsage / 1024n),
    },
  ],
  [
    "comm",
    {
      heading: "COMMAND",
      value: ({ details }) => details.command[0]?.split("/").at(-1) ?? "",
    },
  ],
  ["args", { heading: "COMMAND", value: command }],
]);

/** What `ps` shows that is asked for nothing in particular. */
const DEFAULT: readonly string[] = [
  "user",
  "pid",
  "ppid",
  "pcpu",
  "etime",
  "tty",
  "time",
  "args",
];

/**
 * The processes of a container as `ps` lists them, columns parted by tabs, a line of
 * headings first.
 *
 * @param names Columns; fewer than two are as good as none, as with Podman 1.0.
 * @throws InvalidArgument for a column that is none.
 */
export function listProcesses(
  view: ContainerView,
  stats: ContainerStats,
  now: number,
  names: readonly string[],
): readonly string[] {
  const chosen = (names.length > 1 ? names : DEFAULT).map((name) => {
    const column = columns.get(name.toLowerCase());
    if (column !== undefined) return column;
    throw new InvalidArgument(
      `${JSON.stringify(name)} is no column: there are ${[...columns.keys()].join(", ")}`,
    );
  });
  return [
    chosen.map(({ heading }) => heading).join("\t"),
    chosen.map(({ value }) => value(view, stats, now)).join("\t"),
  ];
}
