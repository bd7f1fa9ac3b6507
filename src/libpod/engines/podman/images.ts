import type {
  CopyOptions,
  Engine,
  ImageSummary,
  ImportOptions,
  ProgressStream,
  PullOptions,
} from "../../engine.ts";
import { EngineError, InvalidArgument, NotSupported } from "../../errors.ts";
import { DockerArchive, OCIArchive } from "../../constants.ts";
import type { Daemon, Limited } from "./daemon.ts";
import { ENGINE, libpodError } from "./errors.ts";
import { parseImage } from "./inspect/image.ts";
import { progress } from "./progress.ts";
import { imageDetails, imageSummary, integer } from "./summaries.ts";
import { parseTime } from "./times.ts";

/** The engine's calls on images. */
export type ImageCalls = Pick<
  Required<Engine>,
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

/** The engine's calls on images, on one daemon. */
export function imageCalls(daemon: Daemon): ImageCalls {
  const { common, v19 } = daemon;
  return {
    listImages: (options) =>
      daemon.run("listImages", options, async (limited) => {
        const { images } = await common.listImages({}, limited);
        return images.map(imageSummary);
      }),

    getImage: (image, options) =>
      daemon.run("getImage", options, (limited) =>
        getImage(daemon, image, limited),
      ),

    inspectImage: (name, options) =>
      daemon.run("inspectImage", options, async (limited) => {
        const { image } = await common.inspectImage({ name }, limited);
        const raw = parseImage(image, name);
        return imageDetails(raw.Id ?? "", raw);
      }),

    imageHistory: (name, options) =>
      daemon.run("imageHistory", options, async (limited) => {
        const { history } = await common.historyImage({ name }, limited);
        return history.map((entry) => ({
          id: entry.id,
          createdAt: parseTime(entry.created),
          createdBy: entry.createdBy,
          tags: entry.tags,
          size: integer(entry.size),
          comment: entry.comment,
        }));
      }),

    pullImage: (name, options = {}) =>
      daemon.stream("pullImage", options, (limited) =>
        pull(daemon, name, options, limited),
      ),

    pushImage: (image, destination, options = {}) =>
      daemon.stream("pushImage", options, (limited) =>
        push(daemon, image, destination, options, limited),
      ),

    importImage: (path, options = {}) =>
      daemon.stream("importImage", options, (limited) =>
        load(daemon, path, options, limited),
      ),

    tagImage: (name, tagged, options) =>
      daemon.run("tagImage", options, async (limited) => {
        await common.tagImage({ name, tagged }, limited);
      }),

    untagImage: (name, tag, options) =>
      daemon.run("untagImage", options, async (limited) => {
        await v19.untagImage({ name, tag }, limited);
      }),

    removeImage: (name, options = {}) =>
      daemon.run("removeImage", options, async (limited) => {
        const { force = false } = options;
        await common.removeImage({ name, force }, limited);
      }),
  };
}

async function getImage(
  daemon: Daemon,
  name: string,
  limited: Limited,
): Promise<ImageSummary> {
  const { common, v10, v19 } = daemon;
  if (daemon.has("GetImage")) {
    const { image } = daemon.takes("GetImage", "id")
      ? await v19.getImage({ id: name }, limited)
      : await v10.getImage({ name }, limited);
    return imageSummary(image);
  }
  const { image } = await common.inspectImage({ name }, limited);
  const { Id: id } = parseImage(image, name);
  const { images } = await common.listImages({}, limited);
  const found = images.find((candidate) => candidate.id === id);
  if (found !== undefined) return imageSummary(found);
  throw new EngineError(`the image ${name} is there, and in no list`);
}

/** `user:password`, as Podman 1.0 takes it. */
function credentials({ registry }: CopyOptions):
  | {
      readonly username: string;
      readonly password: string;
    }
  | undefined {
  const { username, password } = registry ?? {};
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined || /:/.test(username))
    throw new InvalidArgument(
      "a registry takes a user name, without a colon, and a password",
    );
  return { username, password };
}

/**
 * Options of pulling and pushing as far as this daemon's method has inputs for them.
 *
 * @throws NotSupported for one that it would have to ignore.
 */
function copyInputs(
  daemon: Daemon,
  call: string,
  method: "PullImage" | "PushImage",
  options: CopyOptions,
): Record<string, unknown> {
  const { registry, signing, compression, signaturePolicyPath } = options;
  const inputs: Record<string, unknown> = {};
  const tlsVerify = ["tlsVerify", "tlsverify"].find((name) =>
    daemon.takes(method, name),
  );
  // Left out, it is false to a daemon that asks.
  if (tlsVerify !== undefined) inputs[tlsVerify] = registry?.tlsVerify ?? true;
  const wishes: readonly (readonly [string, string, unknown])[] = [
    [
      "registry.tlsVerify",
      tlsVerify ?? "tlsVerify",
      registry?.tlsVerify === false ? false : undefined,
    ],
    ["registry.username", "creds", creds(daemon, options)],
    ["compression", "compress", compression === "gzip" ? true : undefined],
    [
      "signing.removeSignatures",
      "removeSignatures",
      signing?.removeSignatures === true ? true : undefined,
    ],
    ["signing.signBy", "signBy", signing?.signBy],
    ["signaturePolicyPath", "signaturePolicy", signaturePolicyPath],
  ];
  for (const [option, input, value] of wishes) {
    if (value === undefined) continue;
    if (!daemon.takes(method, input))
      throw new NotSupported(ENGINE, `${call}: ${option}`, {
        api: daemon.dialect,
      });
    inputs[input] = value;
  }
  return inputs;
}

/** Podman 1.0 takes credentials as a text, 1.9 as a struct. */
function creds(daemon: Daemon, options: CopyOptions): unknown {
  const given = credentials(options);
  if (given === undefined || daemon.knows("AuthConfig", "username"))
    return given;
  return `${given.username}:${given.password}`;
}

async function* pull(
  daemon: Daemon,
  name: string,
  options: PullOptions,
  limited: Limited,
): ProgressStream {
  if (options.allTags === true)
    throw new NotSupported(ENGINE, "pullImage: allTags", {
      api: daemon.dialect,
    });
  const input = {
    name,
    ...copyInputs(daemon, "pullImage", "PullImage", options),
  };
  if (!daemon.gives("PullImage", "reply"))
    return (await daemon.common.pullImage(input, limited)).id;
  return yield* progress(daemon.v19.pullImage.more(input, limited));
}

async function* push(
  daemon: Daemon,
  image: string,
  destination: string,
  options: CopyOptions,
  limited: Limited,
): ProgressStream {
  const inputs = copyInputs(daemon, "pushImage", "PushImage", options);
  const { id } = await getImage(daemon, image, limited);
  const input = { name: image, tag: destination, ...inputs };
  if (!daemon.gives("PushImage", "reply")) {
    await daemon.common.pushImage(input, limited);
    return id;
  }
  // The daemon does not say which image it pushed.
  yield* progress(daemon.v19.pushImage.more(input, limited));
  return id;
}

/**
 * Takes an image out of an archive; or, given a message or changes, which archives of
 * images have themselves, makes one of the archive of a root filesystem.
 */
async function* load(
  daemon: Daemon,
  path: string,
  options: ImportOptions,
  limited: Limited,
): ProgressStream {
  const { reference, message, changes } = options;
  if (message !== undefined || changes !== undefined) {
    const { image } = await daemon.common.importImage(
      {
        source: path,
        reference: reference ?? "",
        message: message ?? "",
        changes: changes ?? [],
      },
      limited,
    );
    return image;
  }
  const id = daemon.has("LoadImage")
    ? yield* loadArchive(daemon, path, limited)
    : await pullArchive(daemon, path, limited);
  if (reference !== undefined)
    await daemon.common.tagImage({ name: id, tagged: reference }, limited);
  return id;
}

async function* loadArchive(
  daemon: Daemon,
  path: string,
  limited: Limited,
): ProgressStream {
  // This daemon takes the two last for each other: they must be the same.
  const input = { name: "", inputFile: path, quiet: false, deleteFile: false };
  const names = yield* progress(daemon.v19.loadImage.more(input, limited));
  // What it calls the id are the names of what it found, with commas between.
  const [name = ""] = names.split(",");
  return (await getImage(daemon, name.trim(), limited)).id;
}

/** Before LoadImage, archives were pulled like anything else. */
async function pullArchive(
  { common }: Daemon,
  path: string,
  limited: Limited,
): Promise<string> {
  const failures: Error[] = [];
  for (const transport of [DockerArchive, OCIArchive]) {
    try {
      const name = `${transport}:${path}`;
      return (await common.pullImage({ name }, limited)).id;
    } catch (error) {
      const failure = libpodError(error, "importImage");
      if (!EngineError.is(failure)) throw failure;
      failures.push(failure);
    }
  }
  throw new EngineError(`${path} is no archive of an image`, {
    cause: new AggregateError(failures),
  });
}
