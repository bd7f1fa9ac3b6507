import type { ContainerState } from "../../engine.ts";

const states: ReadonlyMap<string, ContainerState> = new Map([
  ["stopped", "configured"],
  ["starting", "starting"],
  ["running", "running"],
  ["stopping", "stopping"],
  ["paused", "paused"],
  ["dead", "exited"],
  ["meta", "running"],
  ["respawning", "starting"],
  ["destroyed", "removing"],
]);

/** The state that one of Porto's words for it means. */
export function stateOf(word: string): ContainerState {
  return states.get(word) ?? "unknown";
}

/** Whether nothing runs in a container of this state: Porto's words. */
export function isIdle(word: string): boolean {
  return word === "stopped" || word === "dead";
}

/** Porto's exit code where memory was lacking. */
const OUT_OF_MEMORY = -99;
const SIGKILL = 9;

/**
 * The exit code that one of Porto's means: those below 0 are signals, which are told as
 * 128 + n; -99 is a lack of memory, where the kernel kills.
 */
export function exitCodeOf(code: number): number {
  if (code >= 0) return code;
  return 128 + (code === OUT_OF_MEMORY ? SIGKILL : -code);
}
