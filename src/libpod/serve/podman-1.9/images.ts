import type { Image, PodmanHandlers } from "portolan/podman/1.9";
import type { ImageSummary } from "../../engine.ts";
import { NoSuchImage } from "../../errors.ts";
import { finish } from "../podman/create.ts";
import { rfc3339 } from "../podman/format.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import {
  DEFAULT_LIMIT,
  exportImage,
  imageHandlers as commonHandlers,
  localPath,
  NO_DRIVER,
} from "../podman/images.ts";
import { listImage } from "../podman/list.ts";
import { exists, unlessGone } from "../podman/served.ts";
import type { Served19 } from "./answers.ts";
import { type Condition, hasLabel, readConditions } from "./conditions.ts";
import { newest } from "./context.ts";
import { removeFile } from "./files.ts";
import { tellSteps } from "./more.ts";

type ImageHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  | "listImages"
  | "listImagesWithFilters"
  | "getImage"
  | "imageExists"
  | "inspectImage"
  | "historyImage"
  | "tagImage"
  | "untagImage"
  | "removeImage"
  | "removeImageWithResponse"
  | "deleteUnusedImages"
  | "imagesPrune"
  | "searchImages"
  | "importImage"
  | "exportImage"
  | "pullImage"
  | "pushImage"
  | "commit"
>;

/** The methods for images. */
export function imageHandlers(served: Served19): ImageHandlers {
  const { engine, answers } = served;
  const common = commonHandlers(served, rfc3339);
  return {
    async listImages() {
      return { images: await served.attempt(list(served, () => true)) };
    },

    async listImagesWithFilters({ filters }) {
      const all = await served.attempt(engine.listImages());
      const holds = readConditions(served, filters, conditionsOn(all));
      return { images: await served.attempt(list(served, holds)) };
    },

    async getImage({ id }) {
      const image = await served.image(id);
      const { layers } = await served.attempt(inspected(served, image.id));
      return {
        image: { ...listed(image), topLayer: layers.at(-1) ?? "" },
      };
    },

    async imageExists({ name }) {
      return { exists: (await exists(served, engine.getImage(name))) ? 0 : 1 };
    },

    async inspectImage({ name }) {
      const { id } = await served.image(name);
      const { raw } = await served.attempt(engine.inspectImage(id));
      // The engine's own form is Podman 1.9's, but for where layers are stored.
      return {
        image: JSON.stringify({ ...(raw as object), GraphDriver: NO_DRIVER }),
      };
    },

    historyImage: common.historyImage,
    tagImage: common.tagImage,
    removeImage: common.removeImage,
    deleteUnusedImages: common.deleteUnusedImages,

    async untagImage({ name, tag }) {
      const { id } = await served.image(name);
      await served.attempt(engine.untagImage(id, tag));
      return { image: id };
    },

    async removeImageWithResponse(input, call) {
      const { id, names } = await served.image(input.name);
      await common.removeImage(input, call);
      const left = await namesLeft(served, id);
      return {
        response: {
          untagged: names.filter((name) => left?.includes(name) !== true),
          deleted: left === undefined ? id : "",
        },
      };
    },

    async imagesPrune({ all, filter }, call) {
      if (filter.length > 0) {
        throw answers.occurred(
          "images are pruned without conditions: not yet implemented",
        );
      }
      if (all) {
        const { images } = (await common.deleteUnusedImages({}, call)) as {
          readonly images: readonly string[];
        };
        return { pruned: images };
      }
      return { pruned: await served.attempt(prune(served)) };
    },

    async searchImages({ query, limit, filter }) {
      const names = await served.attempt(engine.inside.searchImages(query));
      // None of the pretended images is anybody's own, built, or starred.
      const none =
        filter.is_official === true ||
        filter.is_automated === true ||
        filter.star_count > 0;
      const most =
        typeof limit === "number" && limit > 0 ? limit : DEFAULT_LIMIT;
      return {
        results: (none ? [] : names.slice(0, most)).map((name) => ({
          description: "",
          is_official: false,
          is_automated: false,
          registry: name.slice(0, name.indexOf("/")),
          name,
          star_count: 0,
        })),
      };
    },

    async importImage({ source, reference, message, changes, delete: remove }) {
      const path = localPath(served, source);
      const importing = finish(
        engine.importImage(path, {
          reference: reference === "" ? undefined : reference,
          message: message === "" ? undefined : message,
          changes,
        }),
      );
      const image = await served.attempt(importing);
      if (remove) await removeFile(served, path);
      return { image };
    },

    async exportImage({ name, destination, compress, tags }) {
      if (tags.length > 0) {
        throw answers.occurred(
          "an archive gets the names that the image has: not yet implemented",
        );
      }
      return exportImage(served, { name, destination, compress });
    },

    pullImage({ name, creds }, call) {
      const { signal } = call;
      const registry = {
        username: creds.username === "" ? undefined : creds.username,
        password: creds.password === "" ? undefined : creds.password,
      };
      return tellSteps(
        served,
        call,
        () => engine.pullImage(name, { registry, signal }),
        (reply) => ({ reply }),
      );
    },

    pushImage({ name, tag, compress, removeSignatures, signBy }, call) {
      const { signal } = call;
      return tellSteps(
        served,
        call,
        async function* () {
          const { id } = await served.image(name);
          return yield* engine.pushImage(id, tag === "" ? name : tag, {
            compression: compress ? "gzip" : "none",
            signing: {
              removeSignatures,
              signBy: signBy === "" ? undefined : signBy,
            },
            signal,
          });
        },
        (reply) => ({ reply }),
      );
    },

    commit(input, call) {
      return tellSteps(
        served,
        call,
        async function* () {
          const { id } = await served.container(input.name);
          const format = input.manifestType === "" ? "oci" : input.manifestType;
          if (format !== "oci" && format !== "docker") {
            throw answers.occurred(
              `unrecognized image format ${JSON.stringify(input.manifestType)}: invalid argument`,
            );
          }
          yield { text: "Getting image source signatures" };
          const image = await engine.commitContainer(id, {
            image: input.image_name === "" ? undefined : input.image_name,
            changes: input.changes,
            author: input.author === "" ? undefined : input.author,
            message: input.message === "" ? undefined : input.message,
            pause: input.pause,
            format,
          });
          yield { text: `Copying config sha256:${image}` };
          yield { text: "Storing signatures" };
          return image;
        },
        (reply) => ({ reply }),
      );
    },
  };
}

/** What of an image only inspecting it tells. */
export interface Inspected {
  readonly id: string;
  readonly names: readonly string[];
  readonly digest: string;
  readonly parent: string;
  /** Digests, the lowest first. */
  readonly layers: readonly string[];
}

/**
 * @param id Of the image.
 * @throws NoSuchImage
 */
export async function inspected(
  served: Served19,
  id: string,
): Promise<Inspected> {
  const { raw, names } = await served.engine.inspectImage(id);
  const whole = raw as {
    readonly Digest: string;
    readonly Parent: string;
    readonly RootFS: { readonly Layers: readonly string[] };
  };
  return {
    id,
    names,
    digest: whole.Digest,
    parent: whole.Parent,
    layers: whole.RootFS.Layers,
  };
}

function listed(image: ImageSummary): Image {
  return {
    ...listImage(image, rfc3339),
    digest: "",
    digests: [],
    virtualSize: Number(image.size ?? 0n),
    isParent: false,
    topLayer: "",
    readOnly: false,
    history: [...image.names],
  };
}

async function list(
  served: Served19,
  holds: (image: ImageSummary) => boolean,
): Promise<readonly Image[]> {
  const found: { readonly image: ImageSummary; readonly own: Inspected }[] = [];
  for (const image of await served.engine.listImages()) {
    await unlessGone(async () => {
      found.push({ image, own: await inspected(served, image.id) });
    });
  }
  const parents = new Set(found.map(({ own }) => own.parent));
  return found.flatMap(({ image, own: { digest, parent } }) =>
    holds(image)
      ? [
          {
            ...listed(image),
            digest,
            parentId: parent,
            isParent: parents.has(image.id),
          },
        ]
      : [],
  );
}

/** Conditions on images, some by the place among all of them. */
function conditionsOn(
  all: readonly ImageSummary[],
): Readonly<Record<string, Condition<ImageSummary>>> {
  const named = (value: string): ImageSummary | undefined =>
    all.find(
      ({ id, names }) =>
        names.includes(value) || (value !== "" && id.startsWith(value)),
    );
  return {
    dangling: (value) => (image) =>
      (image.names.length === 0) === (value === "true"),
    label: (value) => {
      const has = hasLabel(value);
      return ({ labels }) => has(labels);
    },
    reference: (value) => {
      const pattern = globOf(value);
      return ({ names }) => names.some((name) => pattern.test(name));
    },
    before: (value) => {
      const limit = timeOf(named(value)) ?? -Infinity;
      return (image) => (timeOf(image) ?? 0) < limit;
    },
    since: (value) => {
      const limit = timeOf(named(value)) ?? Infinity;
      return (image) => (timeOf(image) ?? 0) > limit;
    },
    id:
      (value) =>
      ({ id }) =>
        id.startsWith(value),
    intermediate: (value) => (image) =>
      image.names.length > 0 || value === "true",
    readonly: (value) => () => value === "false",
    latest: () => {
      const last = newest(all);
      return ({ id }) => id === last?.id;
    },
  };
}

function timeOf(image: ImageSummary | undefined): number | undefined {
  return image?.createdAt?.getTime();
}

/** A pattern with `*` and `?`, of a whole name or its end behind a slash, with any tag if it has none. */
function globOf(text: string): RegExp {
  const source = text
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  const tag = /:[^/]*$/.test(text) ? "" : "(?::[^/]*)?";
  return new RegExp(`(?:^|/)${source}${tag}$`);
}

/** The names that an image has by now; `undefined` if it is gone. */
async function namesLeft(
  served: Served19,
  id: string,
): Promise<readonly string[] | undefined> {
  try {
    return (await served.engine.getImage(id)).names;
  } catch (error) {
    if (NoSuchImage.is(error)) return undefined;
    throw served.translate(error);
  }
}

/** Removes images that have no name and that no container uses. */
async function prune({ engine }: Served19): Promise<readonly string[]> {
  const pruned: string[] = [];
  for (const { id, names, containers } of await engine.listImages()) {
    if (names.length > 0 || (containers ?? 0) > 0) continue;
    await engine.removeImage(id);
    pruned.push(id);
  }
  return pruned;
}
