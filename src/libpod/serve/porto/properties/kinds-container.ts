import type {
  TCapabilities,
  TContainerBindMounts,
  TContainerCommandArgv,
  TContainerDevices,
  TContainerEnv,
  TContainerPlaceConfig,
  TContainerUlimits,
  TCred,
} from "portolan/porto";
import { createHash } from "node:crypto";
import {
  mergeEscaped,
  mergeTuples,
  parseSize,
  parseUint,
  splitEscaped,
  splitTuples,
} from "../text.ts";
import { checkIdentity, credOf, idOf } from "./identity.ts";
import { invalid, type Kind, words } from "./kinds.ts";

/** Variables by name; undefined for one that is taken out of the environment. */
export type Environment = ReadonlyMap<string, string | undefined>;

/** `A=1;B=2;C`. */
export function readEnvironment(text: string): Map<string, string | undefined> {
  return new Map(
    splitEscaped(text, ";").map((entry) => {
      const at = entry.indexOf("=");
      return at < 0
        ? [entry, undefined]
        : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

export function writeEnvironment(env: Environment): string {
  return mergeEscaped(
    [...env].map(([name, value]) =>
      value === undefined ? name : `${name}=${value}`,
    ),
    ";",
  );
}

/** Says of a secret only whether it is the same as another. */
function hashed(name: string, value: string): { salt: string; hash: string } {
  const salt = createHash("md5").update(name).digest("hex").slice(0, 16);
  return {
    salt,
    hash: createHash("md5")
      .update(salt + value)
      .digest("hex"),
  };
}

/** What is shown of an environment whose values are secret. */
export function concealed(text: string): string {
  return writeEnvironment(
    new Map(
      [...readEnvironment(text)].map(([name, value]) => {
        if (value === undefined) return [name, undefined];
        const { salt, hash } = hashed(name, value);
        return [name, `<secret salt=${salt} md5=${hash}>`];
      }),
    ),
  );
}

/** Environment variables. @param secret Values are not told. */
export function environment(secret: boolean): Kind<TContainerEnv> {
  return {
    parse: (text) => writeEnvironment(readEnvironment(text)),
    toSpec: (text) => ({
      var: [...readEnvironment(text)].map(([name, value]) => {
        if (value === undefined) return { name, unset: true };
        return secret
          ? { name, value: "<secret>", ...hashed(name, value) }
          : { name, value };
      }),
    }),
    fromSpec({ var: list, merge }, before) {
      const env = merge === true ? readEnvironment(before) : new Map();
      for (const { name = "", value } of list) env.set(name, value);
      return writeEnvironment(env);
    },
    entry: {
      get(text, name) {
        const value = readEnvironment(text).get(name);
        if (value === undefined)
          throw invalid(`Environment variable ${name} not set`);
        return value;
      },
      set: (text, name, value) =>
        writeEnvironment(new Map([...readEnvironment(text), [name, value]])),
    },
  };
}

const RESOURCES =
  "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
    " ",
  );

interface Limit {
  /** Absent without a limit. */
  readonly soft?: bigint | undefined;
  readonly hard?: bigint | undefined;
}

/** `nofile: 100 200; core: unlimited`. */
export function readUlimits(text: string): Map<string, Limit> {
  const limits = new Map<string, Limit>();
  for (const entry of splitEscaped(text, ";")) {
    const at = entry.indexOf(":");
    if (at < 0) throw invalid("Invalid ulimit format");
    limits.set(
      resource(entry.slice(0, at).trim()),
      limitOf(entry.slice(at + 1)),
    );
  }
  return limits;
}

function resource(type: string): string {
  if (!RESOURCES.includes(type)) throw invalid(`Invalid ulimit: ${type}`);
  return type;
}

/** Undefined for no limit. */
function amount(word: string): bigint | undefined {
  return ["unlimited", "unlim", "inf", "-1"].includes(word)
    ? undefined
    : parseSize(word);
}

function limitOf(text: string): Limit {
  const [soft = "", hard = soft, ...more] = splitEscaped(text, " ");
  if (soft === "" || more.length > 0) throw invalid("Invalid ulimit format");
  const limit = { soft: amount(soft), hard: amount(hard) };
  if (limit.hard !== undefined && (limit.soft ?? limit.hard + 1n) > limit.hard)
    throw invalid("ulimit soft limit is above the hard one");
  return limit;
}

function writeUlimits(limits: ReadonlyMap<string, Limit>): string {
  return [...limits]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([type, { soft, hard }]) =>
        `${type}: ${soft ?? "unlimited"} ${hard ?? "unlimited"}`,
    )
    .join("; ");
}

export const ulimits: Kind<TContainerUlimits> = {
  parse: (text) => writeUlimits(readUlimits(text)),
  toSpec: (text) => ({
    ulimit: [...readUlimits(text)].map(([type, { soft, hard }]) => ({
      type,
      ...(soft === undefined ? { unlimited: true } : { soft }),
      hard,
    })),
  }),
  fromSpec({ ulimit, merge }, before) {
    const limits = merge === true ? readUlimits(before) : new Map();
    for (const { type = "", soft, hard, unlimited } of ulimit)
      limits.set(resource(type), {
        soft: unlimited === true ? undefined : soft,
        hard,
      });
    return writeUlimits(limits);
  },
  entry: {
    get: (text, type) => {
      const limit = readUlimits(text).get(type);
      if (limit === undefined) return "";
      return writeUlimits(new Map([[type, limit]])).slice(type.length + 2);
    },
    set: (text, type, value) =>
      writeUlimits(
        new Map([...readUlimits(text), [resource(type), limitOf(value)]]),
      ),
  },
};

/** Linux's capabilities, by their numbers. */
const CAPABILITIES = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP " +
  "LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER " +
  "SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE " +
  "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP " +
  "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF " +
  "CHECKPOINT_RESTORE"
).split(" ");

/** A set of capabilities as it is sent. */
export function capabilitySet(list: readonly string[]): TCapabilities {
  const mask = list.reduce(
    (sum, name) => sum | (1n << BigInt(CAPABILITIES.indexOf(name))),
    0n,
  );
  return { cap: [...list], hex: mask.toString(16).padStart(16, "0") };
}

export const capabilities: Kind<TCapabilities> = words(
  capabilitySet,
  ({ cap }) => cap,
  {
    members: true,
    check: (name) => {
      if (!CAPABILITIES.includes(name))
        throw invalid(`Unsupported capability: ${name}`);
    },
  },
);

export const argv: Kind<TContainerCommandArgv> = {
  ...words<TContainerCommandArgv>(
    (list) => ({ argv: [...list] }),
    ({ argv: list }) => list,
    { separator: "\t" },
  ),
  // An absent message says that there are none.
  toSpec: (text) =>
    text === "" ? undefined : { argv: splitEscaped(text, "\t") },
  entry: {
    get(text, index) {
      const word = splitEscaped(text, "\t")[Number(parseUint(index))];
      if (word === undefined) throw invalid("Invalid index");
      return word;
    },
    set(text, index, value) {
      const list = splitEscaped(text, "\t");
      const at = Number(parseUint(index));
      if (at > list.length) throw invalid("Invalid index");
      list[at] = value;
      return mergeEscaped(list, "\t");
    },
  },
};

/** A user, a group and further groups, as they are in `uid gid groups...`. */
export const credentials: Kind<TCred> = {
  parse: (text) => writeCred(splitEscaped(text, " ")),
  toSpec(text) {
    const [user = "", group = "", ...groups] = splitEscaped(text, " ");
    return {
      ...credOf(user, group),
      grp: groups.filter((each) => /^\d+$/.test(each)).map(Number),
    };
  },
  fromSpec({ user, uid, group, gid }, before) {
    const [oldUser = "0", oldGroup = "0"] = splitEscaped(before, " ");
    return writeCred([
      user ?? uid?.toString() ?? oldUser,
      group ?? gid?.toString() ?? oldGroup,
    ]);
  },
};

function writeCred([
  user = "",
  group = user,
  ...groups
]: readonly string[]): string {
  if (user === "") throw invalid("Invalid credentials");
  return [user, group, ...groups]
    .map((each) => idOf(checkIdentity(each)))
    .join(" ");
}

/** `/source /target ro,rec;...`. */
export const binds: Kind<TContainerBindMounts> = {
  parse: (text) => writeBinds(splitTuples(text)),
  toSpec: (text) => ({
    bind: splitTuples(text).map(([source = "", target = "", flags = ""]) => ({
      source,
      target,
      flag: flags.split(",").filter((each) => each !== ""),
    })),
  }),
  fromSpec: ({ bind }) =>
    writeBinds(
      bind.map(({ source = "", target = "", flag }) =>
        flag.length === 0 ? [source, target] : [source, target, flag.join(",")],
      ),
    ),
};

function writeBinds(binds_: readonly (readonly string[])[]): string {
  for (const [source = "", target = "", ...flags] of binds_)
    if (source === "" || target === "" || flags.length > 1)
      throw invalid("Invalid bind format");
  return mergeTuples(binds_);
}

/** `/dev/null rwm /dev/null 0666 root root;...`. */
export const devices: Kind<TContainerDevices> = {
  parse: (text) => writeDevices(splitTuples(text)),
  toSpec: (text) => ({
    device: splitTuples(text).map(
      ([device = "", access = "", path, mode, user, group]) => ({
        device,
        access,
        path,
        mode,
        user,
        group,
      }),
    ),
  }),
  fromSpec({ device, merge }, before) {
    const given = device.map(
      ({ device: name = "", access = "", path, mode, user, group }) =>
        [name, access, path, mode, user, group].filter(
          (word) => word !== undefined,
        ),
    );
    const named = new Set(given.map(([name]) => name));
    const kept = merge === true ? splitTuples(before) : [];
    return writeDevices([
      ...kept.filter(([name]) => !named.has(name)),
      ...given,
    ]);
  },
  entry: {
    get: (text, name) =>
      (splitTuples(text).find(([device]) => device === name) ?? [])
        .slice(1)
        .join(" "),
    set: (text, name, value) =>
      writeDevices([
        ...splitTuples(text).filter(([device]) => device !== name),
        [name, ...splitEscaped(value, " ")],
      ]),
  },
};

function writeDevices(list: readonly (readonly string[])[]): string {
  for (const [device = "", access = ""] of list) {
    if (device === "preset") continue;
    if (!device.startsWith("/dev/")) throw invalid(`Invalid device: ${device}`);
    if (!/^[rwm\-?]+$/.test(access)) throw invalid(`Invalid access: ${access}`);
  }
  return mergeTuples(list);
}

export const places: Kind<TContainerPlaceConfig> = words<TContainerPlaceConfig>(
  (list) => ({
    cfg: list.map((entry) => {
      const at = entry.indexOf("=");
      return entry.startsWith("/") || at < 0
        ? { place: entry }
        : { place: entry.slice(at + 1), alias: entry.slice(0, at) };
    }),
  }),
  ({ cfg }) =>
    cfg.map(({ place = "", alias }) =>
      alias === undefined ? place : `${alias}=${place}`,
    ),
);
