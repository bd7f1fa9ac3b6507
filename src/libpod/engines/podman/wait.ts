import { NoSuchContainer } from "../../errors.ts";
import type { Daemon, Limited } from "./daemon.ts";
import { libpodError } from "./errors.ts";
import { sleep } from "./limits.ts";
import { containerState } from "./summaries.ts";

/**
 * Nanoseconds between the daemon's looks at a container that it waits for, as the
 * `podman wait` command has it. The interface speaks of milliseconds; the daemon takes
 * the number for Go's duration, and waits in a circle without pause if it is small.
 */
const INTERVAL = 250_000_000;

/**
 * Waits until a container has ended, and resolves with its exit code. Podman's own wait
 * is over at once for a container that was never started.
 */
export async function waitForEnd(
  daemon: Daemon,
  id: string,
  limited: Limited,
): Promise<number> {
  for (;;) {
    const { exitcode } = await wait(daemon, id, limited);
    let status: string;
    try {
      status = await statusOf(daemon, id, limited);
    } catch (error) {
      // Removed since; it has ended, then.
      if (NoSuchContainer.is(libpodError(error, "waitContainer")))
        return exitcode;
      throw error;
    }
    const state = containerState(status);
    if (state !== "configured" && state !== "created") return exitcode;
    await sleep(daemon.pollInterval, limited.signal);
  }
}

function wait(
  daemon: Daemon,
  id: string,
  limited: Limited,
): Promise<{ readonly exitcode: number }> {
  return daemon.takes("WaitContainer", "interval")
    ? daemon.v19.waitContainer({ name: id, interval: INTERVAL }, limited)
    : daemon.common.waitContainer({ name: id }, limited);
}

async function statusOf(
  daemon: Daemon,
  id: string,
  limited: Limited,
): Promise<string> {
  const { container } = await getContainer(daemon, id, limited);
  return container.status;
}

type GetContainer = ReturnType<Daemon["common"]["getContainer"]>;

/** GetContainer by id, name or the beginning of an id: its input was renamed. */
export function getContainer(
  daemon: Daemon,
  id: string,
  limited: Limited,
): GetContainer {
  return daemon.takes("GetContainer", "id")
    ? daemon.v19.getContainer({ id }, limited)
    : daemon.common.getContainer({ name: id }, limited);
}
