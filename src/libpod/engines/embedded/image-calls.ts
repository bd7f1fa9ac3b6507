import type { OperationOptions } from "../../engine.ts";
import type { ContainerRecord } from "../../state.ts";
import type { Host } from "./host.ts";
import type { Machine } from "./machine.ts";
import { operate, operateStream } from "./operation.ts";
import type { EmbeddedEngine } from "./types.ts";

type ImageCalls = Pick<
  EmbeddedEngine,
  | "listImages"
  | "getImage"
  | "inspectImage"
  | "imageHistory"
  | "pullImage"
  | "pushImage"
  | "importImage"
  | "tagImage"
  | "untagImage"
  | "removeImage"
>;

/** The calls about images: the store's, under the options of operations. */
export function imageCalls(host: Host, machine: Machine): ImageCalls {
  const { images } = host;

  const locked = <T>(
    options: OperationOptions | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> =>
    operate(host, options, (signal) => host.locked(() => work(signal), signal));

  /** These with how many containers were made from each. */
  const counted = async <T extends { readonly id: string }>(
    found: readonly T[],
  ): Promise<readonly (T & { readonly containers: number })[]> => {
    const records = await machine.records();
    return found.map((image) => ({
      ...image,
      containers: madeFrom(image.id, records).length,
    }));
  };
  const countedOne = async <T extends { readonly id: string }>(
    image: T,
  ): Promise<T> => (await counted([image]))[0] ?? image;

  return {
    listImages: (options) =>
      locked(options, async () => counted(await images.list())),
    getImage: (image, options) =>
      locked(options, async () => countedOne(await images.find(image))),
    inspectImage: (image, options) =>
      locked(options, async () => countedOne(await images.inspect(image))),
    imageHistory: (image, options) =>
      locked(options, () => images.history(image)),
    pullImage: (name, options) =>
      operateStream(host, options, (signal) =>
        images.pull(name, { ...options, signal }),
      ),
    pushImage: (image, destination, options) =>
      operateStream(host, options, (signal) =>
        images.push(image, destination, { ...options, signal }),
      ),
    importImage: (path, options) =>
      operateStream(host, options, (signal) =>
        images.import(path, { ...options, signal }),
      ),
    tagImage: (image, tag, options) =>
      locked(options, (signal) => images.tag(image, tag, { signal })),
    untagImage: (image, tag, options) =>
      locked(options, (signal) => images.untag(image, tag, { signal })),
    // Locked, so that no container is made of it meanwhile.
    removeImage: (image, options) =>
      locked(options, async (signal) => {
        const { id } = await images.find(image);
        const users = madeFrom(id, await machine.records());
        await images.remove(image, { ...options, signal }, users);
      }),
  };
}

/** Ids of the containers that were made from an image. */
function madeFrom(
  imageId: string,
  records: readonly ContainerRecord[],
): readonly string[] {
  return records
    .filter((record) => record.imageId === imageId)
    .map(({ id }) => id);
}
