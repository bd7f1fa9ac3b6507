import {
  EError,
  type TContainerStatusInput,
  type TUintMap,
} from "portolan/porto";
import type { ContainerStats } from "../../../engine.ts";
import type { EmbeddedInside } from "../../../engines/embedded/types.ts";
import type { ContainerRecord } from "../../../state.ts";
import { failure } from "../errors.ts";
import { exitCodeOf } from "../hub.ts";
import { isInside, ROOT, ROOT_NAMESPACE } from "../names.ts";
import {
  formatCores,
  formatMap,
  formatTime,
  mergeTuples,
  seconds,
  splitEscaped,
} from "../text.ts";
import { type Box, START_ERROR } from "../view.ts";
import { uintEntries } from "./kinds.ts";
import { capabilitySet } from "./kinds-container.ts";
import { readStored, storedOutput } from "./output.ts";

/** A link of a container to a volume, as the container's properties tell of it. */
export interface LinkSeen {
  readonly volume: string;
  readonly target?: string | undefined;
  readonly read_only?: boolean | undefined;
  readonly required?: boolean | undefined;
}

/** What reading takes besides the container's own properties. */
export interface Source {
  readonly inside: EmbeddedInside;
  /** Figures of a container; undefined where it does not run. */
  stats(box: Box): Promise<ContainerStats | undefined>;
  links(box: Box): readonly LinkSeen[];
  /** Volumes that count for a container, with the space that they claim. */
  owned(box: Box): readonly {
    readonly path: string;
    readonly place: string;
    readonly claim: bigint;
  }[];
}

/** A value as text and in its typed field. */
interface Reading {
  readonly text: string;
  readonly typed?: unknown;
}

/** A property that only the daemon sets. */
export interface Readable {
  readonly name: string;
  readonly description: string;
  /** It is told only of containers that are not stopped. */
  readonly runtime: boolean;
  /** It is told only of dead containers. */
  readonly dead: boolean;
  read(box: Box, source: Source): Promise<Reading>;
  /** One part of it, by what stands in brackets. */
  readonly entry:
    | ((box: Box, key: string, source: Source) => Promise<string> | string)
    | undefined;
  /** Its field in a status; undefined for one that has none. */
  readonly field: keyof TContainerStatusInput | undefined;
}

type Read = (box: Box, source: Source) => Reading | Promise<Reading>;

interface Options {
  readonly runtime?: true;
  readonly dead?: true;
  readonly entry?: Readable["entry"];
  /** Default: named as the property; `null` for none. */
  readonly field?: keyof TContainerStatusInput | null;
}

const table = new Map<string, Readable>();

function define(
  name: string,
  description: string,
  read: Read,
  { runtime, dead, entry, field }: Options = {},
): void {
  table.set(name, {
    name,
    description,
    runtime: runtime === true,
    dead: dead === true,
    read: async (box, source) => read(box, source),
    entry,
    field:
      field === null
        ? undefined
        : (field ?? (name as keyof TContainerStatusInput)),
  });
}

const word = (value: string): Reading => ({
  text: value,
  typed: value === "" ? undefined : value,
});
const number = (value: number | bigint): Reading => ({
  text: String(value),
  typed: value,
});
const flag = (value: boolean): Reading => ({
  text: String(value),
  typed: value,
});
const coresOf = (value: number): Reading => ({
  text: value === 0 ? "" : formatCores(value),
  typed: value,
});
const mapOf = (map: ReadonlyMap<string, bigint>): Reading => ({
  text: formatMap(map),
  typed: { map: uintEntries(map) } satisfies TUintMap,
});
const moment = (value: bigint): Reading =>
  value === 0n ? { text: "" } : { text: formatTime(value), typed: value };

/** The record's time, or 0. */
const at = (time: number | undefined): bigint =>
  time === undefined ? 0n : seconds(time);

const invalidIndex = (key: string): Error =>
  failure(EError.InvalidValue, `invalid index ${key}`);

/** `time[raw]`: in seconds since 1970. */
function rawTime(time: (box: Box) => bigint): Readable["entry"] {
  return (box, key) => {
    if (key !== "raw") throw failure(EError.InvalidValue, `What ${key}?`);
    return String(time(box));
  };
}

/** A property that is a map, with its entries. */
function defineMap(
  name: string,
  description: string,
  read: (box: Box, source: Source) => Promise<Map<string, bigint>>,
  options: Options = { runtime: true },
): void {
  define(
    name,
    description,
    async (box, source) => mapOf(await read(box, source)),
    {
      ...options,
      async entry(box, key, source) {
        const found = (await read(box, source)).get(key);
        if (found === undefined) throw invalidIndex(key);
        return String(found);
      },
    },
  );
}

const running = { runtime: true } as const;
const ended = { dead: true } as const;

define("absolute_name", "name from the root on", ({ name, isRoot }) =>
  word(isRoot ? ROOT : ROOT_NAMESPACE + name),
);
define("absolute_namespace", "what names seen from inside begin with", (box) =>
  word(ROOT_NAMESPACE + box.text("porto_namespace")),
);
define("state", "its state", ({ state }) => word(state));
define("id", "number of the container", (box) => ({
  text: String(box.number),
  typed: BigInt(box.number),
}));
define("level", "how deep it is nested", ({ level }) => number(level));
define("parent", "absolute name of what it is nested in", ({ parent }) => {
  if (parent === undefined) return word("");
  return word(parent.isRoot ? ROOT : ROOT_NAMESPACE + parent.name);
});
define(
  "root_pid",
  "its main process",
  ({ isRoot, record }) => {
    const pid = isRoot ? 1 : record?.pid;
    if (pid === undefined)
      throw failure(EError.InvalidState, "container isn't running");
    return number(pid);
  },
  running,
);
define(
  "exit_status",
  "how it ended, as of wait(2)",
  ({ written }) => {
    const code = exitCodeOf(written);
    return number(code < 0 ? -code : code << 8);
  },
  ended,
);
define(
  "exit_code",
  "how it ended: exit code, or the negative number of a signal",
  ({ written }) => number(exitCodeOf(written)),
  ended,
);
define("core_dumped", "it left a core dump", () => flag(false), ended);
define("oom_killed", "it died for lack of memory", () => flag(false), ended);
define(
  "oom_kills",
  "processes that lack of memory ended, since it started",
  () => number(0n),
);
define(
  "oom_kills_total",
  "the same, of those inside too, since it was made",
  () => number(0n),
);
define("start_error", "why it could not be started last time", ({ record }) => {
  const kept = record?.extra[START_ERROR];
  if (kept === undefined) return { text: "" };
  const { error, name, msg } = JSON.parse(kept) as {
    readonly error: number;
    readonly name: string;
    readonly msg: string;
  };
  return { text: `${name}:(${msg})`, typed: { error, msg } };
});
define(
  "time",
  "seconds that it has been running",
  (box, { inside }) => number(runningTime(box, inside.clock.now())),
  {
    entry(box, key, { inside }) {
      if (key !== "dead") throw failure(EError.InvalidValue, `What ${key}?`);
      if (box.state !== "dead")
        throw failure(EError.InvalidState, "Not dead yet");
      return String(deadTime(box.written, inside.clock.now()));
    },
  },
);

function runningTime({ record, state }: Box, now: number): bigint {
  if (record?.startedAt === undefined || state === "stopped") return 0n;
  const until = state === "dead" ? (record.finishedAt ?? now) : now;
  return seconds(Math.max(until - record.startedAt, 0));
}

/** Seconds since a container died. */
export function deadTime({ finishedAt }: ContainerRecord, now: number): bigint {
  return seconds(Math.max(now - (finishedAt ?? now), 0));
}

const created = ({ record }: Box): bigint => at(record?.createdAt);
const startedAt = ({ record }: Box): bigint => at(record?.startedAt);
const diedAt = ({ record }: Box): bigint => at(record?.finishedAt);
define("creation_time", "when it was made", (box) => moment(created(box)), {
  entry: rawTime(created),
});
define("start_time", "when it was started", (box) => moment(startedAt(box)), {
  entry: rawTime(startedAt),
});
define("death_time", "when it died", (box) => moment(diedAt(box)), {
  ...ended,
  entry: rawTime(diedAt),
});
define(
  "change_time",
  "when it last changed",
  ({ changeTime }) => moment(changeTime),
  { entry: rawTime(({ changeTime }) => changeTime) },
);
define("root_path", "its root folder, as the client sees it", ({ rootPath }) =>
  word(rootPath),
);
for (const stream of ["stdout", "stderr"] as const) {
  define(
    `${stream}_offset`,
    `bytes of ${stream} that are no longer stored`,
    async (box, { inside }) => {
      const { offset } = await storedOutput(inside, box, stream);
      return { text: String(offset), typed: BigInt(offset) };
    },
    running,
  );
  define(
    stream,
    `stored ${stream}; [[offset][:length]] reads a part`,
    async (box, { inside }) => ({
      // In a status it is told only where a part of it is asked for.
      text: readStored(await storedOutput(inside, box, stream), ""),
    }),
    {
      ...running,
      field: stream === "stdout" ? "std_out" : "std_err",
      entry: async (box, range, { inside }) =>
        readStored(await storedOutput(inside, box, stream), range),
    },
  );
}
for (const [name, from] of [
  ["capabilities_allowed", "capabilities"],
  ["capabilities_ambient_allowed", "capabilities"],
] as const)
  define(
    name,
    name === "capabilities_allowed"
      ? "capabilities that its processes can have"
      : "capabilities that can be made ambient",
    (box) => {
      const text = box.text(from);
      return { text, typed: capabilitySet(splitEscaped(text, ";")) };
    },
    {
      entry: (box, key) =>
        String(splitEscaped(box.text(from), ";").includes(key)),
    },
  );
define(
  "cgroups",
  "its control groups",
  (box) => {
    const paths = cgroupPaths(box);
    return {
      text: formatMap(paths),
      typed: {
        cgroup: [...paths].map(([controller, path]) => ({ controller, path })),
      },
    };
  },
  {
    entry(box, key) {
      const path = cgroupPaths(box).get(key);
      if (path === undefined)
        throw failure(
          EError.InvalidProperty,
          `Unknown cgroup subsystem: ${key}`,
        );
      return path;
    },
  },
);

function cgroupPaths(box: Box): Map<string, string> {
  const tail = box.isRoot ? "" : `/porto/${box.name.replaceAll("/", "%")}`;
  return new Map(
    splitEscaped(box.text("controllers"), ";").map((controller) => [
      controller,
      `/sys/fs/cgroup/${controller}${tail}`,
    ]),
  );
}

define("cpu_set_affinity", "CPUs that it ends up with", ({ view }) => {
  const { cpus } = view.facts;
  const list = cpus > 1 ? `0-${cpus - 1}` : "0";
  const cpu = Array.from({ length: cpus }, (_, index) => index);
  return { text: list, typed: { list, cpu, count: cpus } };
});

/** A figure of the engine's; 0 of what does not run any more. */
function defineFigure(
  name: string,
  description: string,
  figure: (stats: ContainerStats) => bigint,
): void {
  define(
    name,
    description,
    async (box, source) => {
      const stats = await source.stats(box);
      return number(stats === undefined ? 0n : figure(stats));
    },
    running,
  );
}

defineFigure("cpu_usage", "CPU time, nanoseconds", ({ cpuNanos }) => cpuNanos);
defineFigure(
  "memory_usage",
  "memory in use, bytes",
  ({ memoryUsage }) => memoryUsage,
);
defineFigure(
  "anon_usage",
  "anonymous memory in use, bytes",
  ({ memoryUsage }) => memoryUsage,
);
defineFigure("process_count", "processes in it", ({ pids }) => BigInt(pids));
defineFigure("thread_count", "threads in it", ({ pids }) => BigInt(pids));
for (const [name, description] of [
  ["cpu_usage_system", "CPU time in the kernel, nanoseconds"],
  ["cpu_wait", "time that it waited for a CPU, nanoseconds"],
  ["cpu_throttled", "time that its CPU limit held it back, nanoseconds"],
  ["cache_usage", "page cache in use, bytes"],
  ["shmem_usage", "shared memory in use, bytes"],
  ["mlock_usage", "locked memory, bytes"],
  ["hugetlb_usage", "huge pages in use, bytes"],
  ["minor_faults", "page faults that needed no disk"],
  ["major_faults", "page faults that read from disk"],
  ["memory_reclaimed", "memory that was reclaimed, bytes"],
] as const)
  define(name, description, () => number(0n), running);
define("max_rss", "highest use of anonymous memory, bytes", () => number(0n), {
  ...running,
  field: null,
});
define(
  "virtual_memory",
  "virtual memory: <kind>: <bytes>; ...",
  async (box, source) => {
    const { memoryUsage: used = 0n, pids = 0 } =
      (await source.stats(box)) ?? {};
    const typed = { count: BigInt(pids), used, anon: used };
    return { text: formatMap(new Map(Object.entries(typed))), typed };
  },
  running,
);

const disk =
  (figure?: (stats: ContainerStats) => bigint) =>
  async (box: Box, source: Source): Promise<Map<string, bigint>> => {
    const stats = await source.stats(box);
    const value = stats === undefined ? 0n : (figure?.(stats) ?? 0n);
    return new Map([
      ["fs", value],
      ["hw", value],
    ]);
  };
defineMap(
  "io_read",
  "bytes read: <disk>: <bytes>; ...",
  disk(({ blockInput }) => blockInput),
);
defineMap(
  "io_write",
  "bytes written: <disk>: <bytes>; ...",
  disk(({ blockOutput }) => blockOutput),
);
for (const [name, what] of [
  ["io_ops", "operations"],
  ["io_read_ops", "read operations"],
  ["io_write_ops", "write operations"],
  ["io_time", "time spent in operations, nanoseconds"],
  ["io_pressure", "how much it was held up"],
] as const)
  defineMap(name, `${what}: <disk>: <number>; ...`, disk());

const device =
  (figure?: (stats: ContainerStats) => bigint) =>
  async (box: Box, source: Source): Promise<Map<string, bigint>> => {
    const stats = await source.stats(box);
    return new Map([
      ["eth0", stats === undefined ? 0n : (figure?.(stats) ?? 0n)],
    ]);
  };
const sent = device(({ networkOutput }) => networkOutput);
const received = device(({ networkInput }) => networkInput);
for (const [name, what, read] of [
  ["net_bytes", "bytes sent", sent],
  ["net_packets", "packets sent", device()],
  ["net_drops", "packets dropped", device()],
  ["net_overlimits", "packets held back", device()],
  ["net_rx_bytes", "bytes received", received],
  ["net_rx_packets", "packets received", device()],
  ["net_rx_drops", "incoming packets dropped", device()],
  ["net_tx_bytes", "bytes sent", sent],
  ["net_tx_packets", "packets sent", device()],
  ["net_tx_drops", "outgoing packets dropped", device()],
] as const)
  defineMap(name, `${what}: <interface>: <number>; ...`, read);

defineMap(
  "place_usage",
  "space that its volumes claim: <place>: <bytes>; ...",
  async (box, source) => {
    const usage = new Map([["total", 0n]]);
    for (const { place, claim } of source.owned(box))
      for (const key of [place, "total"])
        usage.set(key, (usage.get(key) ?? 0n) + claim);
    return usage;
  },
  {},
);
define(
  "volumes_linked",
  "volumes that it is linked to: <path> [<target>] [ro] [!]; ...",
  (box, source) => {
    const links = source.links(box);
    return {
      text: mergeTuples(
        links.map(({ volume, target, read_only, required }) => [
          volume,
          ...(target === undefined ? [] : [target]),
          ...(read_only === true ? ["ro"] : []),
          ...(required === true ? ["!"] : []),
        ]),
      ),
      typed: { link: links },
    };
  },
);
define(
  "volumes_owned",
  "volumes that count for it: <path>; ...",
  (box, source) => {
    const volume = source.owned(box).map(({ path }) => path);
    return { text: volume.join(";"), typed: { volume } };
  },
);

/** Those around a container, and it itself, from the inside out. */
function chain(box: Box): Box[] {
  const found: Box[] = [];
  for (let each: Box | undefined = box; each !== undefined; each = each.parent)
    found.push(each);
  return found;
}

/** The lowest limit of all levels; the host's memory where there is none. */
const lowest =
  (property: string) =>
  (box: Box): Reading => {
    const limits = chain(box)
      .map((each) => BigInt(each.text(property)))
      .filter((value) => value > 0n);
    return number(
      limits.reduce(
        (low, value) => (value < low ? value : low),
        box.view.facts.memory,
      ),
    );
  };
define(
  "memory_limit_total",
  "lowest memory limit of all levels, bytes",
  lowest("memory_limit"),
);
define(
  "anon_limit_total",
  "lowest limit of anonymous memory of all levels, bytes",
  lowest("anon_limit"),
);
define(
  "memory_guarantee_total",
  "memory that is guaranteed with those inside, bytes",
  (box) => number(guaranteed(box)),
);

function guaranteed(box: Box): bigint {
  if (box.state === "stopped") return 0n;
  const sum = childrenOf(box).reduce(
    (total, child) => total + guaranteed(child),
    0n,
  );
  const own = BigInt(box.text("memory_guarantee"));
  return own > sum ? own : sum;
}

function childrenOf(box: Box): Box[] {
  return box.view.all().filter((each) => each.parent === box);
}

const cpus = (box: Box, property: string): number =>
  Number(box.text(property).replace("c", ""));

/** What containers nested in one have together, while they run. */
function sumInside(box: Box, property: string): number {
  return box.view
    .all()
    .filter(
      ({ name, state }) => isInside(name, box.name) && state !== "stopped",
    )
    .reduce((sum, each) => sum + cpus(each, property), 0);
}

define(
  "cpu_guarantee_total",
  "CPU that is guaranteed with those inside: <cores>c",
  (box) =>
    coresOf(
      Math.max(cpus(box, "cpu_guarantee"), sumInside(box, "cpu_guarantee")),
    ),
);
define(
  "cpu_limit_total",
  "CPU limits of those inside, added up: <cores>c",
  (box) => coresOf(sumInside(box, "cpu_limit")),
);
define("cpu_limit_bound", "lowest CPU limit of all levels: <cores>c", (box) =>
  coresOf(
    Math.min(
      ...chain(box)
        .map((each) => cpus(each, "cpu_limit"))
        .filter((value) => value > 0),
    ),
  ),
);
define("cpu_guarantee_bound", "CPU guarantee that holds: <cores>c", (box) =>
  coresOf(Math.max(...chain(box).map((each) => cpus(each, "cpu_guarantee")))),
);
define("taint", "what is wrong with how it is set up", () => ({
  text: "",
  typed: [],
}));

/** All properties that only the daemon sets, by name. */
export const readable: ReadonlyMap<string, Readable> = table;
