import path from "node:path";
import { PodmanClient, podmanService } from "portolan/podman/1.9";
import {
  embedded,
  type EmbeddedEngine,
  type EmbeddedOptions,
  manualClock,
  type ManualClock,
} from "../../../../src/libpod/engines/embedded/index.ts";
import { podman19Handlers } from "../../../../src/libpod/serve/index.ts";
import { VarlinkServer } from "../../../../src/runtime/varlink/server.ts";
import { unixPlace } from "../../../support/peer.ts";
import { countingIds, START } from "../podman/support.ts";

/** An embedded engine behind the socket of a Podman 1.9, and a client that takes no wrong reply. */
export interface Bench extends AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly clock: ManualClock;
  readonly podman: PodmanClient;
  /** A folder for files. */
  readonly folder: string;
  readonly endpoint: Awaited<ReturnType<typeof unixPlace>>["endpoint"];
  /** `unix:/…`, as clients and runtimes take it. */
  readonly address: string;
  /** What handlers threw that is no answer: nothing, if all is well. */
  readonly mistakes: unknown[];
}

export { START };

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
  server.add(podmanService(podman19Handlers(engine)));
  await server.listen(place.endpoint);
  const podman = await PodmanClient.connect(place.endpoint, {
    replies: "strict",
  });
  return {
    engine,
    clock,
    podman,
    folder: place.folder,
    endpoint: place.endpoint,
    address: `unix:${path.join(place.folder, "socket")}`,
    mistakes,
    async [Symbol.asyncDispose]() {
      await podman.$close();
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
  args: readonly string[] = ["sleep", "1000"],
  more: object = {},
): Promise<string> {
  const { container } = await podman.createContainer({
    create: { name, args: ["alpine", ...args], ...more },
  });
  return container;
}

/** As {@link create}, and starts it. */
export async function run(
  bench: Bench,
  name: string,
  args?: readonly string[],
  more?: object,
): Promise<string> {
  const id = await create(bench, name, args, more);
  await bench.podman.startContainer({ name });
  return id;
}

/** All replies of a stream, to its end. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
