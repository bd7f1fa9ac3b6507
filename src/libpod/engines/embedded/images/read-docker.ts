import path from "node:path";
import type { Archive, Draft } from "./archive.ts";
import { digestOf, isObject, textList } from "./config.ts";
import { readReference, remoteName } from "./reference.ts";

/**
 * The images of an archive as `docker save` writes them: `manifest.json` is a list,
 * and says the names, the configuration and the layers of each.
 *
 * @throws InvalidArgument
 */
export function readDockerArchive(archive: Archive): readonly Draft[] {
  const manifest = archive.json("manifest.json");
  if (!Array.isArray(manifest) || manifest.length === 0)
    throw archive.wrong("manifest.json", "it is no list of images");
  return manifest.map((item: unknown, index) => {
    const where = `manifest.json, image ${index + 1}`;
    if (!isObject(item)) throw archive.wrong(where, "it is no object");
    const { Config, RepoTags, Layers } = item;
    const layers = textList(Layers);
    const tags = textList(RepoTags ?? []);
    if (
      typeof Config !== "string" ||
      layers === undefined ||
      tags === undefined
    )
      throw archive.wrong(where, "it does not say what it should");
    const config = archive.text(Config);
    // Its name is its digest, and so tells whether it is whole.
    const named = /(?:^|\/)([a-f0-9]{64})(?:\.json)?$/.exec(Config)?.[1];
    if (named !== undefined && digestOf(config) !== `sha256:${named}`)
      throw archive.wrong(Config, `its digest is ${digestOf(config)}`);
    const names = (tags.length > 0 ? tags : olderNames(archive, layers)).map(
      (tag) => {
        const reference = readReference(tag);
        if (reference === undefined)
          throw archive.wrong(where, `"${tag}" is no image reference`);
        return remoteName(reference);
      },
    );
    return { names, config, format: "docker", layers };
  });
}

/** The names that the `repositories` file of older archives gives to a top layer. */
function olderNames(
  archive: Archive,
  layers: readonly string[],
): readonly string[] {
  const top = layers.at(-1);
  if (top === undefined || !archive.has("repositories")) return [];
  const id = path.posix.dirname(top);
  const repositories = archive.json("repositories");
  if (!isObject(repositories))
    throw archive.wrong("repositories", "it is no JSON object");
  return Object.entries(repositories).flatMap(([repository, tags]) =>
    Object.entries(isObject(tags) ? tags : {})
      .filter(([, layer]) => layer === id)
      .map(([tag]) => `${repository}:${tag}`),
  );
}
