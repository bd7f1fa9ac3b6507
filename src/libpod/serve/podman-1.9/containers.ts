import {
  type Container,
  ErrCtrStopped,
  type PodmanHandlers,
} from "portolan/podman/1.9";
import { ContainerStopped } from "../../errors.ts";
import {
  actOn,
  containerHandlers as commonHandlers,
  graceOf,
  isAlive,
} from "../podman/containers.ts";
import { createContainer, type CreateRequest } from "../podman/create.ts";
import { rfc3339 } from "../podman/format.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import { listContainer } from "../podman/list.ts";
import { chooseColumns } from "../podman/processes.ts";
import { exists, unlessGone } from "../podman/served.ts";
import {
  containerStatus,
  viewContainer,
  viewContainers,
} from "../podman/view.ts";
import { idOfContainer, inState, type Served19 } from "./answers.ts";
import { newest } from "./context.ts";
import { readCreate } from "./create.ts";
import { inspectContainer } from "./inspect-container.ts";
import { hasContainerStatus } from "./ps.ts";
import type { Volumes } from "./volumes.ts";

type ContainerHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  | "listContainers"
  | "getContainersByStatus"
  | "getContainersByContext"
  | "getContainer"
  | "containerExists"
  | "createContainer"
  | "inspectContainer"
  | "containerInspectData"
  | "listContainerProcesses"
  | "top"
  | "healthCheckRun"
  | "getContainerLogs"
  | "listContainerChanges"
  | "diff"
  | "startContainer"
  | "initContainer"
  | "stopContainer"
  | "restartContainer"
  | "killContainer"
  | "pauseContainer"
  | "unpauseContainer"
  | "waitContainer"
  | "removeContainer"
  | "evictContainer"
  | "deleteStoppedContainers"
  | "listContainerMounts"
  | "mountContainer"
  | "unmountContainer"
>;

/** The methods for containers, but for those that stream. */
export function containerHandlers(
  served: Served19,
  volumes: Volumes,
): ContainerHandlers {
  const { engine, answers } = served;
  const common = commonHandlers(served, rfc3339);
  const inspect = async (name: string): Promise<string> => {
    const { id } = await served.container(name);
    const view = await served.attempt(viewContainer(served, id));
    return JSON.stringify(inspectContainer(view));
  };
  const remove = async (id: string, force: boolean): Promise<void> =>
    inState(served, id, engine.removeContainer(id, { force }));
  return {
    listContainers: common.listContainers,
    listContainerProcesses: common.listContainerProcesses,
    getContainerLogs: common.getContainerLogs,
    restartContainer: common.restartContainer,
    killContainer: common.killContainer,
    pauseContainer: common.pauseContainer,
    unpauseContainer: common.unpauseContainer,
    waitContainer: ({ name }, call) => common.waitContainer({ name }, call),
    deleteStoppedContainers: common.deleteStoppedContainers,

    async getContainersByStatus({ status }) {
      for (const word of status) {
        if (!hasContainerStatus(word)) {
          throw answers.occurred(
            `unknown container state: ${word}: invalid argument`,
          );
        }
      }
      const all = await listAll(served);
      return {
        containerS: all.filter((container) =>
          status.every((word) => word === container.status),
        ),
      };
    },

    async getContainersByContext({ all, latest, args }) {
      const containers = await served.attempt(engine.listContainers());
      if (all) return { containers: containers.map(({ id }) => id) };
      if (latest) {
        const found = newest(containers);
        return { containers: found === undefined ? [] : [found.id] };
      }
      const found = await Promise.all(
        args.map((name) => served.container(name)),
      );
      return { containers: found.map(({ id }) => id) };
    },

    getContainer: ({ id }, call) => common.getContainer({ name: id }, call),

    async containerExists({ name }) {
      const found = await exists(served, engine.lookupContainer(name));
      return { exists: found ? 0 : 1 };
    },

    async createContainer({ create }) {
      const made = async (): Promise<string> => {
        const request = await readCreate(create);
        const [, pod] = /^new:(.*)$/.exec(request.pod) ?? [];
        if (pod === undefined) return makeContainer(served, volumes, request);
        const id = await engine.createPod({ name: pod });
        try {
          return await makeContainer(served, volumes, { ...request, pod: id });
        } catch (error) {
          // The pod was made for this container alone.
          await unlessGone(() => engine.removePod(id));
          throw error;
        }
      };
      return { container: await served.attempt(made()) };
    },

    async inspectContainer({ name }) {
      return { container: await inspect(name) };
    },

    async containerInspectData({ name }) {
      return { config: await inspect(name) };
    },

    async top({ nameOrID, descriptors }) {
      const { id, state } = await served.container(nameOrID);
      if (containerStatus(state) !== "running")
        throw answers.occurred("top can only be used on running containers");
      return { top: await served.attempt(processes(served, id, descriptors)) };
    },

    async healthCheckRun({ nameOrID }) {
      const id = await idOfContainer(served, nameOrID);
      return { healthCheckStatus: await checkHealth(served, id) };
    },

    async listContainerChanges({ name }) {
      const id = await idOfContainer(served, name);
      return { container: await served.attempt(engine.containerDiff(id)) };
    },

    async diff({ name }) {
      const found = await exists(served, engine.lookupContainer(name));
      if (!found) {
        // Of an image everything is in the image it was made from, as far as is known.
        await served.attempt(engine.getImage(name));
        return { diffs: [] };
      }
      const id = await idOfContainer(served, name);
      const { added, changed, deleted } = await served.attempt(
        engine.containerDiff(id),
      );
      return {
        diffs: [
          ...changed.map((path) => ({ path, changeType: "C" })),
          ...added.map((path) => ({ path, changeType: "A" })),
          ...deleted.map((path) => ({ path, changeType: "D" })),
        ],
      };
    },

    async startContainer({ name }) {
      return actOn(served, name, (container) => {
        if (isAlive(container)) {
          throw answers.occurred(
            "container is already running or paused: container state improper",
          );
        }
        return engine.startContainer(container.id);
      });
    },

    async initContainer({ name }) {
      const { id } = await served.container(name);
      await inState(served, id, engine.initContainer(id));
      return { container: id };
    },

    async stopContainer({ name, timeout }) {
      const { id, state } = await served.container(name);
      if (state === "exited") throw new ErrCtrStopped({ id });
      try {
        await inState(
          served,
          id,
          engine.stopContainer(id, graceOf(served, timeout)),
        );
      } catch (error) {
        throw ContainerStopped.is((error as Error).cause)
          ? new ErrCtrStopped({ id }, { cause: error })
          : error;
      }
      return { container: id };
    },

    async removeContainer({ name, force }) {
      const { id } = await served.container(name);
      await remove(id, force);
      return { container: id };
    },

    async evictContainer({ name }) {
      const id = await idOfContainer(served, name);
      await remove(id, true);
      return { container: id };
    },

    async listContainerMounts() {
      const views = await served.attempt(viewContainers(served));
      const mounts = views.flatMap(({ details: { id, mountPoint } }) =>
        mountPoint === undefined ? [] : [[id, mountPoint] as const],
      );
      return { mounts: Object.fromEntries(mounts) };
    },

    async mountContainer({ name }) {
      const id = await idOfContainer(served, name);
      return { path: await served.attempt(engine.mountContainer(id)) };
    },

    async unmountContainer({ name, force }) {
      const id = await idOfContainer(served, name);
      await served.attempt(engine.unmountContainer(id, { force }));
      return {};
    },
  };
}

/** Makes a container, and the volumes that it names and that are not there. */
async function makeContainer(
  served: Served19,
  volumes: Volumes,
  request: CreateRequest,
): Promise<string> {
  const id = await createContainer(served, request);
  try {
    await volumes.makeFor(id);
  } catch (error) {
    await unlessGone(() => served.engine.removeContainer(id, { force: true }));
    throw error;
  }
  return id;
}

async function listAll(served: Served19): Promise<readonly Container[]> {
  const views = await served.attempt(viewContainers(served));
  const now = served.engine.inside.clock.now();
  return views.map((view) => listContainer(view, now, rfc3339));
}

/** A table of the processes of a container, the heading first. */
export async function processes(
  { engine }: Served19,
  id: string,
  columns: readonly string[],
): Promise<readonly string[]> {
  const lines = await engine.containerProcesses(id);
  return columns.length === 0 ? lines : chooseColumns(lines, columns);
}

/** Milliseconds that a health check may take where nothing else was asked for. */
const HEALTH_TIMEOUT = 30_000;

/** Runs the health check of a container: its command, as `exec` does. */
async function checkHealth(
  served: Served19,
  id: string,
): Promise<"healthy" | "unhealthy"> {
  const { engine, answers } = served;
  const { details, kept } = await served.attempt(viewContainer(served, id));
  const { healthCheck: command = [], healthTimeout = HEALTH_TIMEOUT } = kept;
  if (command.length === 0)
    throw answers.occurred(`container ${id} has no defined healthcheck`);
  if (containerStatus(details.state) !== "running")
    throw answers.occurred(`container ${id} is not running`);
  const session = await served.attempt(engine.execContainer(id, { command }));
  // Nobody wants what it says.
  session.stdout.resume();
  session.stderr?.resume();
  const over = new AbortController();
  try {
    const timeout = engine.inside.clock
      .sleep(healthTimeout, over.signal)
      .then(() => undefined);
    timeout.catch(() => undefined);
    const code = await served.attempt(
      Promise.race([session.exitCode, timeout]),
    );
    return code === 0 ? "healthy" : "unhealthy";
  } finally {
    over.abort();
    session.close();
  }
}
