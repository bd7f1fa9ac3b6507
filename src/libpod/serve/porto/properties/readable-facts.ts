import { EError } from "portolan/porto";
import type { ContainerRecord } from "../../../state.ts";
import { failure } from "../errors.ts";
import { exitCodeOf } from "../hub.ts";
import { ROOT, ROOT_NAMESPACE } from "../names.ts";
import { formatMap, seconds, splitEscaped } from "../text.ts";
import { START_ERROR } from "../keys.ts";
import type { Box } from "../view.ts";
import { capabilitySet } from "./kinds-container.ts";
import { readStored, storedOutput } from "./output.ts";
import {
  at,
  definitions,
  flag,
  moment,
  number,
  rawTime,
  type Readable,
  word,
} from "./readable-kinds.ts";

const { define, list } = definitions();

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
  const all = cpus > 1 ? `0-${cpus - 1}` : "0";
  const cpu = Array.from({ length: cpus }, (_, index) => index);
  return { text: all, typed: { list: all, cpu, count: cpus } };
});

/** What a container is, and what became of it. */
export const facts: readonly Readable[] = list;
