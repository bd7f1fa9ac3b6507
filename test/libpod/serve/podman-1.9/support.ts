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
import { turns, unixPlace } from "../../../support/peer.ts";
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

/**
 * Moves time on until something is over, or for so many steps, giving what is on its
 * way the turns to arrive.
 *
 * @returns Whether it is over.
 */
export async function moveUntil(
  { clock }: Bench,
  work: Promise<unknown>,
  milliseconds: number,
  steps: number = Infinity,
): Promise<boolean> {
  const PENDING = Symbol("pending");
  for (let step = 0; step < steps; step += 1) {
    const first = await Promise.race([
      work.catch(() => undefined),
      turns(3).then(() => PENDING),
    ]);
    if (first !== PENDING) return true;
    await clock.advance(milliseconds);
  }
  return false;
}
