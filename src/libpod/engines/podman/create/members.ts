import type { ContainerConfig } from "../../../engine.ts";
import { InvalidArgument, NotSupported } from "../../../errors.ts";
import type {
  SpecCapabilities,
  SpecDevice,
  SpecIdMapping,
  SpecMount,
  SpecNamespace,
  SpecRlimit,
  SpecUser,
} from "../../../spec.ts";
import { ENGINE } from "../errors.ts";

/**
 * The members of a configuration that a daemon can be told, by their paths. One that
 * says only what is so anyway (`false`, nothing in a list) is as good as absent.
 */
export interface Members {
  name: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  stopSignal: number;
  podId: string;
  sharedNamespaces: NonNullable<ContainerConfig["sharedNamespaces"]>;
  network: string;
  "spec.hostname": string;
  "spec.mounts": readonly SpecMount[];
  "spec.annotations": Readonly<Record<string, string>>;
  "spec.root.readonly": true;
  "spec.process.terminal": true;
  "spec.process.user": SpecUser;
  "spec.process.args": readonly string[];
  "spec.process.env": readonly string[];
  "spec.process.cwd": string;
  "spec.process.capabilities": SpecCapabilities;
  "spec.process.rlimits": readonly SpecRlimit[];
  "spec.process.noNewPrivileges": true;
  "spec.process.apparmorProfile": string;
  "spec.process.oomScoreAdj": number;
  "spec.linux.namespaces": readonly SpecNamespace[];
  "spec.linux.sysctl": Readonly<Record<string, string>>;
  "spec.linux.devices": readonly SpecDevice[];
  "spec.linux.uidMappings": readonly SpecIdMapping[];
  "spec.linux.gidMappings": readonly SpecIdMapping[];
  "spec.linux.resources.memory.limit": number;
  "spec.linux.resources.memory.reservation": number;
  "spec.linux.resources.memory.swap": number;
  "spec.linux.resources.memory.kernel": number;
  "spec.linux.resources.memory.swappiness": number;
  "spec.linux.resources.memory.disableOOMKiller": true;
  "spec.linux.resources.cpu.shares": number;
  "spec.linux.resources.cpu.quota": number;
  "spec.linux.resources.cpu.period": number;
  "spec.linux.resources.cpu.realtimeRuntime": number;
  "spec.linux.resources.cpu.realtimePeriod": number;
  "spec.linux.resources.cpu.cpus": string;
  "spec.linux.resources.cpu.mems": string;
  "spec.linux.resources.pids.limit": number;
  "spec.linux.resources.blockIO.weight": number;
}

export type MemberPath = keyof Members;

/** What a container's root comes from: an image, or a directory on the daemon's host. */
export type Root = { readonly image: string } | { readonly path: string };

/** How a dialect says each member: the fields of its `Create` for a value. */
export type Rules<C> = {
  readonly [P in MemberPath]?: (value: Members[P]) => C;
};

/** What the root comes from has rules of its own; the version says nothing to a daemon. */
const ELSEWHERE = new Set(["rootfs", "spec.root.path", "spec.ociVersion"]);

/**
 * What a dialect says of a configuration, in pieces.
 *
 * @throws NotSupported for a member that it has no word for.
 */
export function applyRules<C>(config: ContainerConfig, rules: Rules<C>): C[] {
  const pieces: C[] = [];
  const { spec, ...others } = config;
  // What the options say comes last, and over what the spec says.
  visit({ spec }, "");
  visit(others, "");
  return pieces;

  function visit(node: object, prefix: string): void {
    for (const [name, value] of Object.entries(node)) {
      const path = prefix + name;
      if (saysNothing(value) || ELSEWHERE.has(path)) continue;
      if (Object.hasOwn(rules, path)) {
        const rule = rules[path as MemberPath] as (value: unknown) => C;
        pieces.push(rule(value));
      } else if (INNER.has(path) && typeof value === "object") {
        visit(value as object, `${path}.`);
      } else {
        throw notSupported(path);
      }
    }
  }
}

/** What is looked into instead of being a member itself. */
const INNER: ReadonlySet<string> = new Set([
  "spec",
  "spec.root",
  "spec.process",
  "spec.linux",
  "spec.linux.resources",
  "spec.linux.resources.memory",
  "spec.linux.resources.cpu",
  "spec.linux.resources.pids",
  "spec.linux.resources.blockIO",
]);

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/**
 * Puts pieces together.
 *
 * @param joined Lists of which several pieces may have a part.
 * @throws InvalidArgument where two pieces say unlike things of one field.
 */
export function assemble<C extends object>(
  start: C,
  pieces: readonly Partial<C>[],
  joined: readonly (keyof C)[],
): C {
  const whole = { ...start };
  for (const piece of pieces) {
    for (const name of Object.keys(piece) as (keyof C)[]) {
      const value = piece[name];
      const before: unknown = whole[name];
      if (value === undefined) continue;
      if (before === undefined) Object.assign(whole, { [name]: value });
      else if (joined.includes(name))
        Object.assign(whole, { [name]: join(before, value) });
      else throw new InvalidArgument(`two unlike values for ${String(name)}`);
    }
  }
  return whole;
}

function join(before: unknown, value: unknown): unknown {
  return Array.isArray(before) && Array.isArray(value)
    ? [...(before as unknown[]), ...(value as unknown[])]
    : { ...(before as object), ...(value as object) };
}

/** The error for what this daemon cannot be told. */
export function notSupported(member: string): NotSupported {
  return new NotSupported(ENGINE, `createContainer: ${member}`);
}

/** `KEY=value`, as Podman's lists have them. */
export function pairs(
  map: Readonly<Record<string, string>>,
  what: string,
): string[] {
  return Object.entries(map).map(([key, value]) => {
    // Podman takes the first "=" for the end of the name.
    if (key === "" || key.includes("="))
      throw new InvalidArgument(`${what}: "${key}" is no name for one`);
    return `${key}=${value}`;
  });
}

/** Environment variables by name. */
export function environment(
  env: readonly string[],
): Readonly<Record<string, string>> {
  const entries = env.map((entry) => {
    const end = entry.indexOf("=");
    // To Podman a name alone means the daemon's own variable.
    if (end <= 0)
      throw new InvalidArgument(`env: "${entry}" is not NAME=value`);
    return [entry.slice(0, end), entry.slice(end + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** `user`, `uid` or `uid:gid`. */
export function userText({
  uid,
  gid,
  username,
  additionalGids = [],
}: SpecUser): string {
  if (additionalGids.length > 0)
    throw notSupported("spec.process.user.additionalGids");
  if (username !== undefined) {
    if (uid !== undefined || gid !== undefined)
      throw new InvalidArgument("a user has a name or numbers, not both");
    return username;
  }
  return gid === undefined ? `${uid ?? 0}` : `${uid ?? 0}:${gid}`;
}

/** The largest number that means a limit; above, OCI's and Go's unlimited. */
const UNLIMITED = 2 ** 63;

/** `nofile=1024:2048`, soft and hard; -1 is unlimited. */
export function ulimits(rlimits: readonly SpecRlimit[]): string[] {
  return rlimits.map(({ type, soft, hard }) => {
    const name = type.replace(/^RLIMIT_/, "").toLowerCase();
    return `${name}=${limitNumber(soft)}:${limitNumber(hard)}`;
  });
}

function limitNumber(limit: number): number {
  return limit >= UNLIMITED ? -1 : limit;
}

/** A set of capabilities, as what to take away and then to give. */
export function capabilities(sets: SpecCapabilities): {
  readonly drop: readonly string[];
  readonly add: readonly string[];
} {
  const { ambient = [], ...others } = sets;
  if (ambient.length > 0)
    throw notSupported("spec.process.capabilities.ambient");
  const given = Object.values(others).filter((set) => set !== undefined);
  const [first = [], ...rest] = given.map((set) =>
    [...new Set(set.map((name) => name.replace(/^CAP_/, "")))].sort(),
  );
  if (rest.some((set) => set.join() !== first.join()))
    throw notSupported("spec.process.capabilities that differ by set");
  return { drop: ["ALL"], add: first };
}

/** `container:host:size`, as Podman's mappings are written. */
export function mappings(list: readonly SpecIdMapping[]): string[] {
  return list.map(
    ({ containerID, hostID, size }) => `${containerID}:${hostID}:${size}`,
  );
}

/** Devices of the host, by path; Podman looks up the rest. */
export function devicePaths(devices: readonly SpecDevice[]): string[] {
  return devices.map(({ path, type, major, minor }) => {
    if (type !== undefined || major !== undefined || minor !== undefined)
      throw notSupported("spec.linux.devices that are not the host's own");
    return path;
  });
}

/** What every container of Podman has mounted, without asking. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ["/proc", "proc"],
  ["/dev", "tmpfs"],
  ["/dev/pts", "devpts"],
  ["/dev/shm", "tmpfs"],
  ["/dev/mqueue", "mqueue"],
  ["/sys", "sysfs"],
  ["/sys/fs/cgroup", "cgroup"],
]);

/** Mounts as `source:destination:options` and, in memory, `destination:options`. */
export function mountTexts(mounts: readonly SpecMount[]): {
  readonly volumes: readonly string[];
  readonly tmpfs: readonly string[];
} {
  const volumes: string[] = [];
  const tmpfs: string[] = [];
  for (const { destination, type, source, options = [] } of mounts) {
    for (const path of [destination, source ?? ""])
      if (path.includes(":"))
        throw new InvalidArgument(`mounts: "${path}" has a colon in it`);
    const end = options.length === 0 ? "" : `:${options.join(",")}`;
    const bind = type === "bind" || options.some((o) => /^r?bind$/.test(o));
    if (bind && source !== undefined) {
      // That it is a bind mount is how a volume with a path is read anyway.
      const others = options.filter((option) => option !== "bind");
      const words = others.length === 0 ? "" : `:${others.join(",")}`;
      volumes.push(`${source}:${destination}${words}`);
    } else if (type !== undefined && USUAL.get(destination) === type) {
      continue;
    } else if (type === "tmpfs") {
      tmpfs.push(`${destination}${end}`);
    } else {
      throw notSupported(`spec.mounts of type ${type ?? "unknown"}`);
    }
  }
  return { volumes, tmpfs };
}

/** The modes of the namespaces that a container shares with another. */
export interface SharedModes {
  readonly net?: string;
  readonly ipc?: string;
  readonly pid?: string;
  readonly uts?: string;
  readonly user?: string;
}

/** `container:ID` for each namespace that is shared. */
export function sharedModes({
  containerId,
  namespaces,
}: Members["sharedNamespaces"]): SharedModes {
  const modes: Record<string, string> = {};
  for (const namespace of namespaces) {
    if (namespace === "mount") throw notSupported("sharedNamespaces: mount");
    modes[namespace] = `container:${containerId}`;
  }
  return modes;
}

/** The mode of a network namespace that is somewhere already; others are new by default. */
export function networkNamespace(
  namespaces: readonly SpecNamespace[],
): string | undefined {
  let mode: string | undefined;
  for (const { type, path } of namespaces) {
    if (path === undefined) continue;
    if (type !== "network")
      throw notSupported(`spec.linux.namespaces: ${type}`);
    mode = `ns:${path}`;
  }
  return mode;
}
