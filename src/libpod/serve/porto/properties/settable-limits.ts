import {
  choice,
  cores,
  flag,
  integer,
  invalid,
  nanoseconds,
  size,
  sizes,
  text,
  texts,
  weight,
  words,
} from "./kinds.ts";
import { addresses, addressLimit, cpuSet, network } from "./kinds-network.ts";
import { definitions, type Settable } from "./settable-kinds.ts";

const { define, list } = definitions();
const live = { dynamic: true } as const;

/** Bytes that limits of memory have at least. */
const MIN_MEMORY = 1_048_576n;
const CONTROLLERS =
  "freezer memory cpu cpuacct net_cls blkio devices hugetlb cpuset pids".split(
    " ",
  );

define(
  "controllers",
  "control group controllers of its own: memory;cpu;...",
  words(
    (controller) => ({ controller }),
    ({ controller }) => controller,
    {
      members: true,
      check: (word) => {
        if (!CONTROLLERS.includes(word))
          throw invalid(`Unknown flag "${word}"`);
      },
    },
  ),
  {
    always: true,
    initial: ({ level }) => (level > 1 ? "freezer" : CONTROLLERS.join(";")),
  },
);
define(
  "cpu_policy",
  "how it is scheduled: rt | high | normal | batch | idle",
  choice(
    ["rt", "high", "normal", "batch", "idle", "iso", "nosmt"],
    (value) => `Unknown cpu policy: ${value}`,
  ),
  { ...live, always: true, initial: "normal" },
);
define("cpu_weight", "share of the CPU against others: 0.01 to 100", weight, {
  ...live,
  initial: "1",
});
const noCores = { ...live, initial: "0c" } as const;
define(
  "cpu_guarantee",
  "CPU that it gets for certain: <cores>c",
  cores,
  noCores,
);
define("cpu_limit", "CPU that it gets at most: <cores>c", cores, {
  ...live,
  initial: ({ isRoot, view }) => (isRoot ? `${view.facts.cpus}c` : "0c"),
});
define(
  "cpu_period",
  "period over which the CPU limit is kept, in nanoseconds",
  nanoseconds("", 1_000_000n, 1_000_000_000n),
  { ...live, initial: "100000000" },
);
define(
  "cpu_set",
  "CPUs that it runs on: <n>-<m>,... | node <n> | reserve <n> | threads <n> | cores <n>",
  cpuSet,
  live,
);
define("thread_limit", "threads that it may have", size(), {
  ...live,
  initial: ({ level }) => (level === 1 ? "10000" : ""),
});
define(
  "io_policy",
  "priority of its disk operations: none | rt | high | normal | batch | idle",
  choice(
    ["", "none", "rt", "high", "normal", "batch", "idle"],
    (value) => `invalid policy: ${value}`,
  ),
  live,
);
define("io_weight", "share of the disks against others: 0.01 to 100", weight, {
  ...live,
  initial: "1",
});
for (const [name, what] of [
  ["io_limit", "bytes per second at most"],
  ["io_guarantee", "bytes per second for certain"],
  ["io_ops_limit", "operations per second at most"],
  ["io_ops_guarantee", "operations per second for certain"],
] as const)
  define(
    name,
    `${what}: fs|<disk>|<path> [r|w]: <number>; ...`,
    sizes("fs"),
    live,
  );
const noBytes = { ...live, initial: "0" } as const;
define(
  "memory_guarantee",
  "memory that is not taken away, bytes",
  size(),
  noBytes,
);
define(
  "memory_limit",
  "memory that it may use, bytes; 0 is no limit",
  size(MIN_MEMORY),
  {
    ...live,
    initial: ({ isRoot, view }) => (isRoot ? String(view.facts.memory) : "0"),
  },
);
define(
  "anon_limit",
  "anonymous memory that it may use, bytes",
  size(MIN_MEMORY),
  noBytes,
);
define("anon_max_usage", "highest use of anonymous memory, bytes", size(), {
  ...noBytes,
  runtime: true,
});
define(
  "dirty_limit",
  "memory that may wait to be written, bytes",
  size(MIN_MEMORY),
  noBytes,
);
define("hugetlb_limit", "huge pages that it may use, bytes", size(), noBytes);
const off = { ...live, initial: "false" } as const;
define(
  "recharge_on_pgfault",
  "takes over cached pages that it touches",
  flag,
  off,
);
define(
  "pressurize_on_death",
  "memory of the dead is reclaimed early",
  flag,
  off,
);
define("anon_only", "page cache counts for the parent", flag, off);
define(
  "oom_score_adj",
  "how likely it is chosen when memory lacks: -1000 to 1000",
  integer(-1000, 1000),
  { initial: "0" },
);
define("oom_is_fatal", "lack of memory ends all of it", flag, {
  ...live,
  initial: "true",
});
define(
  "net",
  "network: inherited | none | L3 <name> | NAT | veth ... | macvlan ...; ...",
  network,
  { initial: "inherited" },
);
define(
  "ip_limit",
  "addresses for those inside: any | none | <ip>; ...",
  addressLimit,
  {
    initial: "any",
  },
);
define("ip", "addresses: <interface> <ip>/<prefix>; ...", addresses);
define("default_gw", "gateways: <interface> <ip>; ...", addresses);
define("hostname", "host name inside", text());
define(
  "resolv_conf",
  "DNS settings: default | keep | <line of resolv.conf>; ...",
  text(),
  {
    ...live,
    initial: (box) => (box.text("root") === "/" ? "inherit" : "default"),
  },
);
define("etc_hosts", "text of /etc/hosts inside", text());
define("sysctl", "kernel parameters: <name>: <value>; ...", texts());
for (const [name, what] of [
  ["net_guarantee", "bytes per second that it sends for certain"],
  ["net_limit", "bytes per second that it sends at most"],
  ["net_rx_limit", "bytes per second that it receives at most"],
] as const)
  define(name, `${what}: <interface>|default: <number>; ...`, sizes(), live);
define(
  "volumes_required",
  "volumes without which it does not start: <path>; ...",
  words(
    (volume) => ({ volume }),
    ({ volume }) => volume,
  ),
  live,
);

/** What a container may use, and its network. */
export const limitProperties: readonly Settable[] = list;
