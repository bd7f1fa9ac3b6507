import type { ContainerConfig, RootFs } from "../../engine.ts";
import { IDLE_ANNOTATION } from "../../engines/embedded/idle.ts";
import { signals } from "../../signals.ts";
import type { SpecMount, SpecProcess, SpecResources } from "../../spec.ts";
import { splitCommand } from "./command.ts";
import { readEnvironment, readUlimits } from "./properties/kinds-container.ts";
import { parseMap, splitEscaped, splitTuples } from "./text.ts";
import { MADE } from "./keys.ts";
import type { Box } from "./view.ts";

/** Microseconds of the period over which CPU limits are kept. */
const CPU_PERIOD = 100_000;

/** What stands for no limit where there has to be a number. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * The environment of a container's main process: what every one has, what the
 * container sets, and, where it is not isolated, what those around it set.
 */
export function environmentOf(box: Box): ReadonlyMap<string, string> {
  const fixed = new Map([
    ["PORTO_NAME", box.name],
    ["PORTO_HOST", box.view.facts.hostname],
    ["PORTO_USER", box.text("owner_user")],
  ]);
  const env = new Map<string, string | undefined>();
  for (
    let source: Box | undefined = box;
    source !== undefined;
    source = source.text("isolate") === "true" ? undefined : source.parent
  )
    for (const property of ["env_secret", "env"])
      for (const [name, value] of readEnvironment(source.text(property)))
        if (!env.has(name)) env.set(name, value);
  const all = new Map([
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["HOME", box.text("cwd")],
    ["USER", box.text("user")],
    ["container", "lxc"],
  ]);
  for (const [name, value] of env)
    if (value === undefined) all.delete(name);
    else all.set(name, value);
  return new Map([...all, ...fixed]);
}

/** @throws PortoError `InvalidCommand` */
export function commandOf(box: Box): readonly string[] {
  const argv = box.text("command_argv");
  return argv === ""
    ? splitCommand(box.text("command"), environmentOf(box))
    : splitEscaped(argv, "\t");
}

/**
 * What Porto's properties make of the engine's configuration of a container, so that
 * its program gets them, and others than Porto's clients see them. What Porto did not
 * set stays as whoever made the container wrote it.
 *
 * @throws PortoError `InvalidCommand`
 */
export function configOf(box: Box): ContainerConfig {
  const { config, extra } = box.written;
  const made = extra[MADE] !== undefined;
  const ours = (...properties: string[]): boolean =>
    made || properties.some((property) => box.isSet(property));
  const { spec } = config;
  const process: SpecProcess = {
    ...spec.process,
    ...(ours("command", "command_argv") ? { args: commandOf(box) } : {}),
    ...(ours("env", "env_secret", "user", "owner_user", "cwd")
      ? {
          env: [...environmentOf(box)].map(
            ([name, value]) => `${name}=${value}`,
          ),
        }
      : {}),
    ...(ours("cwd") ? { cwd: box.text("cwd") } : {}),
    ...(ours("user", "group") ? { user: { username: userOf(box) } } : {}),
    ...(ours("ulimit") ? { rlimits: rlimitsOf(box) } : {}),
  };
  return {
    ...config,
    spec: {
      ...spec,
      process,
      ...(ours("root_readonly")
        ? {
            root: {
              ...spec.root,
              readonly: box.text("root_readonly") === "true",
            },
          }
        : {}),
      ...(ours("hostname")
        ? {
            hostname:
              box.text("hostname") === "" ? undefined : box.text("hostname"),
          }
        : {}),
      ...(ours("bind") ? { mounts: mountsOf(box) } : {}),
      linux: {
        ...spec.linux,
        resources: { ...spec.linux?.resources, ...resourcesOf(box, ours) },
      },
    },
    ...(ours("labels")
      ? { labels: Object.fromEntries(parseMap(box.text("labels"))) }
      : {}),
    ...(ours("root") && box.text("root") !== "/"
      ? { rootfs: rootOf(box, config.rootfs) }
      : {}),
    ...(ours("virt_mode") && box.text("virt_mode") === "os"
      ? { stopSignal: signals.SIGPWR }
      : {}),
    annotations: {
      ...config.annotations,
      [IDLE_ANNOTATION]: String(made && box.text("command") === ""),
    },
  };
}

function userOf(box: Box): string {
  return `${box.text("user")}:${box.text("group")}`;
}

function rlimitsOf(box: Box): SpecProcess["rlimits"] {
  return [...readUlimits(box.text("ulimit"))].map(([type, { soft, hard }]) => ({
    type: `RLIMIT_${type.toUpperCase()}`,
    soft: Number(soft ?? NO_LIMIT),
    hard: Number(hard ?? NO_LIMIT),
  }));
}

function mountsOf(box: Box): readonly SpecMount[] {
  return splitTuples(box.text("bind")).map(
    ([source = "", destination = "", flags = ""]) => ({
      type: "bind",
      source,
      destination,
      options: ["bind", ...flags.split(",").filter((flag) => flag !== "")],
    }),
  );
}

/** An image that others gave the container stays where its root is the same. */
function rootOf(box: Box, before: RootFs | undefined): RootFs {
  const path = box.text("root");
  return before !== undefined && "path" in before && before.path === path
    ? before
    : { path };
}

function resourcesOf(
  box: Box,
  ours: (property: string) => boolean,
): SpecResources {
  const memory = Number(box.text("memory_limit"));
  const threads = box.text("thread_limit");
  const cores = Number(box.text("cpu_limit").replace("c", ""));
  return {
    ...(ours("memory_limit")
      ? { memory: memory > 0 ? { limit: memory } : undefined }
      : {}),
    ...(ours("cpu_limit")
      ? {
          cpu:
            cores > 0
              ? { quota: Math.round(cores * CPU_PERIOD), period: CPU_PERIOD }
              : undefined,
        }
      : {}),
    ...(box.isSet("thread_limit")
      ? { pids: threads === "" ? undefined : { limit: Number(threads) } }
      : {}),
  };
}
