import type { TContainer, TUintMap } from "portolan/porto";
import type { ContainerStats, OperationOptions } from "../../engine.ts";
import { ContainerStopped } from "../../errors.ts";
import { type About, asked } from "./errors.ts";
import type { Host } from "./host.ts";
import { Operation } from "./operation.ts";
import { isIdle } from "./states.ts";

const PROPERTIES: readonly string[] = [
  "state",
  "cpu_usage",
  "memory_usage",
  "memory_limit_total",
  "net_rx_bytes",
  "net_tx_bytes",
  "io_read",
  "io_write",
  "process_count",
];

/** The container that stands for the host. */
const ROOT = "/";

/** What a container had used at a time. */
interface Figures {
  readonly cpu: bigint;
  /** Milliseconds. */
  readonly at: number;
}

/** What containers use. Shares of the CPU are against the figures read before. */
export class Stats {
  readonly #host: Host;
  readonly #before = new Map<string, Figures>();
  #cpus: Promise<number> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** @throws NoSuchContainer; ContainerStopped for what does not run */
  readonly containerStats = async (
    id: string,
    options?: OperationOptions,
  ): Promise<ContainerStats> => {
    const operation = new Operation(options);
    const about: About = { call: "containerStats", container: id };
    const cpus = await this.#countCpus(about, operation);
    const container = await this.#host.container(
      id,
      PROPERTIES,
      about,
      operation,
    );
    const word = container.status?.state ?? "";
    if (isIdle(word)) throw new ContainerStopped(`${id} is ${word}`);
    return this.#show(id, container, cpus);
  };

  /** Of those of a pod's containers that run. @throws NoSuchPod */
  readonly podStats = async (
    id: string,
    options?: OperationOptions,
  ): Promise<readonly ContainerStats[]> => {
    const operation = new Operation(options);
    const about: About = { call: "podStats", pod: id };
    const cpus = await this.#countCpus(about, operation);
    const { members } = await this.#host.pod(id, PROPERTIES, about, operation);
    return members
      .filter(({ status }) => !isIdle(status?.state ?? ""))
      .map((member) => this.#show(member.spec?.name ?? "", member, cpus));
  };

  /** Nothing is known any more of what a container had used. */
  forget(id: string): void {
    this.#before.delete(id);
  }

  #show(id: string, { status }: TContainer, cpus: number): ContainerStats {
    const cpu = status?.cpu_usage ?? 0n;
    const now: Figures = { cpu, at: this.#host.now() };
    const before = this.#before.get(id);
    this.#before.set(id, now);
    return {
      id,
      name: id,
      cpuNanos: cpu,
      cpuPercent: before === undefined ? 0 : percent(before, now, cpus),
      memoryUsage: status?.memory_usage ?? 0n,
      memoryLimit: status?.memory_limit_total ?? 0n,
      networkInput: traffic(status?.net_rx_bytes),
      networkOutput: traffic(status?.net_tx_bytes),
      blockInput: transfer(status?.io_read),
      blockOutput: transfer(status?.io_write),
      pids: Number(status?.process_count ?? 0n),
    };
  }

  /** How many CPUs the host has; 0 where Porto does not tell. Asked for once. */
  async #countCpus(about: About, operation: Operation): Promise<number> {
    this.#cpus ??= this.#askCpus(about, operation);
    try {
      return await this.#cpus;
    } catch (error) {
      this.#cpus = undefined;
      throw error;
    }
  }

  async #askCpus(about: About, operation: Operation): Promise<number> {
    const root = await rootOf(
      this.#host,
      ["cpu_set_affinity"],
      about,
      operation,
    );
    return root?.status?.cpu_set_affinity?.count ?? 0;
  }
}

/** The container that stands for the host; undefined where the daemon does not show it. */
export async function rootOf(
  host: Host,
  properties: readonly string[],
  about: About,
  operation: Operation,
): Promise<TContainer | undefined> {
  const { containers } = await asked(
    about,
    host.client.listContainersBy(
      { filters: [{ name: ROOT }], field_options: { properties } },
      operation.limits,
    ),
  );
  return containers.find(({ spec }) => spec?.name === ROOT);
}

/** Nanoseconds of CPU time in a millisecond of one CPU. */
const NANOS = 1_000_000;

/** Less than before is used by what was started anew: the share is not known then. */
function percent(before: Figures, now: Figures, cpus: number): number {
  const passed = (now.at - before.at) * NANOS * cpus;
  const used = Number(now.cpu - before.cpu);
  return passed > 0 && used > 0 ? (100 * used) / passed : 0;
}

/** Bytes over all interfaces. Porto has sums among them, and the one that leads nowhere. */
function traffic(map: TUintMap | undefined): bigint {
  return sum(
    map,
    (name) => name !== "lo" && name !== "Uplink" && !name.includes(" "),
  );
}

/** Bytes over all disks: Porto's `hw` is their sum, and `fs` what went through file systems. */
function transfer(map: TUintMap | undefined): bigint {
  const total = map?.map.find(({ key }) => key === "hw");
  return total?.val ?? sum(map, (name) => name !== "fs");
}

function sum(
  map: TUintMap | undefined,
  counts: (name: string) => boolean,
): bigint {
  let total = 0n;
  for (const { key = "", val = 0n } of map?.map ?? [])
    if (counts(key)) total += val;
  return total;
}
