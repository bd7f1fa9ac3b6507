import { readFileSync } from "node:fs";
import type { Usage } from "../contract.ts";

/** What this process has used. */
export function usage(): Usage {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpu: cpuTime(),
    peak: peakOf("self"),
    resident: rss,
    heap: heapUsed,
  };
}

/**
 * The most memory a process ever had, in bytes; Linux only, else not a number.
 *
 * What getrusage tells instead begins with the memory of who started the process.
 */
export function peakOf(pid: number | "self"): number {
  if (process.platform !== "linux") return Number.NaN;
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** What all threads of this process have worked, in microseconds. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * Collects all garbage, and what it gives back once more.
 *
 * @throws Error without `--expose-gc`.
 */
export function collectGarbage(): void {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (gc === undefined) throw new Error("run with --expose-gc");
  gc();
}
