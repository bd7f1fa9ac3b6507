import type { ContainerState, PodState } from "./engine.ts";

/**
 * The state of a pod with containers in these states; see {@link PodState}. One that is
 * on its way to run, or to its end, runs.
 */
export function podStateOf(states: readonly ContainerState[]): PodState {
  const count = (...some: readonly ContainerState[]): number =>
    states.filter((state) => some.includes(state)).length;
  const all = states.length;
  const running = count("starting", "running", "stopping");
  if (count("configured", "created") === all) return "created";
  if (running === all) return "running";
  if (running > 0) return "degraded";
  if (count("unknown") > 0) return "unknown";
  if (count("paused") === all) return "paused";
  return count("exited", "removing") === all ? "exited" : "stopped";
}
