import { randomBytes } from "node:crypto";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { InvalidArgument } from "../../../errors.ts";
import { fileError } from "../storage/files.ts";

/** Bytes of a tar archive come in blocks of this size. */
export const blockSize = 512;

/** A file that is to be in a tar archive. */
export interface TarFile {
  /** Its path, with `/`. */
  readonly name: string;
  /** Default `file`. */
  readonly type?: "file" | "directory" | "symlink" | undefined;
  /** What is in a file; a string in UTF-8. Default: nothing. */
  readonly data?: Uint8Array | string | undefined;
  /** Where a symlink leads. */
  readonly linkName?: string | undefined;
  /** Permissions. Default `0o644`, of a directory `0o755`. */
  readonly mode?: number | undefined;
  /** When it was changed, milliseconds since 1970-01-01 UTC; kept in seconds. Default 0. */
  readonly time?: number | undefined;
}

/** The letters by which tar knows what an entry is. */
const typeFlags = { file: "0", symlink: "2", directory: "5" } as const;

/** Where the fields of a header are, and how long: POSIX.1-1988 (ustar). */
export const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  time: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

/** The sum that a header's checksum has to be: of its bytes, the checksum's being spaces. */
export function checksumOf(block: Uint8Array): number {
  const [begin, length] = fields.checksum;
  let sum = length * 0x20;
  for (const [index, byte] of block.entries()) {
    if (index < begin || index >= begin + length) sum += byte;
  }
  return sum;
}

/**
 * A tar archive (ustar, with a pax header where that is too small), in pieces. The
 * same files give the same bytes.
 *
 * @throws InvalidArgument for a name that no file can have.
 */
export function* tarArchive(
  files: Iterable<TarFile>,
): Generator<Uint8Array, void, undefined> {
  for (const file of files) yield* entry(file);
  yield new Uint8Array(2 * blockSize);
}

function* entry(file: TarFile): Generator<Uint8Array, void, undefined> {
  const { type = "file", data = "", linkName = "", time = 0 } = file;
  const name = type === "directory" ? `${file.name}/` : file.name;
  for (const text of [name, linkName]) {
    if (text.includes("\0") || file.name === "")
      throw new InvalidArgument(`"${text}" cannot be a name in a tar archive`);
  }
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const seconds = Math.floor(time / 1000);
  const records = [
    ...paxRecord("path", name, isShort(name)),
    ...paxRecord("linkpath", linkName, isShort(linkName)),
    ...paxRecord("mtime", `${seconds}`, seconds >= 0 && seconds < 8 ** 11),
  ];
  if (records.length > 0) {
    const content = Buffer.concat(records);
    yield header("pax-header", "x", content.length, 0o644, 0, "");
    yield* padded(content);
  }
  const mode = file.mode ?? (type === "directory" ? 0o755 : 0o644);
  yield header(name, typeFlags[type], bytes.length, mode, seconds, linkName);
  yield* padded(bytes);
}

function isShort(text: string): boolean {
  return text.length <= fields.name[1] && /^[\x20-\x7e]*$/.test(text);
}

/** `length key=value\n`, where the length is that of all of it. */
function paxRecord(key: string, value: string, fits: boolean): Uint8Array[] {
  if (fits) return [];
  const rest = ` ${key}=${value}\n`;
  const size = Buffer.byteLength(rest);
  let length = size + `${size}`.length;
  // The digits of the length may make it one digit longer.
  length = size + `${length}`.length;
  return [Buffer.from(`${length}${rest}`)];
}

function header(
  name: string,
  type: string,
  size: number,
  mode: number,
  seconds: number,
  linkName: string,
): Uint8Array {
  const block = Buffer.alloc(blockSize);
  const put = (
    [begin, length]: readonly [number, number],
    text: string,
  ): void => {
    // What is too long stands in a pax header as well.
    block.write(text, begin, length, "latin1");
  };
  const octal = (
    [begin, length]: readonly [number, number],
    value: number,
  ): void => {
    put([begin, length], value.toString(8).padStart(length - 1, "0"));
  };
  put(fields.name, asciiOf(name));
  octal(fields.mode, mode);
  octal(fields.uid, 0);
  octal(fields.gid, 0);
  octal(fields.size, size);
  octal(fields.time, Math.min(Math.max(seconds, 0), 8 ** 11 - 1));
  put(fields.type, type);
  put(fields.linkName, asciiOf(linkName));
  put(fields.magic, "ustar\u000000");
  put(fields.checksum, `${checksumOf(block).toString(8).padStart(6, "0")}\0 `);
  return block;
}

function asciiOf(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "_");
}

function* padded(data: Uint8Array): Generator<Uint8Array, void, undefined> {
  yield data;
  const rest = data.length % blockSize;
  if (rest > 0) yield new Uint8Array(blockSize - rest);
}

/**
 * Where something is written before it takes its place.
 *
 * @throws InvalidArgument for what is no path.
 */
export function stagedAt(target: string): string {
  if (target.includes("\0"))
    throw new InvalidArgument(
      `${JSON.stringify(path.basename(target))} is no path`,
    );
  const { dir, base } = path.parse(target);
  const random = randomBytes(4).toString("hex");
  return path.join(dir, `.${base.slice(0, 100)}.${random}.tmp`);
}

/**
 * Writes a tar archive to a path on this host: after a crash there is either what was
 * there before, or all of it. A file that is there is replaced.
 *
 * @throws InvalidArgument if something else than a file is there; EngineError if it
 *   cannot be written.
 */
export async function writeArchive(
  file: string,
  files: Iterable<TarFile>,
): Promise<void> {
  // Through a link, what it leads to is replaced, not the link.
  const target = await realpath(file).catch(() => path.resolve(file));
  const found = await stat(target).catch(() => undefined);
  if (found !== undefined && !found.isFile())
    throw new InvalidArgument(`${file}: what is there is no file`);
  const staged = stagedAt(target);
  try {
    const handle = await open(staged, "wx");
    try {
      for (const piece of tarArchive(files)) await handle.writeFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staged, target);
  } catch (error) {
    await rm(staged, { force: true });
    if (InvalidArgument.is(error)) throw error;
    throw fileError(file, "it cannot be written", error);
  }
}
