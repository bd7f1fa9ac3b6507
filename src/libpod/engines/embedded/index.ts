import { PortolanError } from "../../../runtime/errors.ts";
import { checkEmbeddedOptions } from "./check-options.ts";
import { Containers } from "./containers.ts";
import { untilEnd } from "./events.ts";
import { figureCalls } from "./figures.ts";
import { Host } from "./host.ts";
import { imageCalls } from "./image-calls.ts";
import { insideOf } from "./inside.ts";
import { containerLogs } from "./logs.ts";
import { Machine } from "./machine.ts";
import { operateStream } from "./operation.ts";
import { podCalls } from "./pods.ts";
import { rootCalls } from "./roots.ts";
import { attachContainer, execContainer } from "./sessions.ts";
import { openDirectory } from "./storage/directory.ts";
import { memoryStorage } from "./storage/memory.ts";
import type { Storage } from "./storage/types.ts";
import type { EmbeddedEngine, EmbeddedOptions } from "./types.ts";

export { manualClock, systemClock, type ManualClock } from "./clock.ts";
export type {
  Clock,
  EmbeddedEngine,
  EmbeddedInside,
  EmbeddedOptions,
  Program,
  ProgramContext,
  ProgramFunction,
  ProgramOutput,
  ProgramScript,
  RegistryImage,
  StoredValue,
} from "./types.ts";

/**
 * Opens an engine that lives in this process: containers, pods and images with all
 * their states, events, output and exit codes. It starts no process and touches no
 * file but its own: what a container runs is a {@link Program} of the options.
 *
 * - Where a container goes from one state to another libpod is followed: stopping
 *   one that never ran or is paused is refused with InvalidState, as is sending a
 *   signal to a paused one. Removing by force kills at once, without the stop signal.
 * - Namespaces that are shared, limits, mounts, networks and users are noted, and
 *   told again; nothing is done with them.
 * - Of output the last MiB of each container is kept, a piece of less than 64 bytes
 *   counting as 64. What the disk has no room for is written once it has.
 * - Times and timeouts go by the clock of the options.
 * - Closing it ends its programs, without a word in the state. What ran then, or
 *   when the process went away, is found `exited` with code 255 by who opens the
 *   same directory or state the next time; no event tells of it.
 *
 * @throws InvalidArgument for options that make no sense, beginning with where they
 *   do not: `programs.web.output[1].after`; StateCorrupted if what is kept in the
 *   directory is damaged.
 */
export async function embedded(
  options: EmbeddedOptions = {},
): Promise<EmbeddedEngine> {
  checkEmbeddedOptions(options);
  const storage =
    options.directory === undefined
      ? memoryStorage(options.state)
      : await openDirectory(options.directory, { state: options.state });
  try {
    return await open(storage, options);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function open(
  storage: Storage,
  options: EmbeddedOptions,
): Promise<EmbeddedEngine> {
  const host = new Host(storage, options);
  const machine = new Machine(host);
  await machine.recover();
  const containers = new Containers(host, machine);
  let closed: Promise<void> | undefined;
  return {
    name: "embedded",
    address: `embedded:${options.directory ?? ""}`,
    close: () => (closed ??= close(host)),
    ...containers.calls(),
    ...podCalls(host, machine, containers),
    ...imageCalls(host, machine),
    ...figureCalls(host, machine),
    ...rootCalls(host, machine),
    containerLogs: (id, logOptions) =>
      containerLogs(host, machine, id, logOptions),
    execContainer: (id, execOptions) =>
      execContainer(host, machine, id, execOptions),
    attachContainer: (id, attachOptions) =>
      attachContainer(host, machine, id, attachOptions),
    events: (eventOptions) =>
      untilEnd(
        operateStream(host, eventOptions, host.events.listen()),
        host.closing,
      ),
    inside: insideOf(host, machine, containers),
  };
}

async function close(host: Host): Promise<void> {
  host.close(new PortolanError("CLOSED", "the embedded engine was closed"));
  try {
    await host.settled();
  } finally {
    await host.storage.close();
  }
}
