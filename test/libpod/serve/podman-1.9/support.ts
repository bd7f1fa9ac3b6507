import path from "node:path";
import { PodmanClient, podmanService } from "portolan/podman/1.9";
import type { EmbeddedOptions } from "../../../../src/libpod/engines/embedded/index.ts";
import { podman19Handlers } from "../../../../src/libpod/serve/index.ts";
import { turns } from "../../../support/peer.ts";
import { serveEngine, type ServedEngine, START } from "../bench.ts";

/** An embedded engine behind the socket of a Podman 1.9, and a client that takes no wrong reply. */
export interface Bench extends ServedEngine {
  readonly podman: PodmanClient;
  /** `unix:/…`, as clients and runtimes take it. */
  readonly address: string;
}

export { START };

export async function openBench(options: EmbeddedOptions = {}): Promise<Bench> {
  const served = await serveEngine(options, (engine) => [
    podmanService(podman19Handlers(engine)),
  ]);
  const podman = await PodmanClient.connect(served.endpoint, {
    replies: "strict",
  });
  return {
    ...served,
    podman,
    address: `unix:${path.join(served.folder, "socket")}`,
    async [Symbol.asyncDispose]() {
      await podman.$close();
      await served[Symbol.asyncDispose]();
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
