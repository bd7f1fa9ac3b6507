import type { ContainerStats } from "../../../engine.ts";
import { formatMap } from "../text.ts";
import type { Box } from "../view.ts";
import {
  definitions,
  number,
  type Readable,
  type Source,
} from "./readable-kinds.ts";

const { define, defineMap, list } = definitions();
const running = { runtime: true } as const;

/** A figure of the engine's; 0 of what does not run any more. */
function defineFigure(
  name: string,
  description: string,
  figure: (stats: ContainerStats) => bigint,
): void {
  define(
    name,
    description,
    async (box, source) => {
      const stats = await source.stats(box);
      return number(stats === undefined ? 0n : figure(stats));
    },
    running,
  );
}

defineFigure("cpu_usage", "CPU time, nanoseconds", ({ cpuNanos }) => cpuNanos);
defineFigure(
  "memory_usage",
  "memory in use, bytes",
  ({ memoryUsage }) => memoryUsage,
);
defineFigure(
  "anon_usage",
  "anonymous memory in use, bytes",
  ({ memoryUsage }) => memoryUsage,
);
defineFigure("process_count", "processes in it", ({ pids }) => BigInt(pids));
defineFigure("thread_count", "threads in it", ({ pids }) => BigInt(pids));
for (const [name, description] of [
  ["cpu_usage_system", "CPU time in the kernel, nanoseconds"],
  ["cpu_wait", "time that it waited for a CPU, nanoseconds"],
  ["cpu_throttled", "time that its CPU limit held it back, nanoseconds"],
  ["cache_usage", "page cache in use, bytes"],
  ["shmem_usage", "shared memory in use, bytes"],
  ["mlock_usage", "locked memory, bytes"],
  ["hugetlb_usage", "huge pages in use, bytes"],
  ["minor_faults", "page faults that needed no disk"],
  ["major_faults", "page faults that read from disk"],
  ["memory_reclaimed", "memory that was reclaimed, bytes"],
] as const)
  define(name, description, () => number(0n), running);
define("max_rss", "highest use of anonymous memory, bytes", () => number(0n), {
  ...running,
  field: null,
});
define(
  "virtual_memory",
  "virtual memory: <kind>: <bytes>; ...",
  async (box, source) => {
    const { memoryUsage: used = 0n, pids = 0 } =
      (await source.stats(box)) ?? {};
    const typed = { count: BigInt(pids), used, anon: used };
    return { text: formatMap(new Map(Object.entries(typed))), typed };
  },
  running,
);

const disk =
  (figure?: (stats: ContainerStats) => bigint) =>
  async (box: Box, source: Source): Promise<Map<string, bigint>> => {
    const stats = await source.stats(box);
    const value = stats === undefined ? 0n : (figure?.(stats) ?? 0n);
    return new Map([
      ["fs", value],
      ["hw", value],
    ]);
  };
defineMap(
  "io_read",
  "bytes read: <disk>: <bytes>; ...",
  disk(({ blockInput }) => blockInput),
);
defineMap(
  "io_write",
  "bytes written: <disk>: <bytes>; ...",
  disk(({ blockOutput }) => blockOutput),
);
for (const [name, what] of [
  ["io_ops", "operations"],
  ["io_read_ops", "read operations"],
  ["io_write_ops", "write operations"],
  ["io_time", "time spent in operations, nanoseconds"],
  ["io_pressure", "how much it was held up"],
] as const)
  defineMap(name, `${what}: <disk>: <number>; ...`, disk());

const device =
  (figure?: (stats: ContainerStats) => bigint) =>
  async (box: Box, source: Source): Promise<Map<string, bigint>> => {
    const stats = await source.stats(box);
    return new Map([
      ["eth0", stats === undefined ? 0n : (figure?.(stats) ?? 0n)],
    ]);
  };
const sent = device(({ networkOutput }) => networkOutput);
const received = device(({ networkInput }) => networkInput);
for (const [name, what, read] of [
  ["net_bytes", "bytes sent", sent],
  ["net_packets", "packets sent", device()],
  ["net_drops", "packets dropped", device()],
  ["net_overlimits", "packets held back", device()],
  ["net_rx_bytes", "bytes received", received],
  ["net_rx_packets", "packets received", device()],
  ["net_rx_drops", "incoming packets dropped", device()],
  ["net_tx_bytes", "bytes sent", sent],
  ["net_tx_packets", "packets sent", device()],
  ["net_tx_drops", "outgoing packets dropped", device()],
] as const)
  defineMap(name, `${what}: <interface>: <number>; ...`, read);

/** What a container uses. */
export const figures: readonly Readable[] = list;
