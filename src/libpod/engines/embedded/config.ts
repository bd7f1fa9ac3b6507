import type { ContainerConfig } from "../../engine.ts";
import { InvalidArgument } from "../../errors.ts";
import { signalNumber, type SignalName } from "../../signals.ts";
import type { Spec } from "../../spec.ts";
import type { RunConfig } from "./images/config.ts";
import { environment } from "./programs.ts";

export const SIGTERM = 15;

/** Characters that names of containers and pods are made of: Podman's, and Porto's with its `/`. */
const NAME = /^[\w@:./-]{1,255}$/;

/** @throws InvalidArgument */
export function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw new InvalidArgument(
      `"${name.slice(0, 100)}" is no name: it must have 1 to 255 of A-Z, a-z, 0-9 and _ . - : @ /`,
    );
  }
}

const adjectives =
  "brisk calm clear deep early fair free high keen light long mild north open quiet steady".split(
    " ",
  );
const nouns =
  "anchorage bay beacon cape coast gulf harbour haven island lagoon mole pier reef shoal sound strait".split(
    " ",
  );

function pick(words: readonly string[], digits: string): string {
  return words[Number.parseInt(digits, 16) % words.length] ?? "";
}

/**
 * A name for what was given none: the same for the same id.
 *
 * @param names Those that are given already.
 */
export function nameFor(id: string, names: Iterable<string>): string {
  const name = `${pick(adjectives, id.slice(-8, -4))}_${pick(nouns, id.slice(-4))}`;
  const taken = new Set<string>();
  for (const each of names) if (each.startsWith(name)) taken.add(each);
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1)
    if (!taken.has(`${name}_${number}`)) return `${name}_${number}`;
}

/**
 * What a container runs with: what its configuration says, and where that says
 * nothing, what its image says. Of environment and labels both count, the
 * container's own first.
 *
 * @param image Absent without an image, and where its configuration is not wanted.
 * @throws InvalidArgument
 */
export function completed(
  config: ContainerConfig,
  image: RunConfig | undefined,
): ContainerConfig {
  if (config.stopSignal !== undefined)
    signalNumber(config.stopSignal, "stopSignal");
  if (image === undefined) return config;
  return {
    ...config,
    spec: completedSpec(config.spec, image),
    labels: { ...image.Labels, ...config.labels },
    stopSignal: config.stopSignal ?? stopSignalOf(image.StopSignal),
  };
}

function completedSpec(spec: Spec, image: RunConfig): Spec {
  const own = spec.process ?? {};
  const { Entrypoint, Cmd, Env, WorkingDir, User } = image;
  const args =
    own.args === undefined || own.args.length === 0
      ? [...(Entrypoint ?? []), ...(Cmd ?? [])]
      : own.args;
  const env = { ...environment(Env ?? []), ...environment(own.env ?? []) };
  return {
    ...spec,
    process: {
      ...own,
      args,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: own.cwd ?? orAbsent(WorkingDir),
      user:
        own.user ??
        (orAbsent(User) === undefined ? undefined : { username: User ?? "" }),
    },
  };
}

/** What images leave empty they do not say. */
function orAbsent(text: string | null | undefined): string | undefined {
  return text === null || text === "" ? undefined : text;
}

const FIRST_REAL_TIME = 34;
const LAST_REAL_TIME = 64;

/**
 * A stop signal as images and Podman have it: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`;
 * `undefined` for none.
 *
 * @throws InvalidArgument
 */
export function stopSignalOf(
  text: string | null | undefined,
): number | undefined {
  const said = orAbsent(text);
  if (said === undefined) return undefined;
  if (/^\d+$/.test(said)) return signalNumber(Number(said), "stop signal");
  const name = said.startsWith("SIG") ? said : `SIG${said}`;
  const [, end, by = "0"] = /^SIGRTM(IN|AX)(?:[+-](\d+))?$/.exec(name) ?? [];
  if (end === "IN")
    return signalNumber(FIRST_REAL_TIME + Number(by), "stop signal");
  if (end === "AX")
    return signalNumber(LAST_REAL_TIME - Number(by), "stop signal");
  return signalNumber(name as SignalName, "stop signal");
}
