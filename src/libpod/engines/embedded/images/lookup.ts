import { AmbiguousId, NoSuchImage } from "../../../errors.ts";
import {
  endsAs,
  localName,
  readReference,
  repositoryOfName,
  type Reference,
} from "./reference.ts";
import type { StoredImage } from "./stored.ts";

/**
 * Finds what a name or id means, the first of these that fits:
 *
 * - a full id, with `sha256:` or without, or the digest of a manifest;
 * - `repository@digest`;
 * - a full name, `latest` where it has no tag;
 * - a short name: the one of `localhost`, else the image whose name ends so;
 * - the beginning of one id.
 *
 * Podman 1.9 goes by the same rules, except that there the beginning of an id comes
 * before short names.
 *
 * @throws NoSuchImage; AmbiguousId
 */
export function findImage(
  images: readonly StoredImage[],
  idOrName: string,
): StoredImage {
  const text = idOrName.replace(/^docker:\/\//, "");
  const id = text.replace(/^sha256:/, "");
  const found =
    images.find((image) => image.id === id || image.digest === text) ??
    byName(images, text) ??
    byIdPart(images, id);
  if (found === undefined) throw noSuchImage(idOrName);
  return found;
}

/** For a name that nothing has. */
export function noSuchImage(idOrName: string): NoSuchImage {
  return new NoSuchImage(`there is no image "${idOrName}"`);
}

function byName(
  images: readonly StoredImage[],
  text: string,
): StoredImage | undefined {
  const reference = readReference(text);
  if (reference === undefined) return undefined;
  const called = (test: (name: string) => boolean): readonly StoredImage[] =>
    images.filter(({ names }) => names.some(test));
  if (reference.digest !== undefined) {
    return onlyOne(
      called((name) => isOfRepository(name, reference)).filter(
        ({ digest }) => digest === reference.digest,
      ),
      text,
    );
  }
  const full = localName(reference);
  const [exact] = called((name) => name === full);
  if (exact !== undefined || reference.registry !== undefined) return exact;
  return onlyOne(
    called((name) => endsAs(name, reference)),
    text,
  );
}

function isOfRepository(name: string, { registry, path }: Reference): boolean {
  const repository = repositoryOfName(name);
  return registry === undefined
    ? repository.endsWith(`/${path}`)
    : repository === `${registry}/${path}`;
}

function byIdPart(
  images: readonly StoredImage[],
  part: string,
): StoredImage | undefined {
  if (part === "") return undefined;
  return onlyOne(
    images.filter(({ id }) => id.startsWith(part)),
    part,
  );
}

function onlyOne(
  candidates: readonly StoredImage[],
  text: string,
): StoredImage | undefined {
  const [first, ...others] = candidates;
  if (others.length === 0) return first;
  const shown = candidates.map(({ id, names }) => names[0] ?? id.slice(0, 12));
  throw new AmbiguousId(
    `"${text}" may mean ${shown.length} images: ${shown.slice(0, 5).join(", ")}${shown.length > 5 ? ", …" : ""}`,
  );
}
