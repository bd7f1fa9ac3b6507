import type { EmbeddedOptions, RegistryImage } from "../types.ts";
import { digestOf, type ImageConfig } from "./config.ts";
import { parseReference, remoteName, repositoryOfName } from "./reference.ts";
import { makeImage, type StoredImage } from "./stored.ts";

/**
 * When the registry's images were made. A time of the clock would make their ids
 * depend on when they are pulled.
 */
const CREATED = "1970-01-01T00:00:00Z";

/** The registry that an embedded engine pretends to reach. */
export class PretendedRegistry {
  /** `undefined`: it has every name. */
  readonly #images: ReadonlyMap<string, RegistryImage> | undefined;

  /** @throws InvalidArgument if a key is no image reference */
  constructor(registry: EmbeddedOptions["registry"]) {
    if (registry === undefined || registry === "any") return;
    const images = new Map<string, RegistryImage>();
    for (const [name, image] of Object.entries(registry)) {
      images.set(remoteName(parseReference(name)), image);
    }
    this.#images = images;
  }

  /** The image of a full name. */
  image(name: string): StoredImage | undefined {
    const image = this.#images === undefined ? {} : this.#images.get(name);
    return image === undefined ? undefined : pretend(name, image);
  }

  /** The full names of all tags of a repository; of a registry that has every name: `latest`. */
  tags(repository: string): readonly string[] {
    if (this.#images === undefined) return [`${repository}:latest`];
    return this.names().filter((name) => repositoryOfName(name) === repository);
  }

  /** All full names there are; none where it has every name. */
  names(): readonly string[] {
    return [...(this.#images?.keys() ?? [])];
  }
}

/** Everything about the image follows from its name and what the registry says of it. */
function pretend(name: string, image: RegistryImage): StoredImage {
  const { command, entrypoint, env, labels, workDir, user, stopSignal } = image;
  const config: ImageConfig = {
    created: CREATED,
    architecture: "amd64",
    os: "linux",
    config: {
      User: user,
      Env: env,
      Entrypoint: entrypoint,
      Cmd: command,
      WorkingDir: workDir,
      Labels: labels,
      StopSignal: stopSignal,
    },
    history: [
      {
        created: CREATED,
        created_by: `pretended image ${digestOf(name).slice(7, 19)}`,
        comment: name,
      },
    ],
  };
  return makeImage(config, "oci", [image.size ?? 0]);
}
