import type { CreateInput } from "portolan/podman/1.9";
import type { ContainerConfig } from "../../../engine.ts";
import {
  applyRules,
  assemble,
  capabilities,
  devicePaths,
  environment,
  mappings,
  mountTexts,
  networkNamespace,
  pairs,
  type Root,
  type Rules,
  sharedModes,
  ulimits,
  userText,
} from "./members.ts";

type Piece = Partial<CreateInput>;

/**
 * How Podman 1.1 to 1.9 is told: its `Create` is the options of `podman create`, and
 * goes through the same reading.
 */
const rules: Rules<Piece> = {
  name: (name) => ({ name }),
  labels: (labels) => ({ label: pairs(labels, "labels") }),
  annotations: (map) => ({ annotation: pairs(map, "annotations") }),
  stopSignal: (signal) => ({ stopSignal: `${signal}` }),
  podId: (pod) => ({ pod }),
  sharedNamespaces(shared) {
    const { net, ipc, pid, uts, user } = sharedModes(shared);
    return { network: net, ipc, pid, uts, userns: user };
  },
  network: (network) => ({ network }),
  "spec.hostname": (hostname) => ({ hostname }),
  "spec.mounts"(mounts) {
    const { volumes, tmpfs } = mountTexts(mounts);
    return { volume: volumes, tmpfs };
  },
  "spec.annotations": (map) => ({ annotation: pairs(map, "annotations") }),
  "spec.root.readonly": () => ({ readonly: true }),
  // A terminal that nobody can type at is none.
  "spec.process.terminal": () => ({ tty: true, interactive: true }),
  "spec.process.user": (user) => ({ user: userText(user) }),
  // The empty entry point takes the image's away: args are the whole command.
  "spec.process.args": () => ({ entrypoint: "" }),
  "spec.process.env": (env) => ({ env: pairs(environment(env), "env") }),
  "spec.process.cwd": (workDir) => ({ workDir }),
  "spec.process.capabilities"(sets) {
    const { drop, add } = capabilities(sets);
    return { capDrop: drop, capAdd: add };
  },
  "spec.process.rlimits": (rlimits) => ({ ulimit: ulimits(rlimits) }),
  "spec.process.noNewPrivileges": () => ({
    securityOpt: ["no-new-privileges"],
  }),
  "spec.process.apparmorProfile": (profile) => ({
    securityOpt: [`apparmor=${profile}`],
  }),
  "spec.process.oomScoreAdj": (oomScoreAdj) => ({ oomScoreAdj }),
  "spec.linux.namespaces": (list) => ({ network: networkNamespace(list) }),
  "spec.linux.sysctl": (map) => ({ sysctl: pairs(map, "sysctl") }),
  "spec.linux.devices": (list) => ({ device: devicePaths(list) }),
  "spec.linux.uidMappings": (list) => ({ uidmap: mappings(list) }),
  "spec.linux.gidMappings": (list) => ({ gidmap: mappings(list) }),
  "spec.linux.resources.memory.limit": (bytes) => ({ memory: `${bytes}` }),
  "spec.linux.resources.memory.reservation": (bytes) => ({
    memoryReservation: `${bytes}`,
  }),
  "spec.linux.resources.memory.swap": (bytes) => ({ memorySwap: `${bytes}` }),
  "spec.linux.resources.memory.kernel": (bytes) => ({
    kernelMemory: `${bytes}`,
  }),
  "spec.linux.resources.memory.swappiness": (value) => ({
    memorySwappiness: value,
  }),
  "spec.linux.resources.memory.disableOOMKiller": () => ({
    oomKillDisable: true,
  }),
  "spec.linux.resources.cpu.shares": (cpuShares) => ({ cpuShares }),
  "spec.linux.resources.cpu.quota": (cpuQuota) => ({ cpuQuota }),
  "spec.linux.resources.cpu.period": (cpuPeriod) => ({ cpuPeriod }),
  "spec.linux.resources.cpu.realtimeRuntime": (value) => ({
    cpuRtRuntime: value,
  }),
  "spec.linux.resources.cpu.realtimePeriod": (value) => ({
    cpuRtPeriod: value,
  }),
  "spec.linux.resources.cpu.cpus": (cpuSetCpus) => ({ cpuSetCpus }),
  "spec.linux.resources.cpu.mems": (cpuSetMems) => ({ cpuSetMems }),
  "spec.linux.resources.pids.limit": (pidsLimit) => ({ pidsLimit }),
  "spec.linux.resources.blockIO.weight": (weight) => ({
    blkioWeight: `${weight}`,
  }),
};

/**
 * A configuration as Podman 1.1 to 1.9 is told of it.
 *
 * @param root The image, or the path of a root filesystem.
 * @throws NotSupported; InvalidArgument
 */
export function newCreate(config: ContainerConfig, root: Root): CreateInput {
  const start: CreateInput = {
    args: [
      "image" in root ? root.image : root.path,
      ...(config.spec.process?.args ?? []),
    ],
    ...("path" in root && { rootfs: true }),
  };
  return assemble(start, applyRules(config, rules), [
    "annotation",
    "securityOpt",
  ]);
}
