// The four messages that are measured: what a client of Porto sends and gets.
// Values are made up, but shaped as a busy host's are, and the same in every run.

/**
 * A message as data: fields by their names in the interface, absent ones left
 * out, 64-bit integers as `bigint`, enums by number.
 */
export interface MessageData {
  readonly [field: string]: Value | readonly Value[];
}

export type Value = boolean | number | bigint | string | MessageData;

export interface Fixture {
  readonly name: "tiny" | "spec" | "list" | "get";
  /** Full name of the message. */
  readonly type: "Porto.TPortoRequest" | "Porto.TPortoResponse";
  /** What it is, for tables. */
  readonly title: string;
  readonly data: MessageData;
}

/** How many containers the two long replies have. */
const CONTAINERS = 1000;

/** A generator of numbers from 0 to 1 (mulberry32): the same ones for a seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a container's values are drawn from. */
class Draw {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  upTo(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  /** A counter: any number of bits up to `bits` is as likely as any other. */
  count(bits: number): bigint {
    return BigInt(Math.floor(2 ** (this.#next() * bits)));
  }

  /** A size in bytes, a multiple of a page of 4 KiB. */
  pages(bits: number): bigint {
    return (this.count(bits) >> 12n) << 12n;
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.upTo(16).toString(16)).join("");
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[this.upTo(values.length)] ?? values[0];
  }
}

const MIB = 1n << 20n;
const GIB = 1n << 30n;
const SECOND = 1_000_000_000n;
/** A moment of autumn 2026, in seconds. */
const NOW = 1_795_299_000n;

/** Porto's maps are lists of entries. */
function mapOf(
  entries: readonly (readonly [key: string, val: Value])[],
): MessageData {
  return { map: entries.map(([key, val]) => ({ key, val })) };
}

function cred(user: string, id: number, more: readonly number[]): MessageData {
  return { user, uid: id, group: user, gid: id, grp: more };
}

const SERVICES = ["web", "search", "billing", "mail", "video", "ads"] as const;

/** What a client asks for: most of the settings there are. */
function spec(draw: Draw, name: string): MessageData {
  const service = draw.of(SERVICES);
  const cores = 1 + draw.upTo(32);
  const memory = BigInt(1 + draw.upTo(64)) * GIB;
  const user = `robot-${service}`;
  const id = 10_000 + draw.upTo(50_000);
  return {
    name,
    weak: false,
    private:
      draw.upTo(16) === 0 ? "владелец: дежурный" : `shift ${draw.hex(6)}`,
    labels: mapOf([
      ["DEPLOY.service", service],
      ["DEPLOY.revision", draw.hex(12)],
      ["DEPLOY.instance", `${draw.of(["green", "blue"])}-${draw.upTo(100)}`],
      ["HOOK.url", `http://[::1]:${20_000 + draw.upTo(9999)}/hook`],
    ]),
    command: `/usr/bin/${service}d --config /etc/${service}/${service}.yaml --port ${1024 + draw.upTo(60_000)} --log-level ${draw.of(["info", "debug"])} --shard ${draw.upTo(256)}`,
    env: {
      var: [
        { name: "HOME", value: `/place/db/${service}` },
        { name: "LANG", value: "C.UTF-8" },
        { name: "PATH", value: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" },
        { name: "CLUSTER", value: `${service}.cluster.example` },
        {
          name: "REQUEST_ID",
          value: `${draw.hex(8)}-${draw.hex(4)}-${draw.hex(12)}`,
        },
        { name: "TMPDIR", value: "/var/tmp" },
        {
          name: "TRACING_ENDPOINT",
          value: `http://tracing.cluster.example:${4000 + draw.upTo(999)}/v1/traces`,
        },
        { name: "FEATURES", value: "fast-start,warm-cache,shadow-reads" },
        { name: "GOMAXPROCS", value: String(cores) },
      ],
    },
    ulimit: {
      ulimit: [
        { type: "nofile", soft: 65_536n, hard: 1_048_576n },
        { type: "core", unlimited: true },
      ],
    },
    core_command: "/usr/sbin/core-dumper --compress",
    isolate: true,
    virt_mode: "app",
    enable_porto: "read-isolate",
    porto_namespace: `${service}/`,
    aging_time: 86_400n,
    task_cred: cred(user, id, [4, 24, 1000]),
    user,
    group: user,
    owner_cred: cred("root", 0, []),
    owner_user: "root",
    owner_group: "root",
    owner_containers: "self",
    cgroupfs: "ro",
    userns: false,
    capabilities: {
      cap: ["NET_BIND_SERVICE", "SYS_PTRACE", "IPC_LOCK"],
      hex: "0000000000084400",
    },
    root: `/place/volumes/${draw.hex(8)}`,
    root_readonly: false,
    bind: {
      bind: [
        { source: "/etc/ssl", target: "/etc/ssl", flag: ["ro"] },
        { source: `/logs/${service}`, target: "/var/log", flag: ["rw", "rec"] },
        {
          source: "/usr/share/zoneinfo",
          target: "/usr/share/zoneinfo",
          flag: ["ro"],
        },
        { source: "/var/spool/cores", target: "/var/cores", flag: ["rw"] },
      ],
    },
    symlink: mapOf([["/etc/mtab", "/proc/self/mounts"]]),
    devices: { device: [{ device: "/dev/kvm", access: "rw", mode: "0660" }] },
    place: { cfg: [{ place: "/place", alias: "ssd" }, { place: "/data" }] },
    place_limit: mapOf([["default", 20n * GIB]]),
    cwd: `/place/db/${service}`,
    stdout_path: "/dev/null",
    stderr_path: `/logs/${service}/stderr.log`,
    stdout_limit: 8n * MIB,
    umask: 0o022,
    respawn: true,
    respawn_count: draw.count(6),
    max_respawns: -1n,
    respawn_delay: 5n * SECOND,
    controllers: { controller: ["memory", "cpu", "blkio", "freezer"] },
    cpu_policy: draw.of(["normal", "rt", "idle"]),
    cpu_weight: 1,
    cpu_guarantee: cores / 2,
    cpu_limit: cores,
    cpu_period: 100_000_000n,
    cpu_set: { policy: "node", arg: draw.upTo(2) },
    thread_limit: 10_000n,
    io_policy: "normal",
    io_weight: 1.5,
    io_limit: mapOf([["/place r", 200n * MIB]]),
    io_ops_limit: mapOf([["/place w", 5000n]]),
    memory_guarantee: memory / 2n,
    memory_limit: memory,
    anon_limit: memory - memory / 16n,
    dirty_limit: 512n * MIB,
    hugetlb_limit: 0n,
    recharge_on_pgfault: true,
    anon_only: false,
    oom_score_adj: -500,
    oom_is_fatal: true,
    net: { cfg: [{ opt: "L3", arg: ["veth0", "backbone"] }] },
    ip: { cfg: [{ dev: "veth0", ip: `fd00::${draw.hex(4)}:${draw.hex(4)}` }] },
    hostname: `${service}-${draw.hex(4)}.cluster.example`,
    resolv_conf: "keep",
    etc_hosts: "127.0.0.1 localhost",
    sysctl: mapOf([["net.core.somaxconn", "4096"]]),
    net_guarantee: mapOf([["default", 10n * MIB]]),
    net_limit: mapOf([["default", 125n * MIB]]),
  };
}

/** A counter of each network interface, disk or class that a host has. */
function counters(
  draw: Draw,
  keys: readonly string[],
  bits: number,
): MessageData {
  return mapOf(keys.map((key) => [key, draw.count(bits)]));
}

/** Porto's code for remarks on a container. */
const UNKNOWN = 1;

const NET = ["Uplink", "veth0", "default", "group CS0", "group CS1"] as const;
const DISKS = ["/place", "/data", "hw", "fs", "nvme0n1"] as const;

/** What the service tells of a running container. */
function status(draw: Draw, name: string, index: number): MessageData {
  const created = NOW - draw.count(20);
  return {
    absolute_name: `/porto/${name}`,
    state: draw.of(["running", "running", "running", "meta", "dead"]),
    id: BigInt(index + 1),
    level: 2,
    parent: "/porto",
    absolute_namespace: "/porto/",
    root_pid: 1000 + draw.upTo(4_000_000),
    exit_status: 0,
    core_dumped: false,
    time: draw.count(24),
    root_path: `/place/volumes/${draw.hex(8)}`,
    stdout_offset: draw.count(30),
    stderr_offset: 0n,
    creation_time: created,
    start_time: created + 2n,
    change_time: created + 3n,
    no_changes: false,
    cgroups: {
      cgroup: [
        { controller: "memory", path: `/sys/fs/cgroup/memory/porto%${name}` },
        { controller: "blkio", path: `/sys/fs/cgroup/blkio/porto%${name}` },
        { controller: "cpu", path: `/sys/fs/cgroup/cpu/porto%${name}` },
        {
          controller: "freezer",
          path: "/sys/fs/cgroup/freezer",
          inherited: true,
        },
      ],
    },
    cpu_set_affinity: { list: "0-63", count: 64 },
    cpu_usage: draw.count(56),
    cpu_usage_system: draw.count(52),
    cpu_wait: draw.count(50),
    cpu_throttled: draw.count(48),
    process_count: draw.count(8),
    thread_count: draw.count(11),
    io_read: counters(draw, DISKS, 44),
    io_write: counters(draw, DISKS, 44),
    io_ops: counters(draw, DISKS, 32),
    io_read_ops: counters(draw, DISKS, 32),
    io_write_ops: counters(draw, DISKS, 32),
    io_time: counters(draw, DISKS, 48),
    io_pressure: counters(draw, DISKS, 30),
    memory_usage: draw.pages(37),
    memory_guarantee_total: draw.pages(38),
    memory_limit_total: draw.pages(38),
    anon_usage: draw.pages(36),
    cpu_guarantee_total: draw.upTo(64) / 2,
    cpu_limit_total: draw.upTo(64),
    cache_usage: draw.pages(36),
    minor_faults: draw.count(40),
    major_faults: draw.count(24),
    memory_reclaimed: draw.count(30),
    virtual_memory: {
      count: draw.count(12),
      size: draw.pages(40),
      max_size: draw.pages(41),
      used: draw.pages(37),
      anon: draw.pages(36),
      file: draw.pages(36),
    },
    shmem_usage: draw.pages(30),
    oom_kills: 0n,
    oom_kills_total: draw.count(4),
    net_bytes: counters(draw, NET, 46),
    net_packets: counters(draw, NET, 36),
    net_drops: counters(draw, NET, 12),
    net_overlimits: counters(draw, NET, 12),
    net_rx_bytes: counters(draw, NET, 46),
    net_rx_packets: counters(draw, NET, 36),
    net_rx_drops: counters(draw, NET, 12),
    net_tx_bytes: counters(draw, NET, 46),
    net_tx_packets: counters(draw, NET, 36),
    net_tx_drops: counters(draw, NET, 12),
    volumes_linked: {
      link: [
        { volume: `/place/volumes/${draw.hex(16)}`, target: "/data" },
        {
          volume: `/place/volumes/${draw.hex(16)}`,
          target: "/cache",
          read_only: true,
        },
      ],
    },
    volumes_owned: {
      volume: [
        `/place/volumes/${draw.hex(16)}`,
        `/place/volumes/${draw.hex(16)}`,
      ],
    },
    warning: [
      { error: UNKNOWN, msg: `${draw.upTo(9)} tasks were moved out of reach` },
    ],
    taint: [
      { error: UNKNOWN, msg: "shares the network of its host" },
      { error: UNKNOWN, msg: "may use more memory than it is guaranteed" },
    ],
  };
}

function containerName(draw: Draw, index: number): string {
  return `${draw.of(SERVICES)}-${String(index).padStart(4, "0")}-${draw.hex(8)}`;
}

/** What every reply begins with. */
const SUCCESS: MessageData = { error: 0, errorMsg: "", timestamp: NOW };

function listContainers(): MessageData {
  const draw = new Draw(2);
  const containers = Array.from({ length: CONTAINERS }, (_, index) => {
    const name = containerName(draw, index);
    return { spec: spec(draw, name), status: status(draw, name, index) };
  });
  return { ...SUCCESS, ListContainersBy: { containers } };
}

/** Properties as `Get` gives them, all of them text, and what they may hold. */
const PROPERTIES: readonly (readonly [string, (draw: Draw) => string])[] = [
  ["state", (draw) => draw.of(["running", "meta", "dead"])],
  ["absolute_name", (draw) => `/porto/web-frontend/${draw.hex(8)}`],
  ["owner_user", () => "root"],
  ["creation_time[raw]", (draw) => String(NOW - draw.count(20))],
  ["cpu_usage", (draw) => String(draw.count(56))],
  ["cpu_wait", (draw) => String(draw.count(50))],
  ["cpu_limit", (draw) => `${draw.upTo(64)}.00c`],
  ["memory_usage", (draw) => String(draw.pages(37))],
  ["memory_limit", (draw) => String(draw.pages(38))],
  ["anon_usage", (draw) => String(draw.pages(36))],
  ["io_read[/place]", (draw) => String(draw.count(44))],
  ["io_write[/place]", (draw) => String(draw.count(44))],
  [
    "net_bytes",
    (draw) =>
      `Uplink: ${draw.count(46)}; veth0: ${draw.count(40)}; default: ${draw.count(40)}`,
  ],
  ["process_count", (draw) => String(draw.count(8))],
  ["thread_count", (draw) => String(draw.count(11))],
  ["root_pid", (draw) => String(draw.upTo(4_000_000))],
  ["respawn_count", (draw) => String(draw.count(6))],
  ["exit_code", () => ""],
  [
    "labels",
    (draw) =>
      `DEPLOY.revision: ${draw.hex(12)}; DEPLOY.service: ${draw.of(SERVICES)}; DEPLOY.zone: a`,
  ],
  [
    "command",
    (draw) =>
      `/usr/bin/webd --config /etc/web/web.yaml --port ${1024 + draw.upTo(60_000)}`,
  ],
];

/** Porto's `InvalidState`: what a running container answers for its exit code. */
const INVALID_STATE = 8;

function getProperties(): MessageData {
  const draw = new Draw(3);
  const list = Array.from({ length: CONTAINERS }, (_, index) => ({
    name: containerName(draw, index),
    keyval: PROPERTIES.map(([variable, value]) => {
      const text = value(draw);
      return text === ""
        ? {
            variable,
            error: INVALID_STATE,
            errorMsg: "Exit code is there once the container is dead",
          }
        : { variable, value: text };
    }),
    change_time: NOW - draw.count(16),
  }));
  return { ...SUCCESS, Get: { list } };
}

/** The messages that are measured, made anew with each call. */
export function fixtures(): readonly Fixture[] {
  return [
    {
      name: "tiny",
      type: "Porto.TPortoRequest",
      title: "Create",
      data: { Create: { name: "web-frontend-canary" } },
    },
    {
      name: "spec",
      type: "Porto.TPortoRequest",
      title: "CreateFromSpec, 68 settings",
      data: {
        CreateFromSpec: {
          container: spec(new Draw(1), "web-frontend-canary"),
          start: true,
        },
      },
    },
    {
      name: "list",
      type: "Porto.TPortoResponse",
      title:
        "ListContainersBy, 68 settings and 60 more properties of 1000 containers",
      data: listContainers(),
    },
    {
      name: "get",
      type: "Porto.TPortoResponse",
      title: "Get, 20 properties of 1000 containers",
      data: getProperties(),
    },
  ];
}
