import type {
  TCapabilities,
  TContainerSpec,
  TContainerUlimit,
} from "portolan/porto";
import type {
  Spec,
  SpecMount,
  SpecNamespace,
  SpecProcess,
  SpecResources,
  SpecRlimit,
} from "../../../spec.ts";
import { commandOf } from "../describe.ts";
import { readKept } from "../kept.ts";

/** As the kernel says it: all 64 bits, as near as a number comes. */
const INFINITE = 2 ** 64;

/** Microseconds, where Porto does not say: its own default. */
const DEFAULT_PERIOD = 100_000;

/**
 * The specification that a container's properties amount to: what Porto knows of
 * it, which is more than what it was made with (defaults are in it) and less where
 * Porto has no such property.
 */
export function fromPorto(spec: TContainerSpec): Spec {
  const { annotations = {} } = readKept(spec.private);
  return {
    ociVersion: "1.0.2",
    process: processOf(spec),
    root: {
      path: spec.root ?? "/",
      readonly: spec.root_readonly ?? false,
    },
    ...((spec.hostname ?? "") !== "" && { hostname: spec.hostname }),
    mounts: (spec.bind?.bind ?? []).map(mountOf),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    linux: {
      namespaces: namespacesOf(spec),
      resources: resourcesOf(spec),
      ...(spec.sysctl !== undefined && {
        sysctl: Object.fromEntries(
          spec.sysctl.map.map(({ key = "", val = "" }) => [key, val]),
        ),
      }),
    },
  };
}

function processOf(spec: TContainerSpec): SpecProcess {
  const { task_cred: cred } = spec;
  const bounding = capabilities(spec.capabilities);
  const ambient = capabilities(spec.capabilities_ambient);
  return {
    args: commandOf(spec),
    env: (spec.env?.var ?? [])
      .filter(({ unset }) => unset !== true)
      .map(({ name = "", value = "" }) => `${name}=${value}`),
    ...(spec.cwd !== undefined && { cwd: spec.cwd }),
    user: {
      ...(cred?.uid !== undefined && { uid: cred.uid }),
      ...(cred?.gid !== undefined && { gid: cred.gid }),
      ...(cred !== undefined &&
        cred.grp.length > 0 && { additionalGids: cred.grp }),
      ...(spec.user !== undefined && {
        username:
          spec.group === undefined ? spec.user : `${spec.user}:${spec.group}`,
      }),
    },
    ...((bounding ?? ambient) !== undefined && {
      capabilities: { bounding, ambient },
    }),
    rlimits: (spec.ulimit?.ulimit ?? [])
      .filter(({ inherited }) => inherited !== true)
      .map(rlimitOf),
    ...(spec.oom_score_adj !== undefined && {
      oomScoreAdj: spec.oom_score_adj,
    }),
  };
}

function capabilities(set: TCapabilities | undefined): string[] | undefined {
  return set?.cap.map((name) => `CAP_${name}`);
}

function rlimitOf({ type = "", soft, hard }: TContainerUlimit): SpecRlimit {
  return {
    type: `RLIMIT_${type.toUpperCase()}`,
    soft: soft === undefined ? INFINITE : Number(soft),
    hard: hard === undefined ? INFINITE : Number(hard),
  };
}

function mountOf({
  source = "",
  target = "",
  flag,
}: {
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly flag: readonly string[];
}): SpecMount {
  // A flag may be several, as the daemon lists them.
  const words = flag.flatMap((text) => text.split(","));
  return {
    destination: target,
    type: "bind",
    source,
    options: [
      words.includes("rec") ? "rbind" : "bind",
      ...words.filter((word) => word !== "rec"),
    ],
  };
}

function namespacesOf({ isolate, net }: TContainerSpec): SpecNamespace[] {
  const types = ["mount", ...(isolate === false ? [] : ["pid", "ipc", "uts"])];
  const inherits =
    net === undefined ||
    net.inherited === true ||
    net.cfg.every(({ opt }) => opt === "inherited");
  return [...types, ...(inherits ? [] : ["network"])].map((type) => ({ type }));
}

function resourcesOf(spec: TContainerSpec): SpecResources {
  const { memory_limit: memory = 0n, cpu_limit: cores = 0 } = spec;
  const { cpu_set: set, thread_limit: threads } = spec;
  const period =
    spec.cpu_period === undefined
      ? DEFAULT_PERIOD
      : Number(spec.cpu_period / 1000n);
  const cpu = {
    ...(cores > 0 && { quota: Math.round(cores * period), period }),
    ...(set?.policy === "set" && { cpus: set.list ?? set.cpu.join(",") }),
    ...((set?.mems ?? "") !== "" && { mems: set?.mems }),
  };
  return {
    ...(memory > 0n && { memory: { limit: Number(memory) } }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(threads !== undefined && { pids: { limit: Number(threads) } }),
  };
}
