import { PortolanError } from "../runtime/errors.ts";
import type { Engine } from "./engine.ts";
import type {
  EmbeddedEngine,
  EmbeddedOptions,
} from "./engines/embedded/types.ts";
import { InvalidArgument } from "./errors.ts";
import { refuseDaemonOptions, type RuntimeOptions } from "./options.ts";
import type { Left } from "./scope.ts";

/** Where Podman's service and Porto's daemon are found if an address says nothing else. */
const PODMAN = "unix:/run/podman/io.podman";
const PORTO = "unix:/run/portod.socket";

/** The name of the engine that is nobody else's. */
const EMBEDDED = "embedded";

/**
 * Makes an engine in memory, or kept in a folder: {@link Runtime.open} takes it, and
 * tests script it.
 *
 * @throws StateCorrupted; InvalidArgument
 */
export async function embedded(
  options: EmbeddedOptions = {},
): Promise<EmbeddedEngine> {
  // Nobody loads an engine that is not used.
  const module = await import("./engines/embedded/index.ts");
  return module.embedded(options);
}

/** Whether everything in an engine belongs to those who opened it: no daemon shares it. */
export function isOurs(engine: Engine): boolean {
  return engine.name === EMBEDDED;
}

/**
 * The engine that a target means.
 *
 * @throws PortolanError `INVALID_ADDRESS`, and what connecting throws
 * @throws NotSupported for runtime options that are a daemon's own business
 */
export async function openEngine(
  target: string | Engine,
  options: RuntimeOptions,
  left: Left,
): Promise<Engine> {
  if (typeof target !== "string") {
    checkEngine(target);
    if (isOurs(target)) refuseFolder(options, "the engine was made before");
    else refuseDaemonOptions(target.name, options);
    return target;
  }
  const { allow } = options;
  const colon = target.indexOf(":");
  const address = target.slice(colon + 1);
  switch (target.slice(0, Math.max(colon, 0))) {
    case "podman": {
      refuseDaemonOptions("podman", options);
      const { openPodman } = await import("./engines/podman/index.ts");
      return openPodman(withDefault(address, PODMAN), { ...left(), allow });
    }
    case "porto": {
      refuseDaemonOptions("porto", options);
      const { openPorto } = await import("./engines/porto/index.ts");
      return openPorto(withDefault(address, PORTO), { ...left(), allow });
    }
    case EMBEDDED:
      if (address !== "")
        refuseFolder(options, `the address names a folder, ${address}`);
      return embedded({
        directory: address === "" ? options.storage?.graphRoot : address,
      });
    default:
      throw new PortolanError(
        "INVALID_ADDRESS",
        `"${target}": an engine is podman:ADDRESS, porto:PATH or embedded:FOLDER, as in podman:${PODMAN}, porto:/run/portod.socket or embedded:`,
      );
  }
}

/** A path is short for the unix socket there. */
function withDefault(address: string, otherwise: string): string {
  if (address === "") return otherwise;
  return /^[./]/.test(address) ? `unix:${address}` : address;
}

function refuseFolder({ storage }: RuntimeOptions, why: string): void {
  if (storage?.graphRoot !== undefined)
    throw new InvalidArgument(`options.storage.graphRoot: ${why}`);
}

function checkEngine(engine: unknown): void {
  if (
    typeof engine !== "object" ||
    engine === null ||
    typeof (engine as Partial<Engine>).name !== "string" ||
    typeof (engine as Partial<Engine>).listContainers !== "function"
  )
    throw new PortolanError(
      "INVALID_ADDRESS",
      "an address or an engine is needed",
    );
}
