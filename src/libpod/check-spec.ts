import {
  checkFlag,
  checkInteger,
  checkList,
  checkMembers,
  checkNeeded,
  checkObject,
  checkPath,
  checkString,
  checkText,
  checkTexts,
  checkVariable,
  refuse,
} from "./check.ts";
import type { Spec } from "./spec.ts";

type Members = Readonly<Record<string, unknown>>;

/** A check of the members of an object that may be absent; others in it are kept. */
function inside(
  value: unknown,
  path: string,
  check: (members: Members) => void,
): void {
  if (value === undefined) return;
  check(checkObject(value, path));
}

/** What the runtime specification has at its top, on whatever system. */
const topMembers: readonly string[] = [
  "ociVersion",
  "process",
  "root",
  "hostname",
  "domainname",
  "mounts",
  "hooks",
  "annotations",
  "linux",
  "solaris",
  "windows",
  "vm",
  "zos",
  "freebsd",
];

/**
 * Checks a specification's form: what is known of it must be of the right kind, and
 * at its top there is nothing that the runtime specification has no word for.
 *
 * @throws InvalidArgument naming the member
 */
export function checkSpec(spec: Spec): void {
  checkMembers(spec, "spec", topMembers);
  checkText(spec.ociVersion, "spec.ociVersion");
  checkText(spec.hostname, "spec.hostname");
  checkTexts(spec.annotations, "spec.annotations");
  inside(spec.root, "spec.root", ({ path, readonly }) => {
    checkText(path, "spec.root.path");
    checkFlag(readonly, "spec.root.readonly");
  });
  checkList(spec.mounts, "spec.mounts", checkMount);
  checkProcess(spec.process);
  inside(spec.linux, "spec.linux", checkLinux);
}

function checkMount(value: unknown, path: string): void {
  const mount = checkObject(value, path);
  checkNeeded(mount["destination"], `${path}.destination`);
  checkPath(mount["destination"], `${path}.destination`);
  checkText(mount["type"], `${path}.type`);
  checkText(mount["source"], `${path}.source`);
  checkList(mount["options"], `${path}.options`, checkString);
}

function checkProcess(process: Spec["process"]): void {
  const path = "spec.process";
  inside(process, path, (members) => {
    checkList(members["args"], `${path}.args`, checkString);
    if (Array.isArray(members["args"]) && members["args"][0] === "")
      refuse(`${path}.args[0]`, "a program is needed");
    checkList(members["env"], `${path}.env`, checkVariable);
    checkPath(members["cwd"], `${path}.cwd`);
    checkFlag(members["terminal"], `${path}.terminal`);
    checkFlag(members["noNewPrivileges"], `${path}.noNewPrivileges`);
    checkText(members["apparmorProfile"], `${path}.apparmorProfile`);
    checkText(members["selinuxLabel"], `${path}.selinuxLabel`);
    checkInteger(members["oomScoreAdj"], `${path}.oomScoreAdj`, -1000);
    inside(members["user"], `${path}.user`, (user) => {
      checkInteger(user["uid"], `${path}.user.uid`, 0);
      checkInteger(user["gid"], `${path}.user.gid`, 0);
      checkText(user["username"], `${path}.user.username`);
      checkList(
        user["additionalGids"],
        `${path}.user.additionalGids`,
        (gid, at) => checkInteger(gid, at, 0),
      );
    });
    inside(members["capabilities"], `${path}.capabilities`, (sets) => {
      for (const [name, set] of Object.entries(sets))
        checkList(set, `${path}.capabilities.${name}`, checkText);
    });
    checkList(members["rlimits"], `${path}.rlimits`, checkRlimit);
  });
}

function checkRlimit(value: unknown, path: string): void {
  const { type, soft, hard } = checkObject(value, path);
  if (typeof type !== "string" || !/^RLIMIT_[A-Z]+$/.test(type))
    refuse(`${path}.type`, "RLIMIT_… is needed");
  // Numbers, not whole ones that are safe: "no limit" is 2^64-1 in some engines.
  for (const [name, limit] of [
    ["soft", soft],
    ["hard", hard],
  ] as const) {
    if (typeof limit !== "number" || !(limit >= -1))
      refuse(`${path}.${name}`, "a number from -1 (no limit) is needed");
  }
  if ((hard as number) >= 0 && (soft as number) > (hard as number))
    refuse(`${path}.soft`, "it is more than hard");
}

function checkLinux(linux: Members): void {
  const path = "spec.linux";
  checkTexts(linux["sysctl"], `${path}.sysctl`);
  checkText(linux["cgroupsPath"], `${path}.cgroupsPath`);
  checkText(linux["mountLabel"], `${path}.mountLabel`);
  checkList(linux["namespaces"], `${path}.namespaces`, (value, at) => {
    const namespace = checkObject(value, at);
    checkString(namespace["type"], `${at}.type`);
    checkPath(namespace["path"], `${at}.path`);
  });
  checkList(linux["devices"], `${path}.devices`, (value, at) => {
    const device = checkObject(value, at);
    checkNeeded(device["path"], `${at}.path`);
    checkPath(device["path"], `${at}.path`);
  });
  for (const name of ["uidMappings", "gidMappings"])
    checkList(linux[name], `${path}.${name}`, checkMapping);
  inside(linux["resources"], `${path}.resources`, checkResources);
}

/** Of ids inside of a container to ids outside. */
export function checkMapping(value: unknown, path: string): void {
  const mapping = checkObject(value, path);
  for (const [name, least] of [
    ["containerID", 0],
    ["hostID", 0],
    ["size", 1],
  ] as const) {
    if (mapping[name] === undefined) refuse(`${path}.${name}`, "it is needed");
    checkInteger(mapping[name], `${path}.${name}`, least);
  }
}

/** The limits by their least values; -1 is "no limit". */
const limits: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  memory: { limit: -1, reservation: -1, swap: -1, kernel: -1, swappiness: 0 },
  cpu: {
    shares: 0,
    quota: -1,
    period: 0,
    realtimeRuntime: -1,
    realtimePeriod: 0,
  },
  pids: { limit: -1 },
  blockIO: { weight: 0 },
};

function checkResources(resources: Members): void {
  const path = "spec.linux.resources";
  for (const [kind, leasts] of Object.entries(limits)) {
    inside(resources[kind], `${path}.${kind}`, (values) => {
      for (const [name, least] of Object.entries(leasts))
        checkInteger(values[name], `${path}.${kind}.${name}`, least);
      checkFlag(values["disableOOMKiller"], `${path}.${kind}.disableOOMKiller`);
      for (const name of ["cpus", "mems"])
        checkText(values[name], `${path}.${kind}.${name}`);
    });
  }
}
