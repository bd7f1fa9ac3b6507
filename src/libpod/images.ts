import { type Able, able } from "./calls.ts";
import { checkMembers, checkNeeded } from "./check.ts";
import { DefaultRegistry } from "./constants.ts";
import type { Core } from "./core.ts";
import type {
  CopyOptions,
  ImportOptions,
  OperationOptions,
  OptionalCall,
  ProgressStream,
  PullOptions,
} from "./engine.ts";
import {
  EngineError,
  LibpodError,
  NoSuchImage,
  NotImplemented,
  NotSupported,
  RuntimeStopped,
} from "./errors.ts";
import { Image } from "./image.ts";
import {
  copyMembers,
  importMembers,
  pullMembers,
  registryMembers,
  signingMembers,
} from "./members.ts";
import type { RuntimeConfig } from "./options.ts";
import type { Left } from "./scope.ts";
import { Transfer } from "./transfer.ts";

/** The transports of containers/image, by which names that say one are known. */
const transports =
  /^(?:docker:\/\/|(?:atomic|containers-storage|dir|docker-archive|docker-daemon|oci|oci-archive|ostree|sif|tarball):)/;

/** What engines call the image that is meant. @throws InvalidArgument */
export function imageName(core: Core, image: Image | string): string {
  if (typeof image === "object" && image !== null) {
    core.lifeOf(image, "image");
    return image.id;
  }
  checkNeeded(image, "image");
  return image;
}

/** See {@link Runtime.pullImage}. */
export function pull(
  core: Core,
  name: string,
  options: PullOptions,
): Transfer<Image> {
  const begin: Begin<"pullImage"> = async function* pulling(engine, left) {
    checkNeeded(name, "name");
    checkCopy(options);
    const { config } = core;
    const candidates = candidatesOf(name, config);
    const failures: LibpodError[] = [];
    for (const candidate of candidates) {
      const registry = registryOptions(candidate, options, config);
      const given = { ...options, registry, ...left() };
      try {
        return yield* engine.pullImage(candidate, given);
      } catch (error) {
        if (!isElsewhere(error)) throw error;
        failures.push(error);
      }
    }
    throw failureOf(name, candidates, failures);
  };
  return transfer(core, options, pullMembers, "pullImage", begin);
}

/** See {@link Runtime.pushImage}. */
export function push(
  core: Core,
  image: Image | string,
  destination: string,
  options: CopyOptions,
): Transfer<Image> {
  return transfer(core, options, copyMembers, "pushImage", (engine, left) => {
    const source = imageName(core, image);
    checkNeeded(destination, "destination");
    checkCopy(options);
    const { config } = core;
    const target = withTransport(destination, config);
    const registry = registryOptions(target, options, config);
    const given = { ...options, registry, ...left() };
    return engine.pushImage(source, target, given);
  });
}

/** See {@link Runtime.importImage}. */
export function importArchive(
  core: Core,
  path: string,
  options: ImportOptions,
): Transfer<Image> {
  return transfer(
    core,
    options,
    importMembers,
    "importImage",
    (engine, left) => {
      checkNeeded(path, "path");
      return engine.importImage(path, { ...options, ...left() });
    },
  );
}

/** Begins a transfer on an engine that has the call for it. */
type Begin<K extends OptionalCall> = (
  engine: Able<K>,
  left: Left,
) => ProgressStream;

/** A transfer as one operation, from its first line to the image that it resolves with. */
function transfer<K extends OptionalCall>(
  core: Core,
  options: OperationOptions,
  members: readonly string[],
  call: K,
  begin: Begin<K>,
): Transfer<Image> {
  return new Transfer(() =>
    core.stream(
      options,
      async function* transferring(engine, left) {
        const capable = able(engine, call);
        // Asked before anything is transferred.
        const images = able(engine, "getImage");
        const id = yield* begin(capable, left);
        return core.objects.image(await images.getImage(id, left()));
      },
      undefined,
      members,
    ),
  );
}

/** What options have in them is as easily misspelt as they are. @throws InvalidArgument */
function checkCopy({ registry, signing }: CopyOptions): void {
  if (registry !== undefined)
    checkMembers(registry, "options.registry", registryMembers);
  if (signing !== undefined)
    checkMembers(signing, "options.signing", signingMembers);
}

/** The names under which an image is looked for, in this order. */
function candidatesOf(name: string, config: RuntimeConfig): readonly string[] {
  const said = withTransport(name, config);
  const isShort = said === name && !transports.test(name) && !hasRegistry(name);
  return isShort && config.registries.length > 0
    ? config.registries.map(
        (registry) => `${registry.replace(/\/$/, "")}/${name}`,
      )
    : [said];
}

/** A name with its transport; registries are where engines look anyway. */
function withTransport(
  name: string,
  { imageDefaultTransport }: RuntimeConfig,
): string {
  const said = transports.test(name) ? name : imageDefaultTransport + name;
  return said.startsWith(DefaultRegistry)
    ? said.slice(DefaultRegistry.length)
    : said;
}

/** Whether a reference begins with a registry: its first part is a host then. */
function hasRegistry(name: string): boolean {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  return /[.:]/.test(first) || first === "localhost";
}

/** Certificates of registries that were called insecure are not checked, if the call says nothing. */
function registryOptions(
  name: string,
  { registry }: CopyOptions,
  { insecureRegistries }: RuntimeConfig,
): CopyOptions["registry"] {
  const isInsecure =
    registry?.tlsVerify === undefined &&
    insecureRegistries.some((host) => name.startsWith(`${host}/`));
  return isInsecure ? { ...registry, tlsVerify: false } : registry;
}

/** Whether another registry may have what this one did not give. */
function isElsewhere(error: unknown): error is LibpodError {
  const isFinal =
    NotSupported.is(error) ||
    NotImplemented.is(error) ||
    RuntimeStopped.is(error);
  return LibpodError.is(error) && !isFinal;
}

function failureOf(
  name: string,
  candidates: readonly string[],
  failures: readonly LibpodError[],
): LibpodError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const Failure = failures.every((error) => NoSuchImage.is(error))
    ? NoSuchImage
    : EngineError;
  const reasons = failures.map(
    ({ message }, index) => `${candidates[index]}: ${message}`,
  );
  return new Failure(`"${name}" could not be pulled: ${reasons.join("; ")}`, {
    cause: new AggregateError(failures),
  });
}
