import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findProgram, type Folder, temporaryFolder } from "./programs.ts";

/** What `userdbctl`, `systemd-userdbd` and the C library see as the system. */
export interface System extends Disposable {
  /** The path of a service's socket, from outside. */
  socket(service: string): string;
  /** The command line that runs a program inside. */
  inside(...command: string[]): readonly string[];
}

/** Its users and groups, besides what services tell, and who it is. */
const files = {
  passwd: [
    "root:x:0:0:root:/root:/bin/sh",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
    "grace:x:2101:2101:Grace Hopper,Room 1:/home/grace:/bin/bash",
    "alan:x:2102:2101::/home/alan:/bin/sh",
  ],
  group: [
    "root:x:0:",
    "nogroup:x:65534:",
    "grace:x:2101:",
    "navy:x:2110:grace,alan",
    "code:x:2111:grace",
  ],
  shadow: [
    "root:*:19000:0:99999:7:::",
    "grace:$6$salt$hash:19000:0:99999:7:::",
    "alan:!:19000:0:99999:7:::",
  ],
  gshadow: ["navy:!::grace,alan"],
  "machine-id": ["0123456789abcdef0123456789abcdef"],
  "nsswitch.conf": [
    "passwd: files systemd",
    "group: files [SUCCESS=merge] systemd",
    "shadow: files systemd",
    "gshadow: files systemd",
  ],
} as const;

const script = fileURLToPath(new URL("system.sh", import.meta.url));

/** A mount namespace: as root, or as the root of a user namespace. */
const namespace = ["unshare --mount", "unshare --user --map-root-user --mount"]
  .map((command) => command.split(" "))
  .find(works);

function works([file = "", ...args]: readonly string[]): boolean {
  const mount = "mount -t tmpfs tmpfs /run";
  const command = [...args, "sh", "-c", mount];
  return spawnSync(file, command, { stdio: "ignore" }).status === 0;
}

/** Whether this machine lets a test have a system of its own. */
export const hasNamespace: boolean = namespace !== undefined;

/** Makes a system with the users above and no service. */
export function makeSystem(): System {
  const folder: Folder = temporaryFolder();
  mkdirSync(folder("etc"));
  mkdirSync(folder("userdb"));
  for (const [name, lines] of Object.entries(files)) {
    writeFileSync(folder("etc", name), `${lines.join("\n")}\n`);
    if (/shadow/.test(name)) chmodSync(folder("etc", name), 0o600);
  }
  return {
    socket: (service) => folder("userdb", service),
    inside: (...command) => [
      ...(namespace ?? []),
      "sh",
      script,
      folder(),
      ...command,
    ],
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Programs of systemd, by name; empty where they are not installed. */
export const systemd = {
  userdbd: findProgram("systemd-userdbd") ?? "",
  userdbctl: findProgram("userdbctl") ?? "",
  activate: findProgram("systemd-socket-activate") ?? "",
} as const;
