import type { TContainerSpecInput } from "portolan/porto";
import type { SpecLinux, SpecNamespace, SpecResources } from "../../../spec.ts";
import { InvalidArgument } from "../../../errors.ts";
import { wholeNumber } from "./process.ts";
import { refuse, refuseOthers } from "./refuse.ts";

/** Microseconds: the period of the CPU's quota where none is given. */
const DEFAULT_PERIOD = 100_000;
const MIN_PERIOD = 1000;
const MAX_PERIOD = 1_000_000;

/**
 * What is Linux's: limits, namespaces, kernel parameters.
 *
 * @throws NotSupported; InvalidArgument
 */
export function linuxSpec(linux: SpecLinux = {}): TContainerSpecInput {
  const { resources, namespaces, sysctl = {} } = linux;
  refuseOthers(linux, ["resources", "namespaces", "sysctl"], "spec.linux.");
  const parameters = Object.entries(sysctl);
  return {
    ...resourcesSpec(resources),
    ...(namespaces !== undefined && namespacesSpec(namespaces)),
    ...(parameters.length > 0 && {
      sysctl: { map: parameters.map(([key, val]) => ({ key, val })) },
    }),
  };
}

function resourcesSpec(resources: SpecResources = {}): TContainerSpecInput {
  const { memory = {}, cpu = {}, pids } = resources;
  const where = "spec.linux.resources.";
  refuseOthers(resources, ["memory", "cpu", "pids"], where);
  refuseOthers(memory, ["limit"], `${where}memory.`);
  refuseOthers(cpu, ["quota", "period", "cpus", "mems"], `${where}cpu.`);
  const threads = pids?.limit;
  // Porto has a limit by default, and no word for none.
  if (threads !== undefined && threads <= 0)
    refuse(`${where}pids without limit`);
  return {
    ...(memory.limit !== undefined && {
      // Porto's word for no limit is 0.
      memory_limit:
        memory.limit === -1
          ? 0n
          : wholeNumber(memory.limit, "the limit of memory"),
    }),
    ...cpuSpec(cpu),
    ...(threads !== undefined && {
      thread_limit: wholeNumber(threads, "the limit of processes"),
    }),
  };
}

function cpuSpec(cpu: NonNullable<SpecResources["cpu"]>): TContainerSpecInput {
  const { quota, period = DEFAULT_PERIOD, cpus = "", mems = "" } = cpu;
  if (cpus === "" && mems !== "")
    refuse("spec.linux.resources.cpu.mems without cpus");
  if (period < MIN_PERIOD || period > MAX_PERIOD)
    throw new InvalidArgument(
      `the period of the CPU's quota is from ${MIN_PERIOD} to ${MAX_PERIOD} microseconds for Porto, not ${period}`,
    );
  return {
    ...(quota !== undefined && {
      // No quota is -1 here, and 0 cores there.
      cpu_limit: quota <= 0 ? 0 : quota / period,
    }),
    ...(cpu.period !== undefined && {
      cpu_period: wholeNumber(period, "the period of the CPU's quota") * 1000n,
    }),
    ...(cpus !== "" && {
      cpu_set: { policy: "set", list: cpus, ...(mems !== "" && { mems }) },
    }),
  };
}

/** Namespaces that Porto makes together, by its property `isolate`. */
const isolated = ["pid", "ipc", "uts"];

/** What a list of namespaces asks for; without one the container has Porto's own. */
function namespacesSpec(
  namespaces: readonly SpecNamespace[],
): TContainerSpecInput {
  const types = new Set<string>();
  for (const { type, path = "" } of namespaces) {
    if (path !== "") refuse(`spec.linux.namespaces: ${type} at a path`);
    if (![...isolated, "mount", "network"].includes(type))
      refuse(`spec.linux.namespaces: ${type}`);
    types.add(type);
  }
  const own = isolated.filter((type) => types.has(type));
  if (own.length > 0 && own.length < isolated.length)
    refuse(`spec.linux.namespaces: not all of ${isolated.join(", ")}`);
  return {
    isolate: own.length > 0,
    ...(types.has("network") && { net: { cfg: [{ opt: "none" }] } }),
  };
}
