import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { InvalidArgument } from "../../../errors.ts";
import { PortolanError } from "../../../../runtime/errors.ts";
import { fileError } from "../storage/files.ts";
import type { ArchiveLimits } from "./limits.ts";
import { readTar, type Entry } from "./untar.ts";

/** Something on this host that an image is read from: a tar archive, or a folder. */
export interface Source {
  readonly path: string;
  readonly isFolder: boolean;
  /**
   * What is in it, in order; each call reads it anew.
   *
   * @param onBytes Is given all bytes of a tar archive, its compression undone.
   * @throws InvalidArgument; EngineError; the signal's reason
   */
  entries(
    onBytes?: (bytes: Uint8Array) => void,
  ): AsyncGenerator<Entry, void, undefined>;
}

/**
 * Finds out what is at a path. Archives may be compressed with gzip.
 *
 * @throws InvalidArgument if nothing is there, or nothing that an image can be read from
 */
export async function openSource(
  file: string,
  limits: ArchiveLimits,
  signal: AbortSignal | undefined,
): Promise<Source> {
  const found = await orReadError(file, () => stat(file));
  if (found.isDirectory()) return folderSource(file, limits, signal);
  // Another kind of file might never end, or wait for ever.
  if (!found.isFile()) throw new InvalidArgument(`${file}: it is no file`);
  const compression = await orReadError(file, () => compressionOf(file));
  if (compression !== undefined && compression !== "gzip") {
    throw new InvalidArgument(
      `${file}: it is compressed with ${compression}; only gzip is read`,
    );
  }
  return archiveSource(file, compression === "gzip", limits, signal);
}

async function orReadError<T>(
  file: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw readError(file, error);
  }
}

function readError(file: string, error: unknown): Error {
  if (PortolanError.is(error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOENT" || code === "ENOTDIR")
    return new InvalidArgument(`${file}: there is no such file`, {
      cause: error,
    });
  // zlib's own codes are no system errors.
  if (code.startsWith("Z_")) {
    return new InvalidArgument(
      `${file}: its gzip data is damaged: ${(error as Error).message}`,
      { cause: error },
    );
  }
  return fileError(file, "it cannot be read", error);
}

const magics: readonly (readonly [name: string, hex: string])[] = [
  ["gzip", "1f8b"],
  ["zstd", "28b52ffd"],
  ["xz", "fd377a585a00"],
  ["bzip2", "425a68"],
];

/** The compression that data with this beginning has. */
export function compressionIn(beginning: Buffer): string | undefined {
  const hex = beginning.toString("hex", 0, 6);
  return magics.find(([, magic]) => hex.startsWith(magic))?.[0];
}

async function compressionOf(file: string): Promise<string | undefined> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(6), 0, 6, 0);
    return compressionIn(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

function archiveSource(
  file: string,
  isGzip: boolean,
  limits: ArchiveLimits,
  signal: AbortSignal | undefined,
): Source {
  async function* bytesOf(
    onBytes?: (bytes: Uint8Array) => void,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const raw = createReadStream(file);
    const stream = isGzip
      ? // What goes wrong is thrown where the stream is read.
        pipeline(raw, createGunzip(), () => undefined)
      : raw;
    let count = 0;
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        signal?.throwIfAborted();
        count += piece.length;
        if (count > limits.unpacked) throw tooMuch(file, limits);
        onBytes?.(piece);
        yield piece;
      }
    } catch (error) {
      throw signal?.aborted === true ? error : readError(file, error);
    } finally {
      raw.destroy();
    }
  }
  return {
    path: file,
    isFolder: false,
    entries: (onBytes) => readTar(bytesOf(onBytes), file, limits),
  };
}

function tooMuch(file: string, { unpacked }: ArchiveLimits): InvalidArgument {
  return new InvalidArgument(
    `${file}: there are more than ${unpacked} bytes in it`,
  );
}

/** How deep files of an image may be in a folder: `blobs/sha256/…`. */
const maxDepth = 3;

function folderSource(
  folder: string,
  limits: ArchiveLimits,
  signal: AbortSignal | undefined,
): Source {
  let count = 0;
  async function* walk(
    prefix: string,
    depth: number,
  ): AsyncGenerator<Entry, void, undefined> {
    const found = await orReadError(folder, () =>
      readdir(path.join(folder, prefix), { withFileTypes: true }),
    );
    for (const each of found) {
      signal?.throwIfAborted();
      const name = path.posix.join(prefix, each.name);
      // Links are not followed: they may lead anywhere.
      if (each.isDirectory() && depth < maxDepth) yield* walk(name, depth + 1);
      if (!each.isFile()) continue;
      const file = path.join(folder, name);
      const { size } = await orReadError(file, () => stat(file));
      count += size;
      if (count > limits.unpacked) throw tooMuch(folder, limits);
      yield {
        name,
        type: "file",
        size,
        linkName: "",
        body: bodyOf(file, size, signal),
      };
    }
  }
  return {
    path: folder,
    isFolder: true,
    async *entries() {
      count = 0;
      yield* walk("", 1);
    },
  };
}

/**
 * What is in a file, which is opened when it is read: so much of it as it was said to
 * have, for some have no end.
 */
async function* bodyOf(
  file: string,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  if (size === 0) return;
  try {
    yield* createReadStream(file, {
      end: size - 1,
      signal,
    }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : readError(file, error);
  }
}

/** What is known of a file in a {@link Source} without reading it again. */
export interface IndexedFile {
  readonly type: Entry["type"];
  readonly size: number;
  readonly linkName: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly compression: string | undefined;
  /** All of it, where it may be a manifest, an index or a configuration. */
  readonly document: Buffer | undefined;
}

/** All files of a source by name, and the digest of the tar archive that it is. */
export interface SourceIndex {
  /** Those that came first, if there are more than an image archive may have. */
  readonly files: ReadonlyMap<string, IndexedFile>;
  /** `sha256:…` of the archive, its compression undone. */
  readonly digest: string;
  /** Bytes of that archive. */
  readonly size: number;
}

/** Reads a source once, from beginning to end. @throws InvalidArgument; EngineError */
export async function indexSource(
  source: Source,
  limits: ArchiveLimits,
): Promise<SourceIndex> {
  const files = new Map<string, IndexedFile>();
  const whole = createHash("sha256");
  let size = 0;
  let room = limits.documents;
  let names = 0;
  const entries = source.entries((piece) => {
    whole.update(piece);
    size += piece.length;
  });
  for await (const entry of entries) {
    // One more than there may be tells that there are too many.
    if (files.size > limits.files) continue;
    const { type, name, linkName } = entry;
    names += name.length + linkName.length;
    if (names > limits.documents) {
      throw new InvalidArgument(
        `${source.path}: the names of its files have more than ${limits.documents} characters`,
      );
    }
    const mayBeDocument =
      /^(blobs\/[^/]+\/)?[^/]+$/.test(name) &&
      entry.size <= Math.min(limits.document, room);
    const { hash, beginning, content } = await readFile(entry, mayBeDocument);
    if (content !== undefined) room -= content.length;
    files.set(name, {
      type,
      size: entry.size,
      linkName,
      digest: `sha256:${hash.digest("hex")}`,
      compression: compressionIn(beginning),
      document: content,
    });
  }
  return {
    files,
    digest: `sha256:${whole.digest("hex")}`,
    size,
  };
}

async function readFile(
  entry: Entry,
  mayBeDocument: boolean,
): Promise<{
  readonly hash: Hash;
  readonly beginning: Buffer;
  readonly content: Buffer | undefined;
}> {
  const hash = createHash("sha256");
  const pieces: Buffer[] = [];
  let beginning = Buffer.alloc(0);
  let isDocument = mayBeDocument;
  for await (const piece of entry.body) {
    hash.update(piece);
    if (beginning.length < 6)
      beginning = Buffer.concat([beginning, piece.subarray(0, 6)]);
    // JSON of an object or a list, or text as short as a version.
    isDocument &&= entry.size < 100 || /^\s*[[{]/.test(beginning.toString());
    if (isDocument) pieces.push(Buffer.from(piece));
  }
  return {
    hash,
    beginning,
    content: isDocument ? Buffer.concat(pieces) : undefined,
  };
}

/** The digest and size of data whose gzip compression is undone. */
export interface Unpacked {
  readonly digest: string;
  readonly size: number;
}

/**
 * Undoes the compression of some files of a source.
 *
 * @throws InvalidArgument if one is damaged, or unpacks to more than the limits allow
 */
export async function unpackFiles(
  source: Source,
  names: ReadonlySet<string>,
  limits: ArchiveLimits,
): Promise<ReadonlyMap<string, Unpacked>> {
  const unpacked = new Map<string, Unpacked>();
  let room = limits.unpacked;
  if (names.size === 0) return unpacked;
  for await (const { name, body } of source.entries()) {
    if (!names.has(name)) continue;
    const hash = createHash("sha256");
    let size = 0;
    try {
      const stream = pipeline(body, createGunzip(), () => undefined);
      for await (const piece of stream as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > room) throw tooMuch(source.path, limits);
        hash.update(piece);
      }
    } catch (error) {
      throw readError(`${source.path}: ${name}`, error);
    }
    room -= size;
    unpacked.set(name, { digest: `sha256:${hash.digest("hex")}`, size });
  }
  return unpacked;
}
