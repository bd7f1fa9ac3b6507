import { readFile, stat } from "node:fs/promises";
import type { Create } from "portolan/podman/1.9";
import { stopSignalOf } from "../../engines/embedded/config.ts";
import { InvalidArgument, NotSupported } from "../../errors.ts";
import { readResources } from "../podman/create-1.0.ts";
import type { CreateRequest } from "../podman/create.ts";
import { parseIdMapping } from "../podman/parse.ts";
import { readPorts } from "../podman/ports.ts";
import { parseDuration, parseMount, parsePairs, parseSize } from "./parse.ts";

/** Options that would change what runs, and that nothing here can heed. */
const refused = ["cidFile", "volumesFrom", "storageOpt"] as const;

/**
 * Reads the `Create` of `io.podman` as of Podman 1.9, and the files of variables and
 * labels that it names. What is left out, null or empty is the default.
 *
 * @throws InvalidArgument; NotSupported
 */
export async function readCreate(create: Create): Promise<CreateRequest> {
  for (const option of refused) {
    const value = create[option];
    if (value !== undefined && value !== null && value.length > 0)
      throw new NotSupported("embedded", `CreateContainer: ${option}`);
  }
  const [first = "", ...command] = create.args;
  const mounts = (create.mount ?? []).map(parseMount);
  const security = create.securityOpt ?? [];
  return {
    ...(create.rootfs === true
      ? { image: "", rootfs: first }
      : { image: first }),
    pull: readPull(create.pull ?? ""),
    name: create.name ?? "",
    command,
    entrypoint: readEntrypoint(create.entrypoint ?? undefined),
    env: await readPairs(create.envFile, create.env, "env"),
    labels: await readPairs(create.labelFile, create.label, "label"),
    annotations: parsePairs(create.annotation ?? [], "annotation"),
    hostname: create.hostname ?? "",
    user: create.user ?? "",
    groups: create.groupadd ?? [],
    workDir: create.workDir ?? "",
    tty: create.tty ?? false,
    readOnly: create.readonly ?? false,
    noNewPrivileges: security.includes("no-new-privileges"),
    apparmorProfile: securityOption(security, "apparmor"),
    processLabel: "",
    mountLabel: "",
    oomScoreAdj: create.oomScoreAdj ?? 0,
    sysctl: parsePairs(create.sysctl ?? [], "sysctl"),
    resources: readResources(limitsOf(create)),
    uidMappings: (create.uidmap ?? []).map(parseIdMapping),
    gidMappings: (create.gidmap ?? []).map(parseIdMapping),
    volumes: [
      ...(create.volume ?? []),
      ...mounts.flatMap(({ volume }) => volume ?? []),
    ],
    network: create.network ?? "",
    pod: create.pod ?? "",
    stopSignal: stopSignalOf(create.stopSignal) ?? 0,
    kept: {
      ...keptOf(create),
      tmpfs: [
        ...(create.tmpfs ?? []),
        ...mounts.flatMap(({ tmpfs }) => tmpfs ?? []),
      ],
    },
  };
}

function keptOf(create: Create): CreateRequest["kept"] {
  return {
    ports: readPorts(
      create.publish ?? [],
      create.publishAll ?? false,
      create.expose ?? [],
    ),
    publishAll: create.publishAll ?? false,
    capAdd: create.capAdd ?? [],
    capDrop: create.capDrop ?? [],
    privileged: create.privileged ?? false,
    interactive: create.interactive ?? false,
    autoRemove: create.rm ?? false,
    dns: create.dns ?? [],
    dnsOptions: create.dnsOpt ?? [],
    dnsSearch: create.dnsSearch ?? [],
    extraHosts: create.addHost ?? [],
    ipcMode: create.ipc ?? "",
    pidMode: create.pid ?? "",
    utsMode: create.uts ?? "",
    usernsMode: create.userns ?? "",
    cgroupParent: create.cgroupParent ?? "",
    conmonPidFile: create.conmonPidfile ?? "",
    logDriver: create.logDriver ?? "",
    logOptions: create.logOpt ?? [],
    securityOptions: create.securityOpt ?? [],
    shmSize: parseSize(create.shmSize ?? "", "shmSize"),
    devices: create.device ?? [],
    // The machine that the engine pretends to run on limits nothing.
    ulimits: (create.ulimit ?? []).filter((limit) => limit !== "host"),
    weightDevices: create.blkioWeightDevice ?? [],
    readBps: create.deviceReadBps ?? [],
    writeBps: create.deviceWriteBps ?? [],
    readIops: create.deviceReadIops ?? [],
    writeIops: create.deviceWriteIops ?? [],
    healthCheck: readHealthCheck(create.healthcheckCommand ?? ""),
    healthTimeout: parseDuration(
      create.healthcheckTimeout ?? "",
      "healthcheckTimeout",
    ),
  };
}

function limitsOf(create: Create): Parameters<typeof readResources>[0] {
  const size = (
    name: "memory" | "memoryReservation" | "kernelMemory",
  ): number => parseSize(create[name] ?? "", name) ?? 0;
  const swap = create.memorySwap ?? "";
  return {
    memory: size("memory"),
    memory_reservation: size("memoryReservation"),
    memory_swap: swap === "-1" ? -1 : (parseSize(swap, "memorySwap") ?? 0),
    memory_swappiness: create.memorySwappiness ?? -1,
    kernel_memory: size("kernelMemory"),
    disable_oomkiller: create.oomKillDisable ?? false,
    cpu_shares: create.cpuShares ?? 0,
    cpu_period: create.cpuPeriod ?? 0,
    cpu_quota: create.cpuQuota ?? 0,
    cpu_rt_period: create.cpuRtPeriod ?? 0,
    cpu_rt_runtime: create.cpuRtRuntime ?? 0,
    cpus: create.cpus ?? 0,
    cpuset_cpus: create.cpuSetCpus ?? "",
    cpuset_mems: create.cpuSetMems ?? "",
    pids_limit: create.pidsLimit ?? 0,
    blkio_weight: readWeight(create.blkioWeight ?? ""),
  };
}

function readWeight(text: string): number {
  if (text === "") return 0;
  const weight = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (weight >= 10 && weight <= 1000) return weight;
  throw new InvalidArgument(`blkioWeight: "${text}" is none from 10 to 1000`);
}

const pulls = ["missing", "always", "never"] as const;

function readPull(text: string): CreateRequest["pull"] {
  const pull = pulls.find((each) => each === text.toLowerCase());
  if (pull !== undefined || text === "") return pull;
  throw new InvalidArgument(`pull: "${text}" is none of ${pulls.join(", ")}`);
}

/** A JSON array of texts, or a single program; the empty text is none. */
function readEntrypoint(
  text: string | undefined,
): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return text === "" ? [] : (textList(text) ?? [text]);
}

/** A JSON array of texts, or something for the shell; `none` switches off the image's. */
function readHealthCheck(text: string): readonly string[] {
  if (text === "" || text === "none") return [];
  return textList(text) ?? ["/bin/sh", "-c", text];
}

function textList(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    const isTexts =
      Array.isArray(list) &&
      list.length > 0 &&
      list.every((each) => typeof each === "string");
    return isTexts ? list : undefined;
  } catch {
    // The name of a program may begin with a bracket: `[` is one.
    return undefined;
  }
}

/** `NAME=VALUE` or `NAME:VALUE` each; the value of the one that is asked for. */
function securityOption(options: readonly string[], name: string): string {
  const found = options.find(
    (option) =>
      /^[=:]/.test(option.slice(name.length)) && option.startsWith(name),
  );
  return found === undefined ? "" : found.slice(name.length + 1);
}

/** Bytes that a file of variables or labels may have. */
const MOST = 2 ** 20;

async function readText(file: string, what: string): Promise<string> {
  try {
    const found = await stat(file);
    // Another kind of file might never end, or wait for ever.
    if (found.isFile() && found.size <= MOST)
      return await readFile(file, "utf8");
  } catch (cause) {
    throw new InvalidArgument(`${what}: ${file} cannot be read`, { cause });
  }
  throw new InvalidArgument(
    `${what}: ${file} cannot be read: it is no file of at most ${MOST} bytes`,
  );
}

/** What files have, and over it what was given itself. */
async function readPairs(
  files: readonly string[] | null | undefined,
  given: readonly string[] | null | undefined,
  what: string,
): Promise<Readonly<Record<string, string>>> {
  const lines: string[] = [];
  for (const file of files ?? []) {
    const text = await readText(file, what);
    for (const line of text.split(/\r?\n/))
      if (line.trim() !== "" && !line.startsWith("#")) lines.push(line);
  }
  return parsePairs([...lines, ...(given ?? [])], what);
}
