import {
  ContainerNotFound,
  ErrorOccurred,
  ImageNotFound,
  NoContainerRunning,
  NoContainersInPod,
  PodContainerError,
  type PodmanHandlers,
  PodNotFound,
  RuntimeError,
} from "portolan/podman";
import type { EmbeddedEngine } from "../../engines/embedded/types.ts";
import { actOn, containerHandlers, isAlive } from "./containers.ts";
import { readCreate } from "./create-1.0.ts";
import { createContainer } from "./create.ts";
import { goTime } from "./format.ts";
import { type AllHandlers, notImplemented } from "./handlers.ts";
import { exportImage, imageHandlers } from "./images.ts";
import { readInfo, readVersion } from "./info.ts";
import { listImage } from "./list.ts";
import { podHandlers } from "./pods.ts";
import { exists, type PodAnswers, Served } from "./served.ts";
import { viewContainers } from "./view.ts";

const answers: PodAnswers = {
  containerNotFound: (name, _reason, cause) =>
    new ContainerNotFound({ name }, { cause }),
  imageNotFound: (name, _reason, cause) =>
    new ImageNotFound({ name }, { cause }),
  podNotFound: (name, _reason, cause) => new PodNotFound({ name }, { cause }),
  noContainerRunning: (_reason, cause) => new NoContainerRunning({}, { cause }),
  noContainersInPod: (name) => new NoContainersInPod({ name }),
  podContainers: (podname, errors, cause) =>
    new PodContainerError({ podname, errors }, { cause }),
  occurred: (reason, cause) => new ErrorOccurred({ reason }, { cause }),
  unusable: (reason, cause) => new RuntimeError({ reason }, { cause }),
};

/**
 * Serves an embedded engine as `io.podman`, as Podman 1.0 has it:
 *
 * ```ts
 * server.add(podmanService(podmanHandlers(await embedded())));
 * ```
 *
 * Every method is answered; `docs/serve.md` lists which ones cannot be done and are
 * answered with `MethodNotImplemented`. Who can call it writes and reads files with
 * the rights of this process: containers and images are exported to paths, and
 * images imported and pulled from them.
 */
export function podmanHandlers(
  engine: EmbeddedEngine,
): AllHandlers<PodmanHandlers> {
  const served = new Served(engine, answers);
  return {
    ...containerHandlers(served),
    ...imageHandlers(served),
    ...podHandlers(served),

    ping: () => ({ ping: { message: "OK" } }),

    async getVersion() {
      return { version: await served.attempt(readVersion(served)) };
    },

    async getInfo() {
      return { info: await served.attempt(readInfo(served)) };
    },

    async createContainer({ create }) {
      const created = async (): Promise<string> =>
        createContainer(served, readCreate(create));
      return { container: await served.attempt(created()) };
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

    async listContainerChanges({ name }) {
      const changes = async (): Promise<{
        changed: readonly string[];
        added: readonly string[];
        deleted: readonly string[];
      }> => engine.containerDiff((await engine.lookupContainer(name)).id);
      return { container: await served.attempt(changes()) };
    },

    async containerExists({ name }) {
      const found = await exists(served, engine.lookupContainer(name));
      return { exists: found ? 0 : 1 };
    },

    async imageExists({ name }) {
      const found = await exists(served, engine.getImage(name));
      return { exists: found ? 0 : 1 };
    },

    async getImage({ name }) {
      return { image: listImage(await served.image(name), goTime) };
    },

    async commit({
      name,
      image_name,
      changes,
      author,
      message,
      pause,
      manifestType,
    }) {
      const { id } = await served.container(name);
      const format = manifestType === "" ? "oci" : manifestType;
      if (format !== "oci" && format !== "docker") {
        throw answers.occurred(
          `unrecognized image format ${JSON.stringify(manifestType)}: invalid argument`,
        );
      }
      const image = await served.attempt(
        engine.commitContainer(id, {
          image: image_name === "" ? undefined : image_name,
          changes,
          author: author === "" ? undefined : author,
          message: message === "" ? undefined : message,
          pause,
          format,
        }),
      );
      return { image };
    },

    async exportImage({ tags, ...options }) {
      if (tags.length > 0) {
        throw answers.occurred(
          "an archive gets the names that the image has: not yet implemented",
        );
      }
      return exportImage(served, options);
    },

    async listContainerMounts() {
      return { mounts: await served.attempt(listMounts(served)) };
    },

    async mountContainer({ name }) {
      const mounted = async (): Promise<string> =>
        engine.mountContainer((await engine.lookupContainer(name)).id);
      return { path: await served.attempt(mounted()) };
    },

    async unmountContainer({ name, force }) {
      const unmounted = async (): Promise<void> => {
        const { id } = await engine.lookupContainer(name);
        await engine.unmountContainer(id, { force });
      };
      await served.attempt(unmounted());
      return {};
    },

    // Named by the interface only: no daemon does these.
    resizeContainerTty: notImplemented("ResizeContainerTty"),
    updateContainer: notImplemented("UpdateContainer"),
    renameContainer: notImplemented("RenameContainer"),
    attachToContainer: notImplemented("AttachToContainer"),
    createImage: notImplemented("CreateImage"),
    waitPod: notImplemented("WaitPod"),
    topPod: notImplemented("TopPod"),
    listContainerPorts: notImplemented("ListContainerPorts"),

    // What needs processes, or sockets that belong to them.
    getAttachSockets: notImplemented("GetAttachSockets"),
    buildImage: notImplemented("BuildImage"),
    containerCheckpoint: notImplemented("ContainerCheckpoint"),
    containerRestore: notImplemented("ContainerRestore"),
    containerRunlabel: notImplemented("ContainerRunlabel"),
  };
}

async function listMounts(served: Served): Promise<readonly string[]> {
  const views = await viewContainers(served);
  return views.flatMap(({ details }) => details.mountPoint ?? []);
}
