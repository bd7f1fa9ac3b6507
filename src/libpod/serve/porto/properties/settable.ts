import {
  EError,
  type TContainerSpec,
  type TContainerSpecInput,
} from "portolan/porto";
import { failure } from "../errors.ts";
import { checkLabel } from "../label-rules.ts";
import { normalPath } from "../names.ts";
import type { Box } from "../view.ts";
import {
  choice,
  cores,
  count,
  flag,
  integer,
  invalid,
  type Kind,
  limit,
  nanoseconds,
  octal,
  size,
  sizes,
  text,
  texts,
  type ValueContext,
  weight,
  words,
} from "./kinds.ts";
import {
  addresses,
  addressLimit,
  argv,
  binds,
  capabilities,
  cpuSet,
  credentials,
  devices,
  environment,
  network,
  places,
  ulimits,
} from "./kinds-container.ts";

/** A property that clients can set. */
export interface Settable {
  readonly name: string;
  readonly description: string;
  /** It can be set while the container runs. */
  readonly dynamic: boolean;
  /** It can be set of a dead container too. */
  readonly anyState: boolean;
  /** It has a value of its own from the beginning. */
  readonly always: boolean;
  /** It is told only of containers that run. */
  readonly runtime: boolean;
  /** @throws PortoError `InvalidValue` and others */
  parse(value: string, context: ValueContext): string;
  readonly entry: Kind<unknown>["entry"];
  /** As part of a specification. */
  toSpec(value: string): TContainerSpecInput;
  /** From a specification; undefined where that does not have it. */
  fromSpec(
    spec: TContainerSpec,
    before: string,
    context: ValueContext,
  ): string | undefined;
}

interface Options {
  readonly dynamic?: true;
  readonly anyState?: true;
  readonly always?: true;
  readonly runtime?: true;
  readonly initial?: string | ((box: Box) => string);
}

const CONTROLLERS =
  "freezer memory cpu cpuacct net_cls blkio devices hugetlb cpuset pids".split(
    " ",
  );

const table = new Map<string, Settable>();
const initials = new Map<string, string | ((box: Box) => string)>();

function define<K extends string & keyof TContainerSpec>(
  name: K,
  description: string,
  kind: Kind<NonNullable<TContainerSpec[K]>>,
  { dynamic, anyState, always, runtime, initial = "" }: Options = {},
): void {
  initials.set(name, initial);
  table.set(name, {
    name,
    description,
    dynamic: dynamic === true,
    anyState: anyState === true,
    always: always === true,
    runtime: runtime === true,
    parse: (value, context) => kind.parse(value, context),
    entry: kind.entry,
    toSpec(value) {
      const typed = kind.toSpec(value);
      return typed === undefined ? {} : { [name]: typed };
    },
    fromSpec(spec, before, context) {
      const given = spec[name];
      if (given === undefined || given === null) return undefined;
      // Through its text, so that both ways of setting have the same rules.
      return kind.parse(kind.fromSpec(given, before), context);
    },
  });
}

const live = { dynamic: true } as const;
const ever = { dynamic: true, anyState: true } as const;

/** Bytes that limits of memory have at least. */
const MIN_MEMORY = 1_048_576n;
/** Characters of a command. */
const MAX_COMMAND = 128 * 1024;
/** Bytes of what a container stores for its users. */
const MAX_PRIVATE = 4096;
/** Bytes of each output stream that are stored by default. */
const STDOUT_LIMIT = 8 * 1024 * 1024;

define("weak", "goes when the client that made it goes", flag, {
  ...ever,
  initial: "false",
});
define(
  "private",
  "text for the container's users",
  text(MAX_PRIVATE, "Private value is too long"),
  ever,
);
define(
  "labels",
  "labels: <PREFIX.name>: <value>; ...",
  texts({
    check: checkLabel,
    missing: (label) =>
      failure(EError.LabelNotFound, `Label ${label} is not set`),
  }),
  ever,
);
define(
  "command",
  "what runs, split as by wordexp(3); without one the container holds others only",
  text(MAX_COMMAND, "Command too long"),
);
define(
  "command_argv",
  "what runs, argument by argument, with tabs between",
  argv,
);
define("env", "environment: <name>=<value>; ...", environment(false));
define(
  "env_secret",
  "environment whose values are not told: <name>=<value>; ...",
  environment(true),
);
define(
  "ulimit",
  "limits of processes: <resource>: <soft>|unlimited [<hard>]; ...",
  ulimits,
  live,
);
define("core_command", "what gets core dumps on its input", text(), live);
define("isolate", "namespaces of its own for processes, IPC and names", flag, {
  initial: "true",
});
define(
  "virt_mode",
  "what kind of container it is: app | os | job | host",
  choice(["app", "os", "job", "host"], (value) => `Unknown: ${value}`),
  { initial: "app" },
);
define(
  "enable_porto",
  "what may be done with Porto from inside: false | read-isolate | read-only | isolate | self-isolate | child-only | true",
  choice(
    [
      "false",
      "read-isolate",
      "read-only",
      "isolate",
      "self-isolate",
      "child-only",
      "true",
    ],
    (value) => `Unknown access level: ${value}`,
    { none: "false", full: "true" },
  ),
  { ...live, always: true, initial: "true" },
);
define(
  "porto_namespace",
  "deprecated: what names seen from inside begin with",
  text(),
  { always: true },
);
define(
  "cgroupfs",
  "how control groups are seen from inside: none | ro | rw",
  choice(["none", "ro", "rw"], (value) => `Unknown cgroupfs value: ${value}`),
  { initial: "none" },
);
define("userns", "a user namespace of its own", flag, { initial: "false" });
define("aging_time", "seconds after which a dead container goes", count, {
  ...ever,
  initial: "86400",
});
const own = { always: true, initial: "root" } as const;
define("user", "user of its processes", text(), own);
define("group", "group of its processes", text(), own);
define("task_cred", "who its processes are: <user> <group> ...", credentials, {
  initial: (box) => `${idOf(box.text("user"))} ${idOf(box.text("group"))}`,
});
define("owner_user", "user that it belongs to", text(), own);
define("owner_group", "group that it belongs to", text(), own);
define("owner_cred", "who it belongs to: <user> <group> ...", credentials, {
  initial(box) {
    const group = idOf(box.text("owner_group"));
    return `${idOf(box.text("owner_user"))} ${group} ${group}`;
  },
});
define(
  "owner_containers",
  "containers from which it may be changed: <name>; ...",
  text(),
  live,
);
define(
  "capabilities",
  "capabilities that its processes may have: NET_ADMIN;...",
  capabilities,
  {
    initial:
      "CHOWN;DAC_OVERRIDE;FOWNER;FSETID;KILL;SETGID;SETUID;NET_BIND_SERVICE;NET_ADMIN;NET_RAW;IPC_LOCK;SYS_CHROOT;SYS_PTRACE;SYS_BOOT;SYS_RESOURCE;MKNOD;AUDIT_WRITE",
  },
);
define(
  "capabilities_ambient",
  "capabilities that all its processes do have",
  capabilities,
);
define("root", "its root folder, as its parent sees it", text(), {
  initial: "/",
});
define("root_readonly", "nothing can be written to its root", flag, {
  initial: "false",
});
define("bind", "bind mounts: <source> <target> [<flag>,...]; ...", binds);
define(
  "symlink",
  "symbolic links: <link>: <target>; ...",
  texts({
    key: normalPath,
    missing: (key) => failure(EError.NoValue, `Symlink ${key} not set`),
  }),
  live,
);
define(
  "devices",
  "devices: <device> <r|w|m|-|?> [<path> <mode> <user> <group>]; ...",
  devices,
  live,
);
define(
  "place",
  "where volumes and layers may be: <path>|<alias>=<path>; ...",
  places,
  {
    initial: (box) =>
      box.isRoot ? "/place;***" : (box.parent?.text("place") ?? ""),
  },
);
define(
  "place_limit",
  "space that its volumes may claim: total|<place>: <bytes>; ...",
  sizes(),
  live,
);
define("cwd", "working directory", text(), {
  initial: ({ name, isRoot }) => (isRoot ? "/" : `/place/porto/${name}`),
});
define("stdin_path", "where standard input comes from", text(), {
  initial: "/dev/null",
});
define("stdout_path", "where standard output goes", text(), {
  initial: "stdout",
});
define("stderr_path", "where standard error goes", text(), {
  initial: "stderr",
});
define("stdout_limit", "bytes of each output stream that are stored", size(), {
  ...live,
  initial: String(STDOUT_LIMIT),
});
define("umask", "file mode creation mask, octal", octal, { initial: "02" });
define("respawn", "start it again when it dies", flag, {
  ...ever,
  initial: "false",
});
define("respawn_count", "how often it was started again", count, {
  ...ever,
  always: true,
  initial: "0",
});
define("max_respawns", "how often it may be started again", limit, ever);
define("respawn_delay", "time before it is started again", nanoseconds("ns"), {
  ...ever,
  initial: "1000000000ns",
});
define(
  "controllers",
  "control group controllers of its own: memory;cpu;...",
  words(
    (list) => ({ controller: [...list] }),
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
    (list) => ({ volume: [...list] }),
    ({ volume }) => volume,
  ),
  live,
);

/** Root by number; of others the engine has no list. */
function idOf(name: string): string {
  return name === "root" ? "0" : name;
}

/** All properties that can be set, by name. */
export const settable: ReadonlyMap<string, Settable> = table;

/** What a property is before anybody sets it. */
export function initialValue(box: Box, property: string): string {
  const initial = initials.get(property) ?? "";
  return typeof initial === "string" ? initial : initial(box);
}
