import path from "node:path";
import { InvalidArgument } from "../../../errors.ts";
import {
  digestOf,
  parseConfig,
  parseJson,
  type ImageFormat,
} from "./config.ts";
import type { ArchiveLimits } from "./limits.ts";
import { manifestOf } from "./manifest.ts";
import {
  unpackFiles,
  type IndexedFile,
  type Source,
  type SourceIndex,
  type Unpacked,
} from "./source.ts";
import { storedImage, type StoredImage } from "./stored.ts";

/** An image as an archive describes it, its layers not looked at yet. */
export interface Draft {
  /** Full names. */
  readonly names: readonly string[];
  /** The text of its configuration. */
  readonly config: string;
  readonly format: ImageFormat;
  /** `sha256:…` of its manifest; absent where the archive has none. */
  readonly digest?: string | undefined;
  /** The names of the files of its layers, the lowest first. */
  readonly layers: readonly string[];
}

/** The files of an image archive, and what goes wrong with them. */
export class Archive {
  readonly source: Source;
  readonly #index: SourceIndex;
  readonly #limits: ArchiveLimits;
  /** Bytes of documents that may yet be looked at. */
  #room: number;

  /** @throws InvalidArgument if there are too many files */
  constructor(source: Source, index: SourceIndex, limits: ArchiveLimits) {
    this.source = source;
    this.#index = index;
    this.#limits = limits;
    this.#room = limits.documents;
    if (index.files.size > limits.files) {
      throw new InvalidArgument(
        `${source.path}: an image archive has at most ${limits.files} files`,
      );
    }
  }

  /** An error about one of the files. */
  wrong(name: string, problem: string): InvalidArgument {
    return new InvalidArgument(`${this.source.path}: ${name}: ${problem}`);
  }

  has(name: string): boolean {
    return this.#index.files.has(name);
  }

  /** A file, at the end of links. @throws InvalidArgument */
  file(name: string): IndexedFile & { readonly name: string } {
    let at = path.posix.normalize(name);
    // Docker wrote links where images share layers.
    for (let links = 0; links < 8; links += 1) {
      const found = this.#index.files.get(at);
      if (found === undefined) throw this.wrong(name, "it is missing");
      if (found.type === "file") return { ...found, name: at };
      if (found.type === "link") at = path.posix.normalize(found.linkName);
      else if (found.type === "symlink")
        at = path.posix.join(path.posix.dirname(at), found.linkName);
      else break;
    }
    throw this.wrong(name, "it is no file");
  }

  /** The text of a manifest, an index or a configuration. @throws InvalidArgument */
  text(name: string): string {
    const { document, size } = this.file(name);
    if (document === undefined) {
      throw this.wrong(
        name,
        size > this.#limits.document
          ? `it has ${size} bytes, of at most ${this.#limits.document}`
          : "it is no JSON document, or there are too many of them",
      );
    }
    // One that many images have is as much to read for each of them.
    this.#room -= size;
    if (this.#room < 0) {
      throw this.wrong(
        name,
        `the documents of all images have more than ${this.#limits.documents} bytes`,
      );
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(document);
    } catch {
      throw this.wrong(name, "it is no UTF-8");
    }
  }

  /** @throws InvalidArgument */
  json(name: string): unknown {
    return parseJson(this.text(name), `${this.source.path}: ${name}`);
  }

  /**
   * The images that drafts describe, their layers checked against their
   * configurations: number, digest, and that what is compressed can be unpacked.
   * Layers compressed with zstd are taken as they are: only the digest of what is in
   * the archive is known to be right, by who made the draft.
   *
   * @throws InvalidArgument
   */
  async images(drafts: readonly Draft[]): Promise<readonly StoredImage[]> {
    const zipped = drafts
      .flatMap(({ layers }) => layers.map((layer) => this.file(layer)))
      .filter(({ compression }) => compression === "gzip");
    const unpacked = await unpackFiles(
      this.source,
      new Set(zipped.map(({ name }) => name)),
      this.#limits,
    );
    return drafts.map((draft) => this.#image(draft, unpacked));
  }

  #image(draft: Draft, unpacked: ReadonlyMap<string, Unpacked>): StoredImage {
    const { config, format, names } = draft;
    const { rootfs } = parseConfig(
      config,
      `${this.source.path}: configuration ${digestOf(config)}`,
    );
    const diffIds = rootfs?.diff_ids ?? [];
    if (diffIds.length !== draft.layers.length) {
      throw this.wrong(
        `configuration ${digestOf(config)}`,
        `it has ${diffIds.length} layers, and the manifest ${draft.layers.length}`,
      );
    }
    const layers = draft.layers.map((name, index) => {
      const diffId = diffIds[index] as string;
      const file = this.file(name);
      const { digest, size } = unpacked.get(file.name) ?? file;
      if (file.compression !== "zstd" && digest !== diffId)
        throw this.wrong(name, `its digest is ${digest}, and not ${diffId}`);
      return { diffId, size };
    });
    const manifest = manifestOf(
      format,
      config,
      layers.map(({ diffId, size }) => ({ digest: diffId, size })),
    );
    const digest = draft.digest ?? digestOf(manifest);
    return { ...storedImage(config, format, digest, layers), names };
  }
}
