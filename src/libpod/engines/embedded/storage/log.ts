import { createHash, type Hash } from "node:crypto";
import path from "node:path";
import { EngineError, StateCorrupted } from "../../../errors.ts";
import type { StoredValue } from "../types.ts";
import {
  fileError,
  putStaged,
  readIfAny,
  stageFile,
  withFile,
  type Files,
} from "./files.ts";
import type { StateChange } from "./memory.ts";

/** One line of a log. */
export interface LogEntry {
  /** What changed of containers and pods. */
  readonly state?: StateChange | undefined;
  /** A value by key; one without `value` is taken away. */
  readonly stored?:
    | { readonly key: string; readonly value?: StoredValue | undefined }
    | undefined;
}

/** The file that says which log is in force, and how much of it. */
export const headName = "state.json";

const format = "portolan-embedded-state";
const version = 1;
const logPattern = /^log-[0-9]+$/;

/** The folder of output files. */
export const outputFolder = "output";

/** Whether a file with this name is a log. */
export function isLogName(name: string): boolean {
  return logPattern.test(name);
}

/** Bytes up to which a log grows whatever is in force of it. */
const smallLog = 256 * 1024;

interface Head {
  /** The log's number, which is in its name. */
  readonly log: number;
  /** Bytes of it that count. */
  readonly length: number;
  /** Of these bytes. */
  readonly sha256: string;
}

/**
 * A log of changes in a folder. A change is one line, written and synchronised
 * behind the others; it counts from the moment in which the head file, replaced as
 * a whole, says so. So a crash leaves all of a change or nothing, what a crash left
 * behind the end of the log is known as such, and any other byte that is missing or
 * wrong is found by the head's checksum of the log.
 *
 * A change costs what it is long, and a head; the log is written anew, without what
 * was overtaken, once it is twice as long as what was in force when that was done
 * last (and 256 KiB more), which costs as much as the changes since then did.
 */
export class ChangeLog {
  readonly #files: Files;
  readonly #folder: string;
  #number: number;
  #length: number;
  /** Of all bytes that count; goes on with every change. */
  #hash: Hash;
  #rewriteAt: number;
  /** Why nothing can be written any more. */
  #broken: EngineError | undefined;

  private constructor(
    files: Files,
    folder: string,
    number: number,
    bytes: Uint8Array,
  ) {
    this.#files = files;
    this.#folder = folder;
    this.#number = number;
    this.#length = bytes.length;
    this.#hash = createHash("sha256").update(bytes);
    this.#rewriteAt = smallLog;
  }

  /**
   * Opens the log of a folder, or makes one where there is none.
   *
   * @param names What is in the folder.
   * @throws StateCorrupted
   */
  static async open(
    files: Files,
    folder: string,
    names: readonly string[],
  ): Promise<{ readonly log: ChangeLog; readonly entries: LogEntry[] }> {
    const headFile = path.join(folder, headName);
    const text = await readIfAny(files, headFile);
    if (text === undefined) {
      // The head is there before anything else is.
      const other = names.find(
        (name) => isLogName(name) || name === outputFolder,
      );
      if (other !== undefined)
        throw corrupted(headFile, `it is missing, though there is ${other}`);
      const log = new ChangeLog(files, folder, 1, new Uint8Array());
      await log.#commit({ number: 1, length: 0, hash: log.#hash });
      return { log, entries: [] };
    }
    const head = parseHead(headFile, Buffer.from(text).toString());
    const logFile = path.join(folder, logName(head.log));
    const bytes = await readIfAny(files, logFile);
    if (bytes === undefined && head.length > 0)
      throw corrupted(logFile, "it is missing");
    const all = bytes ?? new Uint8Array();
    if (all.length < head.length) {
      throw corrupted(
        logFile,
        `it is cut off: ${all.length} bytes of ${head.length}`,
      );
    }
    const counting = all.subarray(0, head.length);
    if (hexOf(createHash("sha256").update(counting)) !== head.sha256)
      throw corrupted(logFile, "its checksum is wrong");
    const entries = parseLog(logFile, counting);
    const log = new ChangeLog(files, folder, head.log, counting);
    await log.#clean(names, all.length);
    return { log, entries };
  }

  /** Whether it is time for {@link rewrite}. */
  get isLong(): boolean {
    return this.#length > this.#rewriteAt;
  }

  /** Adds a change. @throws EngineError if it cannot be written: then it does not count */
  async append(entry: LogEntry): Promise<void> {
    this.#checkWhole();
    const line = lineOf(entry);
    const file = this.#logFile;
    try {
      await withFile(this.#files, file, async (opened) => {
        // Over what a change that failed may have left.
        await opened.write(line, this.#length);
        await opened.sync();
      });
      // The first change makes the file.
      if (this.#length === 0) await this.#files.syncFolder(this.#folder);
    } catch (error) {
      throw fileError(file, "it cannot be written", error);
    }
    await this.#commit({
      number: this.#number,
      length: this.#length + line.length,
      hash: this.#hash.copy().update(line),
    });
  }

  /** Begins a new log, of what is in force. */
  async rewrite(entries: Iterable<LogEntry>): Promise<void> {
    this.#checkWhole();
    const old = this.#logFile;
    const number = this.#number + 1;
    const hash = createHash("sha256");
    function* lines(): Generator<Uint8Array, void, undefined> {
      for (const entry of entries) {
        const line = lineOf(entry);
        hash.update(line);
        yield line;
      }
    }
    const file = path.join(this.#folder, logName(number));
    let length: number;
    try {
      length = await stageFile(this.#files, file, lines());
      await putStaged(this.#files, file);
    } catch (error) {
      throw fileError(file, "it cannot be written", error);
    }
    await this.#commit({ number, length, hash });
    this.#rewriteAt = 2 * length + smallLog;
    // Else it goes when the folder is opened next.
    await this.#files.remove(old).catch(() => undefined);
  }

  /** Over what may count, nothing may be written. */
  #checkWhole(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }

  get #logFile(): string {
    return path.join(this.#folder, logName(this.#number));
  }

  /** Makes that much of that log count. */
  async #commit(next: {
    readonly number: number;
    readonly length: number;
    readonly hash: Hash;
  }): Promise<void> {
    const file = path.join(this.#folder, headName);
    const line = JSON.stringify({
      format,
      version,
      log: next.number,
      length: next.length,
      sha256: hexOf(next.hash.copy()),
    });
    const check = hexOf(createHash("sha256").update(line));
    try {
      await stageFile(this.#files, file, [Buffer.from(`${line}\n${check}\n`)]);
    } catch (error) {
      throw fileError(file, "it cannot be written", error);
    }
    try {
      await putStaged(this.#files, file);
    } catch (error) {
      // Whether the change counts is for the disk to say.
      this.#broken = fileError(
        file,
        "nothing can be kept any more until the folder is opened again, for writing failed",
        error,
      );
      throw this.#broken;
    }
    this.#number = next.number;
    this.#length = next.length;
    this.#hash = next.hash;
  }

  /** Takes away what a crash left. */
  async #clean(names: readonly string[], fileLength: number): Promise<void> {
    const file = this.#logFile;
    try {
      if (fileLength > this.#length) {
        await withFile(this.#files, file, async (opened) => {
          await opened.truncate(this.#length);
        });
      }
      for (const name of names) {
        const left = isLogName(name) && name !== path.basename(file);
        if (left) await this.#files.remove(path.join(this.#folder, name));
      }
    } catch (error) {
      throw fileError(this.#folder, "it cannot be cleaned up", error);
    }
  }
}

function lineOf(entry: LogEntry): Uint8Array {
  return Buffer.from(`${JSON.stringify(entry)}\n`);
}

function logName(number: number): string {
  return `log-${number}`;
}

function hexOf(hash: Hash): string {
  return hash.digest("hex");
}

/** What is wrong with a file, and what can be done. */
export function corrupted(
  file: string,
  problem: string,
  cause?: unknown,
): StateCorrupted {
  return new StateCorrupted(
    file,
    `${problem}. Nothing was changed. Restore the folder from a copy, or move it away to begin with an empty one`,
    { cause },
  );
}

function parseHead(file: string, text: string): Head {
  const [line = "", check] = text.split("\n");
  let head: Partial<Head> & { format?: unknown; version?: unknown };
  try {
    head = (JSON.parse(line) ?? {}) as typeof head;
  } catch (error) {
    throw corrupted(file, "it is damaged, or no file of this engine", error);
  }
  if (head.format !== format)
    throw corrupted(file, "it is no file of this engine");
  if (typeof head.version === "number" && head.version > version) {
    throw corrupted(
      file,
      `a newer version of this package wrote it (format ${head.version}; this one knows ${version}): use that one`,
    );
  }
  if (
    check !== hexOf(createHash("sha256").update(line)) ||
    text !== `${line}\n${check}\n`
  )
    throw corrupted(file, "its checksum is wrong");
  const { log, length, sha256 } = head;
  const isRight =
    head.version === version &&
    Number.isSafeInteger(log) &&
    Number.isSafeInteger(length) &&
    typeof sha256 === "string";
  if (!isRight) throw corrupted(file, "it does not say what it should");
  return { log: log as number, length: length as number, sha256 };
}

function parseLog(file: string, bytes: Uint8Array): LogEntry[] {
  const lines = Buffer.from(bytes).toString().split("\n");
  // Behind the last newline is nothing.
  if (lines.pop() !== "") throw corrupted(file, "it ends within a line");
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as LogEntry;
    } catch (error) {
      throw corrupted(file, `line ${index + 1} is no JSON`, error);
    }
  });
}
