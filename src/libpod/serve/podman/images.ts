import type { PodmanHandlers } from "portolan/podman";
import { finish } from "./create.ts";
import { goTime } from "./format.ts";
import type { AllHandlers } from "./handlers.ts";
import { type FormatTime, listImage, listStep } from "./list.ts";
import { type Served, unlessGone } from "./served.ts";

type ImageHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  | "listImages"
  | "inspectImage"
  | "historyImage"
  | "pushImage"
  | "tagImage"
  | "removeImage"
  | "searchImage"
  | "deleteUnusedImages"
  | "importImage"
  | "pullImage"
>;

/**
 * The methods for images that Podman's interfaces have in common.
 *
 * @param format How the interface writes times. Default: as Podman 1.0.
 */
export function imageHandlers(
  served: Served,
  format: FormatTime = goTime,
): ImageHandlers {
  const { engine } = served;
  return {
    async listImages() {
      const images = await served.attempt(engine.listImages());
      return { images: images.map((image) => listImage(image, format)) };
    },

    async inspectImage({ name }) {
      const { id } = await served.image(name);
      const { raw } = await served.attempt(engine.inspectImage(id));
      // The engine's own form is Podman's, in which 1.0 called one member otherwise.
      const whole = raw as { readonly Config: unknown };
      const old = { ContainerConfig: whole.Config, GraphDriver: NO_DRIVER };
      return { image: JSON.stringify({ ...whole, ...old }) };
    },

    async historyImage({ name }) {
      const { id, names } = await served.image(name);
      const steps = await served.attempt(engine.imageHistory(id));
      return {
        history: steps.map((step) => ({
          ...listStep(step, format),
          tags: [...names],
        })),
      };
    },

    async pushImage({ name, tag, tlsverify }) {
      const { id } = await served.image(name);
      const destination = tag === "" ? name : tag;
      const options = { registry: { tlsVerify: tlsverify } };
      await served.attempt(finish(engine.pushImage(id, destination, options)));
      return { image: id };
    },

    async tagImage({ name, tagged }) {
      const { id } = await served.image(name);
      await served.attempt(engine.tagImage(id, tagged));
      return { image: id };
    },

    async removeImage({ name, force }) {
      const { id } = await served.image(name);
      await served.attempt(removeImage(served, name, id, force));
      return { image: id };
    },

    async searchImage({ name, limit }) {
      const names = await served.attempt(engine.inside.searchImages(name));
      return {
        images: names
          .slice(0, limit > 0 ? limit : DEFAULT_LIMIT)
          .map((found) => ({
            description: "",
            is_official: false,
            is_automated: false,
            name: found,
            star_count: 0,
          })),
      };
    },

    async deleteUnusedImages() {
      return { images: await served.attempt(deleteUnused(served)) };
    },

    async importImage({ source, reference, message, changes }) {
      const options = {
        reference: reference === "" ? undefined : reference,
        message: message === "" ? undefined : message,
        changes,
      };
      const image = await served.attempt(
        finish(engine.importImage(localPath(served, source), options)),
      );
      return { image };
    },

    async pullImage({ name }) {
      return { id: await served.attempt(finish(engine.pullImage(name))) };
    },
  };
}

/** Nothing is stored in layers. */
export const NO_DRIVER = { Name: "memory", Data: null };

/** Results of a search that names no limit. */
export const DEFAULT_LIMIT = 25;

/** Only what is on this machine: nothing is fetched from anywhere. */
export function localPath({ answers }: Served, source: string): string {
  if (!/^https?:\/\//i.test(source)) return source;
  throw answers.occurred(
    `${source} is not a path on this machine, and nothing is fetched: invalid argument`,
  );
}

/** Podman takes away one of several names, or the image with its last one. */
async function removeImage(
  { engine }: Served,
  name: string,
  id: string,
  force: boolean,
): Promise<void> {
  if (!force) return engine.removeImage(name);
  for (const container of await engine.listContainers()) {
    if (container.imageId !== id) continue;
    await unlessGone(() => engine.removeContainer(container.id, { force }));
  }
  return engine.removeImage(id, { force });
}

async function deleteUnused({ engine }: Served): Promise<readonly string[]> {
  const used = new Set(
    (await engine.listContainers()).map(({ imageId }) => imageId),
  );
  const deleted: string[] = [];
  for (const { id, names } of await engine.listImages()) {
    if (used.has(id)) continue;
    // Name by name and without force, for it may have come into use meanwhile.
    await unlessGone(async () => {
      for (const name of names.length === 0 ? [id] : names)
        await engine.removeImage(name);
      deleted.push(id);
    });
  }
  return deleted;
}

/** Writes an image to an archive or folder; `destination` says which. */
export async function exportImage(
  served: Served,
  options: {
    readonly name: string;
    readonly destination: string;
    readonly compress: boolean;
  },
): Promise<{ image: string }> {
  const { name, destination, compress } = options;
  const { id } = await served.image(name);
  if (!/^[a-z-]+:/.test(destination)) {
    throw served.answers.occurred(
      `${destination} does not say what to write, such as docker-archive:PATH: invalid argument`,
    );
  }
  await served.attempt(
    finish(
      served.engine.pushImage(id, destination, {
        compression: compress ? "gzip" : "none",
      }),
    ),
  );
  return { image: id };
}
