import { type CreateInput, PodmanClient, podmanService } from "portolan/podman";
import {
  podmanService as projectatomicService,
  PodmanClient as ProjectatomicClient,
} from "portolan/podman/projectatomic";
import {
  embedded,
  type EmbeddedEngine,
  type EmbeddedOptions,
  manualClock,
  type ManualClock,
} from "../../../../src/libpod/engines/embedded/index.ts";
import {
  podmanHandlers,
  projectatomicHandlers,
} from "../../../../src/libpod/serve/index.ts";
import { VarlinkServer } from "../../../../src/runtime/varlink/server.ts";
import { unixPlace } from "../../../support/peer.ts";

/** An embedded engine behind a socket, and clients of it that take no wrong reply. */
export interface Bench extends AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly clock: ManualClock;
  readonly podman: PodmanClient;
  readonly ancestor: ProjectatomicClient;
  /** A folder for files. */
  readonly folder: string;
  readonly endpoint: Awaited<ReturnType<typeof unixPlace>>["endpoint"];
  /** What handlers threw that is no answer: nothing, if all is well. */
  readonly mistakes: unknown[];
}

/** 2026-11-21 22:24:05.5 UTC, when the first container is made. */
export const START: number = Date.UTC(2026, 10, 21, 22, 24, 5, 500);

/** Ids in their order: `0000…0001`, as many as are asked for. */
export function countingIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    // The beginnings differ, so that they can be looked up by.
    return `${count.toString(16).padStart(4, "0")}${"0".repeat(60)}`;
  };
}

export async function openBench(options: EmbeddedOptions = {}): Promise<Bench> {
  const clock = manualClock(START);
  const engine = await embedded({ clock, ids: countingIds(), ...options });
  const place = await unixPlace();
  const mistakes: unknown[] = [];
  const server = new VarlinkServer({
    vendor: "v",
    product: "p",
    version: "1",
    url: "u",
    onError: (error) => mistakes.push(error),
  });
  server.add(podmanService(podmanHandlers(engine)));
  server.add(projectatomicService(projectatomicHandlers(engine)));
  await server.listen(place.endpoint);
  const podman = await PodmanClient.connect(place.endpoint, {
    replies: "strict",
  });
  const ancestor = await ProjectatomicClient.connect(place.endpoint, {
    replies: "strict",
  });
  return {
    engine,
    clock,
    podman,
    ancestor,
    folder: place.folder,
    endpoint: place.endpoint,
    mistakes,
    async [Symbol.asyncDispose]() {
      await podman.$close();
      await ancestor.$close();
      await server.close({ timeout: 0 });
      await engine.close();
      await place.remove();
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
