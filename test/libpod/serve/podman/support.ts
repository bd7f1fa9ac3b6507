import { type CreateInput, PodmanClient, podmanService } from "portolan/podman";
import {
  podmanService as projectatomicService,
  PodmanClient as ProjectatomicClient,
} from "portolan/podman/projectatomic";
import type { EmbeddedOptions } from "../../../../src/libpod/engines/embedded/index.ts";
import {
  podmanHandlers,
  projectatomicHandlers,
} from "../../../../src/libpod/serve/index.ts";
import { serveEngine, type ServedEngine } from "../bench.ts";

export { countingIds, START } from "../bench.ts";

/** An embedded engine behind a socket, and clients of it that take no wrong reply. */
export interface Bench extends ServedEngine {
  readonly podman: PodmanClient;
  readonly ancestor: ProjectatomicClient;
}

export async function openBench(options: EmbeddedOptions = {}): Promise<Bench> {
  const served = await serveEngine(options, (engine) => [
    podmanService(podmanHandlers(engine)),
    projectatomicService(projectatomicHandlers(engine)),
  ]);
  const strict = { replies: "strict" } as const;
  const podman = await PodmanClient.connect(served.endpoint, strict);
  const ancestor = await ProjectatomicClient.connect(served.endpoint, strict);
  return {
    ...served,
    podman,
    ancestor,
    async [Symbol.asyncDispose]() {
      await podman.$close();
      await ancestor.$close();
      await served[Symbol.asyncDispose]();
    },
  };
}

/** Makes a container of an image that is pulled for it. */
export async function create(
  { podman }: Bench,
  name: string,
  more: CreateInput = {},
): Promise<string> {
  const { container } = await podman.createContainer({
    create: { name, image: "alpine", command: ["sleep", "1000"], ...more },
  });
  return container;
}
