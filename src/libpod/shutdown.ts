import { isAble } from "./calls.ts";
import type { ContainerState, ContainerSummary, Engine } from "./engine.ts";
import {
  ContainerStopped,
  EngineError,
  InvalidState,
  LibpodError,
  NoSuchContainer,
} from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import { isOurs } from "./open.ts";
import type { Left } from "./scope.ts";

/** The states in which a container has processes. */
const busy: ReadonlySet<ContainerState> = new Set<ContainerState>([
  "starting",
  "running",
  "paused",
  "stopping",
]);

/**
 * Refuses if a container of the runtime runs or is mounted.
 *
 * @throws InvalidState naming them
 */
export async function refuseBusy(
  ledger: Ledger,
  engine: Engine,
  left: Left,
): Promise<void> {
  const all = await engine.listContainers(left());
  const running = busyOf(ledger, engine, all);
  if (running.length > 0)
    throw new InvalidState(
      `containers run: ${namesOf(running)}; stop them, or shut down with force`,
    );
  const mounted = await mountedOf(ledger, engine, all, left);
  if (mounted.length > 0)
    throw new InvalidState(
      `containers are mounted: ${namesOf(mounted)}; unmount them, or shut down with force`,
    );
}

/**
 * Stops and unmounts all containers of the runtime: every one is tried.
 *
 * @throws EngineError if some could not be; its cause has each reason
 */
export async function stopAll(
  ledger: Ledger,
  engine: Engine,
  left: Left,
  grace: number | undefined,
): Promise<void> {
  const all = await engine.listContainers(left());
  await each(busyOf(ledger, engine, all), "stopped", async ({ id, state }) => {
    // Nothing that is frozen can listen to a signal.
    if (state === "paused" && isAble(engine, "unpauseContainer"))
      await engine.unpauseContainer(id, left());
    await engine.stopContainer(id, { ...left(), grace });
  });
  if (!isAble(engine, "unmountContainer")) return;
  await each(
    await mountedOf(ledger, engine, all, left),
    "unmounted",
    async ({ id }) => {
      if (isOurs(engine))
        await engine.unmountContainer(id, { ...left(), force: true });
      // Others may have mounted it, too: only our own mounts are undone.
      else
        for (let count = ledger.mountsOf(id); count > 0; count--)
          await engine.unmountContainer(id, left());
      ledger.setMounts(id, 0);
    },
  );
}

/** What runs. A daemon has containers of others: only those that were made here are ours to stop. */
function busyOf(
  ledger: Ledger,
  engine: Engine,
  all: readonly ContainerSummary[],
): readonly ContainerSummary[] {
  return all.filter(
    ({ id, state }) => busy.has(state) && (isOurs(engine) || ledger.isMade(id)),
  );
}

/** What is mounted; of a daemon's, what was mounted here. */
async function mountedOf(
  ledger: Ledger,
  engine: Engine,
  all: readonly ContainerSummary[],
  left: Left,
): Promise<readonly ContainerSummary[]> {
  const mounted: ContainerSummary[] = [];
  for (const container of all) {
    if (!isOurs(engine) && ledger.mountsOf(container.id) === 0) continue;
    try {
      const details = await engine.inspectContainer(container.id, left());
      if (details.mountPoint !== undefined) mounted.push(container);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return mounted;
}

/** Does something to all, at the same time, and tells of all that failed. */
async function each(
  containers: readonly ContainerSummary[],
  what: string,
  act: (container: ContainerSummary) => Promise<void>,
): Promise<void> {
  const failures: { readonly name: string; readonly error: unknown }[] = [];
  await Promise.all(
    containers.map(async (container) => {
      try {
        await act(container);
      } catch (error) {
        if (!isGone(error)) failures.push({ name: container.name, error });
      }
    }),
  );
  // A connection that is lost, or an abort, has nothing to do with any of them.
  const trouble = failures.find(({ error }) => !LibpodError.is(error));
  if (trouble !== undefined) throw trouble.error;
  if (failures.length === 0) return;
  const reasons = failures.map(
    ({ name, error }) => `${name}: ${(error as LibpodError).message}`,
  );
  throw new EngineError(
    `containers could not be ${what}: ${reasons.join("; ")}`,
    { cause: new AggregateError(failures.map(({ error }) => error)) },
  );
}

/** It ended or went meanwhile, which is what was wanted. */
function isGone(error: unknown): boolean {
  return ContainerStopped.is(error) || NoSuchContainer.is(error);
}

function namesOf(containers: readonly ContainerSummary[]): string {
  return containers.map(({ name }) => name).join(", ");
}
