import { InvalidArgument, NotSupported } from "../../../errors.ts";
import { DockerArchive, OCIArchive } from "../../../constants.ts";
import { parseReference, remoteName } from "./reference.ts";

/** In what form an image is kept in files. */
export type FileKind = typeof DockerArchive | typeof OCIArchive | "oci" | "dir";

/** Where an image is kept in files. */
export interface FilePlace {
  readonly kind: FileKind;
  readonly path: string;
  /** The full name that it has there; absent: its own, or whatever is there. */
  readonly name?: string | undefined;
}

/** As {@link FilePlace}; without a kind, what is there tells it. */
export type FileSource = Omit<FilePlace, "kind"> &
  Partial<Pick<FilePlace, "kind">>;

/** Where an image is to be written to or read from. */
export type Place =
  FilePlace | { readonly kind: "registry"; readonly name: string };

const fileKinds: ReadonlySet<string> = new Set<FileKind>([
  DockerArchive,
  OCIArchive,
  "oci",
  "dir",
]);

/** Transports that Podman knows, and that lead out of what an embedded engine has. */
const otherTransports: ReadonlySet<string> = new Set([
  "atomic",
  "containers-storage",
  "docker-daemon",
  "ostree",
  "sif",
  "tarball",
]);

/** The transport that a text begins with; `undefined` for names and paths. */
function transportOf(text: string): string | undefined {
  const transport = text.slice(0, Math.max(text.indexOf(":"), 0));
  return fileKinds.has(transport) || otherTransports.has(transport)
    ? transport
    : undefined;
}

/**
 * What a destination or source means: `docker-archive:PATH[:NAME]`,
 * `oci-archive:PATH[:NAME]`, `oci:PATH[:NAME]`, `dir:PATH`, else a name in a
 * registry, with `docker://` or without.
 *
 * @param call Whose it is, for NotSupported.
 * @throws InvalidArgument; NotSupported for another transport that engines know
 */
export function parsePlace(text: string, call: string): Place {
  const transport = transportOf(text);
  if (transport === undefined) {
    const reference = parseReference(text.replace(/^docker:\/\//, ""));
    return { kind: "registry", name: remoteName(reference) };
  }
  if (!fileKinds.has(transport))
    throw new NotSupported("embedded", `${call}: ${transport}:`);
  return parseFilePlace(text, transport as FileKind);
}

/** As {@link parsePlace} for something to read: what has no transport is a path. */
export function parseSource(text: string, call: string): FileSource {
  if (transportOf(text) === undefined) return { path: text };
  const place = parsePlace(text, call);
  return place.kind === "registry" ? { path: text } : place;
}

function parseFilePlace(text: string, kind: FileKind): FilePlace {
  const rest = text.slice(kind.length + 1);
  const end = kind === "dir" ? -1 : rest.indexOf(":");
  const path = end < 0 ? rest : rest.slice(0, end);
  if (path === "") throw new InvalidArgument(`"${text}" names no path`);
  if (end < 0) return { kind, path };
  return { kind, path, name: remoteName(parseReference(rest.slice(end + 1))) };
}
