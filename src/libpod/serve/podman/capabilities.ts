import { InvalidArgument } from "../../errors.ts";
import type { SpecCapabilities } from "../../spec.ts";

/** Linux's capabilities, in the order of their numbers. */
const ALL: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
];

/** Those that Podman gives a container that asks for nothing. */
const DEFAULT: ReadonlySet<string> = new Set([
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
]);

/** `net_admin`, `CAP_NET_ADMIN` and `NET_ADMIN` are one; `all` is every one. */
function read(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const given of names) {
    const name = given.toUpperCase().replace(/^CAP_/, "");
    if (name === "ALL") ALL.forEach((each) => found.add(each));
    else if (ALL.includes(name)) found.add(name);
    else {
      throw new InvalidArgument(
        `${JSON.stringify(given)} is no capability of Linux`,
      );
    }
  }
  return found;
}

/**
 * The capabilities of a container: Podman's default ones with some added and others
 * taken away, by which one that is in both lists is not had.
 *
 * @throws InvalidArgument for a name that is none.
 */
export function capabilities(options: {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
}): SpecCapabilities {
  const added = read(options.add);
  const dropped = read(options.drop);
  const had = ALL.filter(
    (name) =>
      options.privileged ||
      ((added.has(name) || DEFAULT.has(name)) && !dropped.has(name)),
  ).map((name) => `CAP_${name}`);
  return { bounding: had, effective: had, inheritable: had, permitted: had };
}
