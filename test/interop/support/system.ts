import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Daemon,
  findProgram,
  type Folder,
  startDaemon,
  temporaryFolder,
} from "./programs.ts";

/** What `userdbctl`, `systemd-userdbd` and the C library see as the system. */
export interface System extends Disposable {
  /** The path of a service's socket, from outside. */
  socket(service: string): string;
  /** The command line that runs a program inside. */
  inside(...command: string[]): readonly string[];
}

/** Records tell for a machine where they are from. */
export const machineId = "0123456789abcdef0123456789abcdef";

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
  "machine-id": [machineId],
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
  // Others than root connect to the sockets in it, too.
  chmodSync(folder(), 0o755);
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

/** Programs of systemd; empty where they are not installed. */
export const systemd: {
  readonly userdbd: string;
  readonly userdbctl: string;
  readonly activate: string;
} = {
  userdbd: findProgram("systemd-userdbd") ?? "",
  userdbctl: findProgram("userdbctl") ?? "",
  activate: findProgram("systemd-socket-activate") ?? "",
};

/** Whether systemd's side of these tests can run here. */
export const hasSystemd: boolean =
  hasNamespace && Object.values(systemd).every((file) => file !== "");

/**
 * Starts `systemd-userdbd` in a system, at the socket that its unit would give it:
 * without systemd itself, `systemd-socket-activate` hands it over.
 */
export async function startUserdbd(system: System): Promise<Daemon> {
  const socket = system.socket("io.systemd.Multiplexer");
  const listen = "--listen=/run/systemd/userdb/io.systemd.Multiplexer";
  const command = system.inside(systemd.activate, listen, systemd.userdbd);
  const daemon = await startDaemon(command, socket);
  // As the unit has it: everybody may ask.
  chmodSync(socket, 0o666);
  return daemon;
}
