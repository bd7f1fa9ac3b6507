import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { EError } from "portolan/porto";
import { failure } from "../errors.ts";
import { invalid } from "../properties/kinds.ts";
import { problemOf, systemError } from "./system-errors.ts";

type Format = "tar" | "gzip" | "xz" | "zstd" | "bzip2" | "squashfs";

const NAMED: Readonly<Record<string, Format>> = {
  tar: "tar",
  tgz: "gzip",
  "tar.gz": "gzip",
  txz: "xz",
  "tar.xz": "xz",
  tzst: "zstd",
  "tar.zst": "zstd",
  tbz2: "bzip2",
  "tar.bz2": "bzip2",
};

const ENDINGS: readonly (readonly [RegExp, Format])[] = [
  [/\.t?xz$/, "xz"],
  [/\.t?gz$/, "gzip"],
  [/\.t?zst$/, "zstd"],
  [/\.t?bz2$/, "bzip2"],
  [/\.squash(?:fs)?$/, "squashfs"],
];

const MAGIC: readonly (readonly [number, string, Format])[] = [
  [0, "fd377a585a00", "xz"],
  [0, "1f8b08", "gzip"],
  [0, "28b52ffd", "zstd"],
  [0, Buffer.from("BZh").toString("hex"), "bzip2"],
  [0, Buffer.from("hsqs").toString("hex"), "squashfs"],
  [257, Buffer.from("ustar").toString("hex"), "tar"],
];

/** Bytes in which archives say what they are. */
const HEAD = 512;

/**
 * Looks whether an archive is there, and is one. What is in it is not kept, for
 * nothing runs in it: so it is not read.
 *
 * @param compress How it is packed, as the request says.
 * @throws PortoError `InvalidValue`, `Unknown`
 */
export async function checkArchive(
  path: string,
  compress: string | undefined,
): Promise<void> {
  if (!path.startsWith("/")) throw invalid("archive path must be absolute");
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw invalid("archive not found");
  if (!found.isFile()) throw invalid("archive not a file");
  if (compress !== undefined && compress !== "") {
    formatNamed(path, compress);
    return;
  }
  const head = await headOf(path);
  const known = MAGIC.some(([at, magic]) => head.startsWith(magic, at * 2));
  if (!known)
    throw invalid(`Cannot detect archive ${path} compression by magic`);
}

function formatNamed(path: string, compress: string): Format {
  if (compress.endsWith("squashfs")) return "squashfs";
  const format = Object.hasOwn(NAMED, compress) ? NAMED[compress] : undefined;
  if (format === undefined)
    throw invalid(`Unknown archive ${path} compression ${compress}`);
  return format;
}

async function headOf(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(HEAD),
      0,
      HEAD,
      0,
    );
    return buffer.toString("hex", 0, bytesRead);
  } catch (error) {
    throw systemError(problemOf(error), `open ${path}`);
  } finally {
    await file?.close();
  }
}

/** A tar archive without any file in it ends at once: with two empty blocks. */
const EMPTY_TAR = Buffer.alloc(1024);

/**
 * Writes an archive of something that is empty.
 *
 * @throws PortoError `InvalidValue`; `NotSupported` for formats that cannot be written; `Unknown`
 */
export async function writeEmptyArchive(
  path: string,
  compress: string | undefined,
): Promise<void> {
  if (!path.startsWith("/")) throw invalid("archive path must be absolute");
  const format =
    compress === undefined || compress === ""
      ? (ENDINGS.find(([ending]) => ending.test(path))?.[1] ?? "tar")
      : formatNamed(path, compress);
  if (format !== "tar" && format !== "gzip")
    throw failure(
      EError.NotSupported,
      `archives are written as tar, plain or with gzip, not with ${format}`,
    );
  let file: FileHandle;
  try {
    file = await open(path, "wx", 0o664);
  } catch (error) {
    if ((error as { readonly code?: string }).code === "EEXIST")
      throw invalid("archive already exists");
    throw systemError(problemOf(error), `open ${path}`);
  }
  try {
    await file.writeFile(format === "gzip" ? gzipSync(EMPTY_TAR) : EMPTY_TAR);
  } finally {
    await file.close();
  }
}
