import {
  ContainerNotFound,
  ErrorOccurred,
  ImageNotFound,
  type PodmanHandlers,
  RuntimeError,
} from "portolan/podman/projectatomic";
import type { EmbeddedEngine } from "../../engines/embedded/types.ts";
import { containerHandlers } from "./containers.ts";
import { type AllHandlers, notImplemented } from "./handlers.ts";
import { exportImage, imageHandlers } from "./images.ts";
import { readVersion } from "./info.ts";
import { type Answers, Served } from "./served.ts";

const answers: Answers = {
  containerNotFound: (name, _reason, cause) =>
    new ContainerNotFound({ name }, { cause }),
  imageNotFound: (name, _reason, cause) =>
    new ImageNotFound({ name }, { cause }),
  // This interface has no error for it yet.
  noContainerRunning: (reason, cause) =>
    new ErrorOccurred({ reason }, { cause }),
  occurred: (reason, cause) => new ErrorOccurred({ reason }, { cause }),
  unusable: (reason, cause) => new RuntimeError({ reason }, { cause }),
};

/**
 * Serves an embedded engine as `io.projectatomic.podman`, the ancestor of
 * `io.podman`, which neither creates nor starts containers: those have to be there
 * by other ways. Every method is answered; `docs/serve.md` lists how.
 */
export function projectatomicHandlers(
  engine: EmbeddedEngine,
): AllHandlers<PodmanHandlers> {
  const served = new Served(engine, answers);
  return {
    ...containerHandlers(served),
    ...imageHandlers(served),

    ping: () => ({ ping: { message: "OK" } }),

    async getVersion() {
      return { version: await served.attempt(readVersion(served)) };
    },

    async listContainerChanges({ name }) {
      const { id } = await served.container(name);
      return { container: await served.attempt(engine.containerDiff(id)) };
    },

    exportImage: (options) => exportImage(served, options),

    createContainer: notImplemented("CreateContainer"),
    resizeContainerTty: notImplemented("ResizeContainerTty"),
    startContainer: notImplemented("StartContainer"),
    updateContainer: notImplemented("UpdateContainer"),
    renameContainer: notImplemented("RenameContainer"),
    attachToContainer: notImplemented("AttachToContainer"),
    buildImage: notImplemented("BuildImage"),
    createImage: notImplemented("CreateImage"),
    createFromContainer: notImplemented("CreateFromContainer"),
  };
}
