import type { PodmanHandlers } from "portolan/podman/1.9";
import type { EmbeddedEngine } from "../../engines/embedded/types.ts";
import { rfc3339 } from "../podman/format.ts";
import { type AllHandlers, notImplemented } from "../podman/handlers.ts";
import { readInfo, readVersion } from "../podman/info.ts";
import { Served, unlessGone } from "../podman/served.ts";
import { answers, type Served19 } from "./answers.ts";
import { archiveHandlers } from "./archives.ts";
import { containerHandlers } from "./containers.ts";
import { eventHandlers } from "./events.ts";
import { fileHandlers, TransferFolder } from "./files.ts";
import { imageHandlers } from "./images.ts";
import { kubeHandlers } from "./kube.ts";
import { layerHandlers } from "./layers.ts";
import { logHandlers } from "./logs.ts";
import { podHandlers } from "./pods.ts";
import { psHandlers } from "./ps.ts";
import { sessionHandlers } from "./sessions.ts";
import { stateHandlers } from "./state.ts";
import { statsHandlers } from "./stats.ts";
import { volumeHandlers, Volumes } from "./volumes.ts";

/** The Podman that is followed here: clients choose by it what they may ask for. */
const VERSION = "1.9.3";

/**
 * Serves an embedded engine as `io.podman`, as Podman 1.9 has it:
 *
 * ```ts
 * server.add(podmanService(podman19Handlers(await embedded())));
 * ```
 *
 * Every method is answered; `docs/serve.md` lists which ones cannot be done and are
 * answered with `MethodNotImplemented`. Who can call it writes and reads files with
 * the rights of this process: containers and images are exported to paths, and
 * images imported and pulled from them. `ReceiveFile` hands out only what `SendFile`
 * brought, or what was written for the client; these files are in a folder for
 * temporary files, and gone once the engine is closed.
 */
export function podman19Handlers(
  engine: EmbeddedEngine,
): AllHandlers<PodmanHandlers> {
  const served: Served19 = new Served(engine, answers);
  const volumes = new Volumes(served);
  const folder = new TransferFolder(engine.inside.closing);
  return {
    ...containerHandlers(served, volumes),
    ...psHandlers(served),
    ...statsHandlers(served),
    ...logHandlers(served),
    ...sessionHandlers(served),
    ...fileHandlers(served, folder),
    ...archiveHandlers(served, folder),
    ...imageHandlers(served),
    ...layerHandlers(served),
    ...podHandlers(served),
    ...volumeHandlers(served, volumes),
    ...stateHandlers(served),
    ...kubeHandlers(served),
    ...eventHandlers(served),

    async getVersion() {
      const version = await served.attempt(readVersion(served));
      return {
        ...version,
        version: VERSION,
        built: rfc3339(version.built * 1000),
        remote_api_version: 1,
      };
    },

    async getInfo() {
      const { host, store, podman } = await served.attempt(readInfo(served));
      return {
        info: {
          host: { ...host, eventlogger: "file" },
          registries: { search: [], insecure: [], blocked: [] },
          store: { ...store, graph_driver_options: "map[]" },
          podman: { ...podman, podman_version: VERSION },
        },
      };
    },

    async reset() {
      await served.attempt(wipe(served, volumes));
      return {};
    },

    // Named by the interface only: no daemon does these.
    attachControl: notImplemented("AttachControl"),
    createFromCC: notImplemented("CreateFromCC"),

    // What needs processes, or sockets that belong to them.
    getAttachSockets: notImplemented("GetAttachSockets"),
    buildImage: notImplemented("BuildImage"),
    containerCheckpoint: notImplemented("ContainerCheckpoint"),
    containerRestore: notImplemented("ContainerRestore"),
    containerRunlabel: notImplemented("ContainerRunlabel"),
  };
}

/** Removes everything that there is. Others may make something meanwhile. */
async function wipe({ engine }: Served19, volumes: Volumes): Promise<void> {
  const force = true;
  for (const { id } of await engine.listPods())
    await unlessGone(() => engine.removePod(id, { force }));
  for (const { id } of await engine.listContainers())
    await unlessGone(() => engine.removeContainer(id, { force }));
  for (const { id } of await engine.listImages())
    await unlessGone(() => engine.removeImage(id, { force }));
  const names = (await volumes.all()).map(({ name }) => name);
  await volumes.remove(new Set(names));
}
