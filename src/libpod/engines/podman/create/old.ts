import type { CreateInput, CreateResourceConfigInput } from "portolan/podman";
import type { ContainerConfig } from "../../../engine.ts";
import type { PodmanContainerInspect } from "../inspect/container.ts";
import type { PodmanImageConfig } from "../inspect/image.ts";
import {
  applyRules,
  assemble,
  capabilities,
  devicePaths,
  environment,
  mappings,
  mountTexts,
  networkNamespace,
  notSupported,
  type Root,
  type Rules,
  sharedModes,
  ulimits,
  userText,
} from "./members.ts";

type Piece = Partial<CreateInput>;

function resources(some: CreateResourceConfigInput): Piece {
  return { resources: some };
}

/** How Podman 1.0 is told: annotations are nothing that its `Create` has a field for. */
const rules: Rules<Piece> = {
  name: (name) => ({ name }),
  labels: (labels) => ({ labels }),
  stopSignal: (signal) => ({ stop_signal: signal }),
  podId: (pod) => ({ pod }),
  sharedNamespaces(shared) {
    const { net, ipc, pid, uts, user } = sharedModes(shared);
    return {
      net_mode: net,
      ipc_mode: ipc,
      pid_mode: pid,
      uts_mode: uts,
      userns_mode: user,
    };
  },
  network: (network) => ({ net_mode: network }),
  "spec.hostname": (hostname) => ({ hostname }),
  "spec.mounts"(mounts) {
    const { volumes, tmpfs } = mountTexts(mounts);
    return { volumes, tmpfs };
  },
  "spec.root.readonly": () => ({ readonly_rootfs: true }),
  "spec.process.terminal": () => ({ tty: true, interactive: true }),
  "spec.process.user": (user) => ({ user: userText(user) }),
  // One empty word takes the image's entry point away: args are the whole command.
  "spec.process.args": (command) => ({ command, entrypoint: [""] }),
  "spec.process.env": (env) => ({ env: environment(env) }),
  "spec.process.cwd": (cwd) => ({ work_dir: cwd }),
  "spec.process.capabilities"(sets) {
    const { drop, add } = capabilities(sets);
    return { cap_drop: drop, cap_add: add };
  },
  "spec.process.rlimits": (rlimits) => resources({ ulimit: ulimits(rlimits) }),
  "spec.process.noNewPrivileges": () => ({ no_new_privs: true }),
  "spec.process.apparmorProfile": (profile) => ({ apparmor_profile: profile }),
  "spec.process.oomScoreAdj": (value) => resources({ oom_score_adj: value }),
  "spec.linux.namespaces": (list) => ({ net_mode: networkNamespace(list) }),
  "spec.linux.sysctl": (map) => ({ sys_ctl: map }),
  "spec.linux.devices": (list) => ({ devices: devicePaths(list) }),
  "spec.linux.uidMappings": (list) => ({ uidmap: mappings(list) }),
  "spec.linux.gidMappings": (list) => ({ gidmap: mappings(list) }),
  "spec.linux.resources.memory.limit": (memory) => resources({ memory }),
  "spec.linux.resources.memory.reservation": (bytes) =>
    resources({ memory_reservation: bytes }),
  "spec.linux.resources.memory.swap": (bytes) =>
    resources({ memory_swap: bytes }),
  "spec.linux.resources.memory.kernel": (bytes) =>
    resources({ kernel_memory: bytes }),
  "spec.linux.resources.memory.swappiness": (value) =>
    resources({ memory_swappiness: value }),
  "spec.linux.resources.memory.disableOOMKiller": () =>
    resources({ disable_oomkiller: true }),
  "spec.linux.resources.cpu.shares": (value) =>
    resources({ cpu_shares: value }),
  "spec.linux.resources.cpu.quota": (value) => resources({ cpu_quota: value }),
  "spec.linux.resources.cpu.period": (value) =>
    resources({ cpu_period: value }),
  "spec.linux.resources.cpu.realtimeRuntime": (value) =>
    resources({ cpu_rt_runtime: value }),
  "spec.linux.resources.cpu.realtimePeriod": (value) =>
    resources({ cpu_rt_period: value }),
  "spec.linux.resources.cpu.cpus": (list) => resources({ cpuset_cpus: list }),
  "spec.linux.resources.cpu.mems": (list) => resources({ cpuset_mems: list }),
  "spec.linux.resources.pids.limit": (value) =>
    resources({ pids_limit: value }),
  "spec.linux.resources.blockIO.weight": (value) =>
    resources({ blkio_weight: value }),
};

/** What `podman run` gives containers, and this interface does not. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * A configuration as Podman 1.0 is told of it. Its daemon takes command, user and
 * labels from the image by itself, but neither environment nor working directory.
 *
 * @throws NotSupported; InvalidArgument
 */
export function oldCreate(config: ContainerConfig, root: Root): CreateInput {
  if ("path" in root) throw notSupported("rootfs.path");
  return assemble({ image: root.image }, applyRules(config, rules), [
    "resources",
  ]);
}

/** Fills in what the daemon would leave out of an image, and its own zeros that mean something. */
export function withImage(
  create: CreateInput,
  image: PodmanImageConfig,
): CreateInput {
  return {
    ...create,
    env: { PATH, ...environment(image.Env ?? []), ...create.env },
    work_dir: create.work_dir ?? image.WorkingDir ?? "",
    // Zero would be a swappiness; this daemon's word for its default is -1.
    resources: { memory_swappiness: -1, ...create.resources },
  };
}

const LIMITS = [
  ["memory", "Memory", "limit"],
  ["memory_reservation", "MemoryReservation", "reservation"],
  ["memory_swap", "MemorySwap", "swap"],
  ["kernel_memory", "KernelMemory", "kernel"],
] as const;

/** Whether there is a limit of memory in it. */
export function asksForLimit(create: CreateInput): boolean {
  return LIMITS.some(([asked]) => create.resources?.[asked] !== undefined);
}

/**
 * The first limit that was asked for and is not what the container has: Podman 1.0 takes
 * limits of memory and forgets them.
 */
export function forgottenLimit(
  create: CreateInput,
  { HostConfig: has }: PodmanContainerInspect,
): string | undefined {
  for (const [asked, got, member] of LIMITS) {
    const limit = create.resources?.[asked];
    const set = has?.[got];
    if (limit !== undefined && typeof set === "number" && set !== limit)
      return `spec.linux.resources.memory.${member}`;
  }
  return undefined;
}
