import type {
  CommitOptions,
  CopyOptions,
  ImageDetails,
  ImageHistoryEntry,
  ImageProgress,
  ImageSummary,
  ImportOptions,
  OperationOptions,
  ProgressStream,
  PullOptions,
} from "../../../engine.ts";
import {
  InvalidArgument,
  InvalidState,
  NoSuchImage,
  NotSupported,
} from "../../../errors.ts";
import { Mutex } from "../mutex.ts";
import type { Storage } from "../storage/types.ts";
import type { Clock, EmbeddedOptions, StoredValue } from "../types.ts";
import { applyChanges } from "./changes.ts";
import type { ImageConfig, RunConfig } from "./config.ts";
import { readImages } from "./import.ts";
import { defaultLimits, type ArchiveLimits } from "./limits.ts";
import { findImage } from "./lookup.ts";
import {
  endsAs,
  localName,
  parseReference,
  readReference,
  remoteName,
  repositoryOf,
} from "./reference.ts";
import { PretendedRegistry } from "./registry.ts";
import {
  configOf,
  detailsOf,
  historyOf,
  makeImage,
  summaryOf,
  type StoredImage,
} from "./stored.ts";
import { parsePlace, parseSource } from "./transport.ts";
import { writeImage } from "./write.ts";

/** What an {@link ImageStore} needs of the engine that it is a part of. */
export interface ImageStoreOptions {
  readonly registry?: EmbeddedOptions["registry"];
  /** Is told of what happened: `pull`, `push`, `import`, `loadfromarchive`, `commit`, `tag`, `untag`, `remove`. */
  readonly onEvent: (
    status: string,
    image: { readonly id: string; readonly name: string },
  ) => void;
  /** Default: {@link defaultLimits}. */
  readonly limits?: ArchiveLimits | undefined;
}

/** A container that an image is to be made of. */
export interface CommitRequest {
  readonly containerId: string;
  /** The id of the image it was made from. */
  readonly imageId?: string | undefined;
  /** What it runs with, laid over what that image says. */
  readonly config?: RunConfig | undefined;
}

/** By what keys a {@link Storage} keeps images. */
const imagesKey = "images";
const pushedKey = "images.pushed";

/**
 * The images of an embedded engine, and the registry that it pretends to reach.
 *
 * Configurations are kept to the byte. What layers hold is not kept, only their
 * digests and sizes: the engine runs nothing that would read it.
 */
export class ImageStore {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #onEvent: ImageStoreOptions["onEvent"];
  readonly #registry: PretendedRegistry;
  readonly #limits: ArchiveLimits;
  readonly #mutex = new Mutex();

  /** @throws InvalidArgument if a name in the registry is no image reference */
  constructor(storage: Storage, clock: Clock, options: ImageStoreOptions) {
    this.#storage = storage;
    this.#clock = clock;
    this.#onEvent = options.onEvent;
    this.#limits = options.limits ?? defaultLimits;
    this.#registry = new PretendedRegistry(options.registry);
  }

  /** In the order in which they came. */
  async list(): Promise<readonly ImageSummary[]> {
    return (await this.#images()).map(summaryOf);
  }

  /** By name or id: see {@link findImage}. @throws NoSuchImage; AmbiguousId */
  async find(image: string): Promise<ImageSummary> {
    return summaryOf(await this.#find(image));
  }

  /** What containers of the image run with. @throws NoSuchImage; AmbiguousId */
  async runConfig(image: string): Promise<RunConfig> {
    return configOf(await this.#find(image)).config ?? {};
  }

  /** @throws NoSuchImage; AmbiguousId */
  async inspect(image: string): Promise<ImageDetails> {
    return detailsOf(await this.#find(image));
  }

  /** The newest step first. @throws NoSuchImage; AmbiguousId */
  async history(image: string): Promise<readonly ImageHistoryEntry[]> {
    return historyOf(await this.#find(image));
  }

  /**
   * Full names in the pretended registry that contain a text; of a registry that has
   * every name, those that were pushed there.
   */
  async search(text: string): Promise<readonly string[]> {
    const pushed = Object.keys(await this.#pushed());
    return [...new Set([...this.#registry.names(), ...pushed])].filter((name) =>
      name.includes(text),
    );
  }

  /**
   * From the pretended registry, or from files: see {@link parseSource}.
   *
   * @throws NoSuchImage if it has no such image; NotSupported; as {@link import}
   */
  async *pull(name: string, options: PullOptions = {}): ProgressStream {
    const { signal, allTags = false } = options;
    refuseSigning("pullImage", options);
    if (parsePlace(name, "pullImage").kind !== "registry")
      return yield* this.import(name, { signal });
    const reference = parseReference(name.replace(/^docker:\/\//, ""));
    const wanted = remoteName(reference);
    const pushed = await this.#pushed();
    const names = allTags
      ? this.#tags(repositoryOf(reference), pushed)
      : [wanted];
    let pulled: string | undefined;
    for (const each of names) {
      yield { text: `Trying to pull ${each}...` };
      const image = pushed[each] ?? this.#registry.image(each);
      const fits =
        reference.digest === undefined || image?.digest === reference.digest;
      if (image === undefined || !fits)
        throw new NoSuchImage(`the registry has no image "${name}"`);
      yield* copying(image);
      signal?.throwIfAborted();
      await this.#add(image, [each]);
      this.#onEvent("pull", { id: image.id, name: each });
      if (pulled === undefined || each === wanted) pulled = image.id;
    }
    if (pulled === undefined)
      throw new NoSuchImage(`the registry has no image "${name}"`);
    return pulled;
  }

  /**
   * Into the pretended registry, or into files: see {@link parsePlace} and
   * {@link writeImage}.
   *
   * @throws NoSuchImage; AmbiguousId; InvalidArgument; NotSupported; EngineError
   */
  async *push(
    image: string,
    destination: string,
    options: CopyOptions = {},
  ): ProgressStream {
    refuseSigning("pushImage", options);
    const { compression, signal } = options;
    const place = parsePlace(destination, "pushImage");
    const found = await this.#find(image);
    yield* copying(found);
    signal?.throwIfAborted();
    if (place.kind === "registry") await this.#keepPushed(place.name, found);
    else {
      const { kind, path, name } = place;
      const names = name === undefined ? found.names : [name];
      await writeImage(found, { kind, path, names, compression });
    }
    const [own = found.id] = found.names;
    this.#onEvent("push", { id: found.id, name: place.name ?? own });
    return found.id;
  }

  /**
   * From an archive or folder on this host: see {@link readImages}. Changes and a
   * message make another image of one that is in an image archive. Returns the id, of
   * the first image where there are several.
   *
   * @throws InvalidArgument; EngineError; NotSupported
   */
  async *import(path: string, options: ImportOptions = {}): ProgressStream {
    const { reference, signal } = options;
    const source = parseSource(path, "importImage");
    const name =
      reference === undefined || reference === ""
        ? undefined
        : taggableName(reference);
    yield { text: "Getting image source signatures" };
    const now = this.#clock.now();
    const { isRoot, images } = await readImages(
      source,
      options,
      now,
      this.#limits,
    );
    const [first, ...others] = images;
    if (first === undefined)
      throw new InvalidArgument(`${path}: there is no image in it`);
    if (name !== undefined && others.length > 0) {
      throw new InvalidArgument(
        `${path}: there are ${images.length} images in it, which cannot all be called "${name}"`,
      );
    }
    for (const image of images) {
      yield* copyingBlobs(image);
      signal?.throwIfAborted();
      const names = name === undefined ? image.names : [name];
      await this.#add(image, names);
      this.#onEvent(isRoot ? "import" : "loadfromarchive", {
        id: image.id,
        name: names[0] ?? image.id,
      });
    }
    return first.id;
  }

  /** Makes an image of a container. Resolves with its id. @throws InvalidArgument */
  async commit(
    request: CommitRequest,
    options: CommitOptions = {},
  ): Promise<string> {
    const { author, message, changes = [], format = "oci" } = options;
    const name =
      options.image === undefined || options.image === ""
        ? undefined
        : taggableName(options.image);
    const base =
      request.imageId === undefined
        ? undefined
        : await this.#find(request.imageId);
    const before: ImageConfig =
      base === undefined
        ? { os: "linux", architecture: "amd64" }
        : configOf(base);
    const created = new Date(this.#clock.now()).toISOString();
    const laid: ImageConfig = {
      ...before,
      created,
      author: author ?? before.author,
      config: { ...before.config, ...defined(request.config ?? {}) },
      history: [
        ...(before.history ?? []),
        {
          created,
          created_by: `commit of container ${request.containerId}`,
          author,
          comment: message,
        },
      ],
    };
    const made = makeImage(applyChanges(laid, changes), format, [
      ...(base?.layers ?? []).map(({ size }) => size),
      0,
    ]);
    options.signal?.throwIfAborted();
    const image = { ...made, parent: base?.id };
    await this.#add(image, name === undefined ? [] : [name]);
    this.#onEvent("commit", { id: image.id, name: name ?? image.id });
    return image.id;
  }

  /**
   * Gives an image one more name; an image that had it loses it. A name without a
   * registry gets `localhost/`.
   *
   * @throws NoSuchImage; AmbiguousId; InvalidArgument
   */
  async tag(
    image: string,
    tag: string,
    options: OperationOptions = {},
  ): Promise<void> {
    const name = taggableName(tag);
    const found = await this.#find(image);
    options.signal?.throwIfAborted();
    await this.#add(found, [name]);
    this.#onEvent("tag", { id: found.id, name });
  }

  /** Takes a name away; the image stays. @throws NoSuchImage if it is not called so; AmbiguousId; InvalidArgument */
  async untag(
    image: string,
    tag: string,
    options: OperationOptions = {},
  ): Promise<void> {
    const found = await this.#find(image);
    const name = ownName(found, tag);
    options.signal?.throwIfAborted();
    if (name === undefined)
      throw new NoSuchImage(`image ${found.id} is not called "${tag}"`);
    await this.#untag(found, name);
  }

  /**
   * Removes an image. By one of several names, only that name goes, as in Podman.
   * Resolves with the id.
   *
   * @param options.force Also if it is used, or has several names and is meant by id.
   * @param usedBy Ids of the containers that use it.
   * @throws NoSuchImage; AmbiguousId; InvalidState
   */
  async remove(
    image: string,
    options: OperationOptions & { readonly force?: boolean | undefined } = {},
    usedBy: readonly string[] = [],
  ): Promise<string> {
    const { force = false, signal } = options;
    const found = await this.#find(image);
    const { id, names } = found;
    const name = names.length > 1 ? ownName(found, image) : undefined;
    signal?.throwIfAborted();
    if (name !== undefined) {
      await this.#untag(found, name);
      return id;
    }
    if (!force && names.length > 1) {
      throw new InvalidState(
        `image ${id} has several names: ${names.join(", ")}; remove it by one of them, or with force`,
      );
    }
    if (!force && usedBy.length > 0) {
      throw new InvalidState(
        `image ${id} is used by ${usedBy.length} containers: ${usedBy.map((user) => user.slice(0, 12)).join(", ")}`,
      );
    }
    await this.#change((images) => images.filter((other) => other.id !== id));
    this.#onEvent("remove", { id, name: names[0] ?? id });
    return id;
  }

  /** Puts an image in, or names to one that is there. */
  async #add(image: StoredImage, names: readonly string[]): Promise<void> {
    await this.#change((images) => {
      const there = images.find(({ id }) => id === image.id);
      const others = images.map((other) => ({
        ...other,
        names: other.names.filter(
          (name) => other.id === image.id || !names.includes(name),
        ),
      }));
      const kept = there ?? image;
      const named = {
        ...kept,
        names: [...new Set([...(there?.names ?? []), ...names])],
      };
      return there === undefined
        ? [...others, named]
        : others.map((other) => (other.id === image.id ? named : other));
    });
  }

  async #untag(image: StoredImage, name: string): Promise<void> {
    await this.#change((images) =>
      images.map((other) =>
        other.id === image.id
          ? { ...other, names: other.names.filter((kept) => kept !== name) }
          : other,
      ),
    );
    this.#onEvent("untag", { id: image.id, name });
  }

  async #change(
    change: (images: readonly StoredImage[]) => readonly StoredImage[],
  ): Promise<void> {
    await this.#mutex.run(async () => {
      const changed = change(await this.#images());
      await this.#storage.store(imagesKey, changed as unknown as StoredValue);
    });
  }

  async #keepPushed(name: string, image: StoredImage): Promise<void> {
    await this.#mutex.run(async () => {
      const pushed = { ...(await this.#pushed()), [name]: image };
      await this.#storage.store(pushedKey, pushed as unknown as StoredValue);
    });
  }

  async #find(image: string): Promise<StoredImage> {
    return findImage(await this.#images(), image);
  }

  async #images(): Promise<readonly StoredImage[]> {
    const kept = await this.#storage.load(imagesKey);
    return (kept ?? []) as unknown as readonly StoredImage[];
  }

  /** What was pushed to the pretended registry, by full name. */
  async #pushed(): Promise<Readonly<Record<string, StoredImage>>> {
    const kept = await this.#storage.load(pushedKey);
    return (kept ?? {}) as unknown as Record<string, StoredImage>;
  }

  #tags(
    repository: string,
    pushed: Readonly<Record<string, StoredImage>>,
  ): readonly string[] {
    const beginning = `${repository}:`;
    return [
      ...new Set([
        ...this.#registry.tags(repository),
        ...Object.keys(pushed).filter((name) => name.startsWith(beginning)),
      ]),
    ];
  }
}

/** Without members that say nothing. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Partial<T>;
}

/** @throws InvalidArgument */
function taggableName(text: string): string {
  const reference = parseReference(text);
  if (reference.digest !== undefined)
    throw new InvalidArgument(`"${text}": a digest cannot be given as a name`);
  return localName(reference);
}

/** Which of an image's own names a text means. */
function ownName(image: StoredImage, text: string): string | undefined {
  const reference = readReference(text);
  if (reference === undefined || reference.digest !== undefined)
    return undefined;
  const full = localName(reference);
  if (image.names.includes(full)) return full;
  return reference.registry === undefined
    ? image.names.find((name) => endsAs(name, reference))
    : undefined;
}

/** The registry is pretended: nothing there is signed, and nothing checked. */
function refuseSigning(call: string, options: CopyOptions): void {
  if (options.signing?.signBy !== undefined && options.signing.signBy !== "")
    throw new NotSupported("embedded", `${call}: signing.signBy`);
  if (options.signaturePolicyPath !== undefined)
    throw new NotSupported("embedded", `${call}: signaturePolicyPath`);
}

/** What engines say while they copy an image. */
function* copying(
  image: StoredImage,
): Generator<ImageProgress, void, undefined> {
  yield { text: "Getting image source signatures" };
  yield* copyingBlobs(image);
}

function* copyingBlobs(
  image: StoredImage,
): Generator<ImageProgress, void, undefined> {
  for (const { diffId } of image.layers)
    yield { text: `Copying blob ${diffId}` };
  yield { text: `Copying config sha256:${image.id}` };
  yield { text: "Writing manifest to image destination" };
  yield { text: "Storing signatures" };
}
