import { createHash } from "node:crypto";
import path from "node:path";
import { crc32 } from "node:zlib";
import { systemCode } from "../../../../runtime/transport/failure.ts";
import {
  fileError,
  putStaged,
  readIfAny,
  stageFile,
  withFile,
  type Files,
} from "./files.ts";
import { corrupted, outputFolder } from "./log.ts";
import type { OutputChunk } from "./types.ts";

/**
 * A record is what one call appended: CRC-32 of the eight bytes that follow (4
 * bytes), length of the content (4), CRC-32 of the content (4), the content, and a
 * mark that is not zero. The content is pieces: time (8, a float), stream (1),
 * length (4), data. Numbers are big-endian.
 */
const headSize = 12;
const pieceHeadSize = 13;
const endMark = 0x0a;
const streams = ["stdout", "stderr"] as const;

/**
 * What containers wrote: a file each, appended to. The last record of a file may be
 * one that was being written when the power went: it ends with the file too early,
 * or in zeros where its bytes did not come. That one was promised to nobody and is
 * cut off. Anything else that is not right is StateCorrupted.
 */
export class OutputFiles {
  readonly #files: Files;
  readonly #folder: string;
  /** Bytes of the files that count, by container, where that was found out. */
  readonly #lengths = new Map<string, number>();
  /** Containers whose files may have more than counts: appending to them failed. */
  readonly #untidy = new Set<string>();
  #hasFolder = false;

  /** @param folder The storage's. */
  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#folder = path.join(folder, outputFolder);
  }

  /** Takes away the files of containers that are not there: a crash left them. */
  async clean(containerIds: readonly string[]): Promise<void> {
    const known = new Set(containerIds.map(fileName));
    try {
      for (const name of await this.#names()) {
        if (!known.has(name))
          await this.#files.remove(path.join(this.#folder, name));
      }
    } catch (error) {
      throw fileError(this.#folder, "it cannot be cleaned up", error);
    }
  }

  async read(containerId: string): Promise<readonly OutputChunk[]> {
    const file = this.#file(containerId);
    const bytes = await readIfAny(this.#files, file);
    if (bytes === undefined) return [];
    const counting = bytes.subarray(0, this.#lengths.get(containerId));
    return parse(file, counting).chunks;
  }

  /** What is appended is on the disk when this resolves. */
  async append(
    containerId: string,
    chunks: readonly OutputChunk[],
  ): Promise<void> {
    if (chunks.length === 0) return;
    const file = this.#file(containerId);
    let length = this.#lengths.get(containerId);
    if (length === undefined) {
      const bytes = await readIfAny(this.#files, file);
      length = bytes === undefined ? 0 : parse(file, bytes).length;
      this.#lengths.set(containerId, length);
      this.#untidy.add(containerId);
    }
    const record = recordOf(chunks);
    try {
      await this.#makeFolder();
      await withFile(this.#files, file, async (opened) => {
        if (this.#untidy.has(containerId)) await opened.truncate(length);
        this.#untidy.add(containerId);
        await opened.write(record, length);
        await opened.sync();
      });
      if (length === 0) await this.#files.syncFolder(this.#folder);
    } catch (error) {
      throw fileError(file, "it cannot be written", error);
    }
    this.#untidy.delete(containerId);
    this.#lengths.set(containerId, length + record.length);
  }

  /** What is there before is there after a crash, or all that is written now. */
  async replace(
    containerId: string,
    chunks: readonly OutputChunk[],
  ): Promise<void> {
    const file = this.#file(containerId);
    const record = chunks.length === 0 ? new Uint8Array() : recordOf(chunks);
    try {
      await this.#makeFolder();
      await stageFile(this.#files, file, [record]);
    } catch (error) {
      throw fileError(file, "it cannot be written", error);
    }
    // How much counts is for the file to say until this is done.
    this.#lengths.delete(containerId);
    try {
      await putStaged(this.#files, file);
    } catch (error) {
      throw fileError(file, "whether it was replaced is not sure", error);
    }
    this.#untidy.delete(containerId);
    this.#lengths.set(containerId, record.length);
  }

  async drop(containerId: string): Promise<void> {
    const file = this.#file(containerId);
    try {
      if (!(await this.#names()).includes(path.basename(file))) return;
      await this.#files.remove(file);
      this.#lengths.delete(containerId);
      await this.#files.syncFolder(this.#folder);
    } catch (error) {
      throw fileError(file, "it cannot be removed", error);
    }
  }

  #file(containerId: string): string {
    return path.join(this.#folder, fileName(containerId));
  }

  async #makeFolder(): Promise<void> {
    if (this.#hasFolder) return;
    await this.#files.makeFolder(this.#folder);
    await this.#files.syncFolder(path.dirname(this.#folder));
    this.#hasFolder = true;
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await this.#files.list(this.#folder);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw error;
    }
  }
}

/** An id may be anything that a user's `ids` makes, also what is no file name. */
function fileName(containerId: string): string {
  return /^[a-z0-9]{1,64}$/.test(containerId)
    ? containerId
    : `id-${createHash("sha256").update(containerId).digest("hex")}`;
}

function recordOf(chunks: readonly OutputChunk[]): Uint8Array {
  const content = Buffer.concat(
    chunks.flatMap(({ time, stream, data }) => {
      const head = Buffer.alloc(pieceHeadSize);
      head.writeDoubleBE(time, 0);
      head.writeUInt8(streams.indexOf(stream), 8);
      head.writeUInt32BE(data.length, 9);
      return [head, data];
    }),
  );
  const head = Buffer.alloc(headSize);
  head.writeUInt32BE(content.length, 4);
  head.writeUInt32BE(crc32(content), 8);
  head.writeUInt32BE(crc32(head.subarray(4)), 0);
  return Buffer.concat([head, content, Uint8Array.of(endMark)]);
}

/** The records of a file, and how many of its bytes they are. */
function parse(
  file: string,
  bytes: Uint8Array,
): { readonly chunks: readonly OutputChunk[]; readonly length: number } {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: OutputChunk[] = [];
  let at = 0;
  while (at < all.length) {
    const content = readRecord(all.subarray(at));
    if (content === "torn") break;
    const pieces = content && readPieces(content);
    if (content === undefined || pieces === undefined)
      throw corrupted(file, `the record at byte ${at} is damaged`);
    for (const piece of pieces) chunks.push(piece);
    at += headSize + content.length + 1;
  }
  return { chunks, length: at };
}

/** The content of the first record; `undefined` if it is damaged. */
function readRecord(rest: Buffer): Buffer | "torn" | undefined {
  if (rest.length < headSize) return "torn";
  const hasHead = crc32(rest.subarray(4, headSize)) === rest.readUInt32BE(0);
  const end = hasHead ? headSize + rest.readUInt32BE(4) : headSize;
  const content = rest.subarray(headSize, end);
  if (hasHead && rest[end] === endMark)
    return crc32(content) === rest.readUInt32BE(8) ? content : undefined;
  // Zeros from somewhere in the record on, or the end of the file.
  const missing = rest.length - rest.findLastIndex((byte) => byte !== 0) - 1;
  const isTorn =
    rest.length - missing <= end && (missing > 0 || rest.length <= end);
  return isTorn ? "torn" : undefined;
}

function readPieces(content: Buffer): readonly OutputChunk[] | undefined {
  const chunks: OutputChunk[] = [];
  let at = 0;
  while (at < content.length) {
    if (content.length - at < pieceHeadSize) return undefined;
    const stream = streams[content.readUInt8(at + 8)];
    const begin = at + pieceHeadSize;
    const end = begin + content.readUInt32BE(at + 9);
    if (stream === undefined || end > content.length) return undefined;
    chunks.push({
      time: content.readDoubleBE(at),
      stream,
      data: Uint8Array.from(content.subarray(begin, end)),
    });
    at = end;
  }
  return chunks;
}
