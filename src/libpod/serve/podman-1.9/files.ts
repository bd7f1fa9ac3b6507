import { rmSync } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex, Writable } from "node:stream";
import type { PodmanHandlers } from "portolan/podman/1.9";
import type { AllHandlers } from "../podman/handlers.ts";
import type { Served19 } from "./answers.ts";

type FileHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  "sendFile" | "receiveFile"
>;

/**
 * The files that pass between clients and handlers: in a folder of their own, which
 * is made when it is needed and removed when the engine is closed.
 */
export class TransferFolder {
  readonly #closing: AbortSignal;
  readonly #files = new Set<string>();
  #folder: Promise<string> | undefined;
  #count = 0;

  /** @param closing Aborted when the engine is closed. */
  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  /**
   * A path where nothing is yet. What is put there is not handed out before it is
   * {@link TransferFolder.add}ed.
   */
  async place(beginning: string): Promise<string> {
    this.#closing.throwIfAborted();
    this.#folder ??= this.#make();
    this.#count += 1;
    return path.join(await this.#folder, `${beginning}${this.#count}`);
  }

  /** From now on the file may be fetched. */
  add(file: string): void {
    this.#files.add(file);
  }

  /** Whether it is one of these files, by the very path that was told of it. */
  has(file: string): boolean {
    return this.#files.has(file);
  }

  /** Removes what is at a place, be it added or not. */
  async remove(file: string): Promise<void> {
    this.#files.delete(file);
    await rm(file, { force: true });
  }

  async #make(): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), "podman-"));
    const clear = (): void => {
      // Whoever closes the engine finds nothing of it afterwards.
      rmSync(folder, { recursive: true, force: true });
    };
    if (this.#closing.aborted) clear();
    this.#closing.addEventListener("abort", clear, { once: true });
    return folder;
  }
}

/** The methods that carry files between a client and this machine. */
export function fileHandlers(
  served: Served19,
  folder: TransferFolder,
): FileHandlers {
  const { answers } = served;
  return {
    async sendFile({ length }, call) {
      if (length < 0)
        throw answers.occurred(`a file cannot have ${length} bytes`);
      const file = await served.attempt(folder.place("varlink_send"));
      return call.upgraded({ file_handle: file }, async (stream) => {
        if (await receive(stream, file, length)) {
          folder.add(file);
          await send(stream, Buffer.from(`${file}:`));
        } else {
          await folder.remove(file);
          stream.destroy();
        }
      });
    },

    async receiveFile({ path: file, delete: remove }, call) {
      if (!folder.has(file)) {
        throw answers.occurred(
          `open ${file}: it is none of the files that were sent or made here`,
        );
      }
      const size = await sizeOf(served, file);
      return call.upgraded({ len: size }, async (stream) => {
        await transmit(stream, file, size);
        if (remove) await folder.remove(file);
      });
    },
  };
}

async function sizeOf({ answers }: Served19, file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw answers.occurred(`open ${file}: it is gone`, cause);
  }
}

/** Removes a file that a client has asked to be removed. */
export async function removeFile(
  { answers }: Served19,
  file: string,
): Promise<void> {
  try {
    await rm(file);
  } catch (cause) {
    throw answers.occurred(`${file} cannot be removed`, cause);
  }
}

/** Writes so many bytes of a stream to a file, and leaves the others; tells whether they came. */
async function receive(
  stream: Duplex,
  file: string,
  length: number,
): Promise<boolean> {
  const handle = await open(file, "wx", 0o600);
  try {
    let left = length;
    let surplus: Buffer | undefined;
    const chunks = stream.iterator({ destroyOnReturn: false });
    while (left > 0) {
      const step = (await chunks.next()) as IteratorResult<Buffer, void>;
      if (step.done === true) return false;
      const part = step.value.subarray(0, left);
      await handle.writeFile(part);
      left -= part.length;
      surplus = step.value.subarray(part.length);
    }
    await chunks.return?.();
    if (surplus !== undefined && surplus.length > 0) stream.unshift(surplus);
    return true;
  } catch (error) {
    if (stream.destroyed) return false;
    throw error;
  } finally {
    await handle.close();
  }
}

async function transmit(
  stream: Duplex,
  file: string,
  size: number,
): Promise<void> {
  const handle = await open(file);
  try {
    for (let sent = 0; sent < size;) {
      const most = Math.min(PIECE, size - sent);
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(most),
        0,
        most,
      );
      if (bytesRead === 0) throw new Error(`${file} has become shorter`);
      await send(stream, buffer.subarray(0, bytesRead));
      sent += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Bytes that are read of a file at once. */
const PIECE = 65_536;

/** Writes bytes, and waits until there is room for more. */
export async function send(stream: Writable, data: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(data, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
