import { InvalidArgument } from "../../../errors.ts";

/** The parts of an image's name. */
export interface Reference {
  /** `docker.io`, `localhost:5000`; absent from a short name. */
  readonly registry?: string | undefined;
  /** `library/busybox`: what stands between registry and tag. */
  readonly path: string;
  readonly tag?: string | undefined;
  /** `sha256:…` */
  readonly digest?: string | undefined;
}

/** Where names without a registry are looked for, and pushed to. */
const defaultRegistry = "docker.io";
/** What stands in the place of a registry in names that were made here. */
const localRegistry = "localhost";

/** Characters a name may have without tag and digest, as registries have it. */
const maxName = 255;

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const hostname =
  "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
const registryPattern = new RegExp(`^${hostname}$`);
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-fA-F0-9]{32,}$/;

/**
 * Reads an image's name. What stands before the first `/` is a registry if it has
 * a dot or a port, or is `localhost`; `docker.io/busybox` is `docker.io/library/busybox`.
 *
 * @throws InvalidArgument
 */
export function parseReference(text: string): Reference {
  let rest = text;
  let digest: string | undefined;
  const at = rest.indexOf("@");
  if (at >= 0) {
    digest = rest.slice(at + 1);
    rest = rest.slice(0, at);
    if (!digestPattern.test(digest)) throw invalid(text, "digest");
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(":");
  if (colon > rest.lastIndexOf("/")) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!tagPattern.test(tag)) throw invalid(text, "tag");
  }
  // Before the patterns, which take longer the longer the text is.
  if (rest.length > maxName) throw invalid(text, "name: it is too long");
  const slash = rest.indexOf("/");
  const first = slash < 0 ? "" : rest.slice(0, slash);
  let registry: string | undefined;
  if (/[.:]/.test(first) || first === localRegistry) {
    if (!registryPattern.test(first)) throw invalid(text, "registry");
    registry = first === "index.docker.io" ? defaultRegistry : first;
    rest = rest.slice(slash + 1);
  }
  if (!pathPattern.test(rest)) throw invalid(text, "name");
  // Sixty-four digits are an id wherever a name may stand.
  if (registry === undefined && /^[a-f0-9]{64}$/.test(rest))
    throw invalid(text, "name: it looks like an id");
  const path =
    registry === defaultRegistry && !rest.includes("/")
      ? `library/${rest}`
      : rest;
  return { registry, path, tag, digest };
}

/** As {@link parseReference}; `undefined` for what is no name. */
export function readReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (InvalidArgument.is(error)) return undefined;
    throw error;
  }
}

function invalid(text: string, what: string): InvalidArgument {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new InvalidArgument(
    `"${shown}" is no image reference: there is something wrong with its ${what}`,
  );
}

/** `registry/path`, as it would be in a registry: short names are docker.io's. */
export function repositoryOf({ registry, path }: Reference): string {
  if (registry !== undefined) return `${registry}/${path}`;
  return path.includes("/")
    ? `${defaultRegistry}/${path}`
    : `${defaultRegistry}/library/${path}`;
}

/** The full name of an image in a registry: `docker.io/library/busybox:latest`. */
export function remoteName(reference: Reference): string {
  return `${repositoryOf(reference)}:${reference.tag ?? "latest"}`;
}

/** The full name of an image that gets its name here: `localhost/busybox:latest`. */
export function localName(reference: Reference): string {
  return `${reference.registry ?? localRegistry}/${reference.path}:${reference.tag ?? "latest"}`;
}

/** The repository of a full name. */
export function repositoryOfName(name: string): string {
  return name.slice(0, name.lastIndexOf(":"));
}

/** Whether a full name is one that a short name may mean: same tag, same end of the path. */
export function endsAs(name: string, { path, tag }: Reference): boolean {
  return name.endsWith(`/${path}:${tag ?? "latest"}`);
}
