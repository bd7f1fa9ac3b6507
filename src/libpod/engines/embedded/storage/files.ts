import { constants } from "node:fs";
import {
  chmod,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
} from "node:fs/promises";
import path from "node:path";
import { systemCode } from "../../../../runtime/transport/failure.ts";
import { EngineError } from "../../../errors.ts";

/**
 * What a storage does with files, as little as will do: so that tests can stop it
 * between any two steps and see what a disk would have kept.
 *
 * Only what was synchronised outlives a power cut: a file's bytes by its `sync`,
 * the names in a folder by `syncFolder`.
 */
export interface Files {
  /** Makes the folder (mode 0700), and those it is in, where it is not there; says whether it did. */
  makeFolder(folder: string): Promise<boolean>;
  /** Sets the mode of a folder that is there to 0700. */
  closeFolder(folder: string): Promise<void>;
  /** The names in a folder. */
  list(folder: string): Promise<readonly string[]>;
  /** All bytes of a file; `undefined` if it is not there. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** Opens a file for writing, making it (mode 0600) where it is not there; what is in it stays. */
  open(file: string): Promise<OpenFile>;
  /** Also over a file that is there. */
  rename(from: string, to: string): Promise<void>;
  /** A file or a folder with all that is in it; nothing happens if it is not there. */
  remove(target: string): Promise<void>;
  syncFolder(folder: string): Promise<void>;
}

/** A file that is open for writing. */
export interface OpenFile {
  /** Writes all of `data` at a position. */
  write(data: Uint8Array, position: number): Promise<void>;
  /** Cuts off what is behind so many bytes. */
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The system's files. What it throws are Node's own errors. */
export const systemFiles: Files = {
  async makeFolder(folder) {
    await mkdir(path.dirname(folder), { recursive: true });
    try {
      await mkdir(folder, { mode: 0o700 });
      return true;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
      return false;
    }
  },
  closeFolder: (folder) => chmod(folder, 0o700),
  list: (folder) => readdir(folder),
  async read(file) {
    try {
      return await readFile(file);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  },
  async open(file) {
    const handle = await open(
      file,
      constants.O_RDWR | constants.O_CREAT,
      0o600,
    );
    return {
      async write(data, position) {
        let done = 0;
        while (done < data.length) {
          const { bytesWritten } = await handle.write(
            data,
            done,
            data.length - done,
            position + done,
          );
          done += bytesWritten;
        }
      },
      truncate: (length) => handle.truncate(length),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename: (from, to) => rename(from, to),
  remove: (target) => rm(target, { recursive: true, force: true }),
  async syncFolder(folder) {
    // Windows cannot open a folder, and needs not: its renames are in its journal.
    if (process.platform === "win32") return;
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/**
 * Does something with an open file, and closes it whatever comes of that.
 *
 * @throws What `work` throws, else what closing throws.
 */
export async function withFile<T>(
  files: Files,
  file: string,
  work: (open: OpenFile) => Promise<T>,
): Promise<T> {
  const opened = await files.open(file);
  let result: T;
  try {
    result = await work(opened);
  } catch (error) {
    // What went wrong first is what is told.
    await opened.close().catch(() => undefined);
    throw error;
  }
  await opened.close();
  return result;
}

/** Where a file is written before it takes the place of the one with the same name. */
export function temporaryName(file: string): string {
  return `${file}.tmp`;
}

/**
 * Writes the bytes that are to become a file, and has them on the disk, under its
 * {@link temporaryName}. Two calls for one file must not overlap. Returns how many
 * bytes there are.
 */
export async function stageFile(
  files: Files,
  file: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const temporary = temporaryName(file);
  let length = 0;
  try {
    await withFile(files, temporary, async (opened) => {
      // What a crash or a failure left there.
      await opened.truncate(0);
      for await (const piece of pieces) {
        await opened.write(piece, length);
        length += piece.length;
      }
      await opened.sync();
    });
  } catch (error) {
    await files.remove(temporary).catch(() => undefined);
    throw error;
  }
  return length;
}

/** Puts what was staged into its place. */
export async function putStaged(files: Files, file: string): Promise<void> {
  await files.rename(temporaryName(file), file);
  await files.syncFolder(path.dirname(file));
}

/** All bytes of a file; `undefined` if it is not there. @throws EngineError */
export async function readIfAny(
  files: Files,
  file: string,
): Promise<Uint8Array | undefined> {
  try {
    return await files.read(file);
  } catch (error) {
    throw fileError(file, "it cannot be read", error);
  }
}

/** What an error of the file system becomes, with the file's path. */
export function fileError(
  file: string,
  doing: string,
  cause: unknown,
): EngineError {
  return new EngineError(`${file}: ${doing}: ${reasonOf(cause)}`, { cause });
}

/** What an error says, without the path: that may be a temporary one, which helps nobody. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { syscall } = cause as NodeJS.ErrnoException;
  const end =
    syscall === undefined ? -1 : cause.message.lastIndexOf(`, ${syscall}`);
  return end < 0 ? cause.message : cause.message.slice(0, end);
}
