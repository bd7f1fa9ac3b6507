import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { SourceFile } from "../emit/generate.ts";
import { InputError, UsageError } from "./exit.ts";
import type { Io } from "./io.ts";

/**
 * Reads an interface file that a command names; `-` is standard input.
 *
 * @throws UsageError if it cannot be read, InputError if it is not text.
 */
export async function readSource(name: string, io: Io): Promise<SourceFile> {
  assertKnownKind(name);
  return {
    path: name === "-" ? "<stdin>" : name,
    text: await readText(name, io),
  };
}

function assertKnownKind(name: string): void {
  if (name === "-" || name.endsWith(".varlink")) return;
  throw new UsageError(
    `"${name}" is not an interface file that Portolan reads: its name must end in .varlink`,
  );
}

async function readText(name: string, io: Io): Promise<string> {
  const bytes =
    name === "-"
      ? await readAll(io.stdin)
      : await readBytes(path.resolve(io.cwd, name), name);
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
    const { code, message } = error as NodeJS.ErrnoException;
    const reason: Partial<Record<string, string>> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder; name the files in it",
      EACCES: "reading it is not permitted",
    };
    throw new UsageError(
      `cannot read "${name}": ${reason[code ?? ""] ?? message}`,
      { cause: error },
    );
  }
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
