import { EError, type TDockerImage } from "portolan/porto";
import type {
  Engine,
  ImageDetails,
  ImageSummary,
  OperationOptions,
  ProgressStream,
  PullOptions,
} from "../../engine.ts";
import {
  AmbiguousId,
  EngineError,
  NoSuchImage,
  NotSupported,
} from "../../errors.ts";
import { type About, answered, asked, translate } from "./errors.ts";
import type { Host } from "./host.ts";
import { Operation } from "./operation.ts";

/** Docker images as Porto keeps them. Its layers are no images: containers name them in `rootfs`. */
export class Images {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  readonly listImages = async (
    options?: OperationOptions,
  ): Promise<readonly ImageSummary[]> => {
    const images = await this.#all(
      { call: "listImages" },
      new Operation(options),
    );
    return images.map((image) => summarizeImage(image));
  };

  readonly getImage: NonNullable<Engine["getImage"]> = async (image, options) =>
    summarizeImage(await this.#find(image, "getImage", options));

  readonly inspectImage: NonNullable<Engine["inspectImage"]> = async (
    image,
    options,
  ): Promise<ImageDetails> => {
    const found = await this.#find(image, "inspectImage", options);
    return {
      ...summarizeImage(found),
      command: found.config?.cmd ?? [],
      entrypoint: [],
      env: found.config?.env ?? [],
      raw: found,
    };
  };

  readonly pullImage: NonNullable<Engine["pullImage"]> = (name, options) =>
    this.#pull(name, options);

  /** Porto answers once, when all of it is there. */
  async *#pull(name: string, options: PullOptions = {}): ProgressStream {
    const { signal, timeout, ...others } = options;
    for (const [option, value] of Object.entries(others))
      if (value !== undefined && !isDefault(option, value))
        throw new NotSupported("porto", `pullImage: ${option}`);
    const about: About = { call: "pullImage", image: name };
    const { image } = await asked(
      about,
      this.#host.client.pullDockerImage(
        { name },
        new Operation({ signal, timeout }).limits,
      ),
    );
    if (image === undefined)
      throw new EngineError(
        `pullImage of ${name}: Porto did not say which image it is`,
      );
    for (const tag of image.tags) yield { text: tag };
    return image.id;
  }

  readonly removeImage: NonNullable<Engine["removeImage"]> = async (
    image,
    { force = false, ...options } = {},
  ) => {
    if (force) throw new NotSupported("porto", "removeImage: force");
    const operation = new Operation(options);
    await asked(
      { call: "removeImage", image },
      this.#host.client.removeDockerImage({ name: image }, operation.limits),
    );
  };

  /** By what the daemon finds, else by the beginning of an id. @throws NoSuchImage; AmbiguousId */
  async #find(
    name: string,
    call: string,
    options: OperationOptions | undefined,
  ): Promise<TDockerImage> {
    const operation = new Operation(options);
    const about: About = { call, image: name };
    let cause: unknown;
    try {
      const { image } = await this.#host.client.dockerImageStatus(
        { name },
        operation.limits,
      );
      if (image !== undefined) return image;
    } catch (error) {
      if (!answered(error, EError.DockerImageNotFound, EError.InvalidValue))
        throw translate(error, about);
      cause = error;
    }
    const all = await this.#all(about, operation);
    const [found, ...more] = all.filter(
      (image) => name !== "" && hex(image.id).startsWith(hex(name)),
    );
    if (more.length > 0)
      throw new AmbiguousId(
        `"${name}" is the beginning of ${more.length + 1} image ids: give more of it`,
      );
    if (found !== undefined) return found;
    throw new NoSuchImage(`there is no image ${name}`, { cause });
  }

  async #all(
    about: About,
    operation: Operation,
  ): Promise<readonly TDockerImage[]> {
    const { images } = await asked(
      about,
      this.#host.client.listDockerImages({}, operation.limits),
    );
    return images;
  }
}

/** Options that ask for nothing that Porto does not do anyway. */
function isDefault(option: string, value: unknown): boolean {
  if (option === "allTags") return value === false;
  if (option === "compression") return value === "none";
  if (option !== "registry" && option !== "signing") return false;
  return Object.entries(value as object).every(
    ([name, given]) =>
      given === undefined ||
      (name === "tlsVerify" ? given === true : given === false),
  );
}

function summarizeImage(image: TDockerImage): ImageSummary {
  return {
    id: image.id,
    names: image.tags,
    digests: image.digests,
    size: image.size,
    labels: {},
  };
}

/** An id without the name of its hash. */
function hex(id: string): string {
  return id.replace(/^sha256:/, "");
}
