import { lstat, open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { unixEndpoint } from "../../../../runtime/transport/unix.ts";
import { InvalidState } from "../../../errors.ts";
import { fileError } from "./files.ts";

/** The name of the lock in its folder. */
export const lockName = "lock";

/** Whether a file with this name belongs to a lock, or to the making of one. */
export function isLockName(name: string): boolean {
  return (
    name === lockName ||
    name === `.${lockName}.claim` ||
    name.startsWith(".socket-")
  );
}

/** A folder that is ours alone. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Locks a folder: a Unix socket that this process listens at, and that nobody
 * listens at once it is gone, whatever end it came to. The kernel tells, so neither a
 * crash nor a process number that was given again is taken for a holder, and other
 * containers of this host see the lock as well; other hosts do not, so the folder
 * must not be on a network file system that several use.
 *
 * @throws InvalidState if another process, or another engine of this one, has it.
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const file = path.join(folder, lockName);
  // A socket's path must be short; through the open folder it is.
  let handle: FileHandle | undefined;
  let socketPath = file;
  try {
    if (process.platform === "linux") {
      handle = await open(folder, "r");
      socketPath = `/proc/self/fd/${handle.fd}/${lockName}`;
    }
    const listener = await unixEndpoint(socketPath).listen((connection) => {
      // Those who ask whether somebody is here.
      connection.on("error", () => undefined);
      connection.destroy();
    });
    listener.unref?.();
    const held = handle;
    return {
      async release() {
        await listener.close();
        await held?.close();
      },
    };
  } catch (error) {
    await handle?.close();
    const found = await lstat(file).catch(() => undefined);
    if (found?.isSocket() === true) {
      throw new InvalidState(
        `${folder}: an engine uses this folder already; end that one first, or use another folder`,
        { cause: error },
      );
    }
    throw fileError(file, "the folder cannot be locked", error);
  }
}
