import { gunzipSync } from "node:zlib";

/** A file in an archive. */
export interface TarFile {
  /** With `/`, without the leading `package/` of npm's tarballs. */
  readonly path: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;

/**
 * The files of a `.tgz` as npm packs it: the POSIX format with extended headers
 * for long names. All else that archives may hold is passed over.
 *
 * @throws Error for a name that leaves the archive's folder, and for an archive
 * that ends within a file.
 */
export function* filesOfTarball(tarball: Uint8Array): Generator<TarFile> {
  const archive = gunzipSync(tarball);
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(text(header, 124, 12), 8) || 0;
    const start = at + BLOCK;
    if (start + size > archive.length)
      throw new Error("the tarball ends within a file");
    const content = archive.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;

    const type = text(header, 156, 1);
    if (type === "x") {
      longName = extendedPath(content);
      continue;
    }
    if (type === "" || type === "0")
      yield { path: safe(longName ?? nameOf(header)), content };
    longName = undefined;
  }
}

function nameOf(header: Buffer): string {
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** The path in an extended header: records such as `19 path=package/a.b\n`. */
function extendedPath(content: Buffer): string | undefined {
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString("utf8", at, space));
    if (space < 0 || !(length > 0)) return undefined;
    const record = content.toString("utf8", space + 1, at + length - 1);
    if (record.startsWith("path=")) return record.slice("path=".length);
    at += length;
  }
  return undefined;
}

/** A text in a header: it ends with its field or at a zero byte. */
function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end).trim();
}

function safe(name: string): string {
  const [, ...parts] = name.split("/");
  if (
    parts.length === 0 ||
    parts.some((part) => part === "" || part === "." || part === "..") ||
    name.includes("\\")
  )
    throw new Error(`the tarball has a file of an unsafe name: ${name}`);
  return parts.join("/");
}
