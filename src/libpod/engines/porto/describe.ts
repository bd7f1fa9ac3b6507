import type { TContainer, TContainerSpec } from "portolan/porto";
import type { ContainerDetails, ContainerSummary } from "../../engine.ts";
import { type Kept, POD_LABEL, readKept } from "./kept.ts";
import { parentOf } from "./names.ts";
import { exitCodeOf, stateOf } from "./states.ts";
import { splitCommand } from "./words.ts";

/** Properties that {@link summarize} reads. */
export const SUMMARY: readonly string[] = [
  "state",
  "labels",
  "private",
  "command",
  "command_argv",
  "creation_time",
];

/** Properties that {@link detail} reads: those of a container's setting, and how it is doing. */
export const DETAILS: readonly string[] = [
  ...SUMMARY,
  "absolute_name",
  "id",
  "parent",
  "root_pid",
  "exit_code",
  "exit_status",
  "oom_killed",
  "core_dumped",
  "start_error",
  "start_time",
  "death_time",
  "change_time",
  "root_path",
  "weak",
  "respawn",
  "respawn_count",
  "virt_mode",
  "isolate",
  "env",
  "cwd",
  "user",
  "group",
  "task_cred",
  "owner_user",
  "owner_group",
  "capabilities",
  "capabilities_ambient",
  "ulimit",
  "root",
  "root_readonly",
  "bind",
  "hostname",
  "net",
  "sysctl",
  "memory_limit",
  "memory_limit_total",
  "cpu_limit",
  "cpu_period",
  "cpu_set",
  "thread_limit",
  "oom_score_adj",
  "stdout_path",
  "stderr_path",
  "stdout_limit",
  "aging_time",
  "enable_porto",
  "volumes_linked",
];

/** A container's labels, Porto's own and those that are kept beside them. */
export function labelsOf(
  spec: TContainerSpec | undefined,
  kept: Kept,
): Record<string, string> {
  const labels: [string, string][] = (spec?.labels?.map ?? [])
    .filter(({ key }) => key !== POD_LABEL)
    .map(({ key = "", val = "" }) => [key, val]);
  return { ...kept.labels, ...Object.fromEntries(labels) };
}

/** The command: argument by argument where Porto has it so, else split as the daemon does. */
export function commandOf(spec: TContainerSpec | undefined): readonly string[] {
  const argv = spec?.command_argv?.argv ?? [];
  return argv.length > 0 ? argv : splitCommand(spec?.command ?? "");
}

/** @param pods Names of pods, so that what is nested in one is known to be. */
export function summarize(
  { spec, status }: TContainer,
  pods: ReadonlySet<string>,
): ContainerSummary {
  const id = spec?.name ?? "";
  const word = status?.state ?? "";
  const kept = readKept(spec?.private);
  const parent = parentOf(id);
  return {
    id,
    name: id,
    state: stateOf(word),
    engineState: word,
    image: kept.image,
    imageId: kept.imageId,
    command: commandOf(spec),
    createdAt: dateOf(status?.creation_time),
    labels: labelsOf(spec, kept),
    podId: parent !== undefined && pods.has(parent) ? parent : undefined,
  };
}

export function detail(
  container: TContainer,
  pods: ReadonlySet<string>,
): ContainerDetails {
  const { spec, status } = container;
  const summary = summarize(container, pods);
  const { annotations = {}, stopSignal } = readKept(spec?.private);
  const ended = summary.state === "exited";
  const running = status?.root_pid !== undefined && status.root_pid > 0;
  return {
    ...summary,
    pid: running && !ended ? status.root_pid : undefined,
    exitCode:
      ended && status?.exit_code !== undefined
        ? exitCodeOf(status.exit_code)
        : undefined,
    oomKilled: ended ? (status?.oom_killed ?? false) : undefined,
    error: status?.start_error?.msg,
    startedAt: dateOf(status?.start_time),
    finishedAt: ended ? dateOf(status?.death_time) : undefined,
    annotations,
    stopSignal,
    mountPoint: status?.root_path,
    raw: container,
  };
}

/** A time of Porto's, in seconds; 0 is none. */
export function dateOf(seconds: bigint | undefined): Date | undefined {
  return seconds === undefined || seconds === 0n
    ? undefined
    : new Date(Number(seconds) * 1000);
}
