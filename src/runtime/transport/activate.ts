import { rmSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import type { RunningCommand } from "./command.ts";
import { connectSocket, listenSocket } from "./net.ts";
import { PairedStream } from "./paired.ts";

/** A program that listens at a socket which only this process reaches. */
interface Activated {
  readonly running: RunningCommand;
  readonly socketPath: string;
  readonly remove: () => Promise<void>;
  over: boolean;
}

/** Starts a program with a listening socket at its descriptor 3. */
export type StartWith = (
  descriptor: number,
  socketPath: string,
) => Promise<RunningCommand>;

/**
 * One program for all connections of a client, which it accepts at a socket that
 * it is handed over. It is started for the first, runs until the last is closed,
 * and is started anew if it has ended before.
 */
export class Activation {
  readonly #start: StartWith;
  #current: Promise<Activated> | undefined;
  /** Connections that are open, or being opened. */
  #users = 0;

  constructor(start: StartWith) {
    this.#start = start;
  }

  async connect(signal: AbortSignal | undefined): Promise<Duplex> {
    this.#users++;
    try {
      const activated = await this.#activated();
      const socket = await connectSocket(
        { path: activated.socketPath, allowHalfOpen: true },
        signal,
      );
      return new PairedStream(socket, socket, {
        explain: (cause) => activated.running.explain(cause),
        closed: () => this.#left(),
      });
    } catch (error) {
      this.#left();
      throw error;
    }
  }

  #left(): void {
    if (--this.#users > 0) return;
    const current = this.#current;
    this.#current = undefined;
    void current?.then(end, () => {});
  }

  async #activated(): Promise<Activated> {
    const current = this.#current;
    if (current !== undefined) {
      const activated = await current;
      if (!activated.over) return activated;
      // Whoever found it so first has started another one.
      if (this.#current === current) this.#current = undefined;
    }
    const starting = this.#current ?? this.#open();
    this.#current = starting;
    try {
      return await starting;
    } catch (error) {
      if (this.#current === starting) this.#current = undefined;
      throw error;
    }
  }

  async #open(): Promise<Activated> {
    const folder = await mkdtemp(path.join(tmpdir(), "portolan-"));
    removeWithProcess(folder);
    const remove = async (): Promise<void> => {
      await rm(folder, { recursive: true, force: true });
      keepFromProcess(folder);
    };
    let server: Server | undefined;
    try {
      const socketPath = path.join(folder, "socket");
      const bound = path.join(folder, "bound");
      server = await listenSocket({ path: bound }, drop, undefined);
      // Closing removes the name that was bound, and no other.
      await rename(bound, socketPath);
      const running = await this.#start(descriptorOf(server), socketPath);
      const activated = { running, socketPath, remove, over: false };
      running.child.once("exit", () => {
        activated.over = true;
        void remove();
      });
      return activated;
    } catch (error) {
      await remove();
      throw error;
    } finally {
      // It is the program's now, and to accept is too.
      server?.close();
    }
  }
}

const folders = new Set<string>();

/** A program may still be there, and its folder, when this process ends. */
function removeWithProcess(folder: string): void {
  if (folders.size === 0) process.on("exit", removeAll);
  folders.add(folder);
}

function keepFromProcess(folder: string): void {
  if (folders.delete(folder) && folders.size === 0)
    process.off("exit", removeAll);
}

function removeAll(): void {
  for (const folder of folders)
    rmSync(folder, { recursive: true, force: true });
}

function end({ running, over, remove }: Activated): void {
  if (over) return;
  running.stop();
  void remove();
}

function drop(connection: Duplex): void {
  connection.on("error", () => {}).destroy();
}

/** Node hands over no listening socket but by number, and does not tell it either. */
function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, "_handle");
  if (typeof handle === "object" && handle !== null && "fd" in handle) {
    const { fd } = handle;
    if (typeof fd === "number" && fd >= 0) return fd;
  }
  throw new Error(
    `Node ${process.versions.node} cannot hand over a listening socket`,
  );
}
