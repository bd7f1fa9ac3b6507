import type { ContainerState, PodState } from "./engine.ts";

const alive: ReadonlySet<ContainerState> = new Set([
  "starting",
  "running",
  "stopping",
]);

/**
 * The state of a pod with containers in these states; see {@link PodState}. One that is
 * on its way to run, or to its end, runs.
 */
export function podStateOf(states: readonly ContainerState[]): PodState {
  const all = (...wanted: readonly ContainerState[]): boolean =>
    states.every((state) => wanted.includes(state));
  if (all("configured", "created")) return "created";
  if (states.includes("unknown")) return "unknown";
  const running = states.filter((state) => alive.has(state)).length;
  if (running > 0) return running === states.length ? "running" : "degraded";
  if (states.includes("paused")) return "paused";
  return all("exited", "removing") ? "exited" : "stopped";
}
