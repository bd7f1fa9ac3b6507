import type { ContainerConfig } from "../../../engine.ts";
import type { Spec } from "../../../spec.ts";
import type { ContainerRecord } from "../../../state.ts";
import { quoteCommand } from "../command.ts";
import { MADE } from "../keys.ts";
import { formatCores, formatMap, mergeEscaped, mergeTuples } from "../text.ts";

type Reader = (spec: Spec, config: ContainerConfig) => string | undefined;

const some = (number: number | undefined): string | undefined =>
  number === undefined || number <= 0 ? undefined : String(number);

/** What of a configuration that others than Porto wrote is one of Porto's properties. */
const readers: Readonly<Record<string, Reader>> = {
  command: ({ process }) => quoteCommand(process?.args ?? []),
  env: ({ process }) => mergeEscaped(process?.env ?? [], ";"),
  cwd: ({ process }) => process?.cwd,
  user: ({ process }) => process?.user?.uid?.toString(),
  group: ({ process }) => process?.user?.gid?.toString(),
  hostname: ({ hostname }) => hostname,
  root_readonly: ({ root }) => root?.readonly?.toString(),
  root: (_, { rootfs }) =>
    rootfs !== undefined && "path" in rootfs ? rootfs.path : undefined,
  labels: (_, { labels = {} }) => formatMap(new Map(Object.entries(labels))),
  memory_limit: ({ linux }) => some(linux?.resources?.memory?.limit),
  thread_limit: ({ linux }) => some(linux?.resources?.pids?.limit),
  cpu_limit({ linux }) {
    const { quota, period = 100_000 } = linux?.resources?.cpu ?? {};
    return quota === undefined || quota <= 0
      ? undefined
      : formatCores(quota / period);
  },
  bind: ({ mounts = [] }) =>
    mergeTuples(
      mounts
        .filter(({ options = [] }) =>
          options.some((option) => option === "bind" || option === "rbind"),
        )
        .map(({ source = "", destination, options = [] }) =>
          options.includes("ro")
            ? [source, destination, "ro"]
            : [source, destination],
        ),
    ),
};

/** A property of a container that others made, as its configuration has it; undefined where that says nothing. */
export function foreignValue(
  record: ContainerRecord | undefined,
  property: string,
): string | undefined {
  if (record === undefined || !Object.hasOwn(readers, property))
    return undefined;
  const { config, extra } = record;
  // The configuration of Porto's own follows from its properties.
  if (extra[MADE] !== undefined) return undefined;
  const value = readers[property]?.(config.spec, config);
  return value === "" ? undefined : value;
}
