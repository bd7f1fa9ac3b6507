import { EError } from "portolan/porto";
import { failure } from "../errors.ts";
import { checkLabel } from "../label-rules.ts";
import { normalPath } from "../names.ts";
import {
  choice,
  count,
  flag,
  limit,
  nanoseconds,
  octal,
  size,
  sizes,
  text,
  texts,
} from "./kinds.ts";
import {
  argv,
  binds,
  capabilities,
  credentials,
  devices,
  environment,
  places,
  ulimits,
} from "./kinds-container.ts";
import { idOf } from "./identity.ts";
import { definitions, type Settable } from "./settable-kinds.ts";

const { define, list } = definitions();

const live = { dynamic: true } as const;
const ever = { dynamic: true, anyState: true } as const;

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

/** What a container is and runs, whose it is, and what it sees of files. */
export const ownProperties: readonly Settable[] = list;
