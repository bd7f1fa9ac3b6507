import type {
  ContainerStats,
  EngineInfo,
  EngineVersion,
  OperationOptions,
} from "../../engine.ts";
import type { ContainerRecord } from "../../state.ts";
import type { Host } from "./host.ts";
import type { Run } from "./live.ts";
import type { Machine } from "./machine.ts";
import { operate } from "./operation.ts";
import type { EmbeddedEngine } from "./types.ts";
import { isAlive } from "./views.ts";
import { ContainerStopped } from "../../errors.ts";

/** The version of the embedded engine. */
const VERSION = "1.0.0";

/** The machine that the engine pretends to run on: the same everywhere, so that tests are too. */
const machineInfo = {
  hostname: "embedded",
  kernel: "embedded",
  os: "linux",
  architecture: "amd64",
  cpus: 4,
  memoryTotal: 2n ** 32n,
  memoryFree: 2n ** 31n,
} as const;

/** Nanoseconds of CPU time for a millisecond that a container runs: 1 % of one CPU. */
const CPU_NANOS = 10_000n;
/** Bytes that a container uses as soon as it runs, and those it gains every second, up to the most. */
const MEMORY = { first: 2n ** 20n, aSecond: 4096n, most: 2n ** 24n } as const;

type FigureCalls = Pick<
  EmbeddedEngine,
  "version" | "info" | "containerStats" | "podStats" | "containerProcesses"
>;

/**
 * The calls that tell of what the engine does. Nothing real can be measured: figures
 * are functions of the milliseconds that a container ran without being paused.
 *
 * - CPU time: 1 % of a CPU; `cpuPercent` relates it to the time since the figures
 *   before, or since the start, and to all CPUs.
 * - Memory: 1 MiB, and 4 KiB more every second, up to 16 MiB or the limit.
 * - Blocks written: the bytes of output of this run. Network and blocks read: none.
 * - Processes: the container's own and those of `exec`. The first one uses all of the
 *   CPU time, and its `%CPU` is what `cpuPercent` is since the start.
 */
export function figureCalls(host: Host, machine: Machine): FigureCalls {
  const locked = <T>(
    options: OperationOptions | undefined,
    work: () => Promise<T>,
  ): Promise<T> =>
    operate(host, options, (signal) => host.locked(work, signal));

  const aliveRun = (record: ContainerRecord): Run => {
    const { run } = host.live(record.id);
    if (run === undefined)
      throw new ContainerStopped(
        `container ${record.id} is ${record.state}, it does not run`,
      );
    return run;
  };

  return {
    version: (options) =>
      locked(options, async (): Promise<EngineVersion> => ({
        version: VERSION,
        api: "embedded",
        osArch: `${machineInfo.os}/${machineInfo.architecture}`,
        raw: { version: VERSION },
      })),
    info: (options) =>
      locked(options, async (): Promise<EngineInfo> => {
        const containers = (await host.state.getAllContainers()).length;
        const images = (await host.images.list()).length;
        const told = { ...machineInfo, containers, images };
        return { ...told, raw: told };
      }),
    containerStats: (id, options) =>
      locked(options, async () => {
        const record = await machine.record(id);
        return figuresOf(host, record, aliveRun(record));
      }),
    podStats: (id, options) =>
      locked(options, async () => {
        await host.state.getPod(id);
        const members = await machine.members(id);
        return members
          .filter(isAlive)
          .map((record) => figuresOf(host, record, aliveRun(record)));
      }),
    containerProcesses: (id, options) =>
      locked(options, async () => {
        const record = await machine.record(id);
        return processesOf(host, record, aliveRun(record));
      }),
  };
}

/** Milliseconds that it ran without being paused. */
function activeTime(host: Host, record: ContainerRecord, run: Run): number {
  const until = run.frozenSince ?? host.clock.now();
  return Math.max(until - (record.startedAt ?? until) - run.frozenFor, 0);
}

function figuresOf(
  host: Host,
  record: ContainerRecord,
  run: Run,
): ContainerStats {
  const now = host.clock.now();
  const active = BigInt(Math.floor(activeTime(host, record, run)));
  const cpuNanos = active * CPU_NANOS;
  const { figures: before, figuresAt } = run;
  const passed =
    now - (before === undefined ? startOf(record, now) : figuresAt);
  const limit = record.config.spec.linux?.resources?.memory?.limit;
  // Podman's for "no limit" is -1, or 0.
  const memoryLimit =
    limit === undefined || limit <= 0
      ? machineInfo.memoryTotal
      : BigInt(Math.floor(limit));
  const gained = MEMORY.first + (active / 1000n) * MEMORY.aSecond;
  const figures: ContainerStats = {
    id: record.id,
    name: record.name,
    cpuNanos,
    cpuPercent: cpuShare(cpuNanos - (before?.cpuNanos ?? 0n), passed),
    memoryUsage: least(gained, MEMORY.most, memoryLimit),
    memoryLimit,
    networkInput: 0n,
    networkOutput: 0n,
    blockInput: 0n,
    blockOutput: BigInt(host.live(record.id).output.written - run.outputBefore),
    pids: 1 + run.sessions.size,
  };
  run.figures = figures;
  run.figuresAt = now;
  return figures;
}

/** When it was started; one that is just being started has not run yet. */
function startOf(record: ContainerRecord, now: number): number {
  return record.startedAt ?? now;
}

/** CPU time as a share of all CPUs over so many milliseconds, in percent. */
function cpuShare(nanos: bigint, passed: number): number {
  if (passed <= 0) return 0;
  return (Number(nanos) / 1e6 / passed / machineInfo.cpus) * 100;
}

function least(...numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => (b < a ? b : a));
}

/** A line for each process, in the columns that Podman's `top` has. */
function processesOf(
  host: Host,
  record: ContainerRecord,
  run: Run,
): readonly string[] {
  const now = host.clock.now();
  const active = Math.floor(activeTime(host, record, run));
  const share = cpuShare(
    BigInt(active) * CPU_NANOS,
    now - startOf(record, now),
  ).toFixed(3);
  const commands = [
    record.config.spec.process?.args ?? [],
    ...[...run.sessions].map(({ command }) => command),
  ];
  return [
    "USER\tPID\tPPID\t%CPU\tELAPSED\tTTY\tTIME\tCOMMAND",
    ...commands.map((command, index) => {
      const [parent, cpu] = index === 0 ? [0, share] : [1, "0.000"];
      return `root\t${index + 1}\t${parent}\t${cpu}\t${active / 1000}s\t?\t0s\t${command.join(" ")}`;
    }),
  ];
}
