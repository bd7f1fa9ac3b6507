import { InvalidArgument } from "../../../errors.ts";
import type { ArchiveLimits } from "./limits.ts";
import { blockSize, checksumOf, fields } from "./tar.ts";

/** A file in an archive. */
export interface Entry {
  /** Its path, without `./` before and `/` behind it; `.` is the root. */
  readonly name: string;
  /** `other` is what has no content, or none that could be read as it is (sparse files). */
  readonly type: "file" | "symlink" | "link" | "directory" | "other";
  /** Bytes of `body`. */
  readonly size: number;
  /** Where a link leads. */
  readonly linkName: string;
  /** What is in it: to be read before the next entry is asked for. */
  readonly body: AsyncIterable<Buffer>;
}

/** What pax headers and GNU's long names say of the entry that follows. */
interface Extra {
  readonly path?: string | undefined;
  readonly linkpath?: string | undefined;
  readonly size?: string | undefined;
  readonly isSparse?: boolean | undefined;
}

/**
 * Reads a tar archive: ustar, pax, and GNU's long names, base-256 numbers and sparse
 * files. It has to end as archives do; what comes behind its end is skipped.
 *
 * @param where What it is called in errors.
 * @throws InvalidArgument if it is no tar archive, cut off, damaged, against the
 *   limits, or has a name that leads out of it (`..`, `/…`).
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  where: string,
  limits: ArchiveLimits,
): AsyncGenerator<Entry, void, undefined> {
  const bytes = new Bytes(source, where);
  try {
    let global: Extra = {};
    let extra: Extra = {};
    let hasEntry = false;
    for (;;) {
      const block = await bytes.take(blockSize);
      if (block.every((byte) => byte === 0)) {
        await checkEnd(bytes, where);
        return;
      }
      if (readNumber(block, fields.checksum, where) !== checksumOf(block)) {
        const problem = hasEntry
          ? `a header at byte ${bytes.position - blockSize} is damaged`
          : "it is no tar archive";
        throw new InvalidArgument(`${where}: ${problem}`);
      }
      hasEntry = true;
      const header = readHeader(block, where);
      if ("xgLK".includes(header.type)) {
        if (header.size > limits.header) {
          throw new InvalidArgument(
            `${where}: a header of ${header.size} bytes is longer than ${limits.header}`,
          );
        }
        const content = await bytes.take(header.size);
        await bytes.skip(padding(header.size));
        if (header.type === "g") global = readPax(global, content, where);
        else if (header.type === "x") extra = readPax(extra, content, where);
        else extra = readLongName(extra, header.type, content);
        continue;
      }
      if (header.type === "S") await skipSparseMap(block, bytes);
      const { entry, stored } = entryOf(header, merge(global, extra), where);
      extra = {};
      const body = new Body(bytes, stored);
      yield { ...entry, body };
      await body.skip();
      await bytes.skip(padding(stored));
    }
  } finally {
    await bytes.close();
  }
}

interface Header {
  readonly name: string;
  readonly linkName: string;
  readonly size: number;
  readonly type: string;
}

function readHeader(block: Buffer, where: string): Header {
  const name = readText(block, fields.name);
  const magic = readText(block, fields.magic);
  // GNU has other things where ustar has the beginning of long names.
  const prefix = magic === "ustar" ? readText(block, fields.prefix) : "";
  const type = readText(block, fields.type);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: readText(block, fields.linkName),
    size: readNumber(block, fields.size, where),
    type: type === "" || type === "7" ? "0" : type,
  };
}

const types: Readonly<Record<string, Entry["type"]>> = {
  "0": "file",
  "1": "link",
  "2": "symlink",
  "5": "directory",
};

function entryOf(
  header: Header,
  extra: Extra,
  where: string,
): { readonly entry: Omit<Entry, "body">; readonly stored: number } {
  const path = extra.path ?? header.name;
  const name = cleanName(path, where);
  const isOldDirectory = header.type === "0" && path.endsWith("/");
  const type = isOldDirectory ? "directory" : (types[header.type] ?? "other");
  const size =
    extra.size === undefined ? header.size : decimal(extra.size, where);
  // Links, devices and folders have no content, whatever size they say.
  const stored = /^[1-6]$/.test(header.type) || isOldDirectory ? 0 : size;
  return {
    entry: {
      name,
      type: extra.isSparse === true ? "other" : type,
      size: stored,
      linkName: extra.linkpath ?? header.linkName,
    },
    stored,
  };
}

function cleanName(name: string, where: string): string {
  const parts = name.split("/").filter((part) => part !== "." && part !== "");
  if (name.startsWith("/") || parts.includes("..") || name.includes("\0")) {
    throw new InvalidArgument(
      `${where}: the name ${JSON.stringify(shorten(name))} leads out of the archive`,
    );
  }
  return parts.length === 0 ? "." : parts.join("/");
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function readText(block: Buffer, [begin, length]: readonly [number, number]) {
  const field = block.subarray(begin, begin + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

/** Octal digits, or base 256 where the first bit is set. */
function readNumber(
  block: Buffer,
  [begin, length]: readonly [number, number],
  where: string,
): number {
  const field = block.subarray(begin, begin + length);
  if ((field.readUInt8(0) & 0x80) !== 0) {
    // Bit 6 is the sign: no size is negative.
    const digits = `0${(field.readUInt8(0) & 0x7f).toString(16)}${field.toString("hex", 1)}`;
    const value = BigInt(`0x${digits}`);
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  } else {
    // What comes behind a blank is not part of it.
    const [, digits] =
      /^[ \0]*([0-7]*)(?:[ \0]|$)/.exec(field.toString("latin1")) ?? [];
    if (digits !== undefined) return Number.parseInt(digits || "0", 8);
  }
  // The checksum is the first number that is read of what is no archive.
  throw new InvalidArgument(
    begin === fields.checksum[0]
      ? `${where}: it is no tar archive, or damaged`
      : `${where}: a header has a size that is no number`,
  );
}

function decimal(text: string, where: string): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgument(
    `${where}: a header has a size that is no number: "${shorten(text)}"`,
  );
}

/** What a header of its own does not say, a global one may. */
function merge(global: Extra, own: Extra): Extra {
  return {
    path: own.path ?? global.path,
    linkpath: own.linkpath ?? global.linkpath,
    size: own.size ?? global.size,
    isSparse: own.isSparse === true || global.isSparse === true,
  };
}

function readLongName(before: Extra, type: string, content: Buffer): Extra {
  const text = content.toString().replace(/\0[^]*$/, "");
  return { ...before, [type === "L" ? "path" : "linkpath"]: text };
}

/** Records of the form `length key=value\n`. */
function readPax(before: Extra, content: Buffer, where: string): Extra {
  const values = new Map<string, string>();
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? "" : content.toString("latin1", at, space);
    const end = at + Number(length);
    const isWhole =
      /^[0-9]{1,9}$/.test(length) &&
      end > space &&
      end <= content.length &&
      content[end - 1] === 0x0a;
    const record = isWhole ? content.toString("utf8", space + 1, end - 1) : "";
    const equals = record.indexOf("=");
    if (equals < 1)
      throw new InvalidArgument(`${where}: a pax header is damaged`);
    values.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  // An empty value takes back what a global header said.
  const said = (key: string, otherwise: string | undefined) =>
    values.has(key) ? values.get(key) || undefined : otherwise;
  return {
    path: said("GNU.sparse.name", said("path", before.path)),
    linkpath: said("linkpath", before.linkpath),
    size: said("size", before.size),
    isSparse:
      before.isSparse === true ||
      [...values.keys()].some((key) => key.startsWith("GNU.sparse.")),
  };
}

/** GNU's sparse files have a map that goes on in blocks behind the header. */
async function skipSparseMap(header: Buffer, bytes: Bytes): Promise<void> {
  let goesOn = header[482] !== 0;
  while (goesOn) goesOn = (await bytes.take(blockSize))[504] !== 0;
}

async function checkEnd(bytes: Bytes, where: string): Promise<void> {
  const second = await bytes.take(blockSize);
  if (second.some((byte) => byte !== 0)) {
    throw new InvalidArgument(
      `${where}: there is an empty block in the midst of it, at byte ${bytes.position - 2 * blockSize}`,
    );
  }
  await bytes.drain();
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** What an entry holds: so many of the next bytes, once. */
class Body implements AsyncIterable<Buffer> {
  readonly #bytes: Bytes;
  #left: number;

  constructor(bytes: Bytes, size: number) {
    this.#bytes = bytes;
    this.#left = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    while (this.#left > 0) {
      const piece = await this.#bytes.some(this.#left);
      this.#left -= piece.length;
      yield piece;
    }
  }

  async skip(): Promise<void> {
    const left = this.#left;
    this.#left = 0;
    await this.#bytes.skip(left);
  }
}

/** Bytes that come in pieces, taken in others. */
class Bytes {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #where: string;
  #piece: Buffer = Buffer.alloc(0);
  /** How many were taken. */
  position = 0;

  constructor(source: AsyncIterable<Uint8Array>, where: string) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#where = where;
  }

  /** At least one and at most so many of the next bytes. */
  async some(most: number): Promise<Buffer> {
    if (!(await this.#fill())) {
      throw new InvalidArgument(
        this.position === 0
          ? `${this.#where}: it is empty`
          : `${this.#where}: it is cut off at byte ${this.position}`,
      );
    }
    const taken = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(taken.length);
    this.position += taken.length;
    return taken;
  }

  async take(count: number): Promise<Buffer> {
    if (this.#piece.length >= count) return await this.#whole(count);
    const pieces: Buffer[] = [];
    let left = count;
    while (left > 0) {
      const piece = await this.some(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  async skip(count: number): Promise<void> {
    let left = count;
    while (left > 0) left -= (await this.some(left)).length;
  }

  /** Reads what is left. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#piece = Buffer.alloc(0);
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  async #whole(count: number): Promise<Buffer> {
    return count === 0 ? Buffer.alloc(0) : await this.some(count);
  }

  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#iterator.next();
      if (next.done === true) return false;
      const { buffer, byteOffset, byteLength } = next.value;
      this.#piece = Buffer.from(buffer, byteOffset, byteLength);
    }
    return true;
  }
}
