import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { PodmanHandlers } from "portolan/podman";
import { ContainerStopped } from "../../errors.ts";
import type { ContainerSummary } from "../../engine.ts";
import { goTime } from "./format.ts";
import type { AllHandlers } from "./handlers.ts";
import { inspectContainer } from "./inspect-container.ts";
import { type FormatTime, listContainer, measure } from "./list.ts";
import { followLog, readLog } from "./logs.ts";
import { chooseColumns } from "./processes.ts";
import { reasonOf, type Served, unlessGone } from "./served.ts";
import { containerStatus, viewContainer, viewContainers } from "./view.ts";

type ContainerHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  | "listContainers"
  | "getContainer"
  | "inspectContainer"
  | "listContainerProcesses"
  | "getContainerLogs"
  | "exportContainer"
  | "getContainerStats"
  | "stopContainer"
  | "restartContainer"
  | "killContainer"
  | "pauseContainer"
  | "unpauseContainer"
  | "waitContainer"
  | "removeContainer"
  | "deleteStoppedContainers"
>;

const SIGTERM = 15;

/** The signal that a client names: -1 is SIGTERM. */
export function signalNumber(signal: number): number {
  return signal === -1 ? SIGTERM : signal;
}

/** A grace in milliseconds of a timeout in seconds, as the calls of libpod take it. */
export function graceOf(served: Served, timeout: number): { grace: number } {
  if (timeout >= 0) return { grace: timeout * 1000 };
  throw served.answers.occurred(
    `a timeout cannot be negative: ${timeout}: invalid argument`,
  );
}

/** Whether it has a process: one that is paused has. */
export function isAlive({ state }: ContainerSummary): boolean {
  return containerStatus(state) === "running" || state === "paused";
}

/** Finds a container, does something to it and answers with its id, as most methods do. */
export async function actOn(
  served: Served,
  name: string,
  action: (container: ContainerSummary) => Promise<unknown>,
): Promise<{ container: string }> {
  const container = await served.container(name);
  await served.attempt(action(container));
  return { container: container.id };
}

/**
 * The methods for containers that Podman's interfaces have in common.
 *
 * @param format How the interface writes times. Default: as Podman 1.0.
 */
export function containerHandlers(
  served: Served,
  format: FormatTime = goTime,
): ContainerHandlers {
  const { engine, answers } = served;
  const now = (): number => engine.inside.clock.now();
  return {
    async listContainers() {
      const views = await served.attempt(viewContainers(served));
      const time = now();
      return {
        containers: views.map((view) => listContainer(view, time, format)),
      };
    },

    async getContainer({ name }) {
      const { id } = await served.container(name);
      const view = await served.attempt(viewContainer(served, id));
      return { container: listContainer(view, now(), format) };
    },

    async inspectContainer({ name }) {
      const { id } = await served.container(name);
      const view = await served.attempt(viewContainer(served, id));
      return { container: JSON.stringify(inspectContainer(view)) };
    },

    async listContainerProcesses({ name, opts }) {
      const container = await served.container(name);
      if (containerStatus(container.state) !== "running")
        throw answers.occurred(`container ${name} is not running`);
      const chosen = async (): Promise<readonly string[]> => {
        const lines = await engine.containerProcesses(container.id);
        // One column is as good as none, as with Podman 1.0.
        return opts.length > 1 ? chooseColumns(lines, opts) : lines;
      };
      return { container: await served.attempt(chosen()) };
    },

    getContainerLogs({ name }, call) {
      return call.more
        ? logBatches(served, name, call.signal)
        : wholeLog(served, name);
    },

    async exportContainer({ name, path: wanted }) {
      const { id } = await served.container(name);
      // Left out, the client is told where it is.
      const folder =
        wanted === ""
          ? await mkdtemp(path.join(tmpdir(), "podman-"))
          : undefined;
      const tarfile =
        folder === undefined ? wanted : path.join(folder, `${id}.tar`);
      try {
        await served.attempt(engine.exportContainer(id, tarfile));
      } catch (error) {
        if (folder !== undefined) await rm(folder, { recursive: true });
        throw error;
      }
      return { tarfile };
    },

    async getContainerStats({ name }) {
      const { id } = await served.container(name);
      try {
        return { container: measure(await engine.containerStats(id), 0) };
      } catch (error) {
        throw ContainerStopped.is(error)
          ? answers.noContainerRunning(reasonOf(error), error)
          : served.translate(error);
      }
    },

    async stopContainer({ name, timeout }) {
      return actOn(served, name, ({ id }) =>
        engine.stopContainer(id, graceOf(served, timeout)),
      );
    },

    async restartContainer({ name, timeout }) {
      return actOn(served, name, ({ id }) =>
        engine.restartContainer(id, graceOf(served, timeout)),
      );
    },

    async killContainer({ name, signal }) {
      return actOn(served, name, ({ id }) =>
        engine.killContainer(id, signalNumber(signal)),
      );
    },

    async pauseContainer({ name }) {
      return actOn(served, name, ({ id }) => engine.pauseContainer(id));
    },

    async unpauseContainer({ name }) {
      return actOn(served, name, ({ id }) => engine.unpauseContainer(id));
    },

    async waitContainer({ name }, call) {
      const { id } = await served.container(name);
      const { signal } = call;
      const exitcode = await served.attempt(
        engine.waitContainer(id, { signal }),
      );
      return { exitcode };
    },

    async removeContainer({ name, force }) {
      return actOn(served, name, ({ id }) =>
        engine.removeContainer(id, { force }),
      );
    },

    async deleteStoppedContainers() {
      return { containers: await served.attempt(deleteStopped(served)) };
    },
  };
}

interface LogReply {
  readonly container: readonly string[];
}

async function wholeLog(served: Served, name: string): Promise<LogReply> {
  const { id } = await served.container(name);
  return { container: await served.attempt(readLog(served, id)) };
}

/** What is there, then what is written, and at the end the error by which Podman says that no more will come. */
async function* logBatches(
  served: Served,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<LogReply, LogReply, undefined> {
  const container = await served.container(name);
  const { id } = container;
  // It has no log yet, and Podman does not wait for one.
  if (container.state === "configured") return { container: [] };
  try {
    if (isAlive(container)) {
      for await (const lines of followLog(served, id, signal))
        yield { container: lines };
    } else {
      yield { container: await readLog(served, id) };
    }
  } catch (error) {
    throw served.translate(error);
  }
  throw served.answers.occurred(`${id} is no longer running`);
}

/** Removes what does not run; one that is paused cannot be, and ends it. */
async function deleteStopped({ engine }: Served): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const { id, state } of await engine.listContainers()) {
    if (containerStatus(state) === "running") continue;
    await unlessGone(async () => {
      await engine.removeContainer(id);
      deleted.push(id);
    });
  }
  return deleted;
}
