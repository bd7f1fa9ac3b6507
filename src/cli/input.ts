import { isUtf8 } from "node:buffer";
import { existsSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { SourceFile } from "../emit/generate.ts";
import type { LoadFile } from "../model/proto.ts";
import { EnvelopeError } from "../model/proto/envelope.ts";
import type { ResolvedInterface } from "../config/resolve.ts";
import { FormsError } from "../model/forms.ts";
import {
  type Language,
  languageOf,
  languageOfText,
} from "../model/language.ts";
import { readInterface, type ReadInterface } from "../model/read.ts";
import { InputError, UsageError } from "./exit.ts";
import type { Io } from "./io.ts";

/** What belongs to interface files and is not in them. */
export interface InputFlags {
  /** The language of standard input. Default: by its first word. */
  readonly language?: Language;
  /** The configuration of an envelope RPC. */
  readonly envelope?: string;
  /** Folders in which imports are looked for. */
  readonly protoPath?: readonly string[];
  /** What a configuration says of files, by their absolute paths. */
  readonly configured?: ReadonlyMap<string, ResolvedInterface>;
}

/**
 * Reads an interface file that a command names; `-` is standard input. With a file
 * of Protocol Buffers comes the configuration of its envelope RPC: the one that
 * was named, else `NAME.envelope.json` beside `NAME.proto` where there is one.
 *
 * @throws UsageError if it cannot be read, InputError if it is not text.
 */
export async function readSource(
  name: string,
  flags: InputFlags,
  io: Io,
): Promise<SourceFile> {
  const isInput = name === "-";
  const named = isInput ? flags.language : languageOf(name);
  if (!isInput && named === undefined)
    throw new UsageError(
      `"${name}" is not an interface file that Portolan reads: its name must end in .varlink or .proto`,
    );
  const text = await readText(name, io);
  const language = named ?? languageOfText(text);
  const envelope = language === "proto" && (await envelopeOf(name, flags, io));
  const forms = flags.configured?.get(resolve(io.cwd, name))?.forms;
  return {
    path: isInput ? "<stdin>" : name,
    text,
    language,
    ...(envelope ? { envelope } : {}),
    ...(forms && { forms }),
  };
}

/** @throws UsageError if one configuration is given for several interface files. */
export function assertOneEnvelope(
  names: readonly string[],
  { envelope }: InputFlags,
): void {
  if (envelope !== undefined && names.length > 1) {
    throw new UsageError(
      "--envelope fits one interface file, and there are several: put NAME.envelope.json beside each NAME.proto instead",
    );
  }
}

async function envelopeOf(
  name: string,
  flags: InputFlags,
  io: Io,
): Promise<SourceFile["envelope"]> {
  const beside = name.replace(/\.proto$/, ".envelope.json");
  const configured = flags.configured?.get(resolve(io.cwd, name))?.envelope;
  const path =
    flags.envelope ??
    (configured && relative(io.cwd, configured)) ??
    (name !== "-" && existsSync(resolve(io.cwd, beside)) ? beside : undefined);
  return path === undefined ? path : { path, text: await readText(path, io) };
}

/**
 * Reads what {@link readSource} brought.
 *
 * @throws UsageError, with an EnvelopeError or a FormsError as its cause, if the
 * envelope's configuration or call forms do not fit.
 */
export function read(file: SourceFile, load: LoadFile): ReadInterface {
  try {
    return readInterface(file, load);
  } catch (error) {
    const isMisfit =
      error instanceof EnvelopeError || error instanceof FormsError;
    if (!isMisfit) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/**
 * Finds what files of Protocol Buffers import: in the folders given, or, where none
 * is, beside the file. As in protoc, an import is a path below one of them, so that
 * none leads out of them.
 *
 * @throws UsageError if a folder is none.
 */
export function importsFrom(
  folders: readonly string[],
  names: readonly string[],
  io: Io,
): LoadFile {
  for (const folder of folders) assertFolder(folder, io);
  const roots =
    folders.length > 0 ? folders : names.map((name) => dirname(name));
  return (importPath) => {
    const parts = importPath.split("/");
    const isVirtual = parts.every((part) => !["", ".", ".."].includes(part));
    if (!isVirtual || /[\\\0]/.test(importPath)) return undefined;
    for (const root of new Set(roots)) {
      const path = join(root, importPath);
      const file = resolve(io.cwd, path);
      if (!existsSync(file)) continue;
      return { path, text: decode(readBytesNow(file, path), path) };
    }
    return undefined;
  };
}

function assertFolder(folder: string, io: Io): void {
  const there = resolve(io.cwd, folder);
  const exists = existsSync(there);
  if (exists && statSync(there).isDirectory()) return;
  const reason = exists ? "is not a folder" : "does not exist";
  throw new UsageError(
    `"${folder}", a folder to look for imports in, ${reason}`,
  );
}

async function readText(name: string, io: Io): Promise<string> {
  return decode(await readInput(name, io), name);
}

/**
 * Reads a file, or with `-` standard input, as it is.
 *
 * @throws UsageError if it cannot be read.
 */
export function readInput(name: string, io: Io): Promise<Buffer> {
  return name === "-"
    ? readAll(io.stdin)
    : readBytes(resolve(io.cwd, name), name);
}

function decode(bytes: Buffer, name: string): string {
  try {
    // The byte order mark stays: it has a place in the text, and spans count it.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes,
    );
  } catch (error) {
    throw new InputError(
      `"${name}" is not UTF-8 text: the first wrong byte is at offset ${firstInvalidByte(bytes)}`,
      { cause: error },
    );
  }
}

async function readBytes(file: string, name: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** Imports are found while a file is read, so at once. */
function readBytesNow(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason: Partial<Record<string, string>> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a folder; name the files in it",
    EACCES: "reading it is not permitted",
  };
  return new UsageError(
    `cannot read "${name}": ${reason[code ?? ""] ?? message}`,
    { cause: error },
  );
}

async function readAll(
  stream: AsyncIterable<Buffer | string>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** By halving: how much of the bytes is whole characters. */
function firstInvalidByte(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2);
    // A character cut off at the middle is no mistake: look at where it begins.
    if (isUtf8(bytes.subarray(0, startOfCharacter(bytes, middle))))
      good = middle;
    else bad = middle - 1;
  }
  return startOfCharacter(bytes, good);
}

/** The beginning of the character that `offset` is inside of, at most three bytes before. */
function startOfCharacter(bytes: Buffer, offset: number): number {
  for (let start = offset - 1; start >= 0 && start >= offset - 4; start--) {
    const byte = bytes[start] ?? 0;
    if (byte < 0x80) return offset;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return start + length > offset ? start : offset;
  }
  return offset;
}
